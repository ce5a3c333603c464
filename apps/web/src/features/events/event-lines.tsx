/** The events as they go over the wire, one document per line, in any of the dialects that producers speak. */
import type { InputOf, LogError } from '@refold/client';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { Answered } from '../../answered.tsx';
import { refold } from '../../refold.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { visibleText } from '../../ui/visible-text.ts';

export const dialects = [
  ['canonical', 'as stored'],
  ['jira', 'Jira'],
  ['agentLightning', 'Agent Lightning'],
  ['orchestration', 'orchestration'],
  ['job', 'job'],
  ['cloudevents', 'CloudEvents'],
] as const;

/** Lines that are looked at here; the export has all of them. */
const linesMax = 100;
const charactersMax = 20_000;

interface EventLinesProps {
  readonly filter: InputOf<'queryEvents'>;
  readonly order: 'asc' | 'desc';
  readonly dialect: string;
}

export function EventLines({ filter, order, dialect }: EventLinesProps): ReactElement {
  const lines = useQuery<readonly string[], LogError>({
    queryKey: ['event lines', filter, order, dialect],
    queryFn: async ({ signal }) => {
      // Every route takes a dialect, and the operation behind it does not know: the items are then of that form.
      const input = { ...filter, order, limit: linesMax, dialect } as InputOf<'queryEvents'>;
      return (await refold.queryEvents(input, { signal })).items.map((item) => JSON.stringify(item));
    },
  });
  return (
    <Answered of="The lines" asked={lines} rows={16}>
      {(items) => (
        <ScrollRegion label="Events as JSON lines" className="min-h-0 flex-1">
          <div className="sticky top-0 flex items-center gap-2 border-b border-line bg-surface-2 px-4 py-1 text-text-2">
            {items.length === linesMax ? `The first ${linesMax}; the export has all.` : `All ${items.length}.`}
            <CopyButton text={items.join('\n')} label="Copy the lines" />
          </div>
          <ol className="font-mono text-mono">
            {items.map((line, index) => (
              <li key={index} className="foreign border-b border-line px-4 py-1 wrap-anywhere whitespace-pre-wrap">
                {visibleText(line.slice(0, charactersMax))}
                {line.length > charactersMax && ' …'}
              </li>
            ))}
          </ol>
        </ScrollRegion>
      )}
    </Answered>
  );
}
