/**
 * From the columns of an event to the event, and the queries that select them. Rows come as arrays: no property lookups.
 * Records come apart from the rows, many in one blob: a blob of its own for each event takes longer than all else about it.
 */
import type { Instant, Recorded } from '@refold/core';
import type { Connection } from './database.ts';
import { createStreamNames } from './names.ts';

export const hashBytes = 32;

/** Head and its time (null in an empty log), and how far the index goes; one statement, so they belong together. */
export type StandingRow = readonly [head: number, recordedMs: number | null, indexed: number];
export const standingQuery = `SELECT ifnull(e.position, 0), f.recorded_ms, log.indexed FROM log
  LEFT JOIN event e ON e.position = (SELECT max(position) FROM event)
  LEFT JOIN event f ON f.position = e.position - e.place`;

/** Columns in the order of `eventColumns`. What `forget` may change is not among them. */
export type EventRow = readonly [position: number, place: number, stream: number, revision: number, type: string, hashes: number, id: string, tags: string, recordBytes: number, commit: string, recordedMs: number];

export const recordBytesColumn = 8;

/** The length of a blob is known without reading it. */
const eventColumns = 'e.position, e.place, e.stream, e.revision, e.type, e.hashes, e.id, e.tags, length(e.record), f.commit_id, f.recorded_ms';
/** The first event of the same commit, which keeps the commit's id and time. */
const withFirst = 'CROSS JOIN event f ON f.position = e.position - e.place';

/** The statements behind every read, exactly as they run. */
export function eventQueries() {
  const from = `SELECT ${eventColumns} FROM event e ${withFirst} WHERE`;
  return {
    logForward: `${from} e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`,
    logBackward: `${from} e.position > ? AND e.position <= ? ORDER BY e.position DESC LIMIT ?`,
    // The plus keeps the bound on position out of the choice of an index.
    streamForward: `${from} e.stream = ? AND e.revision > ? AND e.revision <= ? AND +e.position <= ? ORDER BY e.revision LIMIT ?`,
    streamBackward: `${from} e.stream = ? AND e.revision > ? AND e.revision <= ? AND +e.position <= ? ORDER BY e.revision DESC LIMIT ?`,
    // In the order of the list.
    positions: `SELECT ${eventColumns} FROM json_each(?) wanted CROSS JOIN event e ON e.position = wanted.value ${withFirst}`,
  };
}

/** Columns of `recordsQuery`: the records one after the other, how long each is, and for each whether it is forgotten (0 or 1). */
type RecordsRow = readonly [records: Buffer, bytes: string, forgotten: string];

/** The records of a list of positions, in its order, in one statement: all as they are at one instant. `bodies` false leaves out all but the hashes. */
export function recordsQuery(bodies: boolean): string {
  // Empty as a blob: `substr` alone makes NULL of nothing.
  const record = bodies ? 'e.record' : `ifnull(substr(e.record, 1, e.hashes * ${hashBytes}), x'')`;
  return `SELECT CAST(group_concat(record, '') AS BLOB), json_group_array(length(record)), group_concat(forgotten, '')
    FROM (SELECT ${record} AS record, e.forgotten FROM json_each(?) wanted CROSS JOIN event e ON e.position = wanted.value)`;
}

export type EventQueries = ReturnType<typeof eventQueries>;

/** Events of rows, with or without bodies and tags. Those of one block share one buffer: whoever keeps one for long keeps a copy. */
export type ReadRecords = (rows: readonly EventRow[], wanted: { readonly bodies: boolean; readonly tags: boolean }) => Recorded[];

/** Events whose records come in one blob: enough that it costs each of them little, few enough that it stays small. */
const blockEventsMax = 256;

export function createRecordReader(db: Connection): ReadRecords {
  const streamName = createStreamNames(db);
  const readWhole = db.prepare<[string], RecordsRow>(recordsQuery(true)).raw();
  const readHashes = db.prepare<[string], RecordsRow>(recordsQuery(false)).raw();
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

  function eventOf([position, place, stream, revision, type, hashes, id, tags, , commit, recordedMs]: EventRow, record: Uint8Array, isForgotten: boolean, withTags: boolean): Recorded {
    const bodyStart = hashes * hashBytes;
    const event: Mutable<Recorded> = {
      id,
      stream: streamName(stream),
      type,
      tags: withTags ? unpackTags(tags) : noTags,
      body: isForgotten ? keptOf(record, bodyStart) : record.subarray(bodyStart),
      position,
      revision,
      commit,
      index: place,
      recordedAt: instantOf(recordedMs),
    };
    if (hashes > 0) event.leaf = record.subarray(0, hashBytes);
    if (hashes > 1) event.previousLeaf = record.subarray(hashBytes, bodyStart);
    if (isForgotten) event.forgotten = true;
    return event;
  }

  return (rows, { bodies, tags }) => {
    const events: Recorded[] = [];
    for (let first = 0; first < rows.length; first += blockEventsMax) {
      const block = rows.slice(first, first + blockEventsMax);
      // Safe: rows of events are never deleted, so there is a record for each.
      const [records, bytes, forgotten] = (bodies ? readWhole : readHashes).get(JSON.stringify(block.map(([position]) => position)))!;
      const lengths = JSON.parse(bytes) as readonly number[];
      let start = records.byteOffset;
      for (let index = 0; index < block.length; index++) {
        const length = lengths[index]!;
        events.push(eventOf(block[index]!, new Uint8Array(records.buffer, start, length), forgotten.charCodeAt(index) === one, tags));
        start += length;
      }
    }
    return events;
  };
}

const one = 0x31;
const noTags: readonly string[] = Object.freeze([]);

/** Tags hold no NUL, so it can part them. */
export const packTags = (tags: readonly string[]): string => tags.join('\0');
export const unpackTags = (column: string): readonly string[] => (column === '' ? [] : column.split('\0'));

/** Hashes and body in one blob. */
export function packRecord(leaf: Uint8Array | null, previousLeaf: Uint8Array | null, body: Uint8Array): Uint8Array {
  if (leaf === null) return body;
  const bodyStart = previousLeaf === null ? hashBytes : 2 * hashBytes;
  const record = Buffer.allocUnsafe(bodyStart + body.length);
  record.set(leaf, 0);
  if (previousLeaf !== null) record.set(previousLeaf, hashBytes);
  record.set(body, bodyStart);
  return record;
}

/**
 * The record of a forgotten event: what was kept, zeros over the rest, and at the end how many bytes were kept. It is as
 * long as the old one, so the engine writes it over the old bytes in place; a shorter one would move the neighbours about
 * and leave copies of them in the free parts of pages, where a later `forget` of theirs would not reach.
 */
export function packForgotten(record: Uint8Array, hashes: number, kept: Uint8Array): Uint8Array {
  const bodyStart = hashes * hashBytes;
  const forgotten = Buffer.alloc(Math.max(record.length, bodyStart + kept.length + lengthBytes));
  forgotten.set(record.subarray(0, bodyStart), 0);
  forgotten.set(kept, bodyStart);
  forgotten.writeUInt32BE(kept.length, forgotten.length - lengthBytes);
  return forgotten;
}

const lengthBytes = 4;

function keptOf(record: Uint8Array, bodyStart: number): Uint8Array {
  const end = record.length - lengthBytes;
  if (end < bodyStart) return new Uint8Array();
  return record.subarray(bodyStart, bodyStart + new DataView(record.buffer, record.byteOffset).getUint32(end));
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
