/** Every event type this log knows, with how often it occurs; the chosen one with its schema and its rules. */
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { OutputOf } from '@refold/client';
import { Answered } from '../../answered.tsx';
import { familyOf } from '../../families.ts';
import { useAsk } from '../../refold.ts';
import { oneOf } from '../../search-parameters.ts';
import { amount, counted } from '../../times.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PaneBoundary } from '../../ui/error-pane.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { JsonTree } from '../../ui/json-tree.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Facts, Section } from '../../ui/section.tsx';
import { Cell, HeadCell, Row, Table } from '../../ui/table.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { FieldTable } from './field-table.tsx';
import { matchingTypes } from './matching-types.ts';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

type EventType = OutputOf<'listEventTypes'>['items'][number];

export function SchemasPage(): ReactElement {
  const { type } = useParams({ strict: false }) as { readonly type?: string };
  const [search, change] = useSearch();
  const types = useAsk('listEventTypes', { counts: true });
  const [words, kind] = [oneOf(search, 'text') ?? '', oneOf(search, 'streamType')];
  return (
    <PageFrame
      title="Event types"
      scrolls={false}
      facts={types.data !== undefined && <span className="text-text-2">{counted(types.data.items.length, 'type')}</span>}
      actions={
        <>
          <Field label="Find a type" hidesLabel>
            {(ties) => <Input {...ties} type="search" placeholder="Find a type" value={words} maxLength={100} onChange={({ target }) => change({ text: target.value }, { replaces: true })} className="w-44" />}
          </Field>
          <Field label="Kind of stream" hidesLabel>
            {(ties) => (
              <Select {...ties} value={kind ?? ''} onChange={({ target }) => change({ streamType: target.value }, { replaces: true })}>
                <option value="">every kind</option>
                {[...new Set(types.data?.items.flatMap(({ streamType }) => streamType ?? []))].sort().map((name) => (
                  <option key={name} value={name}>{oneLine(name, 40)}</option>
                ))}
              </Select>
            )}
          </Field>
        </>
      }
    >
      <div className="flex min-h-0 flex-1">
        <ScrollRegion className={`min-w-0 flex-1 ${type === undefined ? '' : 'hidden column:block column:max-w-[50%]'}`} label="List of event types">
          <Answered of="The event types" asked={types}>
            {({ items }) => {
              const found = matchingTypes(items, words, kind);
              return found.length === 0 ? <EmptyState title="No type is like that">Its name, its other names and its description were looked through.</EmptyState> : <TypeTable types={found} selected={type ?? null} search={search} />;
            }}
          </Answered>
        </ScrollRegion>
        {type !== undefined && (
          <ScrollRegion className="min-w-0 flex-1 border-line column:border-s" label={`The type ${oneLine(type, 80)}`}>
            <PaneBoundary of="The event type" resetKey={type}>
              <TypeDetail key={type} type={type} />
            </PaneBoundary>
          </ScrollRegion>
        )}
      </div>
    </PageFrame>
  );
}

function TypeTable({ types, selected, search }: { readonly types: readonly EventType[]; readonly selected: string | null; readonly search: object }): ReactElement {
  return (
    <Table
      label="Event types"
      head={
        <>
          <HeadCell className="ps-4">Type</HeadCell>
          <HeadCell className="hidden narrow:table-cell">Stream</HeadCell>
          <HeadCell className="hidden wide:table-cell">Effect</HeadCell>
          <HeadCell align="end" className="pe-4">Events</HeadCell>
        </>
      }
    >
      {types.map(({ name, streamType, part, effect, count }) => (
        <Row key={name} aria-selected={name === selected} className="aria-selected:bg-surface-3">
          <Cell className="w-full max-w-0 ps-4">
            <Link to="/schemas/$type" params={{ type: name }} search={search} className="flex min-h-6 items-center gap-2 hover:underline">
              <span aria-hidden className={`size-2 shrink-0 rounded-full ${dots[familyOf(name)]}`} />
              <code className="foreign truncate">{oneLine(name, 80)}</code>
            </Link>
          </Cell>
          <Cell className="hidden text-text-2 narrow:table-cell">{streamType ?? (part === null ? 'any' : `any (${part})`)}</Cell>
          <Cell className="hidden text-text-2 wide:table-cell">{effectWords[effect] ?? effect}</Cell>
          <Cell align="end" className={`pe-4 ${(count ?? 0) === 0 ? 'text-text-2' : ''}`}>{amount(count)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

function TypeDetail({ type }: { readonly type: string }): ReactElement {
  const asked = useAsk('getEventType', { type });
  return (
    <Answered of="The event type" asked={asked}>
      {({ name, doc, schema, schemaVersion, streamType, part, effect, policy, priority, severity, aliases, transition, count }) => (
        <div className="flex flex-col gap-5 p-4">
          <div>
            <Link to="/schemas" className="link column:hidden">
              ← Event types
            </Link>
            <h2 className="foreign font-mono text-title font-semibold">{visibleText(name)}</h2>
            {doc !== '' && <p className="foreign max-w-[70ch] text-text-2">{visibleText(doc)}</p>}
            <Link to="/events" search={{ type: name }} className={`${buttonClass()} mt-2`}>
              {count === null ? 'Its events' : `${counted(count, 'event')} of it`}
            </Link>
          </div>
          <Facts
            facts={[
              ['Stream', streamType ?? (part === null ? 'any kind' : `any kind (${part})`)],
              ['On replay', effectWords[effect] ?? effect],
              ['Broken rules', policy === 'enforce' ? 'refuse the event' : 'are kept and marked'],
              ['Priority, severity', `${priority}, ${severity.toLowerCase()}`],
              ['Schema version', schemaVersion],
              ...(transition === null ? [] : [['Moves', `${transition.machine}: ${transition.from.join(', ')} → ${transition.to}`] as const]),
            ]}
          />
          {Object.keys(aliases).length > 0 && (
            <Section title="Other names">
              <Facts facts={Object.entries(aliases).map(([dialect, alias]) => [dialect, <code key={dialect}>{oneLine(alias, 80)}</code>] as const)} />
            </Section>
          )}
          <Section title="Payload">
            <FieldTable schema={schema} />
          </Section>
          <Section title="JSON Schema">
            <JsonTree value={schema} label="JSON Schema of the payload" openLevels={0} />
          </Section>
        </div>
      )}
    </Answered>
  );
}

/** Written out: the classes are found in the sources. */
const dots = { flow: 'bg-flow', agent: 'bg-agent', model: 'bg-model', effect: 'bg-effect', quality: 'bg-quality', neutral: 'bg-neutral' } as const;

const effectWords: { readonly [effect: string]: string } = { 'state-only': 'changes state only', idempotent: 'may be done again', costly: 'may be done again, at a price', 'non-repeatable': 'is never done again', outcome: 'is compared' };
