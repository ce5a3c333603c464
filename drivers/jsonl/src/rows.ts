/**
 * From a row of the sidecar to the event in its line. Rows come as arrays: no property lookups. Neighbours in a file are read
 * at once, and events of one reading share its bytes.
 */
import type { Position, Recorded } from '@refold/core';
import type { Connection } from './database.ts';
import type { SegmentFiles } from './files.ts';
import { decodeEvent } from './line.ts';

export type EventRow = readonly [position: number, place: number, revision: number, segment: number, start: number, head: number, length: number, commit: string, recordedMs: number];
export const lengthColumn = 6;

export const eventColumns = 'e.position, e.place, e.revision, e.segment, e.start, e.head, e.length, c.id, c.recorded_ms';
/** The commit stands once, under the position of its first event. */
export const withCommit = 'CROSS JOIN "commit" c ON c.first = e.position - e.place';

export interface EventRows {
  between(after: Position, upTo: Position): readonly EventRow[];
  /** The events of rows, in their order. */
  read(rows: readonly EventRow[], wanted: { readonly bodies: boolean }): Recorded[];
  /** The same, for rows that were looked at some time ago: a segment may have been written anew since, without some bodies. */
  readAgain(rows: readonly EventRow[], since: number, wanted: { readonly bodies: boolean }): Recorded[];
  /** Changes when a segment was written anew. */
  readonly writings: number;
  writtenAnew(): void;
}

/** Bytes between two events that are read along rather than skipped, and bytes of one reading. */
const gapBytesMax = 4_096;
const readingBytesMax = 4 * 1_048_576;

export function createEventRows(db: Connection, files: SegmentFiles): EventRows {
  const between = db.prepare<[number, number], EventRow>(`SELECT ${eventColumns} FROM event e ${withCommit} WHERE e.position > ? AND e.position <= ? ORDER BY e.position`).raw();
  const at = db.prepare<[string], EventRow>(`SELECT ${eventColumns} FROM json_each(?) wanted CROSS JOIN event e ON e.position = wanted.value ${withCommit}`).raw();
  let writings = 0;

  const readOnce = (rows: readonly EventRow[], bodies: boolean): Recorded[] => {
    const events = Array.from<Recorded>({ length: rows.length });
    const order = rows.map((_, index) => index).sort((left, right) => compareRows(rows[left]!, rows[right]!));
    for (let from = 0; from < order.length; ) {
      const to = endOfReading(rows, order, from);
      const [, , , segment, start] = rows[order[from]!]!;
      const [, , , , lastStart, , lastLength] = rows[order[to - 1]!]!;
      const bytes = files.read(segment, start, lastStart + lastLength - start);
      for (; from < to; from += 1) events[order[from]!] = eventOf(rows[order[from]!]!, bytes, start, bodies);
    }
    return events;
  };
  const lookAgain = (rows: readonly EventRow[]): readonly EventRow[] => at.all(JSON.stringify(rows.map(([position]) => position)));

  return {
    between: (after, upTo) => between.all(after, upTo),
    read(rows, { bodies }) {
      try {
        return readOnce(rows, bodies);
      } catch {
        // Another process has written the segment anew; the descriptor still reads the old one. What fails twice is told.
        files.close();
        return readOnce(lookAgain(rows), bodies);
      }
    },
    readAgain(rows, since, wanted) {
      return this.read(since === writings ? rows : lookAgain(rows), wanted);
    },
    get writings() {
      return writings;
    },
    writtenAnew() {
      writings += 1;
    },
  };
}

const compareRows = (left: EventRow, right: EventRow): number => left[3] - right[3] || left[4] - right[4];

function endOfReading(rows: readonly EventRow[], order: readonly number[], from: number): number {
  const [, , , segment, start, , length] = rows[order[from]!]!;
  let end = start + length;
  let to = from + 1;
  for (; to < order.length; to += 1) {
    const [, , , nextSegment, nextStart, , nextLength] = rows[order[to]!]!;
    if (nextSegment !== segment || nextStart - end > gapBytesMax || nextStart + nextLength - start > readingBytesMax) break;
    end = nextStart + nextLength;
  }
  return to;
}

function eventOf([position, place, revision, , start, head, length, commit, recordedMs]: EventRow, bytes: Buffer, from: number, withBody: boolean): Recorded {
  const { id, stream, type, tags, body, leaf, previousLeaf, isForgotten } = decodeEvent(bytes.subarray(start - from, start - from + length), head, withBody);
  return {
    id,
    stream,
    type,
    tags,
    body,
    position,
    revision,
    commit,
    index: place,
    recordedAt: new Date(recordedMs).toISOString(),
    ...(leaf !== null && { leaf }),
    ...(previousLeaf !== null && { previousLeaf }),
    ...(isForgotten && { forgotten: true as const }),
  };
}
