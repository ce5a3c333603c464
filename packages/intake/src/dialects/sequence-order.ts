/**
 * Rows by their sequence numbers: "do not assume event order, use the sequence" (document 000). Rows of one session of a
 * stream are sorted among the places that they hold, in blocks, so that a file of any size is read in flat memory; rows
 * without a number stay where they are. Gaps that remain are reported.
 */
import type { SequenceGap } from '../report.ts';

export interface Sequenced {
  readonly stream: string;
  /** Numbers of one session rise; another session of the same stream may begin again at 1. */
  readonly sessionId: string | null;
  readonly sequence: number | null;
}

/** So many rows may stand out of order among each other. */
const reorderRows = 10_000;

export async function* inSequence<T extends Sequenced>(rows: AsyncIterable<T>, blockRows: number = reorderRows): AsyncGenerator<T> {
  let block: T[] = [];
  for await (const row of rows) {
    block.push(row);
    if (block.length < blockRows) continue;
    // The later half may still have to let rows of the next block go before it.
    const sorted = sortedInPlaces(block);
    yield* sorted.slice(0, blockRows / 2);
    block = sorted.slice(blockRows / 2);
  }
  yield* sortedInPlaces(block);
}

function sortedInPlaces<T extends Sequenced>(rows: readonly T[]): T[] {
  const places = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    if (row.sequence === null) continue;
    const name = JSON.stringify([row.stream, row.sessionId]);
    const known = places.get(name);
    if (known === undefined) places.set(name, [index]);
    else known.push(index);
  }
  const sorted = [...rows];
  for (const held of places.values()) {
    const inOrder = held.toSorted((a, b) => rows[a]!.sequence! - rows[b]!.sequence! || a - b);
    for (const [place, index] of held.entries()) sorted[index] = rows[inOrder[place]!]!;
  }
  return sorted;
}

export interface GapFinder {
  note(row: Sequenced): void;
}

export function createGapFinder(gaps: SequenceGap[]): GapFinder {
  const last = new Map<string, { sequence: number; sessionId: string | null }>();
  return {
    note({ stream, sessionId, sequence }) {
      if (sequence === null) return;
      const before = last.get(stream);
      last.set(stream, { sequence, sessionId });
      if (before === undefined || sequence <= before.sequence + 1) return;
      gaps.push({ stream, after: before.sequence, before: sequence });
    },
  };
}
