/**
 * Opens a log by its URL: the place where Refold is put together in a Node process. Engines are named here and nowhere
 * else, and loaded when used.
 */
import { mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createCatalogRegistry, snapshotFailed, tailRepaired, validationFailed } from '@refold/catalog';
import { LogError, createMemorySearch, isLogError, openLog, replayHandlers } from '@refold/core';
import type { AnyAggregate, EventInput, Linker, Log, LogDriver, LogOptions, Ports, ReplayHandler, SearchIndex, SnapshotKeeping } from '@refold/core';
import type { JsonlLog, WriterLock } from '@refold/driver-jsonl';
import type { Installation, OperationContext, ReplaySettings } from '@refold/operations';
import { auditRegistry, catchUpTypes, createAuditTrail, defaultReplaySettings, keepAudit } from '@refold/operations';
import { readGitContext } from './git-context.ts';
import type { Layout } from './layout/layout.ts';
import { createNodePorts } from './node-ports.ts';
import { version } from './version.ts';

export interface OpenOptions extends Pick<LogOptions, 'origin' | 'limits' | 'settings' | 'redaction' | 'compressSnapshots'> {
  /** Aggregates of your own, beside the built-in ones. */
  readonly aggregates?: readonly AnyAggregate[];
  /** Replaces parts of the world, for tests. */
  readonly ports?: Partial<Ports>;
  readonly readOnly?: boolean;
  /**
   * Links events to the spans of this program's OpenTelemetry, and makes spans of its own there; nothing happens where no SDK was set
   * up. always (default): an append in no trace begins one. inherit: only inside a trace. off: never.
   */
  readonly tracing?: 'always' | 'inherit' | 'off';
  /** strict (default) refuses engine settings that lose acknowledged events. */
  readonly durability?: 'strict' | 'relaxed';
  /** Keeps every append that the quality gates refuse on record, as `validation.failed` in the stream `store/log` (C-005). Default true. */
  readonly emitValidationFailed?: boolean;
  /**
   * When snapshots are made in the background. own (default): as this process appends. all: as anybody appends to the log,
   * until it is closed. off: when somebody asks for a newest state. A store that is only read makes none.
   */
  readonly keepSnapshots?: SnapshotKeeping;
  /** Who does things again when a replay is executed, by event type (any name of it). Nobody else can. */
  readonly handlers?: { readonly [type: string]: ReplayHandler };
  /**
   * Keeps the files of documents 000 and 001 (`{day}/{issue}/events.jsonl` and what is beside it) in this folder, as a copy derived from the log.
   * Default: a log of lines keeps them in its own folder, any other none. false: none. Of several processes the first keeps them; the
   * next to be opened goes on from where it stopped.
   */
  readonly layout?: { readonly folder?: string; readonly snapshotEvery?: number } | false;
  /** Packs, as gzip, what of plain files is over: closed segments of a log of lines, and closed days of the copy by day and issue. Default false. */
  readonly compressClosed?: boolean;
  /** A segment of a log of lines is closed when it has grown to this. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** What else a replay may do here. */
  readonly replay?: Partial<Omit<ReplaySettings, 'handlers' | 'gitSha'>>;
}

/** An opened store: the log, what is derived from it, and the facts of this installation. */
export interface OpenedStore {
  readonly log: Log;
  readonly search: SearchIndex;
  readonly installation: Installation;
  readonly replay: ReplaySettings;
  /** The files of documents 000 and 001; null where none are kept, or another process keeps them. */
  readonly layout: Layout | null;
  close(): Promise<void>;
}

export interface Engine {
  open(location: string, options: OpenOptions, linker: Linker, ports: Ports): Promise<LogDriver>;
  /** @param epoch  Of the log: an index that belongs to another one is begun anew. */
  search(location: string, options: OpenOptions, epoch: string): Promise<SearchIndex>;
  /** Where the audit log of a store stands. */
  auditLocation(location: string): string;
  /** The location without secrets. Default: as it is. */
  shown?(location: string): string;
  /** Size of its files. */
  bytes?(location: string): Promise<number>;
  /** Where its files of documents 000 and 001 lie when nobody says; absent where there are none unless somebody does. */
  layoutFolder?(location: string): string;
  /** What opening it found that belongs on record. */
  found?(driver: LogDriver): EventInput | null;
}

