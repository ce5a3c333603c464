/**
 * The log in one SQLite file: the embedded default. Several processes of one host may read and write it at once.
 *
 * What it keeps true, and how: positions without gaps and in commit order, since one row holds the head and one immediate
 * transaction at a time moves it; acknowledged = synced, since `synchronous` is FULL and is read back at open; readers never
 * wait, since they have a connection of their own and the write-ahead log.
 */
import { randomUUID } from 'node:crypto';
import { LogError, assertCommit } from '@refold/core';
import type { Capabilities, Clock, Commit, Linker, LogDriver } from '@refold/core';
import { openForReading } from './connection.ts';
import type { Connection } from './database.ts';
import { engineCode, engineError, translated } from './engine-error.ts';
import { createKvReader } from './kv.ts';
import { createReader } from './read.ts';
import { standingQuery } from './rows.ts';
import type { StandingRow } from './rows.ts';
import { lockSoleWriter } from './sole-writer.ts';
import type { SoleWriterLock } from './sole-writer.ts';
import { createStreamDirectory } from './streams.ts';
import { createHeadWatch } from './watch.ts';
import { createWriter } from './writer.ts';
import type { Writer } from './writer.ts';

export interface SqliteLogOptions {
  /** Path of the file. It is made when it is missing; its directory is not. */
  readonly path: string;
  /** Makes the leaves inside the append transaction; without it `leaf` is absent and a forgotten body is empty. A function gets the log's origin. */
  readonly linker?: Linker | ((origin: string) => Linker);
  /** Stamps `recordedAt`; default: the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Never writes, and refuses appends. Default false. */
  readonly readOnly?: boolean;
  /** Refuses a second one that asks for the same: LOG_LOCKED {pid, host, since}. Default false: several processes may write. */
  readonly soleWriter?: boolean;
  /** How long a write waits for other processes, in milliseconds. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** `strict` (default) refuses settings that lose acknowledged events in a power cut; `relaxed` takes them. */
  readonly durability?: 'strict' | 'relaxed';
  /** Default `full`. `normal` syncs at checkpoints only and needs `durability: relaxed`. */
  readonly synchronous?: 'full' | 'normal';
  /** Names a log that is made now, for ever. Default `refold.local/<uuid>`. */
  readonly origin?: string;
  /** Epoch of a log that is made now. Default: a random UUID. */
  readonly epoch?: string;
  /** How often the commits of other processes are looked for while somebody watches, in milliseconds. Default 50. */
  readonly pollMs?: number;
  /** Bytes that the file may grow to; beyond it appends answer LOG_UNAVAILABLE `no_space`. A function is asked before each write. Default: no bound. */
  readonly fileBytesMax?: number | (() => number);
  /** Events and bytes of one page. Default 1,000 and 4 MiB. */
  readonly pageEventsMax?: number;
  readonly pageBytesMax?: number;
}

const busyTimeoutMsDefault = 5_000;

export interface SqliteLog extends LogDriver {
  /** The log's name for ever, as the leaves have it. */
  readonly origin: string;
}

/**
 * Opens the log in a file, and makes it when there is none.
 *
 * @throws LogError BAD_CONFIG (durability {setting, found, needed}, engine_version, path), LOG_LOCKED, LOG_UNAVAILABLE (format_newer,
 *         missing, cannot_open, read_only, busy, io), LOG_CORRUPT (not_a_log, schema_changed, index_missing, head, corrupt).
 */
export function openSqliteLog(options: SqliteLogOptions): SqliteLog {
  try {
    return openFile(options);
  } catch (error) {
    // No statement of ours is wrong against tables that are as they were made.
    if (engineCode(error) === 'SQLITE_ERROR') throw new LogError('LOG_CORRUPT', 'the tables of the log are not as they were made', { details: { reason: 'schema_changed', engine: 'SQLITE_ERROR' }, hint: 'Stop writing and restore the log from a backup.', cause: error });
    throw engineError(error);
  }
}

