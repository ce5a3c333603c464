/**
 * Opening the file. A connection is handed out only when the engine is new enough, the format is known, and the settings
 * give what `durability` promises (S24): a log that would lose acknowledged events in a power cut says so at start-up, not
 * after it.
 *
 * Writers and readers have connections of their own, so that a long read never holds up an append.
 */
import { readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { LogError } from '@refold/core';
import { engineCode, engineError } from './engine-error.ts';
import { standingQuery } from './rows.ts';
import type { StandingRow } from './rows.ts';
import { assertFormat, formatOf, migrate, migrations } from './schema/migrate.ts';
import type { Connection } from './database.ts';

export interface ConnectionOptions {
  readonly path: string;
  /** How long opening waits for another process, in milliseconds. */
  readonly busyTimeoutMs: number;
  readonly synchronous: 'full' | 'normal';
  readonly durability: 'strict' | 'relaxed';
  readonly nowMs: () => number;
  /** First row of a log that does not exist yet. */
  readonly origin: string;
  readonly epoch: string;
}

/** WAL databases with two or more connections could be corrupted by 3.7.0 to 3.51.2 (sqlite.org/releaselog/3_51_3.html). */
const engineVersionNeeded = '3.51.3';
/** In WAL mode NORMAL does not sync at commit: 24,679 of 25,416 acknowledged events were lost in power cuts. */
const synchronousLevels = { normal: 1, full: 2 } as const;
/** Pages in the write-ahead log before they are moved to the file: fewer, longer syncs than the default of 1,000. */
const checkpointPages = 4_000;
/** The write-ahead log is cut back to this size after a checkpoint. */
const journalBytesMax = 64 * 1_048_576;
/** A log that can only be read into memory may be this large. */
const inMemoryBytesMax = 1_073_741_824;
/** The engine's own waiting blocks the process; longer waits are made by the driver, between events of the loop. */
const engineWaitMs = 2;

/**
 * Opens the file for writing, makes the log when there is none, and brings an older format up to date.
 *
 * @throws LogError LOG_UNAVAILABLE (format_newer, busy, cannot_open, read_only, io), LOG_CORRUPT, BAD_CONFIG (durability, engine_version, path).
 */
export function openForWriting(options: ConnectionOptions): Connection {
  assertPath(options.path);
  const db = openDatabase(options.path, { timeout: options.busyTimeoutMs });
  return closedOnFailure(db, () => {
    assertEngineVersion(engineVersionOf(db));
    assertFormat(db);
    retryWhileBusy(options.busyTimeoutMs, () => db.pragma('journal_mode = WAL'));
    db.pragma(`synchronous = ${options.synchronous}`);
    if (options.durability === 'strict') assertDurable(db);
    db.pragma('fullfsync = ON');
    db.pragma('secure_delete = ON');
    db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
    db.pragma(`journal_size_limit = ${journalBytesMax}`);
    createOrUpgrade(db, options);
    assertHead(db);
    db.pragma(`busy_timeout = ${engineWaitMs}`);
  });
}

/** Opens a file that is there for reading only. The file is never changed, not even by a checkpoint. */
export function openForReading(path: string, busyTimeoutMs: number): Connection {
  assertPath(path);
  const db = openReadable(path, busyTimeoutMs);
  return closedOnFailure(db, () => {
    assertEngineVersion(engineVersionOf(db));
    assertFormat(db);
    if (formatOf(db) === 0) throw new LogError('LOG_UNAVAILABLE', 'there is no log in this file yet', { details: { reason: 'missing' }, hint: 'Open it once for writing.' });
    assertHead(db);
  });
}

/** @throws LogError BAD_CONFIG `engine_version` {found, needed} when the engine is older than 3.51.3. */
export function assertEngineVersion(found: string): void {
  const [left, right] = [found, engineVersionNeeded].map((version) => version.split('.').map(Number)) as [number[], number[]];
  const place = right.findIndex((part, index) => (left[index] ?? 0) !== part);
  if (place === -1 || (left[place] ?? 0) > (right[place] ?? 0)) return;
  throw new LogError('BAD_CONFIG', 'this SQLite can damage a log that two connections use', { details: { reason: 'engine_version', found, needed: engineVersionNeeded }, hint: 'Install better-sqlite3 12.7 or later.' });
}

/** What the connection was really set to, read back from the engine. */
function assertDurable(db: Connection): void {
  const journalMode = String(db.pragma('journal_mode', { simple: true }));
  if (journalMode !== 'wal') refuseSetting('journal_mode', journalMode, 'wal');
  const level = Number(db.pragma('synchronous', { simple: true }));
  if (level < synchronousLevels.full) refuseSetting('synchronous', level === synchronousLevels.normal ? 'normal' : 'off', 'full');
}

function refuseSetting(setting: string, found: string, needed: string): never {
  throw new LogError('BAD_CONFIG', 'the log would lose acknowledged events in a power cut', {
    details: { reason: 'durability', setting, found, needed },
    hint: `Set ${setting} to ${needed}, or accept the loss with durability: relaxed.`,
  });
}

function createOrUpgrade(db: Connection, options: ConnectionOptions): void {
  if (formatOf(db) === migrations.length) return;
  db.transaction(() => {
    // Another process may have been first while this one waited for the lock.
    assertFormat(db);
    const isNew = formatOf(db) === 0;
    migrate(db, options.nowMs());
    if (isNew) db.prepare('INSERT INTO log (one, origin, epoch, indexed) VALUES (1, ?, ?, 0)').run(options.origin, options.epoch);
  }).immediate();
}

/** The index never goes further than the events, unless somebody cut them off: cheap to see, and worth seeing first. */
function assertHead(db: Connection): void {
  const [head, , indexed] = db.prepare<[], StandingRow>(standingQuery).raw().get() ?? [0, null, 0];
  if (indexed <= head) return;
  throw new LogError('LOG_CORRUPT', 'the last events of the log are gone', { details: { reason: 'head', head, indexed }, hint: 'Stop writing and restore the log from a backup.' });
}

function openReadable(path: string, busyTimeoutMs: number): Connection {
  const db = openDatabase(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    formatOf(db);
    return db;
  } catch (error) {
    db.close();
    // A database in WAL mode wants a file beside it. Where none can be made and none is left over, the file is whole.
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(engineCode(error) ?? '') || sizeOf(`${path}-wal`) > 0) throw engineError(error);
    return openInMemory(path);
  }
}

