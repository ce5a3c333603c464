/**
 * The log: the one thing that is true. Everything that every engine needs stands here, once, in front of the driver port:
 * identity, linking, the way of a write (writer.ts), envelopes on the way out. All else in Refold is a function of a prefix
 * of what this reads.
 */
import { createFold } from '../fold/fold.ts';
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import { newestState } from '../fold/newest-state.ts';
import { createSnapshots } from '../fold/snapshot.ts';
import type { UnfoldableStream } from '../fold/snapshot-consumer.ts';
import { createSnapshotKeeper } from '../fold/snapshot-keeper.ts';
import type { SnapshotKeeping, SnapshotReport } from '../fold/snapshot-keeper.ts';
import type { Snapshots } from '../fold/snapshot.ts';
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { createPace } from '../pace.ts';
import type { Ports } from '../ports.ts';
import { createRedactor } from '../schema/redact.ts';
import type { RedactorOptions } from '../schema/redact.ts';
import { growingRegistry } from '../schema/growing-registry.ts';
import type { GrowingRegistry } from '../schema/growing-registry.ts';
import type { Registry } from '../schema/registry.ts';
import { canonicalText } from '../trust/canonical.ts';
import { assertIntact } from '../trust/intact.ts';
import { createLinker } from '../trust/leaf.ts';
import type { AppendReceipt, AppendRequest } from './append.ts';
import type { AppendReport } from './append-report.ts';
import { createAppendTelemetry } from './append-telemetry.ts';
import { blobsIn, createBlobs } from './blobs.ts';
import type { Blobs } from './blobs.ts';
import { createBatcher } from './batcher.ts';
import type { Capabilities, Head, Linker, LogDriver, Page, Position, Query, ReadRequest, Recorded, StreamInfo, StreamsRequest } from './driver.ts';
import type { EventEnvelope, EventInput } from './event.ts';
import type { EventPage } from './event-page.ts';
import { createFollowers } from './follow.ts';
import type { Residue } from './followed-page.ts';
import { loadIdentity } from './identity.ts';
import type { LogIdentity } from './identity.ts';
import { createPseudonym } from './pseudonym.ts';
import type { Pseudonym } from './pseudonym.ts';
import { envelopeOf } from './record.ts';
import { createRefusalRecorder } from './refusal-recorder.ts';
import type { DescribeRefusal } from './refusal-recorder.ts';
import { spillLargeTexts } from './spill.ts';
import { createStreamTails } from './stream-tails.ts';
import { createWriter } from './writer.ts';
import type { Rehearsal, Remark, WriterSettings } from './writer.ts';

