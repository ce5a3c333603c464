/** Writes to the sidecar what a line says, whether the line was made a moment ago or is read again. Inside a transaction. */
import { createUnindexed, unindexedMax } from '@refold/core';
import type { Position, PostingTail, Unindexed } from '@refold/core';
import type { Connection } from './database.ts';
import { readState } from './index-tables.ts';
import type { IndexState } from './index-tables.ts';
import type { EventSpan, PlacedCommit, PlacedEvent } from './line.ts';
import type { Names } from './names.ts';
import { createPostingWriter } from './postings.ts';
import type { EventRows } from './rows.ts';

/** A line in its place. */
export interface IndexedCommit extends Pick<PlacedCommit, 'position' | 'commit' | 'digest'> {
  readonly recordedMs: number;
  readonly events: readonly Pick<PlacedEvent, 'id' | 'stream' | 'revision' | 'type' | 'tags'>[];
  readonly spans: readonly EventSpan[];
  readonly segment: Position;
  /** Of the line, in its segment. */
  readonly offset: number;
}

export interface Indexer {
  add(commit: IndexedCommit): void;
  /** Says how far the index goes now, and moves labels that have gathered to their table. */
  settle(state: Pick<IndexState, 'recordedMs' | 'segment' | 'end' | 'hash'>): void;
  /** Labels behind the index, up to a position. Another process may have moved the index: whoever only reads says how far. */
  waiting(head: Position, indexed?: Position): PostingTail;
  seal(first: Position, bytes: number, hash: string): void;
  /** After a rollback. */
  forgetAll(): void;
}

export function createIndexer(db: Connection, names: Names, rows: EventRows): Indexer {
  const insertCommit = db.prepare<[number, number, string, number, Uint8Array]>('INSERT INTO "commit" (first, last, id, recorded_ms, digest) VALUES (?, ?, ?, ?, ?)');
  const insertEvent = db.prepare<[number, number, number, number, string, number, number, number, number]>('INSERT INTO event (position, place, stream, revision, id, segment, start, head, length) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const move = db.prepare<[number, number | null, number, number, number, string]>('UPDATE state SET head = ?, recorded_ms = ?, indexed = ?, segment = ?, "end" = ?, hash = ?');
  const insertSegment = db.prepare<[number, number, string]>('INSERT OR REPLACE INTO segment (first, bytes, hash) VALUES (?, ?, ?)');
  const writePostings = createPostingWriter(db, names);
  const unindexed = openUnindexed(rows);
  let { head, indexed } = readState(db);

  return {
    add({ position, commit, digest, recordedMs, events, spans, segment, offset }) {
      const tail = unindexed.upTo(indexed, head);
      insertCommit.run(position, position + events.length - 1, commit, recordedMs, digest);
      events.forEach(({ id, stream, revision, type, tags }, place) => {
        // As many spans as events.
        const { start, head: headBytes, length } = spans[place]!;
        insertEvent.run(position + place, place, names.addStream(stream), revision, id, segment, offset + start, headBytes, length);
        tail.add(position + place, type, tags);
      });
      head = position + events.length - 1;
      unindexed.reached(head);
    },
    settle({ recordedMs, segment, end, hash }) {
      if (head - indexed >= unindexedMax) {
        writePostings(unindexed.upTo(indexed, head));
        indexed = head;
      }
      move.run(head, recordedMs, indexed, segment, end, hash);
    },
    waiting: (upTo, from = indexed) => unindexed.upTo(from, upTo),
    seal: (first, bytes, hash) => void insertSegment.run(first, bytes, hash),
    forgetAll() {
      names.forgetAll();
      unindexed.clear();
      ({ head, indexed } = readState(db));
    },
  };
}

/** Labels that are in no table yet are read off the lines. */
function openUnindexed(rows: EventRows): Unindexed {
  return createUnindexed((after, upTo) => rows.read(rows.between(after, upTo), { bodies: false }));
}
