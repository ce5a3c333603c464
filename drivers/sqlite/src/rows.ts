/**
 * From the columns of an event to the event, and the queries that select them. Rows come as arrays: no property lookups,
 * and one blob instead of four.
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

/** Columns in the order of `eventColumns`. */
export type EventRow = readonly [
  position: number,
  place: number,
  stream: number,
  revision: number,
  type: string,
  forgotten: number,
  hashes: number,
  id: string,
  tags: string,
  record: Buffer,
  commit: string,
  recordedMs: number,
];

export const recordColumn = 9;

const eventColumns = (record: string): string =>
  `e.position, e.place, e.stream, e.revision, e.type, e.forgotten, e.hashes, e.id, e.tags, ${record}, f.commit_id, f.recorded_ms`;
const wholeRecord = 'e.record';
/** Empty as a blob: `substr` alone makes NULL of nothing. */
const hashesOnly = `ifnull(substr(e.record, 1, e.hashes * ${hashBytes}), x'')`;
/** The first event of the same commit, which keeps the commit's id and time. */
const withFirst = 'CROSS JOIN event f ON f.position = e.position - e.place';

/** The statements behind every read, exactly as they run. `bodies` false leaves out all but the hashes. */
export function eventQueries(bodies: boolean) {
  const columns = eventColumns(bodies ? wholeRecord : hashesOnly);
  const from = `SELECT ${columns} FROM event e ${withFirst} WHERE`;
  return {
    logForward: `${from} e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?`,
    logBackward: `${from} e.position > ? AND e.position <= ? ORDER BY e.position DESC LIMIT ?`,
    // The plus keeps the bound on position out of the choice of an index.
    streamForward: `${from} e.stream = ? AND e.revision > ? AND e.revision <= ? AND +e.position <= ? ORDER BY e.revision LIMIT ?`,
    streamBackward: `${from} e.stream = ? AND e.revision > ? AND e.revision <= ? AND +e.position <= ? ORDER BY e.revision DESC LIMIT ?`,
    // In the order of the list.
    positions: `SELECT ${columns} FROM json_each(?) wanted CROSS JOIN event e ON e.position = wanted.value ${withFirst}`,
  };
}

export type EventQueries = ReturnType<typeof eventQueries>;

export interface RecordReader {
  read(row: EventRow): Recorded;
}

export function createRecordReader(db: Connection): RecordReader {
  const streamName = createStreamNames(db);
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

  return {
    read([position, place, stream, revision, type, forgotten, hashes, id, tags, record, commit, recordedMs]) {
      const bodyStart = hashes * hashBytes;
      const event: Mutable<Recorded> = {
        id,
        stream: streamName(stream),
        type,
        tags: unpackTags(tags),
        body: forgotten === 0 ? bytesOf(record, bodyStart, record.length) : keptOf(record, bodyStart),
        position,
        revision,
        commit,
        index: place,
        recordedAt: instantOf(recordedMs),
      };
      if (hashes > 0) event.leaf = bytesOf(record, 0, hashBytes);
      if (hashes > 1) event.previousLeaf = bytesOf(record, hashBytes, 2 * hashBytes);
      if (forgotten === 1) event.forgotten = true;
      return event;
    },
  };
}

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

function keptOf(record: Buffer, bodyStart: number): Uint8Array {
  if (record.length < bodyStart + lengthBytes) return new Uint8Array();
  return bytesOf(record, bodyStart, bodyStart + record.readUInt32BE(record.length - lengthBytes));
}

const bytesOf = (record: Buffer, start: number, end: number): Uint8Array => new Uint8Array(record.buffer, record.byteOffset + start, end - start);

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
