/** How many events there were when; a bar is a button that narrows the list to its time. */
import type { OutputOf } from '@refold/client';
import type { KeyboardEvent, ReactElement } from 'react';
import { usePreferences } from '../../preferences.ts';
import { counted, wholeTime } from '../../times.ts';
import { merged } from './merged-buckets.ts';

const barsMax = 160;

export function Histogram({ stats, onNarrow }: { readonly stats: OutputOf<'stats'> | undefined; readonly onNarrow: (from: string, to: string) => void }): ReactElement | null {
  const { clock } = usePreferences();
  // Its place is kept while it is under way: nothing may jump.
  const bars = merged(stats?.buckets ?? [], barsMax);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const total = stats?.total ?? 0;
  if (stats !== undefined && total === 0) return null;
  return (
    <div role="group" aria-label={`Events over time: ${counted(total, 'event')}, at most ${counted(most, 'event')} in one bar`} className="hidden h-[72px] shrink-0 items-end gap-px border-b border-line px-4 pt-2 column:flex">
      {bars.map(({ start, end, count }, index) => {
        const says = `${wholeTime(start, clock)}: ${counted(count, 'event')}`;
        return (
          <button key={start} type="button" tabIndex={index === 0 ? 0 : -1} title={says} aria-label={says} disabled={count === 0} onClick={() => onNarrow(start, end)} className="group flex h-full min-w-0 flex-1 items-end" onKeyDown={walk}>
            <span className="block w-full bg-flow group-hover:bg-accent" style={{ height: count === 0 ? 0 : `${Math.max(3, (count / most) * 100)}%` }} />
          </button>
        );
      })}
    </div>
  );
}

/** The bars are one stop of the keyboard; arrows go from one to the next that is not empty. */
function walk(event: KeyboardEvent<HTMLButtonElement>): void {
  const { key, currentTarget } = event;
  if (key !== 'ArrowRight' && key !== 'ArrowLeft') return;
  event.preventDefault();
  let next: Element | null = currentTarget;
  do next = key === 'ArrowRight' ? next.nextElementSibling : next.previousElementSibling;
  while (next instanceof HTMLButtonElement && next.disabled);
  if (next instanceof HTMLButtonElement) next.focus();
}
