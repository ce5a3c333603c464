/** No event is like that: the filter in words, and the one removal that gives most. */
import { useQueries } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { refold } from '../../refold.ts';
import type { SearchParameters } from '../../search-parameters.ts';
import { counted } from '../../times.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { filterOf, inWords, without } from './event-filters.ts';
import type { ActiveFilter } from './event-filters.ts';

interface NothingFoundProps {
  readonly filters: readonly ActiveFilter[];
  readonly search: SearchParameters;
  readonly change: (changes: SearchParameters) => void;
}

const removalsMax = 8;

export function NothingFound({ filters, search, change }: NothingFoundProps): ReactElement {
  const totals = useQueries({
    queries: filters.slice(0, removalsMax).map((filter) => {
      const rest = filterOf(filters.filter((other) => other !== filter));
      return { queryKey: ['stats', rest], queryFn: async ({ signal }: { readonly signal: AbortSignal }) => (await refold.stats(rest, { signal })).total };
    }),
  });
  if (filters.length === 0)
    return (
      <EmptyState title="The log is empty">
        The first event turns this into the list. From a terminal: <code>refold append custom.noted --stream custom/first --data '{'{"hello":"log"}'}'</code>
      </EmptyState>
    );
  const best = totals.map(({ data }, index) => ({ filter: filters[index]!, total: data ?? 0 })).toSorted((a, b) => b.total - a.total)[0];
  return (
    <EmptyState
      title="No event is like that"
      actions={
        <>
          {best !== undefined && best.total > 0 && (
            <Button kind="strong" onClick={() => change(without(search, best.filter))}>
              Without {oneLine(inWords(best.filter), 60)}: {counted(best.total, 'event')}
            </Button>
          )}
          <Button onClick={() => change(Object.fromEntries(filters.map(({ field }) => [field, undefined])))}>Clear all</Button>
        </>
      }
    >
      Asked for: {filters.map((filter) => oneLine(inWords(filter), 80)).join(', ')}.
    </EmptyState>
  );
}