export interface Log {
  readonly identity: LogIdentity;
  /** What it knows by itself, and the types that users registered in this log. */
  readonly registry: GrowingRegistry;
  readonly fold: Fold;
  readonly snapshots: Snapshots;
  /** Does this process make snapshots as the log grows, and what went wrong with it? */
  snapshotReport(): SnapshotReport;
  /** How the appends of this process went. */
  appendReport(): AppendReport;
  readonly limits: Limits;
  /** How an append is judged when it does not say. */
  readonly settings: WriterSettings;
  readonly ports: Ports;
  readonly capabilities: Capabilities;
  /** How leaves and tags show an actor's id: names of people as pseudonyms. */
  readonly pseudonym: Pseudonym;
  /** The engine itself, for what is stored beside events (cursors, snapshots) and for proofs over raw records. */
  readonly driver: LogDriver;
  /**
   * Writes one commit, all or none.
   *
   * @throws LogError with the code of the first gate that refuses; REVISION_CONFLICT, DUPLICATE_ID, ILLEGAL_TRANSITION,
   *         LOG_UNAVAILABLE (retryable), OUTCOME_UNKNOWN (send the same commit again).
   * Cost: one durable write, shared with whoever appends at the same time. Order: events keep array order.
   */
  append(request: AppendRequest): Promise<AppendReceipt>;
  /**
   * What an append of these events would be refused or marked for, by event: the gates and the transition on the newest state,
   * each event judged as if the sound ones before it were written; of a commit that is in the log, nothing. Nothing is written, and no refusal goes on record.
   */
  rehearse(request: Rehearsal): Promise<readonly (readonly Remark[])[]>;
  /** Values too large for an event, by their content. */
  readonly blobs: Blobs;
  /**
   * Pages of envelopes; finite. Bodies are decoded once per event. What is asked for by name (`ids`, `commits`) is held
   * against its leaf first; ranges are there to be folded and scanned, and hashing costs as much as reading: they are when `isProven` asks for it.
   *
   * @throws LogError INTEGRITY_VIOLATION {position} for an event that is not what was stored.
   */
  events(request: ReadRequest, signal?: AbortSignal, how?: { readonly isProven?: boolean }): AsyncIterable<EventPage>;
  /** One event by id; null when the log has none. */
  event(id: string): Promise<EventEnvelope | null>;
  /** Holds a record of the driver against its leaf, for whoever shows it. @throws LogError INTEGRITY_VIOLATION {position}. */
  assertIntact(record: Recorded): void;
  /**
   * Endless: everything after a position, then what comes, in order, without gap or repeat, each event held against its leaf.
   * Followers with the same wish may be given the same page, so nobody changes what he is given.
   *
   * @param query  What the engine finds for whoever is behind.
   * @param residue  What is left to ask of each event.
   * @throws LogError INTEGRITY_VIOLATION {position}; LOG_UNAVAILABLE when the log is closed meanwhile.
   */
  follow(after: Position, signal: AbortSignal, query?: Query, residue?: Residue): AsyncIterable<EventPage>;
  head(): Promise<Head>;
  streams(request: StreamsRequest): Promise<readonly StreamInfo[]>;
  /** One stream's row; null when it has no events. */
  stream(address: string): Promise<StreamInfo | null>;
  /** Which of these commit ids the log holds (importers skip those). */
  knownCommits(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Waits for appends under way, then closes the engine. */
  close(): Promise<void>;
}

export interface LogOptions {
  /** Opens the engine; the linker makes leaves inside the append transaction. */
  readonly open: (linker: Linker) => Promise<LogDriver> | LogDriver;
  readonly registry: Registry;
  readonly ports: Ports;
  /** Name of the engine, for figures. */
  readonly engine?: string;
  /** Names a new log in its leaves for ever; default `refold.local/<uuid>`. */
  readonly origin?: string;
  readonly limits?: Partial<Limits>;
  readonly settings?: Partial<WriterSettings>;
  readonly redaction?: Partial<Pick<RedactorOptions, 'mode' | 'allow'>>;
  /** Makes the event that keeps a refusal on record (`validation.failed`; C-005). Default: refusals leave no trace. */
  readonly emitValidationFailed?: DescribeRefusal;
  /** Whether snapshots are made in the background as the log grows. Default off: when somebody asks for a newest state. */
  readonly keepSnapshots?: SnapshotKeeping;
  /** Stores snapshots packed, where the ports can (`ports.gzip`). Default true. */
  readonly compressSnapshots?: boolean;
  /** Makes the event that keeps a failed snapshot on record (`store.snapshot_failed`; B-141). Default: it is only counted. */
  readonly emitSnapshotFailed?: (unfoldable: UnfoldableStream) => EventInput;
}

/** Opens a log over a driver. The log owns the driver from here on. */
export async function openLog(options: LogOptions): Promise<Log> {
  const { ports } = options;
  const registry = growingRegistry(options.registry);
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const late = lateLinker();
  const driver = await options.open(late.linker);
  const identity = await loadIdentity(driver, ports, options.origin).catch(async (error: unknown) => {
    await driver.close();
    throw error;
  });
  const linker = createLinker({ origin: identity.origin, hasher: ports.hasher });
  late.bind(linker);

  const pseudonym = createPseudonym(ports.hasher, identity.actorKey);
  const blobs = createBlobs(driver, ports.hasher, limits);
  const fold = createFold(registry);
  const snapshots = createSnapshots({ driver, fold, hasher: ports.hasher, limits, ...(ports.gzip === undefined ? {} : { gzip: ports.gzip }), compress: options.compressSnapshots ?? true, ...(ports.meter === undefined ? {} : { meter: ports.meter }) });
  const redactor = createRedactor({ hasher: ports.hasher, key: identity.redactionKey, clock: ports.clock, ...options.redaction });
  const settings: WriterSettings = { transitions: 'enforce', validation: 'strict', ...options.settings };
  const newest = (address: string, older?: State): Promise<State> => newestState({ driver, fold, snapshots, older }, address);
  const telemetry = createAppendTelemetry({ ports, registry, redactor, capabilities: driver.capabilities, engine: options.engine ?? 'unnamed' });
  const writer = createWriter({
    driver,
    batcher: createBatcher(driver, ports, limits),
    tails: createStreamTails({ load: newest, copy: fold.copy, meter: ports.meter }, limits.cachedStatesMax),
    onWritten: telemetry.written,
    newest,
    fold,
    registry,
    redactor,
    ports,
    limits,
    commit: (parts) => linker.commit(parts),
    pseudonym,
    settings,
  });
  const refusals = createRefusalRecorder((request) => writer.append(request), (refused) => inTrace(options.emitValidationFailed?.(refused) ?? null, refused.request));
  const keeper = createSnapshotKeeper({ driver, fold, snapshots, limits, ports }, options.keepSnapshots ?? 'off', (unfoldable) => recordFailure(unfoldable));
  const followers = createFollowers({ driver, clock: ports.clock, limits, assertIntact: (record) => assertIntact(record, linker) });
  const underWay = new Set<Promise<unknown>>();

  /** Told once for each place, whichever process comes there first. */
  function recordFailure(unfoldable: UnfoldableStream): void {
    if (options.emitSnapshotFailed === undefined) return;
    const events = [options.emitSnapshotFailed(unfoldable)];
    // It was counted already; a log that cannot take the record of it has worse troubles, and tells them elsewhere.
    void track(writer.append({ events, commitId: `snapshot-failed ${unfoldable.stream}@${unfoldable.revision}`, validation: 'flag', transitions: 'flag', sanitize: true }).catch(() => undefined));
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const settled: Promise<unknown> = work.then(
      () => underWay.delete(settled),
      () => underWay.delete(settled),
    );
    underWay.add(settled);
    return work;
  }

  async function append(request: AppendRequest): Promise<AppendReceipt> {
    keeper.stepBack();
    try {
      const events = request.spill === true ? await Promise.all(request.events.map((event) => spillLargeTexts(event, { blobs, redactor, limits }))) : request.events;
      for (const event of events) for (const sha256 of blobsIn(event.data)) if (!(await blobs.has(sha256))) throw blobMissing(sha256);
      const receipt = await writer.append({ ...request, events });
      keeper.committed(receipt.last);
      return receipt;
    } catch (error) {
      if (!(error instanceof LogError)) refuseNoJson(request);
      else refusals.record({ refusal: error, request });
      throw error;
    }
  }

  async function rehearse(request: Rehearsal): ReturnType<Log['rehearse']> {
    const remarks = (await writer.rehearse(request)).map((found) => [...found]);
    for (const [index, { data }] of request.events.entries()) for (const sha256 of blobsIn(data)) if (!(await blobs.has(sha256))) remarks[index]!.push({ code: 'PRECONDITION_FAILED', detail: blobMissing(sha256).message });
    return remarks;
  }

  async function* events(request: ReadRequest, signal?: AbortSignal, { isProven = request.ids !== undefined || request.commits !== undefined }: { readonly isProven?: boolean } = {}): AsyncGenerator<EventPage> {
    const pace = createPace(ports.clock);
    keeper.stepBack();
    // An envelope has no tags, and a leaf is not made of them.
    for await (const page of driver.read({ ...request, tags: false }, signal)) {
      keeper.stepBack();
      if (pace.isDue()) await pace.turn(signal);
      if (isProven) for (const record of page.events) assertIntact(record, linker);
      yield decoded(page);
    }
  }

  return {
    identity,
    registry,
    fold,
    snapshots,
    snapshotReport: () => keeper.report(),
    appendReport: () => telemetry.report(),
    limits,
    settings,
    ports,
    capabilities: driver.capabilities,
    pseudonym,
    driver,
    blobs,
    append: (request) => track(telemetry.run(request, append)),
    rehearse: (request) => track(rehearse(request)),
    events,
    assertIntact: (record) => assertIntact(record, linker),
    async event(id) {
      for await (const page of events({ ids: [id] })) return page.events[0] ?? null;
      return null;
    },
    follow: (after, signal, query, residue) => followers.follow(after, signal, { ...(query === undefined ? {} : { query }), ...(residue === undefined ? {} : { residue }) }),
    head: () => driver.head(),
    streams: (request) => driver.streams(request),
    async stream(address) {
      const [found] = await driver.streams({ prefix: address, limit: 1 });
      return found?.stream === address ? found : null;
    },
    async knownCommits(ids) {
      const known = new Set<string>();
      for await (const page of driver.read({ commits: ids, bodies: false })) for (const event of page.events) known.add(event.commit);
      return known;
    },
    async close() {
      await keeper.stop();
      await Promise.all(underWay);
      await refusals.idle();
      await driver.close();
    },
  };
}

const blobMissing = (sha256: string): LogError =>
  new LogError('PRECONDITION_FAILED', `The blob ${sha256} is not in the log.`, { details: { reason: 'blob', sha256 }, hint: 'Store the blob first, then append the event that refers to it.' });

/** A cycle, a getter that throws: what is no JSON trips whoever walks it first. The canonical form says what it is. */
function refuseNoJson({ events }: AppendRequest): void {
  for (const { data, metadata } of events) {
    canonicalText(data);
    canonicalText(metadata ?? {});
  }
}

/** What is recorded about an append stands in its trace. */
const inTrace = (event: EventInput | null, { trace }: AppendRequest): EventInput | null => (event === null || trace === undefined ? event : { trace, ...event });

const decoded = (page: Page): EventPage => ({ events: page.events.map(envelopeOf), next: page.next, head: page.head });

/** The linker needs the log's name, which stands in the log: it is bound as soon as the log was read, before any append. */
function lateLinker(): { readonly linker: Linker; bind(linker: Linker): void } {
  let bound: Linker | null = null;
  const held = (): Linker => {
    if (bound === null) throw new Error('The log was written before its identity was read.');
    return bound;
  };
  return {
    linker: { link: (event, previousLeaf) => held().link(event, previousLeaf), remainder: (event) => held().remainder(event) },
    bind: (linker) => void (bound = linker),
  };
}
