/** Puts a debugger together: which control is allowed when, what is kept by name, and what can be asked at a place. */
import { LogError, isLogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { compileExpression } from '../expression/expression.ts';
import { diff } from '../fold/diff.ts';
import { absent, valueAt } from '../fold/pointer.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import type { Json } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { cutAt } from '../travel/cut.ts';
import { factsOf } from '../travel/facts.ts';
import { createBreakpointSet } from './breakpoint-set.ts';
import { refuseControl } from './debug-state.ts';
import type { DebugControl, DebugState } from './debug-state.ts';
import type { Debugger, DebuggerOptions, DebuggerParts, DebugInfo, DebugStop } from './debugger.ts';
import { createMoves } from './moves.ts';
import { createDebugNotes } from './notes.ts';
import type { MoveOutcome } from './moves.ts';
import { placeValues } from './place-values.ts';
import { changesAt, createVisits } from './visits.ts';
import { createWalk } from './walk.ts';
import { createWatch, watchValues } from './watch.ts';
import type { Watch } from './watch.ts';

/**
 * Opens a debugger over one stream. It is idle until `start`.
 *
 * @throws LogError NOT_FOUND when the stream does not exist.
 * Cost of a step, either way: a few events, or a short fold (walk.ts); of a run: a fold of what is run over.
 */
export async function createDebugger(parts: DebuggerParts, address: StreamAddress, options: DebuggerOptions = {}): Promise<Debugger> {
  const { id = formatStreamAddress(address), stopsBefore = false, expressionsMax = defaultLimits.debugExpressionsMax, visitsMax = defaultLimits.debugVisitsMax } = options;
  const { reader, clock } = parts;
  const walk = await createWalk(parts, address, options);
  const cursor = await walk.cursor(walk.first);
  const visits = createVisits(clock, visitsMax);
  const breakpoints = createBreakpointSet(address.streamType, parts.fold.registry);
  const notes = createDebugNotes(expressionsMax);
  let watches: readonly Watch[] = [];
  const moves = createMoves({ parts, walk, cursor, visits, breakpoints, watches: () => watches, stopsBefore, linesMax: visitsMax });
  const control = createControl(() => cursor.here);
  let idsGiven = 0;
  let startedAtMs = clock.now();
  let fromRevision = walk.first;

  async function resolve(place: Place): Promise<Revision> {
    const { prefix } = await cutAt(reader, formatStreamAddress(address), place, parts.timeIndexes);
    return place.kind === 'revision' ? prefix : Math.max(prefix, walk.first);
  }

  /** Breakpoints and watches are numbered together. */
  function nextId(kind: 'breakpoints' | 'watches', count: number): string {
    if (count >= expressionsMax) throw new LogError('TOO_LARGE', `A session has at most ${expressionsMax} ${kind}.`, { details: { reason: kind, limit: expressionsMax }, hint: 'Remove some first.' });
    return String(++idsGiven);
  }

  function info(): DebugInfo {
    const { revision, event, state: after, previous } = cursor.here;
    const shown = stopsBefore && control.state !== 'completed' && previous !== null ? previous : after;
    return {
      sessionId: id,
      state: control.state,
      aggregateId: address.streamId,
      streamType: address.streamType,
      fromRevision,
      revision,
      total: walk.head,
      currentEvent: event,
      currentState: structuredClone(shown),
      breakpoints: breakpoints.views(),
      watches: watchValues(watches, cursor.here),
      notes: notes.all(),
      startedAt: new Date(startedAtMs).toISOString(),
      error: control.error,
    };
  }

  return {
    id,
    address,
    get state() {
      return control.state;
    },
    get revision() {
      return cursor.here.revision;
    },
    first: walk.first,
    get head() {
      return walk.head;
    },

    start: (at) =>
      control.perform('start', 'stepping', async (signal) => {
        const outcome = await moves.place(signal, at === undefined ? moves.lowest : await resolve(at), true);
        [fromRevision, startedAtMs] = [cursor.here.revision, clock.now()];
        return outcome;
      }),
    step: (given = {}) => control.perform('step', 'stepping', (signal) => moves.step(signal, given, 'forward', false)),
    stepBack: (given = {}) => control.perform('stepBack', 'stepping', (signal, from) => moves.step(signal, given, 'backward', from === 'completed')),
    resume: () => control.perform('resume', 'running', (signal) => moves.run(signal, null)),
    reverse: () => control.perform('reverse', 'running', (signal, from) => moves.runBack(signal, null, from === 'completed')),
    goTo: (at) => control.perform('goTo', 'stepping', async (signal) => moves.place(signal, await resolve(at))),
    runTo: (at) =>
      control.perform('runTo', 'running', async (signal, from) => {
        const target = await resolve(at);
        if (target === cursor.here.revision) return await moves.place(signal, target);
        return target > cursor.here.revision ? await moves.run(signal, target) : await moves.runBack(signal, target, from === 'completed');
      }),
    restart: () => control.perform('restart', 'stepping', (signal) => moves.place(signal, fromRevision, true)),
    pause: control.pause,
    stop: control.stop,

    addBreakpoint: (input) => breakpoints.add(nextId('breakpoints', breakpoints.views().length), input),
    removeBreakpoint: (wanted) => breakpoints.remove(wanted),
    enableBreakpoint: (wanted, enabled) => breakpoints.get(wanted).enable(enabled),
    breakpoints: () => breakpoints.views(),
    addWatch(expression) {
      const watch = createWatch(nextId('watches', watches.length), expression);
      watches = [...watches, watch];
      return watchValues([watch], cursor.here)[0]!;
    },
    removeWatch(wanted) {
      if (!watches.some((watch) => watch.id === wanted)) throw new LogError('NOT_FOUND', `There is no watch ${wanted}.`, { details: { reason: 'watch', id: wanted }, hint: 'List the watches of the session.' });
      watches = watches.filter((watch) => watch.id !== wanted);
    },
    watches: () => watchValues(watches, cursor.here),
    addNote: notes.add,
    removeNote: notes.remove,
    notes: notes.all,
    watchedValues: () => new Map(watchValues(watches, cursor.here).map(({ expression, value }) => [expression, value])),

    info,
    timeline: ({ from = 0, limit = 200 } = {}) => visits.page(walk, from, limit),
    evaluate: (expression) => compileExpression(expression, { scope: 'debug' }).evaluate(placeValues(cursor.here)),
    stateHere(pointer = '') {
      const value = valueAt(cursor.here.state, pointer);
      if (value === absent) throw new LogError('NOT_FOUND', `There is nothing at ${pointer} here.`, { details: { reason: 'path', path: pointer }, hint: 'Read the whole state to see which pointers it has.' });
      return structuredClone(value) as Json;
    },
    changes: () => changesAt(cursor.here),
    async diffFrom(base) {
      const before = await walk.stateAt(await resolve(base));
      return structuredClone(diff(factsOf(before), factsOf(cursor.here.state)));
    },
    stateAt: (revision) => walk.stateAt(revision),
    events: (from, to) => walk.events.range(Math.max(from, walk.first + 1), Math.min(to, walk.head)),
    resolve,
    visited: () => visits.span,
    restoreVisits: (entries) => visits.restore(entries),
  };
}

/* ---- One control at a time ---- */

interface Control {
  readonly state: DebugState;
  readonly error: string | null;
  /** Does a move when the state allows it; `from` is the state that it began in. */
  perform(control: DebugControl, busy: 'running' | 'stepping', move: (signal: AbortSignal, from: DebugState) => Promise<MoveOutcome>): Promise<DebugStop>;
  pause(): Promise<DebugStop>;
  stop(): void;
}

/** Refusals that say something about the question, not about the session. */
const answers: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'BAD_REQUEST', 'BAD_EXPRESSION', 'BAD_TIMESTAMP', 'HISTORY_DELETED']);

