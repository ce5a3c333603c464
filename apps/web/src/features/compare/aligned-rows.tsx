/** The rows of both runs, equal ones folded away. n and N walk the differences, e shows what is equal. */
import { useMemo, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { familyOf } from '../../families.ts';
import { amount, counted } from '../../times.ts';
import { ShortcutScope } from '../../shortcuts/shortcut-scope.tsx';
import { Button } from '../../ui/button.tsx';
import { oneLine } from '../../ui/visible-text.ts';
import { alignSteps, foldEqual } from './align.ts';
import type { ShownRow } from './align.ts';
import { stepsMax } from './run-events.ts';
import type { RunSteps } from './run-events.ts';
import type { EventStep } from './step-of.ts';
import { ScrollRegion } from '../../ui/scroll-region.tsx';

const signs = { equal: ['=', 'the same'], changed: ['~', 'says something else'], 'only-a': ['+', 'only in A'], 'only-b': ['−', 'only in B'] } as const;

interface AlignedRowsProps {
  readonly a: RunSteps;
  readonly b: RunSteps;
  readonly onOpen: (row: { readonly a: EventStep | null; readonly b: EventStep | null }) => void;
}

export function AlignedRows({ a, b, onOpen }: AlignedRowsProps): ReactElement {
  const [showsEqual, setShowsEqual] = useState(false);
  const [current, setCurrent] = useState(-1);
  const all = useMemo(() => alignSteps(a.steps, b.steps), [a, b]);
  const rows: readonly ShownRow<EventStep>[] = useMemo(() => (showsEqual ? all : foldEqual(all)), [all, showsEqual]);
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => 28, overscan: 12 });
  const differences = useMemo(() => rows.flatMap(({ kind }, index) => (kind === 'equal' || kind === 'fold' ? [] : [index])), [rows]);
  const go = (index: number | undefined): void => {
    if (index === undefined) return;
    setCurrent(index);
    list.scrollToIndex(index, { align: 'center' });
  };
  const next = (): void => go(differences.find((index) => index > current) ?? differences[0]);
  const previous = (): void => go(differences.findLast((index) => index < current) ?? differences.at(-1));
  const bindings = [
    { keys: 'n', says: 'Next difference', run: next },
    { keys: 'N', says: 'Previous difference', run: previous },
    { keys: 'e', says: 'Show or fold equal rows', run: () => setShowsEqual(!showsEqual) },
  ];
  return (
    <ShortcutScope name="Compare" bindings={bindings} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <span className="text-text-2">
          {counted(differences.length, 'difference')} in {counted(all.length, 'row')}
          {(a.hasMore || b.hasMore) && `; the first ${amount(stepsMax)} events of each`}
        </span>
        <div className="ms-auto flex flex-wrap gap-2">
          <Button onClick={() => setShowsEqual(!showsEqual)} aria-pressed={showsEqual}>
            {showsEqual ? 'Fold equal rows' : 'Show equal rows'}
          </Button>
          <Button disabled={differences.length === 0} onClick={previous}>
            Previous
          </Button>
          <Button disabled={differences.length === 0} onClick={next}>
            Next difference
          </Button>
        </div>
      </div>
      <ScrollRegion ref={box} label="Rows of both runs" className="flex-1">
        <div className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start, size }) => (
            <div key={index} className="absolute inset-x-0 border-b border-line" style={{ top: start, height: size }}>
              <RowView row={rows[index]!} isCurrent={index === current} onOpen={onOpen} onUnfold={() => setShowsEqual(true)} />
            </div>
          ))}
        </div>
      </ScrollRegion>
    </ShortcutScope>
  );
}

interface RowViewProps extends Pick<AlignedRowsProps, 'onOpen'> {
  readonly row: ShownRow<EventStep>;
  readonly isCurrent: boolean;
  readonly onUnfold: () => void;
}

function RowView({ row, isCurrent, onOpen, onUnfold }: RowViewProps): ReactElement {
  if (row.kind === 'fold')
    return (
      <button type="button" className="flex h-full w-full items-center justify-center bg-surface-2 text-text-2 hover:text-text" onClick={onUnfold}>
        {amount(row.count)} equal
      </button>
    );
  const [sign, word] = signs[row.kind];
  return (
    <button type="button" aria-current={isCurrent} onClick={() => onOpen(row)} className={`grid h-full w-full grid-cols-[minmax(0,1fr)_2.5rem_minmax(0,1fr)] items-center text-start hover:bg-surface-2 aria-current:bg-surface-3 ${row.kind === 'equal' ? 'text-text-2' : ''}`}>
      <Side step={row.a} />
      <span className={`h-full text-center leading-7 font-mono ${row.kind === 'equal' ? '' : 'hatched font-semibold'}`} title={word}>
        <span className="sr-only">{word}</span>
        <span aria-hidden>{sign}</span>
      </span>
      <Side step={row.b} />
    </button>
  );
}

function Side({ step }: { readonly step: EventStep | null }): ReactElement {
  if (step === null) return <span />;
  const { event, revision, name } = step;
  return (
    <span className="flex min-w-0 items-center gap-2 px-3">
      <span className="figures w-8 shrink-0 text-end text-text-2">{revision}</span>
      <span aria-hidden className={`size-2 shrink-0 rounded-full ${dots[familyOf(event.type)]}`} />
      <span className="foreign truncate font-mono text-mono">{oneLine(event.type, 60)}</span>
      <span className="foreign hidden min-w-0 truncate text-text-2 wide:inline">{oneLine([name, event.agent === name ? '' : (event.agent ?? '')].filter(Boolean).join(' · '), 80)}</span>
    </span>
  );
}

/** Written out: the classes are found in the sources. */
const dots = { flow: 'bg-flow', agent: 'bg-agent', model: 'bg-model', effect: 'bg-effect', quality: 'bg-quality', neutral: 'bg-neutral' } as const;
