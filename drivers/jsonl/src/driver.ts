/**
 * The log in a folder of lines: one commit per line, written by one process.
 *
 * What it keeps true, and how: acknowledged = synced, since a batch is one write on a descriptor that only appends, then
 * fdatasync, then the answer; positions without gaps, since one synchronous function at a time makes lines; what people read
 * with `cat` is the log itself, since the sidecar holds nothing that the lines do not say and is thrown away when it differs.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LogError, assertCommit } from '@refold/core';
import type { AppendResult, Capabilities, Clock, Commit, Linker, LogDriver, Position } from '@refold/core';
import { createAppender } from './append.ts';
import { createCompressor, discardHalves } from './compressor.ts';
import { translated } from './engine-error.ts';
import { folderAt, kindOf, prepareFolder } from './folder.ts';
import type { Folder } from './folder.ts';
import { createForgetter } from './forget.ts';
import { formatNewest, readFormat, writeFormat } from './format.ts';
import type { LogFormat } from './format.ts';
import { emptyIndex, openIndex, readState } from './index-tables.ts';
import { openKv } from './kv.ts';
import type { Kv } from './kv.ts';
import { lockWriter } from './lock.ts';
import type { WriterLock } from './lock.ts';
import { openForReading } from './open-reading.ts';
import { openTruth } from './open-truth.ts';
import type { TailRepair, Truth } from './open-truth.ts';
import { createReader } from './read.ts';
import type { ScanWarning } from './scan.ts';
import { openSegmentWriter } from './segments.ts';
import { createStreamDirectory } from './streams.ts';
import { createHeadWatch } from './watch.ts';

export interface JsonlLogOptions {
  /** The folder. It is made when it is missing. */
  readonly path: string;
  /** Makes the leaves; without it `leaf` is absent and a forgotten body is empty. */
  readonly linker?: Linker;
  /** Stamps `recordedAt`; default: the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>;
  /** Never writes, takes no lock, and refuses appends. Default false. */
  readonly readOnly?: boolean;
  /** Names a log that is made now, in every line, for ever. Default `refold.local/<uuid>`. */
  readonly origin?: string;
  /** Epoch of a log that is made now. Default: a random UUID. */
  readonly epoch?: string;
  /** A segment is closed when it has grown to this. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** Closes a segment with its day (UTC), and packs closed segments behind the writer's back. Default false: they stay as they are. */
  readonly compressClosed?: boolean;
  /** Bytes that all segments together may grow to; beyond it appends answer LOG_UNAVAILABLE `no_space`. A function is asked before each write. Default: no bound. */
  readonly logBytesMax?: number | (() => number);
  /** How often a log that is only read is looked at while somebody watches, in milliseconds. Default 50. */
  readonly pollMs?: number;
  /** Events and bytes of one page. Default 1,000 and 4 MiB. */
  readonly pageEventsMax?: number;
  readonly pageBytesMax?: number;
}

export interface JsonlLog extends LogDriver {
  /** The name in every line. */
  readonly origin: string;
  /** Resolves when every closed segment is packed, or could not be and stands there as it was. */
  compressed(): Promise<void>;
  /** A torn tail that this opening cut off; null when there was none. */
  readonly repair: TailRepair | null;
  /** What was found at opening and left as it is. */
  readonly warnings: readonly ScanWarning[];
}

const capabilities: Capabilities = {
  durability: 'fsync',
  writers: 'one-process',
  commitBytesMax: 16 * 1_048_576,
  commitEventsMax: 10_000,
  query: 'indexed',
  watch: 'push',
  forget: true,
  cluster: false,
};

/**
 * Opens the log in a folder, and makes it when there is none.
 *
 * @throws LogError LOG_LOCKED {pid, host, since}; LOG_CORRUPT (bad_line, duplicate, hole, order, foreign, line_ending,
 *         not_a_log); LOG_ROLLED_BACK; TOO_LARGE `line`; LOG_UNAVAILABLE (format_newer, unsafe_path, read_only, no_space, io); BAD_CONFIG `path`.
 */
export function openJsonlLog(options: JsonlLogOptions): JsonlLog {
  return translated(() => (options.readOnly === true ? openReader(options) : openWriter(options)));
}

/** What a handle does with a log once it is open. */
interface Handle {
  readonly truth: Truth;
  readonly format: LogFormat;
  readonly kv: Kv;
  /** Null for whoever only reads. */
  readonly write: { append(commits: readonly Commit[]): readonly AppendResult[]; forget(positions: readonly Position[], reason: string): number } | null;
  compressed(): Promise<void>;
  /** Ends what goes on in the background. */
  stop(): Promise<void>;
  close(): void;
}

