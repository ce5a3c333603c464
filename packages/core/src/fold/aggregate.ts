/**
 * An aggregate says what one kind of stream means: its event types, its empty state, how each event changes the state,
 * which transitions are legal. The engine never names a type of the domain; a user's aggregate is as good as a built-in one.
 *
 * `evolve` may change the draft it is given, or return a new state. The fold owns the draft (a private copy), so from
 * outside a fold is pure; copying a state of 30,000 tool calls for every event would make long runs quadratic.
 * `evolve` must not look at anything but its arguments.
 */
import type { z } from 'zod';
import type { Actor, EntityRef, EventEnvelope, JsonObject, Priority, Severity } from '../log/event.ts';
import type { ErrorCode } from '../errors.ts';

/** What an execute-replay may do with an event of this type. Reconstruction folds every class alike. */
export type EffectClass = 'state-only' | 'idempotent' | 'costly' | 'non-repeatable' | 'outcome';

/** Parts of the state that every aggregate has; the fold keeps them, `evolve` does not touch them. */
export interface StateBase {
  streamType: string;
  streamId: string;
  /** False before the first event and after a deleting one. */
  exists: boolean;
  revision: number;
  lastEventId: string | null;
  lastEventAt: string | null;
  createdAt: string | null;
  updatedAt: string | null;
  /** Chain of the stream's first event; later events of the stream inherit it. */
  correlationChain: readonly string[];
  eventCount: number;
  /** Illegal or odd events that are in the log (imports, flagged writes). */
  anomalies: Anomaly[];
}

export type AnomalyCode = 'ILLEGAL_TRANSITION' | 'MISSING_PREDECESSOR' | 'BEFORE_MISMATCH' | 'DUPLICATE_FACT' | 'UNKNOWN_TYPE' | 'UPCAST_FAILED';
export interface Anomaly {
  readonly eventId: string;
  readonly revision: number;
  readonly code: AnomalyCode;
  readonly detail: string;
}

/** A folded state: the base and whatever the aggregate keeps. */
export type State<S extends object = Record<string, unknown>> = StateBase & S;

/** The event as a fold sees it: position and hashes may be unknown (a what-if edit has none). */
export type FoldEvent<D extends JsonObject = JsonObject> = Omit<EventEnvelope<D>, 'position' | 'prevHash' | 'hash'> & Partial<Pick<EventEnvelope<D>, 'position' | 'prevHash' | 'hash'>>;

/** A rule of a state machine inside the aggregate. */
export interface Transition<S extends object> {
  /** Name of the machine, for messages: `orchestration`, `phase`, `agent_run`. */
  readonly machine: string;
  /** Where the machine stands now; a part that is not there yet is "absent". */
  readonly status: (state: State<S>, event: FoldEvent) => string;
  /** Legal current statuses; "any" = every status. */
  readonly from: readonly string[] | 'any';
  /** The next status; "same" leaves it. */
  readonly to: string | ((event: FoldEvent, status: string, state: State<S>) => string);
}

export interface Refusal {
  readonly code: Extract<ErrorCode, 'ILLEGAL_TRANSITION' | 'BEFORE_MISMATCH' | 'SCHEMA_VIOLATION' | 'MISSING_FIELD'> | 'MISSING_PREDECESSOR' | 'DUPLICATE_FACT';
  readonly detail: string;
  readonly details?: { readonly [key: string]: unknown };
}

/** What a timeline cannot tell from the transition table. */
export interface TimelineHint {
  /** Row the event is drawn in. Default: the transition's machine, else the entity's type. */
  readonly lane?: string;
  /** start opens a span, end closes it, point leaves it, hidden draws nothing. */
  readonly mark?: 'start' | 'end' | 'point' | 'hidden';
  /** What pairs an end with its start, within the stream. Default: the entity; a tool call pairs by its call id. */
  readonly key?: (event: FoldEvent) => string | null;
  /**
   * A second name, for events that may not know the key their start had: they belong to the newest open span of this name.
   * An agent's end may say only which agent it was.
   */
  readonly name?: (event: FoldEvent) => string | null;
  /** A person finds their way by it in a long history (travel/marks.ts). Default: whether it moves the stream's own machine. */
  readonly landmark?: boolean;
}

