/** A text Gantt: one row per span or point, on a common scale from the first instant to the last. */
import type { TimelineRow } from '@refold/core';
import type { Output } from '../output.ts';
import { spanText } from './duration-text.ts';

/** @param width  Columns of the bars. */
export function printLanes(output: Output, rows: readonly TimelineRow[], width: number): void {
  const instants = rows.flatMap(({ at, until }) => (until === null ? [at] : [at, until])).map((instant) => Date.parse(instant));
  const [first, last] = instants.reduce(([least, most], instant) => [Math.min(least, instant), Math.max(most, instant)], [Infinity, -Infinity]);
  const columnOf = (instant: string): number => (last === first ? 0 : Math.round(((Date.parse(instant) - first) / (last - first)) * (width - 1)));
  const bar = ({ at, until, kind, status }: TimelineRow): string => {
    const from = columnOf(at);
    if (kind === 'point') return `${' '.repeat(from)}|`.padEnd(width);
    // A span without an end goes on to the edge, and says so.
    const to = until === null ? width - 1 : columnOf(until);
    const mark = status === 'failed' ? 'x' : '=';
    return `${' '.repeat(from)}${mark.repeat(Math.max(to - from, 0))}${until === null ? '>' : mark}`.padEnd(width);
  };
  const isPlain = output.options.mode === 'plain';
  output.table(rows, [
    { title: 'at', text: (row) => output.moment(row.at), style: () => 'dim' },
    ...(isPlain
      ? [{ title: 'until', text: (row: TimelineRow) => row.until ?? '' }]
      : [
          { title: 'took', text: (row: TimelineRow) => (row.kind === 'point' ? '' : row.until === null ? 'open' : spanText(row.at, row.until)), align: 'right' as const },
          { title: 'bar', text: bar, style: (row: TimelineRow) => (row.status === 'failed' ? ('red' as const) : ('green' as const)), isOptional: true },
        ]),
    { title: 'lane', text: (row) => row.lane },
    { title: 'status', text: (row) => row.status ?? '', style: (row) => (row.status === 'failed' ? 'red' : null) },
    { title: 'label', text: (row) => row.label, fills: true },
  ]);
}
