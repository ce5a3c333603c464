/** Chips for the filters, one line for an expression, one for words. Each is in the address; an expression that cannot be read changes nothing. */
import { compileExpression } from '@refold/core';
import type { OutputOf } from '@refold/client';
import { useId, useState } from 'react';
import type { ReactElement } from 'react';
import { oneOf } from '../../search-parameters.ts';
import type { SearchParameters } from '../../search-parameters.ts';
import { Button } from '../../ui/button.tsx';
import { RemovableChip } from '../../ui/chip.tsx';
import { Field, Input, Select } from '../../ui/field.tsx';
import { oneLine, visibleText } from '../../ui/visible-text.ts';
import { completionsOf } from './completions.ts';
import { activeFilters, filterFields, inWords, withFilter, without } from './event-filters.ts';
import type { FilterField } from './event-filters.ts';

interface FilterBarProps {
  readonly search: SearchParameters;
  readonly change: (changes: SearchParameters) => void;
  /** What was seen in this log, to choose from. */
  readonly seen: OutputOf<'stats'> | undefined;
  /** Names in the payloads that are listed. */
  readonly fields: readonly string[];
}

const severities = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'];

export function FilterBar({ search, change, seen, fields }: FilterBarProps): ReactElement {
  const filters = activeFilters(search).filter(({ field }) => field !== 'where' && field !== 'text');
  return (
    <div className="flex flex-col gap-2 border-b border-line px-4 py-2">
      <div className="flex flex-wrap items-start gap-2">
        <Expression key={`expression ${oneOf(search, 'where')}`} value={oneOf(search, 'where') ?? ''} fields={fields} onTake={(where) => change({ where })} />
        <Words key={`words ${oneOf(search, 'text')}`} value={oneOf(search, 'text') ?? ''} onTake={(text) => change({ text })} />
        <NewFilter seen={seen} onAdd={(field, value) => change(withFilter(search, { field, value }))} />
      </div>
      {filters.length > 0 && (
        <div className="flex flex-wrap gap-1.5" role="group" aria-label="Filters">
          {filters.map((filter) => (
            <RemovableChip key={inWords(filter)} removal={`Take away ${oneLine(inWords(filter), 80)}`} onRemove={() => change(without(search, filter))}>
              <span className="text-text-2">{filterFields[filter.field]}</span> <span className="foreign">{oneLine(filter.value, 80)}</span>
            </RemovableChip>
          ))}
        </div>
      )}
    </div>
  );
}

/** Judged here as it will be on the server, so that what is wrong is said at once and where. */
function Expression({ value, fields, onTake }: { readonly value: string; readonly fields: readonly string[]; readonly onTake: (text: string) => void }): ReactElement {
  const [text, setText] = useState(value);
  const listId = useId();
  const fault = text.trim() === '' ? null : faultOf(text);
  return (
    <Field label="Expression" hidesLabel error={fault} className="min-w-60 flex-3">
      {(ties) => (
        <>
          <datalist id={listId}>
            {completionsOf(text, fields).map((completion) => (
              <option key={completion} value={completion}>{oneLine(completion, 200)}</option>
            ))}
          </datalist>
          <Input
            {...ties}
            value={text}
            list={listId}
            spellCheck={false}
            autoComplete="off"
            maxLength={4_000}
            placeholder={'event.data.duration_ms > 1000'}
            className="w-full font-mono aria-invalid:underline aria-invalid:decoration-error aria-invalid:decoration-wavy"
            onChange={({ target }) => setText(target.value)}
            onKeyDown={({ key }) => {
              if (key === 'Enter' && fault === null) onTake(text.trim());
            }}
            onBlur={() => {
              if (fault === null && text.trim() !== value) onTake(text.trim());
            }}
          />
        </>
      )}
    </Field>
  );
}

function faultOf(text: string): string | null {
  try {
    compileExpression(text, { scope: 'event', result: 'bool' });
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? visibleText(thrown.message) : 'This is not an expression.';
  }
}

function Words({ value, onTake }: { readonly value: string; readonly onTake: (text: string) => void }): ReactElement {
  const [text, setText] = useState(value);
  return (
    <Field label="Words" hidesLabel className="min-w-32 flex-1">
      {(ties) => <Input {...ties} type="search" value={text} maxLength={400} placeholder="Words" className="w-full" onChange={({ target }) => setText(target.value)} onKeyDown={({ key }) => key === 'Enter' && onTake(text.trim())} onBlur={() => text.trim() !== value && onTake(text.trim())} />}
    </Field>
  );
}

const offered: readonly FilterField[] = ['type', 'streamType', 'streamId', 'agent', 'phase', 'actor', 'issueKey', 'sessionId', 'correlationId', 'priority', 'minSeverity', 'from', 'to'];

function NewFilter({ seen, onAdd }: { readonly seen: OutputOf<'stats'> | undefined; readonly onAdd: (field: FilterField, value: string) => void }): ReactElement {
  const [field, setField] = useState<FilterField>('type');
  const [value, setValue] = useState('');
  const listId = useId();
  const values: readonly string[] = field === 'type' ? Object.keys(seen?.byType ?? {}) : field === 'streamType' ? Object.keys(seen?.byStreamType ?? {}) : field === 'actor' ? Object.keys(seen?.byActor ?? {}) : field === 'priority' ? ['P0', 'P1', 'P2', 'P3'] : field === 'minSeverity' ? severities : [];
  return (
    <form
      className="flex min-w-0 flex-1 basis-80 gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (value.trim() === '') return;
        onAdd(field, value.trim());
        setValue('');
      }}
    >
      <Field label="Field to filter by" hidesLabel>
        {(ties) => (
          <Select {...ties} value={field} onChange={({ target }) => setField(target.value as FilterField)}>
            {offered.map((name) => (
              <option key={name} value={name}>{filterFields[name]}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Value to filter by" hidesLabel className="min-w-0 flex-1">
        {(ties) => <Input {...ties} list={listId} value={value} maxLength={400} placeholder={field === 'from' || field === 'to' ? '2026-11-20T14:00:00Z' : 'value'} className="w-full" onChange={({ target }) => setValue(target.value)} />}
      </Field>
      <datalist id={listId}>
        {values.slice(0, 300).map((one) => (
          <option key={one} value={one}>{oneLine(one, 120)}</option>
        ))}
      </datalist>
      <Button type="submit">Add</Button>
    </form>
  );
}
