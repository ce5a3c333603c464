/**
 * The log in PostgreSQL, 13 and later: many hosts may read and write it at once.
 *
 * What it keeps true, and how: positions without gaps and in commit order, since the head is one row that whoever appends holds to COMMIT;
 * a reader that goes on behind the last position loses nothing, whatever other transactions are open; acknowledged = synced, since
 * `synchronous_commit` is on and the server's settings are read back at open; readers never wait.
 */
import { createHash, randomUUID } from 'node:crypto';
import { LogError, assertCommit } from '@refold/core';
import type { Capabilities, Clock, Commit, Linker, LogDriver, Position } from '@refold/core';
import { parseAddress } from './address.ts';
import { createAppender } from './append.ts';
import { openConnections } from './connections.ts';
import type { Connections } from './connections.ts';
import { forgetBodies } from './forget.ts';
import { createKv, listStreams } from './kv.ts';
import { createReader } from './read.ts';
import { assertFormat, migrate, quoted, readApplied } from './schema/migrate.ts';
import { assertServer } from './self-test.ts';
import { sqlOf } from './sql.ts';
import { createHeadWatch } from './watch.ts';

export interface PostgresLogOptions {
  /** `postgres://user:password@host:port/database?log=NAME`; further parameters are the client's (`host=/run/postgresql`, `sslmode`). */
  readonly url: string;
  /** Name of the log, which is a schema. Default: of the URL, else `refold`. */
  readonly log?: string;
  /** Makes the leaves inside the append transaction; without it `leaf` is absent and a forgotten body is empty. A function gets the log's origin. */
  readonly linker?: Linker | ((origin: string) => Linker);
  /** Stamps `recordedAt`; default: the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Never writes, makes and migrates nothing, and refuses appends. Default false. */
  readonly readOnly?: boolean;
  /** `strict` (default) refuses settings of the server that lose acknowledged events in a power cut; `relaxed` takes them. */
  readonly durability?: 'strict' | 'relaxed';
  /** Names a log that is made now, for ever. Default `refold.local/<uuid>`. */
  readonly origin?: string;
  /** How long an append waits for whoever holds the head, in milliseconds. Default 5,000. */
  readonly lockTimeoutMs?: number;
  /** How long one statement may take, in milliseconds. Default 30,000. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Connections of this process to the database, for all of its logs, beside one that listens. Default 10. */
  readonly connectionsMax?: number;
  /** How often the head is looked at while somebody watches, should notifications not arrive, in milliseconds. Default 500. */
  readonly pollMs?: number;
  /** Events and bytes of one page. Default 1,000 and 4 MiB. */
  readonly pageEventsMax?: number;
  readonly pageBytesMax?: number;
}

export interface PostgresLog extends LogDriver {
  /** The log's name for ever, as the leaves have it. */
  readonly origin: string;
}

const capabilities: Capabilities = {
  durability: 'fsync',
  writers: 'many-hosts',
  commitBytesMax: 16 * 1_048_576,
  commitEventsMax: 10_000,
  query: 'indexed',
  watch: 'push',
  forget: true,
  cluster: false,
};

/**
 * Opens the log of a URL, and makes it when there is none.
 *
 * @throws LogError BAD_CONFIG (url, log_name, login, engine_version, encoding, durability {setting, found, needed}), LOG_UNAVAILABLE
 *         (cannot_open, connection, missing, read_only, format_newer), LOG_CORRUPT (not_a_log, schema_changed).
 */
