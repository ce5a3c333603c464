/** The driver for the conformance suite: a schema per log, other connections and processes on it, and real harm to it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgresLog } from '@refold/driver-postgres';
import type { Fixture, Harm, OpenOptions, PostgresServer, Tampering } from '@refold/testing';
import { query } from './query.ts';

/** The server is started before the first case and not when the cases are registered. */
export type RunningServer = () => PostgresServer;

export function postgresFixture(server: RunningServer, { canDump }: { readonly canDump: boolean }): Fixture {
  const open = async (log: string, options: OpenOptions = {}) => openPostgresLog({ url: server().url, log, ...options });
  return {
    capabilities: { durability: 'fsync', writers: 'many-hosts', commitBytesMax: 16 * 1_048_576, commitEventsMax: 10_000, query: 'indexed', watch: 'push', forget: true, cluster: false },
    open,
    reopen: open,
    connect: open,
    process: { module: new URL('./postgres-worker.ts', import.meta.url).href, argument: (log) => JSON.stringify({ url: server().url, log }) },
    drop: async (log) => void (await query(server().url, `DROP SCHEMA "${log}" CASCADE`)),
    restartBackend: () => restart(server()),
    harm: harmTo(server, canDump),
  };
}

/** A server that is not ours is not restarted; its connections are cut, which is all that a driver sees of a restart. */
async function restart(server: PostgresServer): Promise<void> {
  if (server.restart !== null) return server.restart();
  await query(server.url, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = $1', ['refold']);
}

function harmTo(server: RunningServer, canDump: boolean): Harm {
  return {
    tearTail: { impossible: 'the server writes its own log ahead and cuts it at start; faults.test.ts kills the server in the middle of writes' },
    openOnFullDisk: { impossible: 'the disk is the server\'s; faults.test.ts has the server say that it is full' },
    backUp: canDump
      ? async (log) => {
          const file = join(server().folder!, '..', `${log}.dump`);
          const program = (name: string): string => join(server().programs!, name);
          execFileSync(program('pg_dump'), ['-d', server().url, '-n', `"${log}"`, '-Fc', '-f', file]);
          return {
            async restore() {
              await query(server().url, `DROP SCHEMA "${log}" CASCADE`);
              execFileSync(program('pg_restore'), ['-d', server().url, file]);
              rmSync(file);
            },
          };
        }
      : { impossible: 'these programs bring no pg_dump' },
    openReadOnly: async (log) => openPostgresLog({ url: server().url, log, readOnly: true }),
    storedBytes: (log) => storedBytes(server(), log),
    tamper: (log, change) => tamperWith(server().url, log, change),
  };
}

/** The files of the tables, after the compaction that the README names. */
async function storedBytes({ url, folder }: PostgresServer, log: string): Promise<readonly Uint8Array[]> {
  await query(url, `VACUUM FULL "${log}".event`);
  await query(url, 'CHECKPOINT');
  const rows = await query(url, `SELECT pg_relation_filepath(c.oid) AS path FROM pg_class c WHERE c.oid = '"${log}".event'::regclass OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = '"${log}".event'::regclass)`);
  return rows.map(({ path }) => join(folder!, String(path))).filter((path) => existsSync(path)).map((path) => new Uint8Array(readFileSync(path)));
}

/** What somebody does who owns the tables: the triggers are switched off first and on after. */
async function tamperWith(url: string, log: string, change: Tampering): Promise<void> {
  const tables = ['event', '"commit"', 'log'].map((table) => `"${log}".${table}`);
  const statements = tamperings(change).map((statement) => statement.replaceAll(':log.', `"${log}".`));
  await query(url, [...tables.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER USER`), ...statements, ...tables.map((table) => `ALTER TABLE ${table} ENABLE TRIGGER USER`)].join(';\n'));
}

function tamperings(change: Tampering): readonly string[] {
  switch (change.kind) {
    case 'flip-bit':
      return [`UPDATE :log.event SET body = set_byte(body, octet_length(body) - 1, get_byte(body, octet_length(body) - 1) # 1) WHERE position = ${change.position}`];
    case 'remove':
      return [`DELETE FROM :log.event WHERE position = ${change.position}`];
    case 'swap': {
      const [left, right] = change.positions;
      return [
        `CREATE TEMP TABLE swapped AS SELECT position, id, type, body FROM :log.event WHERE position IN (${left}, ${right})`,
        // Out of the way of the unique index over ids.
        `UPDATE :log.event SET id = gen_random_uuid() WHERE position IN (${left}, ${right})`,
        `UPDATE :log.event e SET id = s.id, type = s.type, body = s.body FROM swapped s WHERE e.position = ${left + right} - s.position`,
      ];
    }
    case 'truncate':
      return [
        `DELETE FROM :log.event WHERE position > ${change.position}`,
        `DELETE FROM :log."commit" WHERE last > ${change.position}`,
        `UPDATE :log.log SET position = ${change.position}, recorded_ms = (SELECT recorded_ms FROM :log.event WHERE position = ${change.position})`,
      ];
  }
}
