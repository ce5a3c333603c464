/**
 * Reading in pages. The head is taken once, when the reading starts, and bounds it: positions at or below it never change,
 * so no transaction is held between pages and yet every page is complete up to the head it names (S4, S15).
 *
 * A page ends at 1,000 events or 4 MiB, whichever comes first. Rows are looked at first, without their records; those of the
 * page are then read at once, so never more than a page is held. Between pages other work gets its turn.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import type { Page, ReadRequest, Recorded } from '@refold/core';
import type { Connection } from './database.ts';
import { decoded, translated } from './engine-error.ts';
import { createRecordReader, recordBytesColumn, standingQuery } from './rows.ts';
import type { EventRow, StandingRow } from './rows.ts';
import { createSources } from './sources.ts';
import type { RowSource } from './sources.ts';

export interface PageBounds {
  readonly eventsMax: number;
  /** Bytes of bodies and hashes; one event alone may be larger. */
  readonly bytesMax: number;
}

export type ReadPages = (request: ReadRequest, signal?: AbortSignal) => AsyncGenerator<Page>;

export function createReader(db: Connection, bounds: PageBounds): ReadPages {
  const readStanding = db.prepare<[], StandingRow>(standingQuery).raw();
  const openSource = createSources(db);
  const readRecords = createRecordReader(db);

  return async function* readPages(request, signal) {
    signal?.throwIfAborted();
    const [head, , indexed] = translated(() => readStanding.get() ?? [0, null, 0]);
    const takePage = createPager(
      translated(() => openSource(request, { head, indexed }, signal)),
      bounds,
    );
    const placeOf = (event: Recorded): number => (request.stream === undefined ? event.position : event.revision);
    const step = request.direction === 'backward' ? -1 : 0;
    let left = request.limit ?? Infinity;
    for (;;) {
      const { rows, isLast } = await takePage(left);
      const events = decoded(() => readRecords(rows, { bodies: request.bodies !== false, tags: request.tags !== false }));
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

/**
 * The rows of the next page. Looking one row ahead, the last page says that it is the last, and nobody asks for an empty one.
 */
function createPager(source: RowSource, { eventsMax, bytesMax }: PageBounds): (limit: number) => Promise<{ readonly rows: readonly EventRow[]; readonly isLast: boolean }> {
  let ahead: readonly EventRow[] = [];
  return async (limit) => {
    const countMax = Math.min(limit, eventsMax);
    const wanted = countMax + 1 - ahead.length;
    if (wanted > 0) ahead = [...ahead, ...(await source(wanted))];
    let count = 0;
    for (let bytes = 0; count < Math.min(countMax, ahead.length); count++) {
      bytes += ahead[count]![recordBytesColumn];
      if (count > 0 && bytes > bytesMax) break;
    }
    const rows = ahead.slice(0, count);
    ahead = ahead.slice(count);
    return { rows, isLast: ahead.length === 0 };
  };
}