function createControl(here: () => Pick<DebugStop, 'revision' | 'event'>): Control {
  let state: DebugState = 'idle';
  let error: string | null = null;
  let underWay: { readonly controller: AbortController; readonly done: Promise<DebugStop> } | null = null;

  const isStopped = (): boolean => state === 'stopped';

  function stopOf({ state: _state, ...outcome }: MoveOutcome, before: Revision): DebugStop {
    const { revision, event } = here();
    return { ...outcome, state, reason: isStopped() ? 'stopped' : outcome.reason, moved: revision !== before, revision, event };
  }

  const paused: MoveOutcome = { state: 'paused', reason: 'paused', breakpointIds: [], logs: [] };

  async function finish(from: DebugState, before: Revision, move: Promise<MoveOutcome>, signal: AbortSignal): Promise<DebugStop> {
    try {
      const outcome = await move;
      if (!isStopped()) state = outcome.state;
      error = null;
      return stopOf(outcome, before);
    } catch (thrown) {
      // A pause that came while breakpoints looked through the history, before anything moved.
      if (signal.aborted && thrown === signal.reason) {
        if (!isStopped()) state = paused.state;
        return stopOf(paused, before);
      }
      // An answer (there is no such place) leaves the session as it was; a fault is shown until the next move.
      if (!isStopped()) state = isLogError(thrown) && answers.has(thrown.code) ? from : 'error';
      if (state === 'error') error = thrown instanceof Error ? thrown.message : String(thrown);
      throw thrown;
    } finally {
      underWay = null;
    }
  }

  return {
    get state() {
      return state;
    },
    get error() {
      return error;
    },
    perform(control, busy, move) {
      refuseControl(state, control);
      const from = state;
      const controller = new AbortController();
      state = busy;
      const done = finish(from, here().revision, move(controller.signal, from), controller.signal);
      underWay = { controller, done };
      return done;
    },
    async pause() {
      refuseControl(state, 'pause');
      if (underWay === null) return stopOf(paused, here().revision);
      underWay.controller.abort();
      return await underWay.done;
    },
    stop() {
      refuseControl(state, 'stop');
      state = 'stopped';
      underWay?.controller.abort();
    },
  };
}
