/** What the machine can do at best with the same bytes: a bare SQLite table with three indexes, and a file. No product code. */
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EventInput } from '@refold/core';
import Database from 'better-sqlite3';

export interface BareTable {
  /** One transaction, one fsync, whatever the number of events. */
  insert(events: readonly EventInput[]): void;
  readStream(streamId: string): unknown[];
  /** Every body in order, parsed. */
  scan(visit: (event: { readonly type: string }) => void): void;
  close(): void;
}

/** WAL, synchronous FULL; primary key, unique id, unique (stream, revision), index on type. */
export function openBareTable(directory: string): BareTable {
  const database = new Database(join(directory, `bare-${randomUUID()}.db`));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`CREATE TABLE event (position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, stream TEXT NOT NULL, revision INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (stream, revision));
    CREATE INDEX event_type ON event (type)`);
  const statement = database.prepare('INSERT INTO event (id, stream, revision, type, body) VALUES (?, ?, ?, ?, ?)');
  const revisions = new Map<string, number>();
  const insertAll = database.transaction((events: readonly EventInput[]) => {
    for (const event of events) {
      const revision = (revisions.get(event.streamId!) ?? 0) + 1;
      revisions.set(event.streamId!, revision);
      statement.run(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), event.streamId, revision, event.type, Buffer.from(JSON.stringify(event)));
    }
  });
  const stream = database.prepare('SELECT body FROM event WHERE stream = ? ORDER BY revision').pluck();
  const all = database.prepare('SELECT body FROM event ORDER BY position').pluck();
  return {
    insert: (events) => void insertAll.immediate(events),
    readStream: (streamId) => (stream.all(streamId) as Buffer[]).map((body) => JSON.parse(body.toString('utf8')) as unknown),
    scan: (visit) => {
      for (const body of all.iterate() as IterableIterator<Buffer>) visit(JSON.parse(body.toString('utf8')) as { type: string });
    },
    close: () => void database.close(),
  };
}

/** JSON lines with fdatasync after every batch. */
export function openBareFile(directory: string): { append(events: readonly EventInput[]): void; close(): void } {
  const descriptor = openSync(join(directory, `bare-${randomUUID()}.jsonl`), 'a');
  return {
    append(events) {
      writeSync(descriptor, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      fdatasyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}
