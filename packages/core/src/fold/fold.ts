/**
 * The fold: events in, state out; no clock, no disk. The same events give the same state, always and everywhere.
 *
 * How it stays pure and fast: a fold owns its state (a private draft that `evolve` may change), so a million events need no
 * million copies; `apply` is the same step on a copy. Values that a state takes from an event are shared with the event:
 * `evolve` replaces them, it never changes them in place.
 *
 * What it holds to: revisions are dense (a hole is INCOMPLETE_HISTORY, never a guessed state), events in the log never make
 * it fail (an illegal, unknown or unreadable one is marked in `anomalies`), and a throwing `evolve` stops it at once.
 * Source: the unified model 3.3.1 and 3.3.2.
 */
import { LogError } from '../errors.ts';
import type { Registry } from '../schema/registry.ts';
import { firstSchemaVersion, upcast } from '../schema/upcast.ts';
import type { AnomalyCode, AnyEventDefinition, FoldEvent, State } from './aggregate.ts';
import { evolveCustomState } from './custom-state.ts';
import { createFoldVersions } from './fold-version.ts';
import { initialState, ownPart } from './initial-state.ts';
import { anomalyCodeOf, isDeleted, judge, rule } from './verdict.ts';
import { copyState, settledPaths } from './settled.ts';
import type { SettledPaths } from './settled.ts';
import type { Ruling, Verdict } from './verdict.ts';

export interface FoldOptions {
  /** The state to go on from; it is copied, never changed. Default: the empty state of the first event's stream. */
  readonly from?: State;
  /**
   * The events are a cut by time, not a prefix: revisions may be left out, their order still counts (DESIGN.md section 2).
   * Default false: a revision that is not the next one is INCOMPLETE_HISTORY.
   */
  readonly cut?: boolean;
}

export interface Fold {
  readonly registry: Registry;
  /** The empty state: revision 0, `exists: false`. Unknown kinds of stream get the generic state. */
  initial(streamType: string, streamId: string): State;
  /** May this event follow? The event's `revision` is not looked at, so a draft can be judged before it has one. */
  judge(state: State, event: FoldEvent): Verdict;
  /**
   * One step on a draft that the caller owns; returns the next draft (the same object or a new one).
   *
   * @throws LogError INCOMPLETE_HISTORY {expected, found}; FOLD_FAILED {position, type, revision}: the draft is then spoilt.
   */
  evolveDraft(draft: State, event: FoldEvent, options?: Pick<FoldOptions, 'cut'>): State;
  /** One step on a copy. FOLD_FAILED carries the state before the event in `details.state`. */
  apply(state: State, event: FoldEvent): State;
  /**
   * All steps. FOLD_FAILED carries the state before the failing event in `details.state`.
   *
   * @returns null when there are no events and no `from`: a state needs a stream.
   */
  foldAll(events: readonly FoldEvent[], options: FoldOptions & { readonly from: State }): State;
  foldAll(events: readonly FoldEvent[], options?: FoldOptions): State | null;
  /** All steps over pages, at most one page in memory. FOLD_FAILED names the place; the reader knows how to get before it. */
  foldPages(pages: AsyncIterable<readonly FoldEvent[]>, options: FoldOptions & { readonly from: State }): Promise<State>;
  /** A text that changes whenever the fold of this kind of stream may give another state. */
  foldVersion(streamType: string): string;
  /** A copy that its owner may change; what is settled in the state is shared, and not counted in `tally`. */
  copy(state: State, tally?: { values: number }): State;
  /** What copies of a state of this kind of stream share; null when there is no such thing. */
  settled(streamType: string): SettledPaths | null;
}