export async function openPostgresLog(options: PostgresLogOptions): Promise<PostgresLog> {
  const address = parseAddress(options.url, options.log);
  const connections = openConnections({
    url: address.url,
    lockTimeoutMs: options.lockTimeoutMs ?? 5_000,
    statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    connectionsMax: options.connectionsMax ?? 10,
  });
  try {
    const origin = await prepare(connections, address.log, options);
    return createDriver(connections, address.log, origin, options);
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** Tests the server, makes and migrates the log. Returns its origin. */
async function prepare(connections: Connections, log: string, options: PostgresLogOptions): Promise<string> {
  const readOnly = options.readOnly === true;
  await assertServer(connections, { durability: options.durability ?? 'strict', readOnly });
  if (readOnly) {
    const applied = await readApplied(connections, log);
    if (applied === null) throw new LogError('LOG_UNAVAILABLE', 'there is no log of this name', { details: { reason: 'missing', log }, hint: 'Open it once without readOnly, or check ?log=NAME in the URL.' });
    assertFormat(applied);
  } else {
    await migrate(connections, log, { origin: options.origin ?? `refold.local/${randomUUID()}`, epoch: randomUUID() }, Date.now());
  }
  const [row] = await connections.ask({ text: `SELECT origin FROM ${quoted(log)}.log` });
  return String(row?.[0]);
}

function createDriver(connections: Connections, log: string, origin: string, options: PostgresLogOptions): PostgresLog {
  const sql = sqlOf(log);
  const nowMs = (): number => options.clock?.now() ?? Date.now();
  const linker = typeof options.linker === 'function' ? options.linker(origin) : options.linker;
  const channel = `refold_${createHash('sha256').update(log).digest('hex').slice(0, 32)}`;
  const appender = options.readOnly === true ? null : createAppender({ connections, sql, channel, limits: capabilities, linker, nowMs });
  const readPages = createReader(connections, sql, { eventsMax: options.pageEventsMax ?? 1_000, bytesMax: options.pageBytesMax ?? 4 * 1_048_576 });
  const kv = createKv(connections, sql);
  const watch = createHeadWatch({
    listen: (hear) => connections.listen(channel, hear),
    readHead: async () => (await connections.ask(sql.statement('standing', [])))[0]![0] as Position,
    pollMs: options.pollMs ?? 500,
  });
  let isClosed = false;

  function assertOpen(): void {
    if (isClosed) throw new LogError('LOG_UNAVAILABLE', 'the log is closed', { details: { reason: 'closed' }, hint: 'Open the log again.' });
  }
  function assertWritable(): void {
    assertOpen();
    if (appender === null) throw new LogError('LOG_UNAVAILABLE', 'the log was opened for reading only', { details: { reason: 'read_only' }, hint: 'Open the log without readOnly, as a role that may write it.' });
  }

  return {
    capabilities,
    origin,
    async append(commits) {
      assertOpen();
      for (const commit of commits) assertCommit(commit);
      if (appender === null) return commits.map(refuseReadOnly);
      const results = await appender.append(commits);
      watch.raise(results.reduce((head, result) => (result.ok ? Math.max(head, result.last) : head), 0));
      return results;
    },
    async *read(request, signal) {
      assertOpen();
      for await (const page of readPages(request, signal)) {
        yield page;
        assertOpen();
      }
    },
    async head() {
      assertOpen();
      const [[position, recordedMs, epoch]] = (await connections.ask(sql.statement('head', []))) as unknown as [[Position, number | null, string]];
      return { position, recordedAt: recordedMs === null ? null : new Date(recordedMs).toISOString(), epoch };
    },
    async streams(request) {
      assertOpen();
      return listStreams(connections, sql, request);
    },
    async *watch(after, signal) {
      assertOpen();
      yield* watch.watch(after, signal);
    },
    async kvGet(key) {
      assertOpen();
      return kv.kvGet(key);
    },
    async kvPut(key, value, expect) {
      assertWritable();
      return kv.kvPut(key, value, expect);
    },
    async kvList(prefix, after, limit) {
      assertOpen();
      return kv.kvList(prefix, after, limit);
    },
    async forget(positions, reason) {
      assertWritable();
      return forgetBodies(connections, sql, { positions, reason, linker, nowMs: nowMs() });
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      watch.close();
      await appender?.settle();
      await connections.close();
    },
  };
}

function refuseReadOnly(_commit: Commit): { readonly ok: false; readonly reason: 'read-only'; readonly detail: string } {
  return { ok: false, reason: 'read-only', detail: 'the log was opened for reading only' };
}