export interface EventDefinition<S extends object = Record<string, unknown>> {
  /** Payload shape, open unless said otherwise; validated on write. */
  readonly schema?: z.ZodType;
  /** Semver of `schema`; default "1.0.0". */
  readonly schemaVersion?: string;
  /** Pure steps from older payloads, oldest first; `from` of the first is the oldest version that can be read. */
  readonly upcasts?: readonly { readonly from: string; readonly to: string; readonly step: (data: JsonObject) => JsonObject }[];
  /**
   * Changes the draft, or returns a new state. `status` is the machine's next status when the transition is legal, or when
   * the type is tolerated (an outside fact wins, with an anomaly); null when the event has no machine, when an enforced
   * transition is illegal (an imported fact), or when a fact is told twice: then only data is merged. Values taken from
   * `event` are shared with it: replace them later, never change them in place. Not called for an erased event.
   */
  readonly evolve?: (draft: State<S>, event: FoldEvent, status: string | null) => S | State<S> | void;
  readonly transition?: Transition<S>;
  /** Conditions that a transition table cannot say (a `before` that must hold, a parent that must run). */
  readonly refuse?: (state: State<S>, event: FoldEvent) => Refusal | null;
  /** enforce: an illegal event is refused at append. tolerate: outside facts are taken and marked as anomalies. Default enforce. */
  readonly policy?: 'enforce' | 'tolerate';
  /** Default "state-only". */
  readonly effect?: EffectClass | ((data: JsonObject) => EffectClass);
  /** Default "P2" and "INFO". */
  readonly priority?: Priority;
  readonly severity?: Severity;
  /** Other spellings accepted everywhere, per dialect: { jira: "AgentSpawned" }. */
  readonly aliases?: { readonly [dialect: string]: string };
  /** What the event is about, when it is a part of the stream. Default: the stream. */
  readonly entity?: (event: Pick<FoldEvent, 'data' | 'streamId' | 'streamType' | 'id'> & { readonly issueKey?: string }) => EntityRef | null;
  readonly refs?: (data: JsonObject) => readonly EntityRef[];
  /** Payload keys whose missing value becomes the event's id (K-086). */
  readonly fillWithId?: readonly string[];
  /** Extra tags `key:value`, beside those every event gets. */
  readonly tags?: (data: JsonObject) => readonly string[];
  /** Family for filters and reports. Default: the noun of the type, `agent_run` of `agent_run.failed`. */
  readonly category?: string;
  /** How a timeline draws the event. Default: told from the transition (query/timeline.ts), else a point. */
  readonly timeline?: TimelineHint;
  /** false: live channels do not carry it (housekeeping). Default true. */
  readonly broadcast?: boolean;
  /** One line for people. */
  readonly summary?: (event: FoldEvent) => string;
  /** One sentence: what this event means. */
  readonly doc?: string;
  /** Requirement rows this type answers. */
  readonly ledger?: readonly string[];
  /** Marks the stream as deleted; only a creating event may follow. */
  readonly deletes?: boolean;
}

/** A family of events that may be appended to several kinds of stream, with the part of the state that they keep. */
export interface PartDefinition<P extends object = Record<string, unknown>> {
  readonly name: string;
  readonly version: string;
  readonly initial: (streamId: string) => P;
  readonly events: { readonly [type: string]: EventDefinition<P> };
  readonly settled?: SettledKeys;
}

/**
 * Where a state keeps what is written once and never changed in place, as keys from the top, `*` for any key. `evolve` may
 * replace such a part. Copies of the state share it, frozen, so a large one costs nothing per copy.
 */
export type SettledKeys = readonly (readonly string[])[];

export interface AggregateDefinition<S extends object = Record<string, unknown>> {
  /** Stream type. */
  readonly type: string;
  /** Version of the fold; a snapshot made by another version is ignored. */
  readonly version: string;
  readonly initial: (streamId: string) => S;
  readonly events: { readonly [type: string]: EventDefinition<S> };
  /** Shared families whose events this kind of stream takes. */
  readonly parts?: readonly AnyPart[];
  /** The stream id an event belongs to when the caller names none, for example the issue key. */
  readonly streamIdOf?: (input: { readonly data: JsonObject; readonly issueKey?: string; readonly sessionId?: string; readonly entityId?: string }) => string | undefined;
  /** Context that the stream lends its events when the caller leaves it out (the running phase, the issue of an orchestration); `priority` raises the type's own. */
  readonly contextOf?: (state: State<S>, event: { readonly type: string; readonly data: JsonObject; readonly actor: Actor }) => { readonly phase?: string; readonly agent?: string; readonly issueKey?: string; readonly sessionId?: string; readonly priority?: Priority };
  /** Envelope fields that every event of this kind of stream must carry; `validateEvent` refuses an event without. */
  readonly requires?: readonly ('issueKey' | 'sessionId')[];
  readonly settled?: SettledKeys;
  /** Folds events of types that nobody declared, for a kind of stream that takes any. Default: they are marked UNKNOWN_TYPE. */
  readonly otherwise?: EventDefinition<S>;
  /** Statuses after which the stream is at rest (runs lists, retention). */
  readonly terminal?: readonly string[];
  /** This kind of stream is a run: it is listed by `refold runs`. */
  readonly run?: boolean;
  readonly doc?: string;
}

/* Where definitions of many state shapes are held side by side; each `evolve` only ever meets the state its own `initial` made. */
// oxlint-disable no-explicit-any
export type AnyAggregate = AggregateDefinition<any>;
export type AnyPart = PartDefinition<any>;
export type AnyEventDefinition = EventDefinition<any>;
// oxlint-enable no-explicit-any

/**
 * Declares an aggregate. See examples/counter.ts for one in ten lines.
 *
 * @returns the definition, frozen; hand it to `createRegistry`.
 */
export function defineAggregate<S extends object>(definition: AggregateDefinition<S>): AggregateDefinition<S> {
  return Object.freeze(definition);
}

/** Declares a family of events shared by several aggregates. */
export function definePart<P extends object>(definition: PartDefinition<P>): PartDefinition<P> {
  return Object.freeze(definition);
}

