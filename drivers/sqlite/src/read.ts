/**
 * Reading in pages. The head is taken once, when the reading starts, and bounds it: positions at or below it never change,
 * so no transaction is held between pages and yet every page is complete up to the head it names (S4, S15).
 *
 * A page ends at 1,000 events or 4 MiB, whichever comes first. Rows are fetched in blocks, which is faster than one by one:
 * few at first, more while they turn out to be small. Between pages other work gets its turn.
 */
import { setImmediate as letOthersWork } from 'node:timers/promises';
import type { Page, ReadRequest, Recorded } from '@refold/core';
import type { Connection } from './database.ts';
import { translated } from './engine-error.ts';
import { createRecordReader, recordColumn, standingQuery } from './rows.ts';
import type { EventRow, StandingRow } from './rows.ts';
import { createSources } from './sources.ts';
import type { RowSource } from './sources.ts';

export interface PageBounds {
  readonly eventsMax: number;
  /** Bytes of bodies and hashes; one event alone may be larger. */
  readonly bytesMax: number;
}

export type ReadPages = (request: ReadRequest, signal?: AbortSignal) => AsyncGenerator<Page>;

const blockRowsMin = 16;
const blockRowsMax = 256;
/** A block of no more bytes than this is followed by a larger one. */
const blockBytesSmall = 262_144;

export function createReader(db: Connection, bounds: PageBounds): ReadPages {
  const readStanding = db.prepare<[], StandingRow>(standingQuery).raw();
  const openSource = createSources(db);
  const records = createRecordReader(db);

  return async function* readPages(request, signal) {
    signal?.throwIfAborted();
    const [head, , indexed] = translated(() => readStanding.get() ?? [0, null, 0]);
    const rows = createRowBuffer(translated(() => openSource(request, { head, indexed }, signal)));
    const placeOf = (event: Recorded): number => (request.stream === undefined ? event.position : event.revision);
    const step = request.direction === 'backward' ? -1 : 0;
    let left = request.limit ?? Infinity;
    for (;;) {
      const page = await takePage(rows, { ...bounds, eventsMax: Math.min(left, bounds.eventsMax) });
      const events = translated(() => page.map((row) => records.read(row)));
      left -= events.length;
      const last = events.at(-1);
      // Looking one row ahead, the last page says that it is the last, and nobody asks for an empty one.
      const next = last === undefined || (await rows.peek(1)) === undefined ? null : placeOf(last) + step;
      yield { events, next, head };
      if (next === null || left <= 0) return;
      await letOthersWork();
      signal?.throwIfAborted();
    }
  };
}

async function takePage(rows: RowBuffer, { eventsMax, bytesMax }: PageBounds): Promise<readonly EventRow[]> {
  const page: EventRow[] = [];
  let bytes = 0;
  while (page.length < eventsMax) {
    const row = rows.next() ?? (await rows.peek(eventsMax - page.length));
    if (row === undefined) break;
    bytes += row[recordColumn].length;
    if (page.length > 0 && bytes > bytesMax) break;
    rows.skip();
    page.push(row);
  }
  return page;
}

/** Rows fetched ahead, in blocks of a size that follows theirs. */
interface RowBuffer {
  /** The row that comes next, if it is fetched already. */
  next(): EventRow | undefined;
  /** The same, fetching up to `wanted` rows when there is none; undefined at the end. */
  peek(wanted: number): Promise<EventRow | undefined>;
  skip(): void;
}

function createRowBuffer(source: RowSource): RowBuffer {
  let block: readonly EventRow[] = [];
  let index = 0;
  let blockRows = blockRowsMin;
  let isAtEnd = false;

  const fetchBlock = async (wanted: number): Promise<void> => {
    const count = Math.min(blockRows, wanted);
    block = await source(count);
    index = 0;
    isAtEnd = block.length < count;
    const bytes = block.reduce((sum, row) => sum + row[recordColumn].length, 0);
    blockRows = bytes <= blockBytesSmall ? Math.min(blockRows * 2, blockRowsMax) : blockRowsMin;
  };

  return {
    next: () => block[index],
    async peek(wanted) {
      if (index >= block.length && !isAtEnd) await fetchBlock(wanted);
      return block[index];
    },
    skip() {
      index += 1;
    },
  };
}
