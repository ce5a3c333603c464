/**
 * The store as a program uses it: the documents' own verbs over one opened log. Every verb is an operation or a pure function
 * of the core; this file only gives them the names and the shapes that documents 000 to 003 use. A stream is named by its
 * address `type/id`, by an issue key, or by an id that only one stream has.
 */
import { createDialects, projectAgentMetrics } from '@refold/catalog';
import type { AgentMetric, Dialects } from '@refold/catalog';
import { LogError } from '@refold/core';
import type {
  AppendReceipt, CauseTree, ChainReport, EventEnvelope, EventInput, FoldEvent, HistoryPage, JsonObject, PlacesDiff, Provenance, Reconstruction, ReplayHandler, SnapshotInfo, SnapshotVerification, State, Stats, Timeline,
} from '@refold/core';
import {
  agentMetrics, compareRuns, diffStates, doctor, isStream, listEventTypes, operations, provenanceOf, queryEvents, runStream, stateAt, stateHistory, stats, tailEvents, timeline, traceEvent, travelTo, validateCorrelation,
  validateEvents, verifyLog,
} from '@refold/operations';
import type { Operation, ReplayAnswer } from '@refold/operations';
import { currentContext } from './context.ts';
import { readEvent, revisionsBefore } from './documented-event.ts';
import { asksForTheNewest, instantText, parametersOf } from './event-filter.ts';
import type { EventFilter, PageOptions } from './event-filter.ts';
import { EventPage } from './event-page.ts';
import { createScope } from './event-scope.ts';
import type { EventScope } from './event-scope.ts';
import { systemClock, timeOrderedIds } from './node-ports.ts';
import type { OpenedStore } from './open.ts';
import { createCheckpointIn, listCheckpointsIn, replayStored, rerunJobIn, restoreCheckpointIn } from './recovery.ts';
import type { Checkpoint, CheckpointRequest, ReplayRequest, Rerun, RerunRequest, RestoreRequest, Restored } from './recovery.ts';
import { StoreSession, addressOf, addressText } from './store-session.ts';
import type { EventStoreOptions, StreamRef } from './store-session.ts';
import type { AppendOptions, EventDraft, EventStream, HistoryQuery, NewEvent, ReconstructStateOptions, TimeTravelQuery, TimeTravelView } from './store-types.ts';

/** Opens on first use; `close` when done. */
export class EventStore {
  readonly #session: StoreSession;

  constructor(options: EventStoreOptions | string = {}) {
    this.#session = new StoreSession(typeof options === 'string' ? { url: options } : options);
  }

  /**
   * The opened store: log, search, facts.
   *
   * @throws LogError of the engine; the next call tries again.
   */
  opened(): Promise<OpenedStore> {
    return this.#session.opened();
  }

  /** Waits for appends in flight. The store may be used again; it then opens anew. */
  close(): Promise<void> {
    return this.#session.close();
  }

  // ---------- writing

  /**
   * An event ready to save; nothing is written (B-021). It gets an id and the present time; what `withContext` and the
   * environment know (issue, session, actor, conversation) fills what is left out.
   *
   * @throws LogError BAD_REQUEST `version`.
   */
  createEvent(event: NewEvent): EventDraft {
    const { ids = timeOrderedIds, clock = systemClock } = this.#session.options.ports ?? {};
    const { input, version } = readEvent(event);
    return { id: ids.uuid(), occurredAt: new Date(clock.now()).toISOString(), ...inContext(input), ...(version === null ? {} : { version }) };
  }

  /**
   * Appends one event and answers its id.
   *
   * @throws LogError with the code of the first quality gate that refuses (UNKNOWN_TYPE, MISSING_FIELD, SCHEMA_VIOLATION,
   *         BAD_TIMESTAMP, BAD_ISSUE_KEY, BAD_SESSION_ID, ACTOR_MISSING), ILLEGAL_TRANSITION, LOG_UNAVAILABLE (retryable).
   */
  logEvent(event: NewEvent): Promise<string> {
    return this.saveEvent(event);
  }

  /**
   * Appends one event and answers its id. An event with an id can be saved again after a failure: it is stored once.
   *
   * @throws LogError as `logEvent`; REVISION_CONFLICT {expected, actual}, DUPLICATE_ID for the id of another event.
   */
  async saveEvent(event: NewEvent, options: AppendOptions = {}): Promise<string> {
    return (await this.saveEvents([event], options)).events[0]!.id;
  }

