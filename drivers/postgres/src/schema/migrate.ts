/**
 * Numbered migrations, each applied once and kept with its checksum. An advisory lock over the schema's name is held to COMMIT, so
 * instances that start at once bring a log up one after the other, and the second finds nothing to do.
 */
import { createHash } from 'node:crypto';
import { LogError } from '@refold/core';
import type { Connection, Connections, Row } from '../connections.ts';
import { log0001 } from './0001-log.ts';
import { views0002 } from './0002-views.ts';

export interface Migration {
  /** 1, 2, 3, ... */
  readonly number: number;
  readonly name: string;
  /** Runs with the log's schema on the search path; `:schema` stands for its quoted name. */
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { number: 1, name: 'log', sql: log0001 },
  { number: 2, name: 'views', sql: views0002 },
];

export interface NewLog {
  readonly origin: string;
  readonly epoch: string;
}

/** Numbers and checksums of what was applied; null when there is no log of this name. Reads only. */
export type AppliedMigrations = readonly { readonly number: number; readonly checksum: string }[] | null;

/**
 * Makes the log when there is none and brings it to the newest format. Returns how many migrations were applied.
 *
 * @throws LogError LOG_UNAVAILABLE `format_newer`, LOG_CORRUPT `not_a_log`, `schema_changed`.
 */
export async function migrate(connections: Connections, schema: string, made: NewLog, nowMs: number, known: readonly Migration[] = migrations): Promise<number> {
  assertFormat(await readApplied(connections, schema), known);
  if (((await readApplied(connections, schema))?.length ?? 0) === known.length) return 0;
  return connections.withConnection(async (connection) => {
    await connection.send([
      { text: 'BEGIN' },
      { text: "SELECT pg_advisory_xact_lock(hashtextextended('refold.migration.' || $1, 0))", values: [schema] },
    ]);
    // Looked at again under the lock: another instance may have been first.
    const applied = await readApplied({ ask: async (statement) => (await connection.send([statement]))[0]! }, schema);
    assertFormat(applied, known);
    if (applied === null) await createSchema(connection, schema);
    const pending = known.slice(applied?.length ?? 0);
    await connection.send([{ text: `SET LOCAL search_path = ${quoted(schema)}, pg_temp` }]);
    for (const migration of pending) await apply(connection, schema, migration, nowMs);
    if (applied === null) await connection.send([{ text: 'INSERT INTO log (one, origin, epoch, position, streams) VALUES (1, $1, $2, 0, 0)', values: [made.origin, made.epoch] }]);
    await connection.send([{ text: 'COMMIT' }]);
    return pending.length;
  });
}

export async function readApplied({ ask }: Pick<Connections, 'ask'>, schema: string): Promise<AppliedMigrations> {
  const tables = (await ask({ text: 'SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1', values: [schema] })).map(([name]) => name);
  if (tables.length === 0) return null;
  if (!tables.includes('migration') || !tables.includes('event')) {
    throw new LogError('LOG_CORRUPT', 'the schema holds tables, but no log', { details: { reason: 'not_a_log', schema }, hint: 'Give another name in the URL (?log=NAME), or an empty schema.' });
  }
  const rows = await ask({ text: `SELECT number, checksum FROM ${quoted(schema)}.migration ORDER BY number` });
  return rows.map(([number, checksum]: Row) => ({ number: Number(number), checksum: String(checksum) }));
}

export function assertFormat(applied: AppliedMigrations, known: readonly Migration[] = migrations): void {
  if (applied === null) return;
  if (applied.length > known.length) {
    throw new LogError('LOG_UNAVAILABLE', 'the log was written in a newer format', {
      details: { reason: 'format_newer', found: applied.length, supported: known.length },
      hint: 'Open it with the version of Refold that wrote it, or a later one. Nothing was changed.',
    });
  }
  const changed = applied.find(({ number, checksum }) => checksum !== checksumOf(known[number - 1]));
  if (changed !== undefined) {
    throw new LogError('LOG_CORRUPT', 'a migration of the log is not the one that was applied', { details: { reason: 'schema_changed', migration: changed.number }, hint: 'The schema was made by a changed build; restore it from a backup.' });
  }
}

async function createSchema(connection: Connection, schema: string): Promise<void> {
  await connection.send([
    { text: `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}` },
    { text: `CREATE TABLE ${quoted(schema)}.migration (number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_ms bigint NOT NULL)` },
  ]);
}

async function apply(connection: Connection, schema: string, migration: Migration, nowMs: number): Promise<void> {
  await connection.send([{ text: migration.sql.replaceAll(':schema', quoted(schema)) }]);
  await connection.send([{ text: 'INSERT INTO migration (number, name, checksum, applied_ms) VALUES ($1, $2, $3, $4)', values: [migration.number, migration.name, checksumOf(migration), nowMs] }]);
}

function checksumOf(migration: Migration | undefined): string {
  return createHash('sha256')
    .update(migration?.sql ?? '')
    .digest('hex');
}

/** A name as SQL takes it. Names are checked when the log is opened; the quotes make sure. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
