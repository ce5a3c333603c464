/**
 * Document 002's debugger with its own verbs: one replay at a time over one stream of a store, moved step by step. It stops
 * before an event is applied, as the document says, so `currentState` is the state the event was met with.
 *
 * The verbs that only look at what is in memory answer at once; those that may read events are promises.
 */
import { LogError, allowedControls, createDebugger, exportSession, importSession, parseStreamAddress } from '@refold/core';
import type { BreakpointInput, BreakpointView, DebugExport, DebugInfo, DebugStop, Debugger, DebuggerParts, Json, Place, TimelinePage, WatchValue } from '@refold/core';
import { debuggerParts, placeOf, resolveStream, runOperation } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';

export interface StartReplayOptions {
  /** Where to begin, 1 is the first event (default). `fromRevision` says the same. */
  readonly fromVersion?: number;
  readonly fromRevision?: number;
  /** Kind of the stream, where the id alone names several. */
  readonly streamType?: string;
}

export class EventReplayDebugger {
  readonly #store: EventStore;
  #debugger: Debugger | null = null;

  constructor(store: EventStore = eventStore) {
    this.#store = store;
  }

  /**
   * Begins a replay and waits before its first event; a replay that is under way is stopped (B-059).
   *
   * @param aggregateId  Id of the stream, or its address `type/id`.
   * @throws LogError NOT_FOUND for the stream or the revision; AMBIGUOUS_STREAM {candidates}.
   */
  async startReplay(aggregateId: string, { fromVersion, fromRevision = fromVersion, streamType }: StartReplayOptions = {}): Promise<DebugInfo> {
    const context = await this.#context();
    const address = streamType !== undefined ? { streamType, streamId: aggregateId } : aggregateId.includes('/') ? parseStreamAddress(aggregateId) : await runOperation(resolveStream, context, { id: aggregateId });
    const opened = await createDebugger(debuggerParts(context), address, { stopsBefore: true });
    await opened.start(fromRevision === undefined ? undefined : { kind: 'revision', revision: fromRevision });
    this.#replace(opened);
    return opened.info();
  }

  /** @throws LogError BAD_EXPRESSION, BAD_REQUEST `breakpoint` when it says nothing about where. */
  addBreakpoint(input: BreakpointInput): BreakpointView {
    return this.#current().addBreakpoint(input);
  }

  /** @throws LogError NOT_FOUND `breakpoint`. */
  removeBreakpoint(id: string): void {
    this.#current().removeBreakpoint(id);
  }

  getBreakpoints(): readonly BreakpointView[] {
    return this.#current().breakpoints();
  }

  /** @throws LogError BAD_EXPRESSION. */
  addWatch(expression: string): WatchValue {
    return this.#current().addWatch(expression);
  }

  /** @throws LogError NOT_FOUND `watch`. */
  removeWatch(id: string): void {
    this.#current().removeWatch(id);
  }

  /** Ends a run where it is. @throws LogError BAD_DEBUG_STATE {state, allowed}, as the verbs below. */
  pauseReplay(): Promise<DebugStop> {
    return this.#move((session) => session.pause());
  }

  /** Applies one event, or `count` of them; -1 takes the last one back. */
  stepReplay(count = 1): Promise<DebugStop> {
    return this.#move((session) => (count < 0 ? session.stepBack({ count: -count }) : session.step({ count })));
  }

  /** Runs to the next breakpoint, or to the end. */
  resumeReplay(): Promise<DebugStop> {
    return this.#move((session) => session.resume());
  }

  /** For good: the replay can still be read and exported. */
  async stopReplay(): Promise<DebugInfo> {
    const session = this.#current();
    session.stop();
    return session.info();
  }

  /** Jumps, without looking at what lies between. @param place  A revision, an instant, `start`, `end`, `~10`. */
  seek(place: number | string): Promise<DebugStop> {
    return this.#move((session) => session.goTo(seekPlace(place)));
  }

  /** State, current event and its state, breakpoints, watches (B-067). */
  getDebugInfo(): DebugInfo {
    return this.#current().info();
  }

  /** Visited events in order, with wall time, breakpoints that held, and what the watches showed (B-068). */
  async getExecutionTimeline(options: { readonly from?: number; readonly limit?: number } = {}): Promise<TimelinePage> {
    return await this.#current().timeline(options);
  }

  /** Expression to value at the current event; null where it cannot be evaluated (B-069, B-155). */
  getWatchedValues(): ReadonlyMap<string, Json | null> {
    return this.#current().watchedValues();
  }

  /** The replay as JSON that opens anywhere (B-070). */
  async exportDebugSession(): Promise<DebugExport> {
    const { clock } = debuggerParts(await this.#context());
    return await exportSession(this.#current(), { now: clock.now() });
  }

  /**
   * Opens an exported replay instead of the present one: the same place, breakpoints, watches and timeline, over the exported
   * events; the store need not have them.
   *
   * @throws LogError BAD_REQUEST `debug_export` {pointer}.
   */
  async importDebugSession(exported: unknown): Promise<DebugInfo> {
    const { reader: _reader, ...parts }: DebuggerParts = debuggerParts(await this.#context());
    const opened = await importSession(exported, parts, { stopsBefore: true });
    this.#replace(opened);
    return opened.info();
  }

  async #context(): Promise<OperationContext> {
    const { log, search, installation } = await this.#store.opened();
    return { log, search, installation };
  }

  #replace(next: Debugger): void {
    const before = this.#debugger;
    if (before !== null && before.state !== 'stopped') before.stop();
    this.#debugger = next;
  }

  #current(): Debugger {
    if (this.#debugger !== null) return this.#debugger;
    throw new LogError('BAD_DEBUG_STATE', 'No replay has begun.', { details: { state: 'idle', allowed: allowedControls('idle') }, hint: 'Call startReplay first.' });
  }

  /** A refusal is a rejected promise, never an exception of the call itself. */
  async #move(move: (session: Debugger) => Promise<DebugStop>): Promise<DebugStop> {
    return await move(this.#current());
  }
}

const seekPlace = (place: number | string): Place => placeOf(typeof place === 'number' ? { revision: place } : { place });

/** Over the default store (B-058). */
export const eventReplayDebugger = new EventReplayDebugger();
