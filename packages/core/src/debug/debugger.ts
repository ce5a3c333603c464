/**
 * A debugger of recorded history, as its users see it: a state machine over time travel. It stands at a place of one stream,
 * moves both ways by events, calls, turns, phases and causes, runs to breakpoints, and shows the event, the state after it
 * and before it.
 *
 * What it keeps true: what one sees at a place depends on the place alone, so stepping back after a step is where one was,
 * and running backward finds exactly what running forward finds. One thing at a time: a control that comes while a run goes
 * on is refused (BAD_DEBUG_STATE), except `pause` and `stop`. Nothing is written anywhere.
 *
 * `completed` stands behind the last event: running backward from there looks at the last event too, and one step back is it.
 */
import type { Evaluation } from '../expression/expression.ts';
import type { State } from '../fold/aggregate.ts';
import type { Patch } from '../fold/diff.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import type { BreakpointInput, BreakpointView } from './breakpoint.ts';
import type { LogLine } from './breakpoint-set.ts';
import type { DebugState } from './debug-state.ts';
import type { NoPlace } from './grain.ts';
import type { DebugNote, DebugNoteInput } from './notes.ts';
import type { DebugTimelineEntry, TimelinePage } from './visits.ts';
import type { WalkOptions, WalkParts } from './walk.ts';
import type { WatchValue } from './watch.ts';

/** What a debugger works with: time travel, a clock, and perhaps a way to find an event by its id. */
export type DebuggerParts = WalkParts & { readonly byId?: (id: string) => Promise<EventEnvelope | null> };

export interface DebuggerOptions extends WalkOptions {
  /** Names the session; default the stream's address. */
  readonly id?: string;
  /** True: it stops before the current event is applied (document 002), so `currentState` is the one before it. Default false. */
  readonly stopsBefore?: boolean;
  /** Breakpoints, watches and notes, each. Default `limits.debugExpressionsMax`. */
  readonly expressionsMax?: number;
  /** Visits and log lines kept, each. Default `limits.debugVisitsMax`. */
  readonly visitsMax?: number;
}

/** step, breakpoint, place (that was run or gone to), paused, stopped; else why there was nowhere to go. */
export type StopReason = 'step' | 'breakpoint' | 'place' | 'paused' | 'stopped' | NoPlace;

export interface DebugStop {
  readonly state: DebugState;
  readonly reason: StopReason;
  readonly moved: boolean;
  readonly revision: Revision;
  readonly event: EventEnvelope | null;
  /** Breakpoints that hold here. */
  readonly breakpointIds: readonly string[];
  /** What logpoints wrote on the way. */
  readonly logs: readonly LogLine[];
  /** The cause that lies outside of the stream, for `other_stream`. */
  readonly outsideEventId?: string;
}

/** The wire's DebugInfo. */
export interface DebugInfo {
  readonly sessionId: string;
  readonly state: DebugState;
  readonly aggregateId: string;
  readonly streamType: string;
  readonly fromRevision: Revision;
  readonly revision: Revision;
  /** Newest revision of the stream. */
  readonly total: Revision;
  readonly currentEvent: EventEnvelope | null;
  /** The state after the current event; before it when the session stops before events. */
  readonly currentState: State | null;
  readonly breakpoints: readonly BreakpointView[];
  readonly watches: readonly WatchValue[];
  readonly notes: readonly DebugNote[];
  readonly startedAt: Instant;
  /** Why it is in state `error`. */
  readonly error: string | null;
}

export interface StepOptions {
  /** event (default), call, agent, phase, cause, field:<name>, part:<machine or entity type>. */
  readonly grain?: string;
  /** Default 1. */
  readonly count?: number;
}

export interface Debugger {
  readonly id: string;
  readonly address: StreamAddress;
  readonly state: DebugState;
  readonly revision: Revision;
  /** Lowest and highest place. */
  readonly first: Revision;
  readonly head: Revision;

  /** Goes to a place and waits there. Default: the beginning (with `stopsBefore` the first event). */
  start(place?: Place): Promise<DebugStop>;
  /** Steps never stop at breakpoints on the way; they tell which hold where they end. */
  step(options?: StepOptions): Promise<DebugStop>;
  stepBack(options?: StepOptions): Promise<DebugStop>;
  /** Runs to the next breakpoint, or to the end. */
  resume(): Promise<DebugStop>;
  /** Runs backward to the breakpoint before, or to the beginning. */
  reverse(): Promise<DebugStop>;
  /** Jumps; nothing on the way is looked at. */
  goTo(place: Place): Promise<DebugStop>;
  /** Runs to a place, in its direction; breakpoints on the way stop it. */
  runTo(place: Place): Promise<DebugStop>;
  restart(): Promise<DebugStop>;
  /** Ends a run where it is. */
  pause(): Promise<DebugStop>;
  /** For good. */
  stop(): void;

  addBreakpoint(input: BreakpointInput): BreakpointView;
  /** @throws LogError NOT_FOUND `breakpoint`. */
  removeBreakpoint(id: string): void;
  enableBreakpoint(id: string, enabled: boolean): void;
  breakpoints(): readonly BreakpointView[];
  addWatch(expression: string): WatchValue;
  removeWatch(id: string): void;
  watches(): readonly WatchValue[];
  /** Expression -> value here; null where it cannot be evaluated. */
  watchedValues(): ReadonlyMap<string, Json | null>;
  /** @throws LogError BAD_REQUEST `revision`, TOO_LARGE `notes`, `note` {limit}. */
  addNote(input: DebugNoteInput): DebugNote;
  /** @throws LogError NOT_FOUND `note`. */
  removeNote(id: string): void;
  /** In the order of their places. */
  notes(): readonly DebugNote[];

  info(): DebugInfo;
  /** Visited events, oldest kept first, with what watches showed and what changed. */
  timeline(options?: { readonly from?: number; readonly limit?: number }): Promise<TimelinePage>;
  /** @throws LogError BAD_EXPRESSION when the text is no expression. What cannot be evaluated here is an answer. */
  evaluate(expression: string): Evaluation;
  /** A copy of the state here, or of what is at a JSON pointer. @throws LogError NOT_FOUND `path`. */
  stateHere(pointer?: string): Json;
  /** What the current event changed. */
  changes(): readonly Patch[];
  /** What differs between a base and here, without bookkeeping. */
  diffFrom(base: Place): Promise<readonly Patch[]>;
  /** The state after a revision; the caller owns it. */
  stateAt(revision: Revision): Promise<State>;
  /** Events from one revision to another, both inclusive, cut to what is there. */
  events(from: Revision, to: Revision): Promise<readonly EventEnvelope[]>;
  /** The revision that a place stands for here. */
  resolve(place: Place): Promise<Revision>;
  /** Span of the visits that are kept; null when there are none. */
  visited(): { readonly from: Revision; readonly to: Revision } | null;
  /** Puts visits of an imported session before the own ones. */
  restoreVisits(entries: readonly DebugTimelineEntry[]): void;
}