  /** Appends events, of one or more streams, as one commit: all or none (B-129). */
  async saveEvents(events: readonly NewEvent[], options: AppendOptions = {}): Promise<AppendReceipt> {
    const read = events.map((event) => readEvent(event));
    const { log } = await this.opened();
    const [environment, git] = [this.#session.environment(), await this.#session.gitContext()];
    return await log.append({ events: read.map(({ input }) => ({ ...(git === null ? {} : { git }), ...inContext(input, environment) })), expectedRevisions: revisionsBefore(read), spill: true, ...options });
  }

  /** Appends events to one stream as one commit. */
  async append(stream: StreamRef, events: readonly NewEvent[], options: AppendOptions = {}): Promise<AppendReceipt> {
    const { streamType, streamId } = addressOf(stream);
    return await this.saveEvents(
      events.map((event) => ({ ...event, streamType, streamId })),
      options,
    );
  }

  /**
   * Reads the state, lets `decide` say which events follow, and appends them on that very revision; after a conflict it reads
   * and decides again (B-147, D-117).
   *
   * @param decide  Pure: it may be called several times.
   * @returns null when `decide` gives no events.
   * @throws LogError REVISION_CONFLICT after `attemptsMax` conflicts.
   */
  async appendWithRetry(stream: StreamRef, decide: (state: State) => readonly NewEvent[], attemptsMax = 5): Promise<AppendReceipt | null> {
    const { log } = await this.opened();
    const { streamType, streamId } = addressOf(stream);
    for (let attempt = 1; ; attempt++) {
      const exists = (await log.stream(`${streamType}/${streamId}`)) !== null;
      const state = exists ? (await this.reconstructState({ streamType, streamId })).state : log.fold.initial(streamType, streamId);
      const events = decide(state);
      if (events.length === 0) return null;
      try {
        return await this.append({ streamType, streamId }, events, { expectedRevision: state.revision });
      } catch (error) {
        if (!(error instanceof LogError) || error.code !== 'REVISION_CONFLICT' || attempt >= attemptsMax) throw error;
      }
    }
  }

  // ---------- reading

  /**
   * A page of events, oldest first, and the way to all of them. An empty filter without an order, an offset
   * or a cursor gives the newest ones (B-055), oldest first as ever.
   *
   * @throws LogError BAD_REQUEST for a parameter that is none (details.reason), BAD_TIMESTAMP, BAD_EXPRESSION.
   */
  async queryEvents(filter: EventFilter = {}, page: PageOptions = {}): Promise<EventPage> {
    const parameters = parametersOf({ ...filter, ...page });
    const everything = (): AsyncGenerator<EventEnvelope> => this.allEvents(filter, { order: page.order ?? 'asc' });
    if (!asksForTheNewest(parameters)) return new EventPage(await this.#session.run(queryEvents, parameters), everything);
    const { items, total } = await this.#session.run(queryEvents, { ...parameters, order: 'desc' });
    return new EventPage({ items: items.toReversed(), nextCursor: null, total }, everything);
  }

  /** Every event a filter asks for, read page by page. */
  async *allEvents(filter: EventFilter = {}, { order = 'asc' }: Pick<PageOptions, 'order'> = {}): AsyncGenerator<EventEnvelope> {
    let cursor: string | undefined;
    do {
      const page: Pick<EventPage, 'items' | 'nextCursor'> = await this.#session.run(queryEvents, parametersOf({ ...filter, order, cursor, limit: 1_000 }));
      yield* page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The newest events, newest first (B-150). */
  async recentEvents(count = 10): Promise<readonly EventEnvelope[]> {
    return (await this.queryEvents({}, { limit: count, order: 'desc' })).items;
  }

  /** Scopes, one after the other: `store.events().byIssue('PROJ-123').byType('AgentFailed').get()` (C-038 to C-042). */
  events(): EventScope {
    return createScope(this, {});
  }

  /** null when the log has no event of this id. */
  async getEvent(id: string): Promise<EventEnvelope | null> {
    return await (await this.opened()).log.event(id.toLowerCase());
  }

  /**
   * Every event of the stream that has this id, by revision; none when there is no such stream (B-023).
   *
   * @throws LogError AMBIGUOUS_STREAM {candidates} when streams of several types have this id and no type is given.
   */
  async getEventsByAggregate(id: string, options: { readonly type?: string } = {}): Promise<readonly EventEnvelope[]> {
    const stream = options.type === undefined ? id : `${options.type}/${id}`;
    return (await this.getAggregateVersion(stream)) === 0 ? [] : (await this.getEventStream(stream)).events;
  }

  /** A stream whole: its events and its current state (B-024). Long ones are better walked with `readStream`. */
  async getEventStream(stream: StreamRef): Promise<EventStream> {
    const address = await this.#session.address(stream);
    const { state, revision } = await this.reconstructState(address);
    const events: EventEnvelope[] = [];
    for await (const event of this.readStream(address)) if (event.revision <= revision) events.push(event);
    return { ...address, revision, version: revision, events, state };
  }

  /** The revision a stream stands at; 0 = there is none (B-151). */
  async getAggregateVersion(stream: StreamRef): Promise<number> {
    try {
      return (await (await this.opened()).log.stream(addressText(await this.#session.address(stream))))?.revision ?? 0;
    } catch (error) {
      if (error instanceof LogError && error.code === 'NOT_FOUND') return 0;
      throw error;
    }
  }

  /** The events of one stream, in revision order, one by one; pages are read as they are asked for (B-056). */
  async *readStream(stream: StreamRef, options: { readonly fromRevision?: number } = {}): AsyncGenerator<EventEnvelope> {
    const { log } = await this.opened();
    for await (const page of log.events({ stream: addressText(await this.#session.address(stream)), after: Math.max(options.fromRevision ?? 1, 1) - 1 })) yield* page.events;
  }

  /** Document 002's `replay_events(id, from_version)`: walks what is recorded and runs nothing. The same as `readStream`. */
  replayEvents(aggregateId: string, options?: { readonly fromVersion?: number }): AsyncGenerator<EventEnvelope>;
  /**
   * Document 000's `replay_events(issue_key, from_sequence, dry_run)`: does again what may be done again, by the handlers of this
   * store, and records itself (A-024 to A-026). Every step is in the answer.
   *
   * @throws LogError PRECONDITION_FAILED {name} before any effect; NOT_FOUND; TOO_LARGE `replay`; what the log throws.
   */
  replayEvents(request: ReplayRequest): Promise<ReplayAnswer>;
  replayEvents(asked: string | ReplayRequest, options: { readonly fromVersion?: number } = {}): AsyncGenerator<EventEnvelope> | Promise<ReplayAnswer> {
    return typeof asked === 'string' ? this.readStream(asked, { fromRevision: options.fromVersion ?? 1 }) : replayStored(this.#session, asked);
  }

  /** Events after a position, then as they come, until the signal aborts. Without a position: from now on. */
  async *subscribe(filter: EventFilter = {}, options: { readonly afterPosition?: number; readonly signal?: AbortSignal } = {}): AsyncGenerator<EventEnvelope> {
    const { signal, ...start } = options;
    yield* runStream(tailEvents, await this.#session.context(signal), parametersOf({ ...filter, ...start }));
  }

  // ---------- time machine

  /**
   * The state at a place; a text or a Date as second argument is the instant.
   *
   * @throws LogError NOT_FOUND, AMBIGUOUS_STREAM, BAD_TIMESTAMP, INCOMPLETE_HISTORY.
   */
  reconstructState(stream: StreamRef, at?: string | Date | ReconstructStateOptions): Promise<Reconstruction>;
  /** Document 003's form (C-049). */
  reconstructState(entityType: string, entityId: string, at: string | Date): Promise<Reconstruction>;
  async reconstructState(stream: StreamRef, place: string | Date | ReconstructStateOptions = {}, entityAt?: string | Date): Promise<Reconstruction> {
    if (entityAt !== undefined) return await this.#session.run(stateAt, { streamType: stream, streamId: place, at: instantText(entityAt) });
    const { at, atTimestamp = at, ...options } = typeof place === 'string' || place instanceof Date ? { at: place } : place;
    return await this.#session.run(stateAt, { ...(await this.#session.address(stream)), ...parametersOf({ ...options, at: atTimestamp }) });
  }

  /** What happened at an instant: state, events around it, summary, timeline. `window`: events on each side, default 5. */
  timeTravelQuery(stream: StreamRef, queryTimestamp: string | Date, options?: { readonly window?: number }): Promise<TimeTravelView>;
  timeTravelQuery(query: TimeTravelQuery): Promise<TimeTravelView>;
  async timeTravelQuery(asked: StreamRef | TimeTravelQuery, instant?: string | Date, options: { readonly window?: number } = {}): Promise<TimeTravelView> {
    if (typeof asked === 'object' && 'issueKey' in asked) return await this.timeTravelQuery(asked.issueKey, asked.queryTimestamp, parametersOf({ window: asked.window }));
    return await this.#session.run(travelTo, { ...(await this.#session.address(asked)), ...parametersOf({ ...options, at: instant }) });
  }

  /** How a stream became what it is: one entry per event with what it changed. */
  async stateHistory(stream: StreamRef, options: HistoryQuery = {}): Promise<HistoryPage> {
    return await this.#session.run(stateHistory, { ...(await this.#session.address(stream)), ...options });
  }

  /** What differs between two places: a revision, an instant, `start`, `end`, `~n`. */
  async diffState(stream: StreamRef, fromPlace: string | number, toPlace: string | number): Promise<PlacesDiff> {
    return await this.#session.run(diffStates, { ...(await this.#session.address(stream)), fromPlace: String(fromPlace), toPlace: String(toPlace) });
  }

  /** Which event set the value at a JSON pointer of the state; one answer per leaf. */
  async provenance(stream: StreamRef, path: string, options: Omit<ReconstructStateOptions, 'atTimestamp' | 'useSnapshot'> = {}): Promise<readonly Provenance[]> {
    return (await this.#session.run(provenanceOf, { ...(await this.#session.address(stream)), path, ...parametersOf(options) })).items;
  }

  /** What led to an event, nearest cause first, and what it led to; recorded links only. */
  async traceCause(eventId: string): Promise<CauseTree> {
    return await this.#session.run(traceEvent, { id: eventId });
  }

  /** Spans and points in lanes (C-045). */
  async timeline(filter: EventFilter = {}, options: { readonly lanes?: readonly string[]; readonly rows?: number } = {}): Promise<Timeline> {
    return await this.#session.run(timeline, parametersOf({ ...filter, ...options }));
  }

  /** Counts by type, actor, stream type, priority, day, and over time (C-046). */
  async stats(filter: EventFilter = {}, options: { readonly bucket?: 'minute' | 'hour' | 'day' } = {}): Promise<Stats> {
    return await this.#session.run(stats, parametersOf({ ...filter, ...options }));
  }

  /** Metrics by agent name, of all events that a filter asks for. */
  async agentMetrics(filter: EventFilter = {}): Promise<Readonly<Record<string, AgentMetric>>> {
    return (await this.#session.run(agentMetrics, parametersOf(filter))).items;
  }

  /** The same from events at hand. */
  projectAgentMetrics(events: Iterable<EventEnvelope>): Readonly<Record<string, AgentMetric>> {
    return projectAgentMetrics(events);
  }

  // ---------- recovery

  /** Who does events of a type again when a replay is executed; any name of the type. The last one counts. */
  registerReplayHandler(type: string, handler: ReplayHandler): void {
    this.#session.handlers.push([type, handler]);
  }

  /** Marks where a run stands as a place it can be set back to, and pins a snapshot there. */
  createCheckpoint(request: CheckpointRequest): Promise<Checkpoint> {
    return createCheckpointIn(this.#session, request);
  }

  /** Oldest first: the last one is the newest. */
  listCheckpoints(stream: StreamRef): Promise<readonly Checkpoint[]> {
    return listCheckpointsIn(this.#session, stream);
  }

  /** Sets a run back by one more event; `dryRun` shows what would change and what would stay. */
  restoreCheckpoint(request: RestoreRequest): Promise<Restored> {
    return restoreCheckpointIn(this.#session, request);
  }

  /** A new job from an old one, with other parameters, linked both ways (D-056). */
  rerunJob(request: RerunRequest): Promise<Rerun> {
    return rerunJobIn(this.#session, request);
  }

  /** Runs side by side; one job alone beside everything it was run again as (D-058). */
  async compareRuns(...ids: readonly string[]): Promise<Outcome<typeof compareRuns>> {
    return await this.#session.run(compareRuns, { ids });
  }

  // ---------- folding

  /** One step, on a copy (B-057). */
  async applyEvent(state: State, event: FoldEvent): Promise<State> {
    return (await this.opened()).log.fold.apply(state, event);
  }

  /** The state before the first event. */
  async initialState(streamType: string, streamId = ''): Promise<State> {
    return (await this.opened()).log.fold.initial(streamType, streamId);
  }

  /** All steps, from the empty state; null when there are no events. */
  async foldEvents(events: readonly FoldEvent[]): Promise<State | null> {
    return (await this.opened()).log.fold.foldAll(events);
  }

  // ---------- snapshots

  /** Keeps the newest state for good. Snapshots that come with reading are kept for a while only. */
  async createSnapshot(stream: StreamRef): Promise<SnapshotInfo | null> {
    const { state } = await this.reconstructState(stream);
    return await (await this.opened()).log.snapshots.save(state, { pinned: true });
  }

  /** Oldest first. */
  async listSnapshots(stream: StreamRef): Promise<readonly SnapshotInfo[]> {
    return await (await this.opened()).log.snapshots.list(addressText(await this.#session.address(stream)));
  }

  /** Checks each against its own bytes, the fold and the log. */
  async verifySnapshots(stream: StreamRef): Promise<readonly SnapshotVerification[]> {
    return await (await this.opened()).log.snapshots.verify(addressText(await this.#session.address(stream)));
  }

  /** Removes what is neither among the newest nor pinned nor a keyframe. Returns how many. */
  async collectSnapshots(stream: StreamRef): Promise<number> {
    return await (await this.opened()).log.snapshots.collect(addressText(await this.#session.address(stream)));
  }

  // ---------- proofs and checks

  /** Is a conversation whole (C-050)? */
  async validateEventChain(correlationId: string): Promise<ChainReport> {
    return await this.#session.run(validateCorrelation, { id: correlationId });
  }

  /** Recomputes leaves, chains and order, of one stream or of the whole log. */
  async verifyIntegrity(stream?: StreamRef): Promise<Outcome<typeof verifyLog>> {
    return await this.#session.run(verifyLog, stream === undefined ? {} : { stream: addressText(await this.#session.address(stream)) });
  }

  /** Holds events against the quality gates and writes nothing. */
  async validateEvents(events: readonly NewEvent[]): Promise<Outcome<typeof validateEvents>> {
    return await this.#session.run(validateEvents, { events: events.map((event) => inContext(readEvent(event).input)) });
  }

  /** The troubleshooting recipes as checks. */
  async doctor(options: { readonly issue?: string; readonly expect?: number } = {}): Promise<Outcome<typeof doctor>> {
    return await this.#session.run(doctor, options);
  }

  // ---------- what there is

  /** Every event type that this store knows, yours included. */
  async eventTypes(options: { readonly counts?: boolean } = {}): Promise<Outcome<typeof listEventTypes>['items']> {
    return (await this.#session.run(listEventTypes, options)).items;
  }

  /** The foreign forms of an event: `(await store.dialects()).jira.toForeign(event)`. */
  async dialects(): Promise<Dialects> {
    return createDialects((await this.opened()).log.registry);
  }

  /**
   * Any operation by its name, as REST and the CLI have it: `store.call('listRuns', { status: 'failed' })`.
   *
   * @throws LogError NOT_FOUND `operation`; BAD_REQUEST for an input that does not fit.
   */
  async call(name: string, input: object = {}): Promise<unknown> {
    const operation = operations.find((candidate) => candidate.name === name);
    if (operation === undefined || isStream(operation))
      throw new LogError('NOT_FOUND', `There is no operation ${name} with one answer.`, { details: { reason: 'operation', name }, hint: 'See `refold call --list`; for a live tail use subscribe.' });
    // An actor looks like the reference to an entity and is none.
    return await this.#session.run(operation as Operation, { ...parametersOf(input), ...('actor' in input ? { actor: input.actor } : {}) });
  }
}

/** What an operation answers. */
type Outcome<T extends { run(...given: never): Promise<unknown> }> = Awaited<ReturnType<T['run']>>;

/** What the event does not say, its surroundings may know. */
function inContext(input: EventInput, environment: JsonObject | null = null): EventInput {
  const { modelParams, ...context } = currentContext();
  const known = { ...(environment === null ? {} : { environment }), ...(modelParams === undefined ? {} : { model_params: modelParams }) };
  return { ...context, ...input, ...(Object.keys(known).length === 0 ? {} : { metadata: { ...known, ...input.metadata } }) };
}
