/**
 * Compare-and-set over named values, in a database of its own: cursors, snapshots, keys. It is no part of the lines, since a
 * value that is replaced is to be gone, and no part of the sidecar, since it is not derived from anything. A deleted key keeps
 * its row without a value, so that no rev is ever used twice (S18). The account of what was forgotten stands beside it.
 */
import Database from 'better-sqlite3';
import type { Position } from '@refold/core';
import type { Connection } from './database.ts';

export interface Kv {
  get(key: string): { readonly value: Uint8Array; readonly rev: number } | null;
  put(key: string, value: Uint8Array | null, expect: number | 'absent'): number | 'conflict';
  list(prefix: string, after: string | undefined, limit: number): readonly { readonly key: string; readonly rev: number }[];
  noteForgotten(positions: readonly Position[], reason: string, nowMs: number): void;
  close(): void;
}

const tables = `
CREATE TABLE IF NOT EXISTS kv (key TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, value BLOB) STRICT;
CREATE TABLE IF NOT EXISTS forgetting (position INTEGER PRIMARY KEY, forgotten_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
`;

/** WAL with synchronous FULL: an answer is given when the value is on disk. */
export function openKv(path: string): Kv {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('fullfsync = ON');
    db.pragma('secure_delete = ON');
    db.exec(tables);
    return kvIn(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** For whoever may not write; a log without a database of values has no values. */
export function kvForReading(db: Connection | null): Kv {
  if (db !== null) return kvIn(db);
  const empty = new Database(':memory:');
  empty.exec(tables);
  return kvIn(empty);
}

function kvIn(db: Connection): Kv {
  const find = db.prepare<[string], [value: Buffer | null, rev: number]>('SELECT value, rev FROM kv WHERE key = ?').raw();
  const listFrom = db.prepare<[string], [key: string, rev: number]>('SELECT key, rev FROM kv WHERE key >= ? AND value IS NOT NULL ORDER BY key').raw();
  const insert = db.prepare<[string, number, Uint8Array | null]>('INSERT INTO kv (key, rev, value) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET rev = excluded.rev, value = excluded.value');
  const note = db.prepare<[number, number, string]>('INSERT OR REPLACE INTO forgetting (position, forgotten_ms, reason) VALUES (?, ?, ?)');
  return {
    get(key) {
      const [value, rev] = find.get(key) ?? [null, 0];
      return value === null ? null : { value: new Uint8Array(value), rev };
    },
    // One process writes, and this function never awaits: nothing comes between the look and the write.
    put(key, value, expect) {
      const [found, rev] = find.get(key) ?? [null, 0];
      if ((found === null ? 'absent' : rev) !== expect) return 'conflict';
      insert.run(key, rev + 1, value);
      return rev + 1;
    },
    list(prefix, after, limit) {
      const found: { readonly key: string; readonly rev: number }[] = [];
      // Keys with one prefix stand together in the order of bytes, so the first other one ends the list.
      for (const [key, rev] of listFrom.iterate(laterOf(prefix, after))) {
        if (found.length >= limit || !key.startsWith(prefix)) break;
        if (key !== after) found.push({ key, rev });
      }
      return found;
    },
    noteForgotten: (positions, reason, nowMs) => db.transaction(() => positions.forEach((position) => note.run(position, nowMs, reason))).immediate(),
    close: () => void db.close(),
  };
}

/** The later of two places in the order of UTF-8 bytes, which is the order of the table. */
export function laterOf(prefix: string, after: string | undefined): string {
  return after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0 ? prefix : after;
}