const postgres: Engine = {
  async open(location, options, linker, ports) {
    const { openPostgresLog } = await import('@refold/driver-postgres');
    return openPostgresLog({ url: `postgres:${location}`, linker, clock: ports.clock, readOnly: options.readOnly ?? false, durability: options.durability ?? 'strict' });
  },
  // Beside the log, under its name.
  auditLocation(location) {
    const url = postgresUrl(location);
    url.searchParams.set('log', `${url.searchParams.get('log') ?? 'refold'}_audit`);
    return url.href.slice('postgres:'.length);
  },
  shown(location) {
    if (!URL.canParse(`postgres:${location}`)) return '';
    const url = postgresUrl(location);
    url.password = '';
    url.searchParams.delete('password');
    return url.href.slice('postgres:'.length);
  },
  // Words are indexed in this process, when somebody looks for some: the index is disposable, and the database need not hold a second text.
  search: async () => createMemorySearch(),
};

const postgresUrl = (location: string): URL => new URL(`postgres:${location}`);

const engines: { readonly [scheme: string]: Engine } = {
  memory: {
    async open(_location, _options, linker, ports) {
      const { openMemoryLog } = await import('@refold/driver-memory');
      return openMemoryLog({ linker, clock: ports.clock });
    },
    auditLocation: (location) => location,
    search: async () => createMemorySearch(),
  },
  sqlite: {
    async open(location, options, linker, ports) {
      const { openSqliteLog } = await import('@refold/driver-sqlite');
      if (options.readOnly !== true) mkdirSync(dirname(resolve(location)), { recursive: true });
      return openSqliteLog({ path: location, linker, clock: ports.clock, readOnly: options.readOnly ?? false, durability: options.durability ?? 'strict' });
    },
    auditLocation: (location) => `${location.replace(/\.db$/, '')}.audit.db`,
    bytes: async (location) => sum(await Promise.all([location, `${location}-wal`, searchPath(location)].map(sizeOf))),
    search: (location, options, epoch) => searchBeside(searchPath(location), options, epoch),
  },
  jsonl: {
    async open(location, options, linker, ports) {
      const { openJsonlLog } = await import('@refold/driver-jsonl');
      const { readOnly = false, compressClosed = false, segmentBytesMax } = options;
      return openJsonlLog({ path: location, linker, clock: ports.clock, readOnly, compressClosed, ...(segmentBytesMax !== undefined && { segmentBytesMax }) });
    },
    auditLocation: (location) => join(location, '.audit'),
    bytes: bytesBelow,
    search: (location, options, epoch) => searchBeside(join(location, '.log', 'search.db'), options, epoch),
    layoutFolder: (location) => location,
    found: (driver) => tailRepaired((driver as JsonlLog).repair),
  },
  postgres,
  postgresql: postgres,
};

/** A store that is only read leaves no file behind; its words are indexed anew, in memory, when somebody looks for some. */
async function searchBeside(path: string, options: OpenOptions, epoch: string): Promise<SearchIndex> {
  if (options.readOnly === true) return createMemorySearch();
  const { openSqliteSearch } = await import('@refold/driver-sqlite');
  return openSqliteSearch({ path, epoch });
}

const searchPath = (location: string): string => `${location.replace(/\.db$/, '')}.search.db`;