function openWriter(options: JsonlLogOptions): JsonlLog {
  const folder = folderAt(options.path);
  const nowMs = (): number => options.clock?.now() ?? Date.now();
  // A newer format is refused before anything is made.
  if (kindOf(folder.identity) === 'file') readFormat(folder);
  prepareFolder(folder);
  const lock = lockWriter(folder, nowMs);
  return releasedOnFailure(lock, () => {
    discardHalves(folder);
    const format = readFormat(folder) ?? makeFormat(folder, options);
    const truth = openTruth({ folder, origin: format.origin, openIndex: (isAnew) => (isAnew ? emptyIndex : openIndex)(folder.index, format.origin), readOnly: false });
    const kv = openKv(folder.kv);
    const segments = openSegmentWriter(folder, truth.live);
    const { db, names, files, rows, indexer } = truth;
    const compressor = options.compressClosed === true ? createCompressor(folder, files) : null;
    compressor?.wake();
    const append = createAppender({
      db,
      names,
      rows,
      indexer,
      segments,
      origin: format.origin,
      fence: truth.fence + 1,
      limits: capabilities,
      linker: options.linker,
      nowMs,
      segmentBytesMax: options.segmentBytesMax ?? 64 * 1_048_576,
      closesDays: compressor !== null,
      closed: () => compressor?.wake(),
      assertRoom: (bytes) => assertRoom(folder, options.logBytesMax, bytes),
    });
    const forget = createForgetter({ folder, db, files, rows, segments, kv, linker: options.linker, nowMs });
    return handleOn(options, {
      truth,
      format,
      kv,
      write: {
        append,
        forget(positions, reason) {
          const count = forget(positions, reason);
          compressor?.wake();
          return count;
        },
      },
      compressed: async () => compressor?.settled(),
      stop: async () => compressor?.close(),
      close() {
        segments.close();
        lock.release();
      },
    });
  });
}

function openReader(options: JsonlLogOptions): JsonlLog {
  const { truth, format, kv } = openForReading(folderAt(options.path));
  return handleOn(options, { truth, format, kv, write: null, compressed: async () => undefined, stop: async () => undefined, close: () => undefined });
}

function handleOn(options: JsonlLogOptions, { truth, format, kv, write, compressed, stop, close }: Handle): JsonlLog {
  const { db, names, files, rows, indexer } = truth;
  const readHead = (): Position => readState(db).head;
  const watch = createHeadWatch(write === null ? readHead : null, options.pollMs ?? 50);
  watch.raise(readHead());
  const readPages = createReader(db, names, rows, ({ indexed, head }) => indexer.waiting(head, indexed), { eventsMax: options.pageEventsMax ?? 1_000, bytesMax: options.pageBytesMax ?? 4 * 1_048_576 });
  const listStreams = createStreamDirectory(db);
  let isClosed = false;

  /** Runs a synchronous piece of work, if the log is open. */
  const run = <T>(work: () => T): T => {
    assertOpen();
    return translated(work);
  };
  function assertOpen(): void {
    if (isClosed) throw new LogError('LOG_UNAVAILABLE', 'the log is closed', { details: { reason: 'closed' }, hint: 'Open the log again.' });
  }

  return {
    capabilities,
    compressed,
    origin: format.origin,
    repair: truth.repair,
    warnings: truth.warnings,
    async append(commits) {
      assertOpen();
      for (const commit of commits) assertCommit(commit);
      if (write === null) return commits.map(() => ({ ok: false, reason: 'read-only', detail: 'the log was opened for reading only' }));
      const results = run(() => write.append(commits));
      watch.raise(readHead());
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
      const { head, recordedMs } = run(() => readState(db));
      return { position: head, recordedAt: recordedMs === null ? null : new Date(recordedMs).toISOString(), epoch: format.epoch };
    },
    async streams(request) {
      return run(() => listStreams(request));
    },
    async *watch(after, signal) {
      assertOpen();
      yield* watch.watch(after, signal);
    },
    async kvGet(key) {
      return run(() => kv.get(key));
    },
    async kvPut(key, value, expect) {
      if (write === null) throwReadOnly();
      return run(() => kv.put(key, value, expect));
    },
    async kvList(prefix, after, limit = Infinity) {
      return run(() => kv.list(prefix, after, limit));
    },
    async forget(positions, reason) {
      return run(() => (write ?? throwReadOnly()).forget(positions, reason));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      watch.close();
      await stop();
      files.close();
      db.close();
      kv.close();
      close();
    },
  };
}

function makeFormat(folder: Folder, options: JsonlLogOptions): LogFormat {
  const hasLines = kindOf(folder.live) === 'file' && statSync(folder.live).size > 0;
  if (hasLines) throw new LogError('LOG_CORRUPT', 'the folder has lines, and nothing that says of which log', { details: { reason: 'not_a_log', file: '.log/log.json' }, hint: 'Restore .log/log.json from a backup: {"format":1,"origin":"...","epoch":"..."}; origin stands in every line of the log.' });
  const format: LogFormat = { format: formatNewest, origin: options.origin ?? `refold.local/${randomUUID()}`, epoch: options.epoch ?? randomUUID() };
  writeFormat(folder, format);
  return format;
}

function assertRoom(folder: Folder, bound: JsonlLogOptions['logBytesMax'], bytes: number): void {
  if (bound === undefined) return;
  const limit = typeof bound === 'function' ? bound() : bound;
  const used = readdirSync(folder.global).reduce((sum, name) => sum + statSync(join(folder.global, name)).size, 0);
  if (used + bytes > limit) throw new LogError('LOG_UNAVAILABLE', 'there is no room for the log to grow', { details: { reason: 'no_space', limit }, hint: 'Free some space or raise the bound; writing goes on without a restart.' });
}

function releasedOnFailure<T>(lock: WriterLock, open: () => T): T {
  try {
    return open();
  } catch (error) {
    lock.release();
    throw error;
  }
}

function throwReadOnly(): never {
  throw new LogError('LOG_UNAVAILABLE', 'the log was opened for reading only', { details: { reason: 'read_only' }, hint: 'Open the log without readOnly, in a folder that can be written.' });
}
