/**
 * The sidecar: where events stand in the lines, and nothing that the lines do not say. It may be deleted at any time, and is
 * made again when it is absent, damaged, of another format, or does not fit the lines.
 *
 * WAL with synchronous NORMAL: after a power cut it is a whole, older index, and what is missing is read off the lines. An
 * index that is ahead of the lines is therefore never the fault of a crash: the lines were acknowledged and are gone.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Position } from '@refold/core';
import type { Connection } from './database.ts';
import { codeOf } from './engine-error.ts';

/** Changed whenever the tables change; the index is then made anew. */
const indexFormat = 1;

/** How far the index goes, and the line that stands there. */
export interface IndexState {
  readonly origin: string;
  readonly head: Position;
  /** Milliseconds of the last commit; null before the first. */
  readonly recordedMs: number | null;
  /** Up to where labels are in `posting`. */
  readonly indexed: Position;
  /** First position of the segment, and the byte after its last line that is known. */
  readonly segment: Position;
  readonly end: number;
  /** Of that line. */
  readonly hash: string;
}

const tables = `
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL, head INTEGER NOT NULL, recorded_ms INTEGER, indexed INTEGER NOT NULL,
  segment INTEGER NOT NULL, "end" INTEGER NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TABLE segment (first INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE label (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (name, kind)) STRICT;
CREATE TABLE "commit" (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, recorded_ms INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
CREATE TABLE event (
  position INTEGER PRIMARY KEY, place INTEGER NOT NULL, stream INTEGER NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL UNIQUE,
  segment INTEGER NOT NULL, start INTEGER NOT NULL, head INTEGER NOT NULL, length INTEGER NOT NULL,
  UNIQUE (stream, revision)
) STRICT;
CREATE TABLE posting (label INTEGER NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, PRIMARY KEY (label, last)) STRICT, WITHOUT ROWID;
PRAGMA user_version = ${indexFormat};
`;

/** Opens the index for writing; one that is of no use is thrown away and begun empty. */
export function openIndex(path: string, origin: string): Connection {
  try {
    return prepare(new Database(path), origin);
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR|READONLY_DBMOVED)/.test(codeOf(error) ?? '') && !(error instanceof UselessIndex)) throw error;
  }
  return emptyIndex(path, origin);
}

export function emptyIndex(path: string, origin: string): Connection {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
  return prepare(new Database(path), origin);
}

/** An index for whoever may not write: it lives in memory and is read off the lines. */
export const openMemoryIndex = (origin: string): Connection => prepare(new Database(':memory:'), origin);

class UselessIndex extends Error {}

function prepare(db: Connection, origin: string): Connection {
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('wal_autocheckpoint = 4000');
    db.pragma('journal_size_limit = 67108864');
    const format = Number(db.pragma('user_version', { simple: true }));
    if (format === 0) {
      db.transaction(() => {
        db.exec(tables);
        db.prepare('INSERT INTO state VALUES (1, ?, 0, NULL, 0, 1, 0, ?)').run(origin, '');
      }).immediate();
    }
    if ((format !== 0 && format !== indexFormat) || readState(db).origin !== origin) throw new UselessIndex('the index is of another format or log');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The index as another process keeps it; null when there is none of use. */
export function openIndexForReading(path: string, origin: string): Connection | null {
  try {
    const db = openReadable(path);
    if (Number(db.pragma('user_version', { simple: true })) === indexFormat && readState(db).origin === origin) return db;
    db.close();
    return null;
  } catch {
    // Whatever is wrong with it, the lines say the same.
    return null;
  }
}

/** Databases up to this size are read into memory where no file can be made beside them. */
const inMemoryBytesMax = 1_073_741_824;

/** Opens a database that is there. In a folder that cannot be written, one that was closed cleanly is read into memory. */
export function openReadable(path: string): Connection {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    const journal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(codeOf(error) ?? '') || journal > 0 || statSync(path).size > inMemoryBytesMax) throw error;
    const bytes = readFileSync(path);
    // Bytes 18 and 19 of the header: 2 = write-ahead log, 1 = none; a database in memory has none (sqlite.org/fileformat.html 1.3).
    bytes[18] = 1;
    bytes[19] = 1;
    return new Database(bytes, { readonly: true });
  }
}

/** Every append and every question asks: preparing it took longer than running it. */
const stateQueries = new WeakMap<Connection, { get(): IndexState | undefined }>();

export function readState(db: Connection): IndexState {
  let query = stateQueries.get(db);
  if (query === undefined) {
    query = db.prepare<[], IndexState>('SELECT origin, head, recorded_ms AS recordedMs, indexed, segment, "end", hash FROM state');
    stateQueries.set(db, query);
  }
  const row = query.get();
  if (row === undefined) throw new UselessIndex('the index says nothing about itself');
  return row;
}
