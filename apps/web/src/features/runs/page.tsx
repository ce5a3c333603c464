/** Every run, newest activity first; filters stand in the address, two selected runs are compared. */
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useLogGrowth } from '../../live.ts';
import { useAsk } from '../../refold.ts';
import { allOf, formatSearch, oneOf } from '../../search-parameters.ts';
import { ShortcutScope } from '../../shortcuts/shortcut-scope.tsx';
import { wordOf } from '../../status.ts';
import { amount } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPane, PaneBoundary } from '../../ui/error-pane.tsx';
import { Input } from '../../ui/field.tsx';
import { PageFrame } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { useSearch } from '../../use-search.ts';
import { runsMessages } from './messages.ts';
import { bestRemoval, facetCounts, matchingRuns } from './run-filter.ts';
import type { Facet, RunFilter } from './run-filter.ts';
import { RunPeek } from './run-peek.tsx';
import { RunTable, addressOfRun } from './run-table.tsx';
import type { Run } from './run-table.tsx';

const runsMax = 1_000;

export function RunsPage(): ReactElement {
  const { data, error, refetch } = useAsk('listRuns', { limit: runsMax });
  useLogGrowth({}, ['listRuns']);
  return (
    <PageFrame title={runsMessages.title} scrolls={false} facts={data !== undefined && data.items.length === runsMax ? <span className="text-text-2">{runsMessages.limit(amount(runsMax))}</span> : undefined}>
      {error !== null && <ErrorPane error={error} of={runsMessages.title} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton rows={12} />}
      {data?.items.length === 0 && <EmptyState title={runsMessages.none}>{runsMessages.noneText}</EmptyState>}
      {data !== undefined && data.items.length > 0 && <Runs runs={data.items} />}
    </PageFrame>
  );
}

function Runs({ runs }: { readonly runs: readonly Run[] }): ReactElement {
  const [search, change] = useSearch();
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const filter: RunFilter = { status: allOf(search, 'status'), kind: allOf(search, 'kind'), text: oneOf(search, 'text') ?? '' };
  const shown = matchingRuns(runs, filter);
  const removal = shown.length === 0 ? bestRemoval(runs, filter) : null;

  const choose = (address: string): void => setChosen((before) => (before.has(address) ? new Set([...before].filter((one) => one !== address)) : new Set([...before, address])));
  const compare = (): void => {
    const [b, a] = runs.map(({ streamType, streamId }) => `${streamType}/${streamId}`).filter((address) => chosen.has(address));
    if (a !== undefined && b !== undefined) void navigate({ to: `/compare${formatSearch({ a, b })}` });
  };
  const step = (by: number): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-run]') ?? [])];
    // While one is looked at, the focus may be there.
    const here = focusedRun() ?? (looked === undefined ? undefined : addressOfRun(looked));
    const at = links.findIndex((link) => link.dataset['run'] === here);
    const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
    // Whoever looks at one goes on looking.
    if (looked === undefined) next?.focus();
    else look(next?.dataset['run']);
  };
  const looked = runs.find((run) => addressOfRun(run) === oneOf(search, 'sel'));
  const look = (address: string | undefined): void => change({ sel: address }, { replaces: true });
  const focusedRun = (): string | undefined => (document.activeElement instanceof HTMLElement ? document.activeElement.dataset['run'] : undefined);
  const chooseFocused = (): void => {
    const address = focusedRun();
    if (address !== undefined) choose(address);
  };

  return (
    <ShortcutScope
      name={runsMessages.scope}
      ref={list}
      className="flex min-h-0 flex-1 flex-col column:flex-row"
      bindings={[
        { keys: 'j | Down', says: runsMessages.next, run: () => step(1) },
        { keys: 'k | Up', says: runsMessages.previous, run: () => step(-1) },
        { keys: 'o', says: runsMessages.peek.look, run: () => look(focusedRun()) },
        { keys: 'Escape', says: runsMessages.peek.close, run: () => look(undefined), isActive: looked !== undefined },
        { keys: 'x', says: runsMessages.select, run: () => chooseFocused() },
      ]}
    >
      <aside aria-label={runsMessages.facets} className="flex shrink-0 flex-col gap-3 overflow-auto border-line p-3 max-column:border-b column:w-56 column:border-e">
        <Input type="search" aria-label={runsMessages.text} placeholder={runsMessages.text} value={filter.text} onChange={(event) => change({ text: event.target.value }, { replaces: true })} />
        <div className="flex gap-6 column:flex-col column:gap-4">
          {(['status', 'kind'] as const).map((facet) => (
            <FacetList key={facet} facet={facet} runs={runs} filter={filter} onChange={(values) => change({ [facet]: values })} />
          ))}
        </div>
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <div className="flex min-h-9 shrink-0 items-center gap-3 border-b border-line px-4">
          <span role="status" className="text-text-2 figures">{runsMessages.shown(amount(shown.length), amount(runs.length))}</span>
          <Button className="ms-auto" disabled={chosen.size !== 2} title={runsMessages.compareNote} onClick={compare}>
            {runsMessages.compare}
          </Button>
        </div>
        <div className="min-h-0 flex-1 overflow-auto">
          {shown.length > 0 ? (
            <RunTable runs={shown} chosen={chosen} onChoose={choose} />
          ) : (
            <EmptyState
              title={runsMessages.noMatch}
              actions={
                <>
                  {removal !== null && removal.count > 0 && <Button onClick={() => change({ [removal.without]: undefined })}>{runsMessages.without(runsMessages.names[removal.without], amount(removal.count))}</Button>}
                  <Button onClick={() => change({ status: undefined, kind: undefined, text: undefined })}>{runsMessages.clear}</Button>
                </>
              }
            />
          )}
        </div>
      </div>
      <Dialog isOpen={looked !== undefined} onClose={() => look(undefined)} place="side" isModal={false} title={oneLine(looked?.title ?? looked?.streamId ?? '', 80)}>
        {looked !== undefined && (
          <PaneBoundary of={runsMessages.title} resetKey={addressOfRun(looked)}>
            <RunPeek run={looked} />
          </PaneBoundary>
        )}
      </Dialog>
    </ShortcutScope>
  );
}

interface FacetListProps {
  readonly facet: Facet;
  readonly runs: readonly Run[];
  readonly filter: RunFilter;
  readonly onChange: (values: readonly string[]) => void;
}

const FacetList = ({ facet, runs, filter, onChange }: FacetListProps): ReactElement => (
  <fieldset className="min-w-0">
    <legend className="mb-1 font-semibold">{runsMessages.facet[facet]}</legend>
    {facetCounts(runs, filter, facet).map(([value, count]) => {
      const isChosen = filter[facet].includes(value);
      return (
        <label key={value} className="flex min-h-6 items-center gap-2">
          <input type="checkbox" checked={isChosen} onChange={() => onChange(isChosen ? filter[facet].filter((one) => one !== value) : [...filter[facet], value])} className="size-4 accent-accent" />
          <span className="foreign min-w-0 truncate">{wordOf(value)}</span>
          <span className="ms-auto text-text-2 figures">{amount(count)}</span>
        </label>
      );
    })}
  </fieldset>
);
