/**
 * Numbered migrations, each applied once and kept with its checksum. `user_version` is the number of the last one, so a
 * file tells its format before a single table is read; a newer format is refused and nothing is written to it.
 */
import { createHash } from 'node:crypto';
import { LogError } from '@refold/core';
import type { Connection } from '../database.ts';
import { log0001 } from './0001-log.ts';

export interface Migration {
  /** 1, 2, 3, ... */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ number: 1, name: 'log', sql: log0001 }];

/** "RFLD": tells our files from any other SQLite database. */
const applicationId = 0x52464c44;

const journalOfMigrations = `CREATE TABLE IF NOT EXISTS migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_ms INTEGER NOT NULL
) STRICT`;

/** Number of the file's format; 0 = an empty file. */
export const formatOf = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));

/**
 * Refuses what this version cannot read. Reads only.
 *
 * @throws LogError LOG_UNAVAILABLE `format_newer` (details: found, supported), LOG_CORRUPT `not_a_log`, `schema_changed`,
 *         `index_missing` {missing}.
 */
export function assertFormat(db: Connection, known: readonly Migration[] = migrations): void {
  const found = formatOf(db);
  if (found === 0 && isEmpty(db)) return;
  if (Number(db.pragma('application_id', { simple: true })) !== applicationId) {
    throw new LogError('LOG_CORRUPT', 'the file is a database, but not a log', { details: { reason: 'not_a_log' }, hint: 'Give the path of a log, or of a file that does not exist yet.' });
  }
  if (found > known.length) {
    throw new LogError('LOG_UNAVAILABLE', 'the log was written in a newer format', {
      details: { reason: 'format_newer', found, supported: known.length },
      hint: 'Open it with the version of Refold that wrote it, or a later one. Nothing was changed.',
    });
  }
  for (const applied of appliedIn(db)) {
    const ours = known.find(({ number }) => number === applied.number);
    if (ours !== undefined && checksumOf(ours) !== applied.checksum) {
      throw new LogError('LOG_CORRUPT', 'a migration of the log is not the one that was applied', { details: { reason: 'schema_changed', migration: applied.number }, hint: 'The file was made by a changed build; restore it from a backup.' });
    }
  }
  refuseWithoutIndexes(db, known.slice(0, found));
}

/** They do not only make it fast: that no event id and no revision is given twice is held by them. */
function refuseWithoutIndexes(db: Connection, applied: readonly Migration[]): void {
  const there = new Set(db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'index'").pluck().all());
  const missing = applied.flatMap(({ sql }) => [...sql.matchAll(/CREATE (?:UNIQUE )?INDEX (\w+)[^;]*/g)]).filter(([, name]) => !there.has(name!));
  if (missing.length === 0) return;
  const names = missing.map(([, name]) => name!);
  throw new LogError('LOG_CORRUPT', `the log lacks the index ${names.join(' and ')}`, {
    details: { reason: 'index_missing', missing: names },
    hint: `Stop writing, and make it again with sqlite3: ${missing.map(([statement]) => statement).join('; ')}. If that fails, restore a backup.`,
  });
}

/** Brings the file to the newest format, all steps in the caller's transaction. Returns how many were applied. */
export function migrate(db: Connection, nowMs: number, known: readonly Migration[] = migrations): number {
  const pending = known.slice(formatOf(db));
  if (pending.length === 0) return 0;
  db.exec(journalOfMigrations);
  const note = db.prepare('INSERT INTO migration (number, name, checksum, applied_ms) VALUES (?, ?, ?, ?)');
  for (const migration of pending) {
    db.exec(migration.sql);
    note.run(migration.number, migration.name, checksumOf(migration), nowMs);
  }
  db.pragma(`application_id = ${applicationId}`);
  db.pragma(`user_version = ${known.length}`);
  return pending.length;
}

function isEmpty(db: Connection): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

function appliedIn(db: Connection): readonly { readonly number: number; readonly checksum: string }[] {
  return db.prepare<[], { number: number; checksum: string }>('SELECT number, checksum FROM migration ORDER BY number').all();
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