function openFile(options: SqliteLogOptions): SqliteLog {
  const capabilities = capabilitiesFor(options);
  const nowMs = (): number => options.clock?.now() ?? Date.now();
  const lock = options.soleWriter === true && options.readOnly !== true ? lockSoleWriter(options.path, nowMs) : null;
  const { writer, db } = releasedOnFailure(lock, () => {
    const writer = options.readOnly === true ? null : openWriter(options, capabilities, nowMs);
    return { writer, db: openForReading(options.path, options.busyTimeoutMs ?? busyTimeoutMsDefault) };
  });
  const identity = identityOf(db);
  const readPages = createReader(db, { eventsMax: options.pageEventsMax ?? 1_000, bytesMax: options.pageBytesMax ?? 4 * 1_048_576 });
  const listStreams = createStreamDirectory(db);
  const kv = createKvReader(db);
  const watch = createHeadWatch(db, options.pollMs ?? 50);
  const readStanding = db.prepare<[], StandingRow>(standingQuery).raw();
  let isClosed = false;

  /** Runs a synchronous look at the file, if the log is open. */
  const look = <T>(work: () => T): T => {
    assertOpen();
    return translated(work);
  };
  function assertOpen(): void {
    if (isClosed) throw new LogError('LOG_UNAVAILABLE', 'the log is closed', { details: { reason: 'closed' }, hint: 'Open the log again.' });
  }

  return {
    capabilities,
    origin: identity.origin,
    async append(commits) {
      assertOpen();
      for (const commit of commits) assertCommit(commit);
      if (writer === null) return commits.map(refuseReadOnly);
      const results = await writer.append(commits);
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
      const [position, recordedMs] = look(() => readStanding.get() ?? [0, null, 0]);
      return { position, recordedAt: recordedMs === null ? null : new Date(recordedMs).toISOString(), epoch: identity.epoch };
    },
    async streams(request) {
      return look(() => listStreams(request));
    },
    async *watch(after, signal) {
      assertOpen();
      yield* watch.watch(after, signal);
    },
    async kvGet(key) {
      return look(() => kv.get(key));
    },
    async kvPut(key, value, expect) {
      assertOpen();
      return (writer ?? throwReadOnly()).kvPut(key, value, expect);
    },
    async kvList(prefix, after, limit = Infinity) {
      return look(() => kv.list(prefix, after, limit));
    },
    async forget(positions, reason) {
      assertOpen();
      return (writer ?? throwReadOnly()).forget(positions, reason);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      watch.close();
      // The reader goes first: the last connection to close moves the write-ahead log into the file, and only a writer can.
      db.close();
      await writer?.close();
      lock?.release();
    },
  };
}

function openWriter(options: SqliteLogOptions, capabilities: Capabilities, nowMs: () => number): Writer {
  const { path, linker, fileBytesMax } = options;
  const origin = options.origin ?? `refold.local/${randomUUID()}`;
  return createWriter({
    path,
    busyTimeoutMs: options.busyTimeoutMs ?? busyTimeoutMsDefault,
    synchronous: options.synchronous ?? 'full',
    durability: options.durability ?? 'strict',
    nowMs,
    origin,
    epoch: options.epoch ?? randomUUID(),
    limits: capabilities,
    linkerFor: typeof linker === 'function' ? linker : () => linker,
    fileBytesMax: typeof fileBytesMax === 'number' ? () => fileBytesMax : fileBytesMax,
  });
}

function capabilitiesFor(options: SqliteLogOptions): Capabilities {
  return {
    durability: options.synchronous === 'normal' ? 'interval' : 'fsync',
    writers: 'one-host',
    commitBytesMax: 16 * 1_048_576,
    commitEventsMax: 10_000,
    query: 'indexed',
    watch: 'poll',
    forget: true,
    cluster: false,
  };
}

function identityOf(db: Connection): { readonly origin: string; readonly epoch: string } {
  const [origin = '', epoch = ''] = db.prepare<[], [string, string]>('SELECT origin, epoch FROM log').raw().get() ?? [];
  return { origin, epoch };
}

function releasedOnFailure<T>(lock: SoleWriterLock | null, open: () => T): T {
  try {
    return open();
  } catch (error) {
    lock?.release();
    throw error;
  }
}

const readOnlyHint = 'Open the log without readOnly, on a file and in a directory that can be written.';

function refuseReadOnly(_commit: Commit): { readonly ok: false; readonly reason: 'read-only'; readonly detail: string } {
  return { ok: false, reason: 'read-only', detail: 'the log was opened for reading only' };
}

function throwReadOnly(): never {
  throw new LogError('LOG_UNAVAILABLE', 'the log was opened for reading only', { details: { reason: 'read_only' }, hint: readOnlyHint });
}
