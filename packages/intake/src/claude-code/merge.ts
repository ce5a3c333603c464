/**
 * Merges the files of one session by the running maximum of each file's times: a record that is late in its file stays
 * behind its predecessor, and files meet where their clocks meet. On a tie the earlier file (the main one) goes first.
 */
import type { JsonObject } from '@refold/core';
import type { TranscriptRecord } from './transcript.ts';

export interface MergedRecord {
  readonly record: TranscriptRecord;
  /** The record after it in its own file. */
  readonly next: JsonObject | undefined;
}

interface Cursor {
  readonly records: AsyncIterator<TranscriptRecord>;
  head: TranscriptRecord | null;
  after: TranscriptRecord | null;
  /** Latest time up to `head`. */
  latestMs: number;
}

export async function* mergeByTime(files: readonly AsyncIterable<TranscriptRecord>[]): AsyncGenerator<MergedRecord> {
  const cursors = await Promise.all(files.map(openCursor));
  for (;;) {
    const first = earliest(cursors);
    if (first === undefined || first.head === null) return;
    yield { record: first.head, next: first.after?.value };
    await advance(first);
  }
}

async function openCursor(records: AsyncIterable<TranscriptRecord>): Promise<Cursor> {
  const cursor: Cursor = { records: records[Symbol.asyncIterator](), head: null, after: null, latestMs: Number.NEGATIVE_INFINITY };
  cursor.after = await nextOf(cursor);
  await advance(cursor);
  return cursor;
}

async function advance(cursor: Cursor): Promise<void> {
  cursor.head = cursor.after;
  if (cursor.head === null) return;
  cursor.latestMs = Math.max(cursor.latestMs, cursor.head.time.ms);
  cursor.after = await nextOf(cursor);
}

async function nextOf({ records }: Cursor): Promise<TranscriptRecord | null> {
  const result = await records.next();
  return result.done === true ? null : result.value;
}

function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) if (cursor.head !== null && (first === undefined || cursor.latestMs < first.latestMs)) first = cursor;
  return first;
}
