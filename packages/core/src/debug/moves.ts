/**
 * The moves of a session: steps of any size, runs in either direction, jumps. A move leaves the cursor somewhere and says why
 * there; which move is allowed when is not decided here.
 */
import { LogError } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { formatStreamAddress } from '../log/place.ts';
import type { Flip } from '../travel/flip.ts';
import { flips } from '../travel/flips.ts';
import type { Breakpoint, BreakpointHistory } from './breakpoint.ts';
import { hitsAt, idsOf, noHits } from './breakpoint-set.ts';
import type { BreakpointSet, Hits, LogLine } from './breakpoint-set.ts';
import type { DebuggerParts, StepOptions, StopReason } from './debugger.ts';
import { findPlace, parseGrain } from './grain.ts';
import type { Grain } from './grain.ts';
import { runBackward, runForward, scan } from './run.ts';
import type { EventPlace, RunParts } from './run.ts';
import type { Visits } from './visits.ts';
import type { Cursor, Walk } from './walk.ts';
import type { Watch } from './watch.ts';

export interface MoveOutcome {
  readonly state: 'paused' | 'completed';
  readonly reason: StopReason;
  readonly breakpointIds: readonly string[];
  readonly logs: readonly LogLine[];
  readonly outsideEventId?: string;
}

export interface MoveParts {
  readonly parts: DebuggerParts;
  readonly walk: Walk;
  readonly cursor: Cursor;
  readonly visits: Visits;
  readonly breakpoints: BreakpointSet;
  readonly watches: () => readonly Watch[];
  readonly stopsBefore: boolean;
  /** Log lines that one move hands back. Default `limits.debugVisitsMax`. */
  readonly linesMax?: number;
}

export interface Moves {
  /** The lowest place where a session waits. */
  readonly lowest: Revision;
  /** Jumps. `isStart`: nothing was run from here yet, so a session that stops before events looks at this one first. */
  place(signal: AbortSignal, at: Revision, isStart?: boolean): Promise<MoveOutcome>;
  /** @param isBehind  The run is over: it stands behind the last event. */
  step(signal: AbortSignal, options: StepOptions, direction: 'forward' | 'backward', isBehind: boolean): Promise<MoveOutcome>;
  /** Forward to a breakpoint, to a place, or to the end (null). */
  run(signal: AbortSignal, upTo: Revision | null): Promise<MoveOutcome>;
  /** Backward to a breakpoint, to a place, or to the beginning (null). */
  runBack(signal: AbortSignal, downTo: Revision | null, isBehind: boolean): Promise<MoveOutcome>;
}

