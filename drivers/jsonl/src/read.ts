/**
 * Reading in pages. The head is taken once, when the reading starts, and bounds it: positions at or below it never change,
 * so nothing is held between pages and yet every page is complete up to the head it names (S4, S15). Rows are looked at
 * first, without their lines; those of the page are then read at once. Between pages other work gets its turn.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import type { Page, PostingTail, ReadRequest, Recorded } from '@refold/core';
import type { Connection } from './database.ts';
import { decoded, translated } from './engine-error.ts';
import { readState } from './index-tables.ts';
import type { IndexState } from './index-tables.ts';
import type { Names } from './names.ts';
import { lengthColumn } from './rows.ts';
import type { EventRow, EventRows } from './rows.ts';
import { createSources } from './sources.ts';
import type { RowSource } from './sources.ts';

/** A page ends at the first bound it reaches; one event alone may be larger than the bound on bytes. */
export interface PageBounds {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

export type ReadPages = (request: ReadRequest, signal?: AbortSignal) => AsyncGenerator<Page>;

/** @param waiting  The labels behind the index, as it stood at the beginning of a reading. */
export function createReader(db: Connection, names: Names, eventRows: EventRows, waiting: (state: IndexState) => PostingTail, bounds: PageBounds): ReadPages {
  const openSource = createSources(db, names);

  return async function* readPages(request, signal) {
    signal?.throwIfAborted();
    const state = translated(() => readState(db));
    const { head } = state;
    const since = eventRows.writings;
    const takePage = createPager(
      translated(() => openSource(request, head, () => waiting(state), signal)),
      bounds,
    );
    const placeOf = (event: Recorded): number => (request.stream === undefined ? event.position : event.revision);
    const step = request.direction === 'backward' ? -1 : 0;
    let left = request.limit ?? Infinity;
    for (;;) {
      const { rows, isLast } = await takePage(left);
      const events = decoded(() => eventRows.readAgain(rows, since, { bodies: request.bodies !== false }));
      left -= events.length;
      const last = events.at(-1);
      const next = isLast || last === undefined ? null : placeOf(last) + step;
      yield { events, next, head };
      if (next === null || left <= 0) return;
      await letOthersWork();
      signal?.throwIfAborted();
    }
  };
}

/** Looking one row ahead, the last page says that it is the last, and nobody asks for an empty one. */
function createPager(source: RowSource, { eventsMax, bytesMax }: PageBounds): (limit: number) => Promise<{ readonly rows: readonly EventRow[]; readonly isLast: boolean }> {
  let ahead: readonly EventRow[] = [];
  return async (limit) => {
    const countMax = Math.min(limit, eventsMax);
    const wanted = countMax + 1 - ahead.length;
    if (wanted > 0) ahead = [...ahead, ...(await source(wanted))];
    let count = 0;
    for (let bytes = 0; count < Math.min(countMax, ahead.length); count++) {
      bytes += ahead[count]![lengthColumn];
      if (count > 0 && bytes > bytesMax) break;
    }
    const rows = ahead.slice(0, count);
    ahead = ahead.slice(count);
    return { rows, isLast: ahead.length === 0 };
  };
}