/** Builds the fold of a registry. Definitions are looked up once per kind of stream and type. */
export function createFold(registry: Registry): Fold {
  const steps = new Map<string, Map<string, Step>>();
  const versions = createFoldVersions(registry);
  const settledIn = new Map<string, SettledPaths | null>();

  function stepOf(streamType: string, type: string): Step {
    let known = steps.get(streamType);
    if (known === undefined) steps.set(streamType, (known = new Map()));
    let step = known.get(type);
    if (step === undefined) known.set(type, (step = makeStep(registry, streamType, type)));
    return step;
  }

  function settled(streamType: string): SettledPaths | null {
    let paths = settledIn.get(streamType);
    if (paths === undefined) settledIn.set(streamType, (paths = settledPaths(registry, streamType)));
    return paths;
  }

  const copy: Fold['copy'] = (state, tally) => copyState(state, settled(state.streamType), tally);

  function evolveDraft(draft: State, event: FoldEvent, options: Pick<FoldOptions, 'cut'> = {}): State {
    const expected = draft.revision + 1;
    if (event.revision !== expected && !(options.cut === true && event.revision > expected)) throw incompleteHistory(draft, event, expected);
    return takeStep(stepOf(draft.streamType, event.type), draft, event);
  }

  function foldFrom(start: State, events: readonly FoldEvent[], options: FoldOptions): State {
    let state = start;
    for (const event of events) state = evolveDraft(state, event, options);
    return state;
  }

  function foldAll(events: readonly FoldEvent[], options: FoldOptions & { readonly from: State }): State;
  function foldAll(events: readonly FoldEvent[], options?: FoldOptions): State | null;
  function foldAll(events: readonly FoldEvent[], options: FoldOptions = {}): State | null {
    const first = events[0];
    const start = (): State | null => (options.from !== undefined ? copy(options.from) : first === undefined ? null : initial(first.streamType, first.streamId));
    const state = start();
    if (state === null) return null;
    try {
      return foldFrom(state, events, options);
    } catch (error) {
      // The draft is spoilt; folding again up to the failing event gives what stood before it.
      throw withStateBefore(error, (revision) => foldFrom(start()!, events.filter((event) => event.revision < revision), options));
    }
  }

  const initial = (streamType: string, streamId: string): State => initialState(registry, streamType, streamId);

  return {
    registry,
    initial,
    judge: (state, event) => judge(registry, registry.definitionIn(state.streamType, event.type), state, event),
    evolveDraft,
    apply(state, event) {
      try {
        return evolveDraft(copy(state), event);
      } catch (error) {
        throw withStateBefore(error, () => state);
      }
    },
    foldAll,
    async foldPages(pages, options) {
      let state = copy(options.from);
      for await (const page of pages) state = foldFrom(state, page, options);
      return state;
    },
    foldVersion: versions,
    copy,
    settled,
  };
}

/** All that one type means in one kind of stream, looked up once. */
interface Step {
  readonly type: string;
  /** null: the kind of stream is known and does not know this type. */
  readonly definition: AnyEventDefinition | null;
  readonly schemaVersion: string;
  /** The life after a deletion starts from here. */
  readonly reborn: (streamId: string) => Record<string, unknown>;
}

const genericDefinition: AnyEventDefinition = Object.freeze({ evolve: evolveCustomState });

function makeStep(registry: Registry, streamType: string, type: string): Step {
  const definition = registry.aggregate(streamType) === null ? genericDefinition : registry.definitionIn(streamType, type);
  return {
    type,
    definition,
    schemaVersion: definition?.schemaVersion ?? firstSchemaVersion,
    reborn: (streamId) => ownPart(registry, streamType, streamId),
  };
}

function takeStep(step: Step, draft: State, stored: FoldEvent): State {
  const { definition } = step;
  if (definition === null) return keepBase(draft, draft, stored, true, unknownType(stored));
  const current = definition === genericDefinition || stored.schemaVersion === step.schemaVersion || stored.erased === true;
  const lifted = current ? null : upcast(definition, stored.data, stored.schemaVersion);
  if (lifted !== null && !lifted.ok) return keepBase(draft, draft, stored, true, { code: 'UPCAST_FAILED', detail: `${stored.type}: ${lifted.detail}` });
  const event = lifted === null ? stored : { ...stored, data: lifted.data, schemaVersion: lifted.schemaVersion };

  try {
    if (event.erased === true) return takeErased(definition, draft, event);
    const { status, objection } = rule(definition, step.type, draft, event);
    const accepted = objection === null || status !== null;
    const born = draft.eventCount === 0 || (accepted && isDeleted(draft));
    // A new life begins empty; what the log says about the stream itself (revision, count, anomalies) goes on.
    const start = born && draft.eventCount > 0 ? { ...draft, createdAt: null, ...step.reborn(draft.streamId) } : draft;
    const evolved = definition.evolve?.(start, event, status);
    const next = evolved === undefined || evolved === start ? start : ({ ...start, ...evolved } as State);
    if (definition.evolve === undefined) moveStatus(definition, next, event, status);
    const exists = definition.deletes === true && accepted ? false : born || draft.exists;
    return keepBase(draft, next, event, exists, objection === null ? null : { code: anomalyCodeOf(objection.code), detail: objection.detail });
  } catch (error) {
    throw foldFailed(event, error);
  }
}