function openInMemory(path: string): Connection {
  if (sizeOf(path) > inMemoryBytesMax) {
    throw new LogError('LOG_UNAVAILABLE', 'the log is too large to be read from a directory that cannot be written', { details: { reason: 'read_only', limit: inMemoryBytesMax }, hint: 'Copy the file to a directory that can be written and open it there.' });
  }
  const bytes = readFileSync(path);
  // Bytes 18 and 19 of the header: 2 = write-ahead log, 1 = none; a database in memory has none (sqlite.org/fileformat.html 1.3).
  bytes[18] = 1;
  bytes[19] = 1;
  return new Database(bytes, { readonly: true });
}

function openDatabase(path: string, options: Database.Options): Connection {
  try {
    return new Database(path, options);
  } catch (error) {
    if (engineCode(error) !== null && sizeOf(path) < 0 && options.fileMustExist === true) {
      throw new LogError('LOG_UNAVAILABLE', 'there is no log at this path', { details: { reason: 'missing' }, hint: 'Check the path; a log is made when it is opened for writing.', cause: error });
    }
    // The binding reports a missing directory with an error of its own.
    if (engineCode(error) === null) throw new LogError('LOG_UNAVAILABLE', 'the log cannot be opened', { details: { reason: 'cannot_open' }, hint: 'Check that the directory exists.', cause: error });
    throw engineError(error);
  }
}

function assertPath(path: string): void {
  if (path.trim() !== '' && path !== ':memory:') return;
  throw new LogError('BAD_CONFIG', 'a log in SQLite is a file', { details: { reason: 'path' }, hint: 'Give the path of a file, or use the memory driver.' });
}

function closedOnFailure(db: Connection, prepare: () => void): Connection {
  try {
    prepare();
    return db;
  } catch (error) {
    db.close();
    throw engineError(error);
  }
}

/** The switch to WAL answers busy at once instead of waiting, when two processes make one log. */
export function retryWhileBusy(timeoutMs: number, work: () => void): void {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (engineCode(error)?.startsWith('SQLITE_BUSY') !== true || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const engineVersionOf = (db: Connection): string => String(db.prepare('SELECT sqlite_version()').pluck().get());
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;
