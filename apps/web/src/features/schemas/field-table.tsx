import type { ReactElement } from 'react';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { fieldsOf } from './schema-fields.ts';

export function FieldTable({ schema }: { readonly schema: { readonly [keyword: string]: unknown } }): ReactElement {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return <p className="text-text-2">Any object; no field is known.</p>;
  const hasDocs = fields.some(({ doc }) => doc !== '');
  return (
    <Table
      label="Fields of the payload"
      head={
        <>
          <HeadCell>Field</HeadCell>
          <HeadCell className={hasDocs ? '' : 'w-full'}>Type</HeadCell>
          {hasDocs && <HeadCell className="w-full">What it says</HeadCell>}
        </>
      }
    >
      {fields.map(({ name, type, isRequired, doc }) => (
        <Row key={name}>
          <Cell>
            <code className="foreign">{oneLine(name, 60)}</code>
            {isRequired && <span className="ms-2 text-text-2">required</span>}
          </Cell>
          <Cell className="foreign max-w-52 truncate text-text-2" title={visibleText(type.slice(0, 500))}>{oneLine(type, 80)}</Cell>
          {hasDocs && <Cell className="foreign whitespace-normal!">{oneLine(doc, 240)}</Cell>}
        </Row>
      ))}
    </Table>
  );
}