export function createMoves({ parts, walk, cursor, visits, breakpoints, watches, stopsBefore, linesMax = defaultLimits.debugVisitsMax }: MoveParts): Moves {
  const { reader, clock, fold } = parts;
  const stream = formatStreamAddress(walk.address);
  const lowest = stopsBefore ? Math.min(walk.first + 1, walk.head) : walk.first;
  /** The event where a session that stops before events stands was not looked at yet. */
  let isUnseen = false;

  const runParts = (signal: AbortSignal): RunParts => ({ walk, reader, stream, clock, signal });

  function ready(signal: AbortSignal): Promise<readonly Breakpoint[]> {
    const history: BreakpointHistory = {
      head: walk.head,
      first: walk.first,
      async scan(after, upTo, needsState, visit) {
        await scan(runParts(signal), after, upTo, needsState, visit);
        signal.throwIfAborted();
      },
      async flips(source, after) {
        const found: Flip[] = [];
        for await (const flip of flips(parts, walk.address, source, { after, upTo: walk.head, signal })) if (flip.kind === 'flip') found.push(flip);
        return found;
      },
    };
    return breakpoints.ready(history);
  }

  function here(): EventPlace | null {
    const { event, state, previous } = cursor.here;
    return event === null ? null : { event, state, previous };
  }

  const visit = (event: EventEnvelope, hits: Hits): void => visits.add(event, hits === noHits ? [] : idsOf(hits), watches());

  /** Ends a move that looked at nothing on the way. */
  async function arrive(signal: AbortSignal, reason: StopReason, { logs = [], isVisit = true }: { readonly logs?: readonly LogLine[]; readonly isVisit?: boolean } = {}): Promise<MoveOutcome> {
    isUnseen = false;
    const place = here();
    const hits = place === null ? noHits : hitsAt(place, await ready(signal));
    if (place !== null && isVisit) visit(place.event, hits);
    return { state: 'paused', reason, breakpointIds: idsOf(hits), logs };
  }

  function takeLogs(hits: Hits, logs: LogLine[]): void {
    for (const { breakpoint, line } of hits.logs) {
      breakpoint.countHit();
      if (logs.length < linesMax) logs.push(line);
    }
  }

  /** Event by event, so that each is visited and logged. */
  async function stepOver(signal: AbortSignal, count: number): Promise<MoveOutcome> {
    const asked = await ready(signal);
    const target = cursor.here.revision + count;
    const logs: LogLine[] = [];
    let last: Hits = noHits;
    await runForward(runParts(signal), cursor, target, (place) => {
      last = hitsAt(place, asked);
      takeLogs(last, logs);
      visit(place.event, last);
      return false;
    });
    isUnseen = false;
    const breakpointIds = idsOf(last);
    if (cursor.here.revision === target) return { state: 'paused', reason: 'step', breakpointIds, logs };
    return signal.aborted ? { state: 'paused', reason: 'paused', breakpointIds, logs } : { state: 'completed', reason: 'end', breakpointIds, logs };
  }

  async function stepTo(signal: AbortSignal, grain: Grain, count: number, direction: 'forward' | 'backward', isBehind: boolean): Promise<MoveOutcome> {
    // Behind the last event the next one back is the last; what a person asks the cause of is the one that is shown.
    let at = isBehind && grain.kind !== 'cause' ? cursor.here.revision + 1 : cursor.here.revision;
    for (let taken = 0; taken < count; taken++) {
      const event = at > walk.head ? null : cursor.here.event;
      const found = await findPlace({ reader, registry: fold.registry, stream, first: walk.first, head: walk.head, byId: parts.byId }, grain, at, event, direction);
      const none = 'none' in found ? found.none : found.revision < lowest ? 'start' : null;
      if (none !== null) return { ...(await arrive(signal, none, { isVisit: taken > 0 })), ...('eventId' in found ? { outsideEventId: found.eventId } : {}) };
      // Safe: what is no place was answered above.
      at = (found as { readonly revision: Revision }).revision;
      await cursor.moveTo(at);
    }
    return await arrive(signal, 'step');
  }

  return {
    lowest,
    async place(signal, at, isStart = false) {
      await walk.refresh();
      await cursor.moveTo(at < lowest && at >= walk.first ? lowest : at);
      const outcome = await arrive(signal, 'place');
      isUnseen = isStart;
      return outcome;
    },
    async step(signal, { grain: size = 'event', count = 1 }, direction, isBehind) {
      const grain = parseGrain(size);
      if (!Number.isSafeInteger(count) || count < 1) throw new LogError('BAD_REQUEST', `${count} is no number of steps.`, { details: { reason: 'count', pointer: '/count' }, hint: 'Step at least once.' });
      if (direction === 'forward') await walk.refresh();
      return grain.kind === 'event' && direction === 'forward' ? await stepOver(signal, count) : await stepTo(signal, grain, count, direction, isBehind);
    },
    async run(signal, upTo) {
      await walk.refresh();
      const asked = await ready(signal);
      const logs: LogLine[] = [];
      let hits: Hits = noHits;
      const look = (place: EventPlace): boolean => {
        hits = hitsAt(place, asked);
        takeLogs(hits, logs);
        for (const breakpoint of hits.stops) breakpoint.countHit();
        visit(place.event, hits);
        return hits.stops.length > 0;
      };
      const place = here();
      const isHitHere = stopsBefore && isUnseen && place !== null && look(place);
      isUnseen = false;
      if (isHitHere || (await runForward(runParts(signal), cursor, upTo ?? walk.head, look))) return { state: 'paused', reason: 'breakpoint', breakpointIds: idsOf(hits), logs };
      if (signal.aborted) return { state: 'paused', reason: 'paused', breakpointIds: [], logs };
      return upTo === null ? { state: 'completed', reason: 'end', breakpointIds: [], logs } : { state: 'paused', reason: 'place', breakpointIds: [], logs };
    },
    async runBack(signal, downTo, isBehind) {
      const asked = await ready(signal);
      const between = { before: cursor.here.revision + (isBehind ? 1 : 0), downTo: Math.max(downTo ?? lowest, lowest) };
      const { met, reached, isAborted } = await runBackward(runParts(signal), between, asked.some(({ needsState }) => needsState), (place) => {
        const hits = hitsAt(place, asked);
        return hits === noHits ? null : { note: hits, isStop: hits.stops.length > 0 };
      });
      const logs: LogLine[] = [];
      for (const { note } of met) takeLogs(note, logs);
      await cursor.moveTo(Math.min(reached, walk.head));
      const last = met.at(-1);
      if (last?.isStop !== true) return await arrive(signal, isAborted ? 'paused' : downTo === null ? 'start' : 'place', { logs });
      for (const breakpoint of last.note.stops) breakpoint.countHit();
      return await arrive(signal, 'breakpoint', { logs });
    },
  };
}