/** Without its payload an event still moves the stream's own machine; `evolve` and `refuse` would only see what is not there. */
function takeErased(definition: AnyEventDefinition, draft: State, event: FoldEvent): State {
  const ruling: Ruling = definition.transition?.machine === draft.streamType ? rule({ ...definition, refuse: () => null }, event.type, draft, event) : { status: null, objection: null };
  if (!isDeleted(draft)) moveStatus(definition, draft, event, ruling.status);
  const exists = definition.deletes === true && ruling.objection === null ? false : draft.exists || draft.eventCount === 0;
  return keepBase(draft, draft, event, exists, null);
}

/** A type that only moves the stream's own machine needs no `evolve`. */
function moveStatus(definition: AnyEventDefinition, draft: State, event: FoldEvent, status: string | null): void {
  if (typeof status === 'string' && definition.transition?.machine === event.streamType && typeof draft['status'] === 'string') draft['status'] = status;
}

/** Writes the part of the state that every stream has; whatever `evolve` did to it is overwritten. */
function keepBase(before: State, next: State, event: FoldEvent, exists: boolean, anomaly: { readonly code: AnomalyCode; readonly detail: string } | null): State {
  const { anomalies, eventCount, correlationChain, streamType, streamId } = before;
  if (next !== before) Object.assign(next, { anomalies, streamType, streamId });
  const first = eventCount === 0;
  next.correlationChain = first ? event.correlationChain : correlationChain;
  if (first || next.createdAt === null) next.createdAt = event.occurredAt;
  next.exists = exists;
  next.revision = event.revision;
  next.lastEventId = event.id;
  next.lastEventAt = event.occurredAt;
  next.updatedAt = event.occurredAt;
  next.eventCount = eventCount + 1;
  if (anomaly !== null) anomalies.push({ eventId: event.id, revision: event.revision, ...anomaly });
  return next;
}

const unknownType = (event: FoldEvent): { readonly code: AnomalyCode; readonly detail: string } => ({
  code: 'UNKNOWN_TYPE',
  detail: `${event.type} is no type of ${event.streamType} streams`,
});

const incompleteHistory = (draft: State, event: FoldEvent, expected: number): LogError =>
  new LogError('INCOMPLETE_HISTORY', `Revision ${expected} of ${draft.streamType}/${draft.streamId} is missing; the next one found is ${event.revision}.`, {
    details: { stream: `${draft.streamType}/${draft.streamId}`, expected, found: event.revision },
    hint: 'Verify the log; no state is guessed from an incomplete history.',
  });

function foldFailed(event: FoldEvent, cause: unknown): LogError {
  const { type, revision, streamType, streamId } = event;
  return new LogError('FOLD_FAILED', `The definition of ${type} failed at revision ${revision} of ${streamType}/${streamId}.`, {
    details: { stream: `${streamType}/${streamId}`, position: event.position ?? null, type, revision },
    hint: `The states up to revision ${revision - 1} can be read; correct the definition of ${type} and fold again.`,
    cause,
  });
}

/** FOLD_FAILED with `details.state`; any other error as it is. */
export function withStateBefore(error: unknown, stateBefore: (revision: number) => State): unknown {
  if (!(error instanceof LogError) || error.code !== 'FOLD_FAILED') return error;
  return new LogError('FOLD_FAILED', error.message, {
    details: { ...error.details, state: stateBefore(error.details['revision'] as number) },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error.cause,
  });
}