/** 0 for a file that is not there. */
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return sum(await Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => sizeOf(join(entry.parentPath, entry.name)))));
}
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * @param url  `sqlite:PATH`, `jsonl:FOLDER`, `postgres://USER@HOST/DATABASE?log=NAME` or `memory:`.
 * @throws LogError BAD_CONFIG `scheme`, `duplicate` for two handlers of one type; LOG_UNAVAILABLE, LOG_LOCKED, LOG_CORRUPT of the engine.
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<OpenedStore> {
  const { engine, location } = engineOf(url);
  const ports = await withTracer(createNodePorts(options.ports), options.tracing ?? 'always');
  const registry = createCatalogRegistry(options.aggregates);
  const handlers = replayHandlers(options.handlers ?? {}, registry);
  const log = await openLog({
    open: (linker) => engine.open(location, options, linker, ports),
    registry,
    ports,
    engine: url.slice(0, url.indexOf(':')),
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.redaction === undefined ? {} : { redaction: options.redaction }),
    keepSnapshots: options.readOnly === true ? 'off' : (options.keepSnapshots ?? 'own'),
    compressSnapshots: options.compressSnapshots ?? true,
    emitSnapshotFailed: snapshotFailed,
    ...(options.emitValidationFailed === false ? {} : { emitValidationFailed: validationFailed }),
  });
  await catchUpTypes(log).catch(closing(log));
  const fact = options.readOnly === true ? null : (engine.found?.(log.driver) ?? null);
  if (fact !== null) await log.append({ events: [fact] });
  const search = await openSearch(engine, location, options, log);
  // What is said about access is no part of the figures and traces of the log.
  const { meter: _meter, tracer: _tracer, ...unwatched } = ports;
  const audit = createAuditTrail(() => openLog({ open: (linker) => engine.open(engine.auditLocation(location), { ...options, readOnly: false }, linker, ports), registry: auditRegistry(), ports: unwatched }), () => ports.clock.now());
  // Who only reads a store may not write beside it, and changes nothing.
  if (options.readOnly !== true) keepAudit(log, audit);
  const installation: Installation = {
    version,
    store: shownUrl(url, engine, location),
    engine: { driver: url.slice(0, url.indexOf(':')), durability: log.capabilities.durability, writers: log.capabilities.writers },
    startedAt: new Date(ports.clock.now()).toISOString(),
    ...(engine.bytes === undefined ? {} : { storeBytes: () => engine.bytes!(location) }),
  };
  const layout = await layoutBeside(engine, location, options, { log, search, installation });
  return {
    log,
    search,
    installation,
    replay: { ...defaultReplaySettings, ...options.replay, handlers, gitSha: async () => (await readGitContext(process.cwd()))?.sha ?? null },
    layout,
    async close() {
      await layout?.close();
      await search.close();
      await audit.close();
      await log.close();
    },
  };
}

/** Who only reads a store derives nothing. */
async function layoutBeside(engine: Engine, location: string, options: OpenOptions, context: OperationContext): Promise<Layout | null> {
  if (options.layout === false || options.readOnly === true) return null;
  const folder = options.layout?.folder ?? engine.layoutFolder?.(location);
  if (folder === undefined) return null;
  const { openLayout } = await import('./layout/layout.ts');
  // A log of lines has one writer anyway. Beside another engine several processes may be asked for the same copy: the first keeps it.
  const lock = folder === engine.layoutFolder?.(location) ? null : await lockCopy(folder, () => context.log.ports.clock.now());
  if (lock === 'held') return null;
  return openLayout(context, { ...options.layout, folder, compress: options.compressClosed ?? false, release: () => lock?.release() });
}

/** The kernel lets go of it with the process. */
async function lockCopy(folder: string, nowMs: () => number): Promise<WriterLock | 'held'> {
  const { lockWriter } = await import('@refold/driver-jsonl');
  mkdirSync(folder, { recursive: true });
  try {
    return lockWriter({ lock: join(folder, '.layout-lock.db'), lockHolder: join(folder, '.layout-holder.json') }, nowMs);
  } catch (error) {
    if (isLogError(error) && error.code === 'LOG_LOCKED') return 'held';
    throw error;
  }
}

/** The API is loaded with the first store, not with the command that may never trace. */
async function withTracer(ports: Ports, tracing: 'always' | 'inherit' | 'off'): Promise<Ports> {
  if (tracing === 'off' || ports.tracer !== undefined) return ports;
  const { createOpenTelemetryTracer } = await import('./open-telemetry.ts');
  return { ...ports, tracer: createOpenTelemetryTracer({ alwaysTrace: tracing === 'always' }) };
}

async function openSearch(engine: Engine, location: string, options: OpenOptions, log: Log): Promise<SearchIndex> {
  return await (async () => await engine.search(location, options, (await log.head()).epoch))().catch(closing(log));
}

export const shownUrl = (url: string, engine: Engine, location: string): string => (engine.shown === undefined ? url : `${url.slice(0, url.indexOf(':'))}:${engine.shown(location)}`);

/** What could not be opened whole is not left open in part. */
const closing = (log: Log) => async (error: unknown): Promise<never> => {
  await log.close();
  throw error;
};

/** @throws LogError BAD_CONFIG `scheme`. */
export function engineOf(url: string): { readonly engine: Engine; readonly location: string } {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  const engine = Object.hasOwn(engines, scheme) ? engines[scheme] : undefined;
  if (engine === undefined)
    throw new LogError('BAD_CONFIG', `No engine for the store ${JSON.stringify(url.replace(/\/\/[^@/]*@/, '//'))}.`, {
      details: { reason: 'scheme', known: Object.keys(engines) },
      hint: `Use one of ${Object.keys(engines).map((scheme) => `${scheme}:`).join(', ')}`,
    });
  return { engine, location: url.slice(colon + 1) };
}
