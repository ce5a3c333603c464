/**
 * Opens a log by its URL: the place where Refold is put together in a Node process. Engines are named here and nowhere
 * else, and loaded when used.
 */
import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createCatalogRegistry, snapshotFailed, validationFailed } from '@refold/catalog';
import { LogError, createMemorySearch, openLog, replayHandlers } from '@refold/core';
import type { AnyAggregate, Linker, Log, LogDriver, LogOptions, Ports, ReplayHandler, SearchIndex, SnapshotKeeping } from '@refold/core';
import type { Installation, ReplaySettings } from '@refold/operations';
import { auditRegistry, createAuditTrail, defaultReplaySettings, keepAudit } from '@refold/operations';
import { readGitContext } from './git-context.ts';
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
  /** What else a replay may do here. */
  readonly replay?: Partial<Omit<ReplaySettings, 'handlers' | 'gitSha'>>;
}

/** An opened store: the log, what is derived from it, and the facts of this installation. */
export interface OpenedStore {
  readonly log: Log;
  readonly search: SearchIndex;
  readonly installation: Installation;
  readonly replay: ReplaySettings;
  close(): Promise<void>;
}

interface Engine {
  open(location: string, options: OpenOptions, linker: Linker, ports: Ports): Promise<LogDriver>;
  /** @param epoch  Of the log: an index that belongs to another one is begun anew. */
  search(location: string, options: OpenOptions, epoch: string): Promise<SearchIndex>;
  /** Where the audit log of a store stands. */
  auditLocation(location: string): string;
  /** Size of its files. */
  bytes?(location: string): Promise<number>;
}

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
    async search(location, options, epoch) {
      // A store that is only read leaves no file behind; its words are indexed anew, in memory, when somebody looks for some.
      if (options.readOnly === true) return createMemorySearch();
      const { openSqliteSearch } = await import('@refold/driver-sqlite');
      return openSqliteSearch({ path: searchPath(location), epoch });
    },
  },
};

const searchPath = (location: string): string => `${location.replace(/\.db$/, '')}.search.db`;

/** 0 for a file that is not there. */
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/**
 * @param url  `sqlite:PATH` or `memory:`.
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
  const search = await openSearch(engine, location, options, log);
  // What is said about access is no part of the figures and traces of the log.
  const { meter: _meter, tracer: _tracer, ...unwatched } = ports;
  const audit = createAuditTrail(() => openLog({ open: (linker) => engine.open(engine.auditLocation(location), { ...options, readOnly: false }, linker, ports), registry: auditRegistry(), ports: unwatched }), () => ports.clock.now());
  // Who only reads a store may not write beside it, and changes nothing.
  if (options.readOnly !== true) keepAudit(log, audit);
  return {
    log,
    search,
    installation: {
      version,
      store: url,
      engine: { driver: url.slice(0, url.indexOf(':')), durability: log.capabilities.durability, writers: log.capabilities.writers },
      startedAt: new Date(ports.clock.now()).toISOString(),
      ...(engine.bytes === undefined ? {} : { storeBytes: () => engine.bytes!(location) }),
    },
    replay: { ...defaultReplaySettings, ...options.replay, handlers, gitSha: async () => (await readGitContext(process.cwd()))?.sha ?? null },
    async close() {
      await search.close();
      await audit.close();
      await log.close();
    },
  };
}

/** The API is loaded with the first store, not with the command that may never trace. */
async function withTracer(ports: Ports, tracing: 'always' | 'inherit' | 'off'): Promise<Ports> {
  if (tracing === 'off' || ports.tracer !== undefined) return ports;
  const { createOpenTelemetryTracer } = await import('./open-telemetry.ts');
  return { ...ports, tracer: createOpenTelemetryTracer({ alwaysTrace: tracing === 'always' }) };
}

async function openSearch(engine: Engine, location: string, options: OpenOptions, log: Log): Promise<SearchIndex> {
  try {
    return await engine.search(location, options, (await log.head()).epoch);
  } catch (error) {
    await log.close();
    throw error;
  }
}

function engineOf(url: string): { readonly engine: Engine; readonly location: string } {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  const engine = Object.hasOwn(engines, scheme) ? engines[scheme] : undefined;
  if (engine === undefined)
    throw new LogError('BAD_CONFIG', `No engine for the store ${JSON.stringify(url)}.`, {
      details: { reason: 'scheme', known: Object.keys(engines) },
      hint: `Use one of ${Object.keys(engines).map((scheme) => `${scheme}:`).join(', ')}`,
    });
  return { engine, location: url.slice(colon + 1) };
}
