/**
 * Full-text search with FTS5, in a file of its own beside the log: a disposable index. It is not synced at every step, since
 * what is lost is read from the log again. A file that is damaged, of another format, or made for another log is thrown away
 * and begun anew.
 *
 * The index keeps which events hold which three letters in a row, and nothing else: no text, and not where in the text. It
 * may therefore find too much and never too little, which is what the port asks for; `containsText` decides. Being about
 * letters and not words, it finds `PROJ-12`, `"`, `*` and half of a word alike, and no text is an operator.
 */
import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { LogError, defaultLimits } from '@refold/core';
import type { Position, SearchEntry, SearchIndex } from '@refold/core';
import { retryWhileBusy } from './connection.ts';
import type { Connection } from './database.ts';
import { translated } from './engine-error.ts';

export interface SqliteSearchOptions {
  /** Path of the index, by custom `<log>.search.db`. */
  readonly path: string;
  /** Epoch of the log it belongs to. An index of another epoch is emptied. */
  readonly epoch?: string;
  /** How long a write waits for other processes, in milliseconds. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

/** Changed whenever the tables or the way of cutting text change; the index is then made anew. */
const searchFormat = 1;
/** Shorter texts are in no row of three, so every entry may hold them. */
const gramCharacters = 3;
/** Rows of three of a text that are looked at; a longer text is found by those at its beginning. */
const gramsMax = 64;
/**
 * Rows of three asked for at once, the rarest of the text. One that stands in most entries throws out next to nothing, and
 * walking to where it stands takes longest of all. Rows overlap, so that a dozen speak for some twenty letters.
 */
const gramsAskedMax = 12;
/** How rare a row of three is, is judged by its first so many entries. */
const gramSampleEntries = 64;

const tables = `
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL,
  epoch TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE grams USING fts5(text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');
PRAGMA user_version = ${searchFormat};
`;

/** @throws LogError LOG_UNAVAILABLE (cannot_open, read_only, busy) when the file can be neither read nor made anew. */
export function openSqliteSearch(options: SqliteSearchOptions): SearchIndex {
  const db = openIndex(options);
  const readCursor = db.prepare<[], number>('SELECT cursor FROM state').pluck();
  const moveCursor = db.prepare<[number]>('UPDATE state SET cursor = ?');
  const insert = db.prepare<[number, string]>('INSERT OR REPLACE INTO grams (rowid, text) VALUES (?, ?)');
  const empty = db.prepare("INSERT INTO grams (grams) VALUES ('delete-all')");
  const sample = db.prepare<[string, number], [count: number, last: Position]>('SELECT count(*), max(rowid) FROM (SELECT rowid FROM grams WHERE grams MATCH ? ORDER BY rowid LIMIT ?)').raw();
  const find = {
    forward: db.prepare<[string, number, number], number>('SELECT rowid FROM grams WHERE grams MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?').pluck(),
    backward: db.prepare<[string, number, number], number>('SELECT rowid FROM grams WHERE grams MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?').pluck(),
  };
  const all = {
    forward: db.prepare<[number, number], number>('SELECT rowid FROM grams WHERE rowid > ? ORDER BY rowid LIMIT ?').pluck(),
    backward: db.prepare<[number, number], number>('SELECT rowid FROM grams WHERE rowid < ? ORDER BY rowid DESC LIMIT ?').pluck(),
  };

  const add = db.transaction((entries: readonly SearchEntry[], cursor: Position) => {
    for (const { position, text } of entries) insert.run(position, folded(text));
    moveCursor.run(cursor);
  });
  const reset = db.transaction(() => {
    empty.run();
    moveCursor.run(0);
  });
  /** Share of the entries that hold a row of three, about; 0 when hardly any do. */
  const shareOf = (gram: string): number => {
    const [count, last] = sample.get(gram, gramSampleEntries) ?? [0, 0];
    return count < gramSampleEntries ? 0 : count / last;
  };
  const rarest = (grams: readonly string[]): readonly string[] => {
    if (grams.length <= gramsAskedMax) return grams;
    const shares = new Map(grams.map((gram) => [gram, shareOf(gram)]));
    return grams.toSorted((left, right) => shares.get(left)! - shares.get(right)!).slice(0, gramsAskedMax);
  };
  const search: SearchIndex['search'] = async (text, { after, limit = defaultLimits.pageSizeDefault, direction = 'forward' } = {}) => {
    assertOpen(db);
    const grams = gramsOf(text);
    const from = after ?? (direction === 'forward' ? 0 : Number.MAX_SAFE_INTEGER);
    return translated(() => (grams.length === 0 ? all[direction].all(from, limit) : find[direction].all(rarest(grams).join(' AND '), from, limit)));
  };

  return {
    search,
    async cursor() {
      assertOpen(db);
      return translated(() => readCursor.get() ?? 0);
    },
    async add(entries, cursor) {
      assertOpen(db);
      translated(() => add.immediate(entries, cursor));
    },
    async reset() {
      assertOpen(db);
      translated(() => reset.immediate());
    },
    async close() {
      db.close();
    },
  };
}

/** Every row of three letters of a text, each quoted so that nothing in it is an operator. None when the text is too short. */
function gramsOf(text: string): readonly string[] {
  const letters = Array.from(folded(text));
  const count = Math.min(letters.length - gramCharacters + 1, gramsMax);
  const grams = Array.from({ length: Math.max(count, 0) }, (_, start) => letters.slice(start, start + gramCharacters).join(''));
  return [...new Set(grams)].map((gram) => `"${gram.replaceAll('"', '""')}"`);
}

/** As `containsText` compares: lower case, and U+FFFD for NUL, which would end the text inside the engine. */
const folded = (text: string): string => text.replaceAll('\u0000', '\ufffd').toLowerCase().toWellFormed();

function openIndex({ path, epoch = '', busyTimeoutMs = 5_000 }: SqliteSearchOptions): Connection {
  const existing = openExisting(path, epoch, busyTimeoutMs);
  if (existing !== null) return existing;
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return translated(() => {
    const db = prepared(path, busyTimeoutMs);
    createIn(db, epoch);
    return db;
  });
}

function createIn(db: Connection, epoch: string): void {
  db.transaction(() => {
    // Another process may have been first while this one waited for the lock.
    if (!isEmpty(db)) return;
    db.exec(tables);
    db.prepare('INSERT INTO state (one, cursor, epoch) VALUES (1, 0, ?)').run(epoch);
  }).immediate();
}

const isEmpty = (db: Connection): boolean => db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;

/** Null when there is no index that can be gone on with. */
function openExisting(path: string, epoch: string, busyTimeoutMs: number): Connection | null {
  let db: Connection | null = null;
  try {
    db = prepared(path, busyTimeoutMs);
    // An empty one is new, or about to be filled by another process; a file that somebody has open is not removed.
    if (isEmpty(db)) createIn(db, epoch);
    if (isCurrent(db, epoch)) return db;
  } catch (error) {
    db?.close();
    const isDamaged = error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(error.code);
    if (!isDamaged) return translated(() => { throw error; });
    return null;
  }
  db.close();
  return null;
}

function prepared(path: string, busyTimeoutMs: number): Connection {
  const db = new Database(path, { timeout: busyTimeoutMs });
  retryWhileBusy(busyTimeoutMs, () => db.pragma('journal_mode = WAL'));
  db.pragma('synchronous = NORMAL');
  db.pragma('secure_delete = ON');
  return db;
}

function isCurrent(db: Connection, epoch: string): boolean {
  if (db.pragma('user_version', { simple: true }) !== searchFormat) return false;
  const kept = db.prepare('SELECT epoch FROM state').pluck().get();
  db.prepare('SELECT rowid FROM grams WHERE grams MATCH ? LIMIT 1').get('"abc"');
  return kept === epoch;
}

function assertOpen(db: Connection): void {
  if (!db.open) throw new LogError('LOG_UNAVAILABLE', 'the search index is closed', { details: { reason: 'closed' }, hint: 'Open it again.' });
}
