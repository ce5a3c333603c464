/** What of a reading every driver works out alike, whatever its engine: bounds on lists of positions, and where an instant cuts. */
import { LogError } from '../errors.ts';
import type { Instant, Position } from './driver.ts';
import type { Direction } from './query-walk.ts';

/** What is left to read: `after` exclusive, `upTo` inclusive; revisions with a stream, else positions. */
export interface ReadRange {
  after: number;
  upTo: number;
}

/** Each position once, inside the range, in reading order. */
export function positionsWithin(positions: readonly Position[], { after, upTo }: ReadRange, direction: Direction): readonly Position[] {
  const sign = direction === 'forward' ? 1 : -1;
  return [...new Set(positions)].filter((position) => position > after && position <= upTo).sort((left, right) => (left - right) * sign);
}

/** Positions of a commit, from its first to its last; none for a commit that is not there. */
export function positionsFromTo(bounds: readonly [first: Position, last: Position] | undefined): readonly Position[] {
  if (bounds === undefined) return [];
  const [first, last] = bounds;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * Last position recorded at or before an instant; 0 when there is none. Times never decrease with position (S6), so halving finds it without an index.
 *
 * @param recordedMs  When an event was recorded, by its position.
 * @throws LogError BAD_TIMESTAMP.
 */
export function lastPositionAt(instant: Instant, head: Position, recordedMs: (position: Position) => number): Position {
  const limitMs = Date.parse(instant);
  if (Number.isNaN(limitMs)) throw new LogError('BAD_TIMESTAMP', 'upToTime is not an instant', { hint: 'Give RFC 3339 in UTC, for example 2026-01-31T12:00:00.000Z.' });
  let low = 0;
  let high = head;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (recordedMs(middle) <= limitMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
