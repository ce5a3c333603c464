/** What the list shows: by type, agent, words, an expression. It is in the address; what is wrong with an expression is said, and the list before it stays. */
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { counted } from '../../times.ts';
import { RemovableChip } from '../../ui/chip.tsx';
import { useStoreValue } from '../../ui/external-store.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { filterNames } from './debug-search.ts';
import type { Filter } from './debug-search.ts';
import { debugMessages } from './messages.ts';
import type { RowSource } from './row-source.ts';

const words = { type: debugMessages.filterType, agent: debugMessages.filterAgent, minSeverity: 'Severity from', text: debugMessages.filterText, where: 'CEL' } as const;

interface FilterBarProps {
  readonly rows: RowSource;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
  readonly box?: { current: HTMLInputElement | null };
}

export function FilterBar({ rows, filter, onFilter, box }: FilterBarProps): ReactElement {
  const { count, isFiltered, isBusy, warnings, error } = useStoreValue(rows, (value) => value);
  const [kind, setKind] = useState<keyof Filter>('type');
  // What is typed belongs to the filter it was typed at: with another one the box is empty.
  const key = JSON.stringify(filter);
  const [typed, setTyped] = useState({ key, text: '' });
  const text = typed.key === key ? typed.text : '';
  const setText = (next: string): void => setTyped({ key, text: next });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') onFilter({ ...filter, [kind]: kind === 'type' && !text.includes('.') && !text.includes('*') ? `${text.trim()}.*` : text.trim() });
  };
  const shown = filterNames.filter((name) => filter[name] !== undefined);
  return (
    <div className="shrink-0 border-b border-line">
      <form role="search" onSubmit={submit} className="flex h-8 items-center gap-1 px-1.5">
        <select aria-label={debugMessages.filter} value={kind} onChange={(event) => setKind(event.target.value as keyof Filter)} className="h-6 rounded border border-line bg-surface-1 px-1 text-text-2">
          {filterNames.filter((name) => name !== 'minSeverity').map((name) => <option key={name} value={name}>{words[name]}</option>)}
        </select>
        <input ref={box} aria-label={`${debugMessages.filter}: ${words[kind]}`} aria-invalid={error !== null} placeholder={kind === 'where' ? debugMessages.filterWhere : kind === 'type' ? 'tool_call.failed, agent_run.*' : words[kind]} value={text} onChange={(event) => setText(event.target.value)} className="h-6 min-w-0 flex-1 bg-transparent outline-none aria-invalid:text-error" spellCheck={false} />
        <label className="flex h-6 items-center gap-1 pe-1 whitespace-nowrap text-text-2">
          <input type="checkbox" checked={filter.minSeverity === 'ERROR'} onChange={(event) => onFilter(omit(filter, 'minSeverity', event.target.checked ? 'ERROR' : undefined))} className="size-4 accent-accent" />
          errors
        </label>
        <span role="status" className="figures whitespace-nowrap text-text-2">{isBusy ? '…' : isFiltered ? counted(count, 'event') : ''}</span>
      </form>
      {shown.length > 0 && (
        <div className="flex flex-wrap gap-1 px-1.5 pb-1.5">
          {shown.map((name) => (
            <RemovableChip key={name} removal={`Remove ${words[name]} ${filter[name]}`} onRemove={() => onFilter(omit(filter, name, undefined))}>
              <span className="text-text-2">{words[name]}</span> {visibleText(filter[name]!)}
            </RemovableChip>
          ))}
        </div>
      )}
      {warnings.map((warning) => <p key={warning} className="foreign px-2 pb-1 text-warn">{visibleText(warning)}</p>)}
    </div>
  );
}

function omit(filter: Filter, name: keyof Filter, value: string | undefined): Filter {
  const { [name]: _gone, ...rest } = filter;
  return value === undefined ? rest : { ...rest, [name]: value };
}
