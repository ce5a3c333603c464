/** From the columns of an event to the event. Rows come as arrays, in the order of `eventColumns` (sql.ts). */
import type { Instant, Recorded, Revision } from '@refold/core';
import type { Row } from './connections.ts';

/** The last column tells how many rows there were before the bound on bytes. */
type EventRow = readonly [
  position: number,
  place: number,
  stream: string,
  revision: Revision,
  type: string,
  id: string,
  tags: string,
  commit: string,
  recordedMs: number,
  leaf: Uint8Array | null,
  previousLeaf: Uint8Array | null,
  body: Uint8Array | null,
  forgotten: boolean,
  total: number,
];

export interface EventRows {
  readonly events: readonly Recorded[];
  /** Rows that there were; more than events when the page was cut by its bytes. */
  readonly total: number;
}

export function eventsOf(rows: readonly Row[], withTags: boolean): EventRows {
  // Neighbours mostly share a commit, and so its time.
  let latestMs = Number.NaN;
  let latestInstant = '';
  const instantOf = (ms: number): Instant => {
    if (ms !== latestMs) {
      latestMs = ms;
      latestInstant = new Date(ms).toISOString();
    }
    return latestInstant;
  };
  const events = (rows as unknown as readonly EventRow[]).map(([position, place, stream, revision, type, id, tags, commit, recordedMs, leaf, previousLeaf, body, forgotten]): Recorded => {
    const event: Mutable<Recorded> = { id, stream, type, tags: withTags ? tagsOf(tags) : noTags, body: body ?? noBytes(), position, revision, commit, index: place, recordedAt: instantOf(recordedMs) };
    if (leaf !== null) event.leaf = leaf;
    if (previousLeaf !== null) event.previousLeaf = previousLeaf;
    if (forgotten) event.forgotten = true;
    return event;
  });
  return { events, total: rows.length === 0 ? 0 : Number(rows[0]!.at(-1)) };
}

const noTags: readonly string[] = Object.freeze([]);
const noBytes = (): Uint8Array => new Uint8Array();
const tagsOf = (column: string): readonly string[] => (column === '[]' ? noTags : (JSON.parse(column) as readonly string[]));

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
