/**
 * Going through places until one of them asks to stop, in either direction. Forward, the cursor walks and asks at each step.
 * Backward, a stretch at a time is gone through forward, because a state only comes about forward; the last place that asked
 * to stop is the first one met going back. Where no breakpoint asks for states, nothing is folded on the way.
 */
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createPace } from '../pace.ts';
import type { Clock } from '../ports.ts';
import type { StreamReader } from '../travel/stream-reader.ts';
import type { AskedPlace } from './place-values.ts';
import type { Cursor, Walk } from './walk.ts';

export type EventPlace = AskedPlace & { readonly event: EventEnvelope };

export interface RunParts {
  readonly walk: Walk;
  readonly reader: StreamReader;
  readonly stream: string;
  readonly clock: Pick<Clock, 'now' | 'turn'>;
  readonly signal: AbortSignal;
}

/** Others get their turn, and a pause is seen, after so many events, or earlier where they are slow. */
const eventsPerTurn = 512;

/** Goes forward until `visit` answers true; the cursor stands there, or where the signal stopped it. True when `visit` did. */
export async function runForward({ walk, clock, signal }: RunParts, cursor: Cursor, upTo: Revision, visit: (place: EventPlace) => boolean): Promise<boolean> {
  const pace = createPace(clock);
  let untilTurn = eventsPerTurn;
  while (cursor.here.revision < Math.min(upTo, walk.head)) {
    const { event, state, previous } = await cursor.forward();
    // There is an event after every step forward.
    if (visit({ event: event!, state, previous })) return true;
    if (--untilTurn > 0 && !pace.isDue()) continue;
    await pace.turn();
    untilTurn = eventsPerTurn;
    if (signal.aborted) return false;
  }
  return false;
}

/** A place met going backward, with what was noted there. */
export interface MetPlace<T> {
  readonly revision: Revision;
  readonly note: T;
  readonly isStop: boolean;
}

export interface Backward<T> {
  readonly met: readonly MetPlace<T>[];
  /** How far it came: the place that stops, or the lower end; the place that the signal left to be looked at. */
  readonly reached: Revision;
  readonly isAborted: boolean;
}

/** What one place says: null = nothing. */
export type Inspect<T> = (place: EventPlace) => { readonly note: T; readonly isStop: boolean } | null;

/**
 * Goes backward from before a revision down to another one, both left out.
 *
 * @returns the places that said something, nearest first, up to and with the one that stops; `isAborted` when the signal came first.
 */
export async function runBackward<T>(parts: RunParts, between: { readonly before: Revision; readonly downTo: Revision }, needsState: boolean, inspect: Inspect<T>): Promise<Backward<T>> {
  const met: MetPlace<T>[] = [];
  let upTo = between.before - 1;
  while (upTo > between.downTo) {
    const after = Math.max(between.downTo, upTo - stretchEvents);
    const found: MetPlace<T>[] = [];
    await scan(parts, after, upTo, needsState, (place) => {
      const said = inspect(place);
      if (said !== null) found.push({ revision: place.event.revision, ...said });
      return false;
    });
    if (parts.signal.aborted) return { met, reached: upTo, isAborted: true };
    for (const place of found.toReversed()) {
      met.push(place);
      if (place.isStop) return { met, reached: place.revision, isAborted: false };
    }
    upTo = after;
  }
  return { met, reached: between.downTo, isAborted: false };
}

const stretchEvents = 4_096;

/** Goes through places in order, on drafts of its own, until `visit` answers true or the signal comes. */
export async function scan({ walk, reader, stream, clock, signal }: RunParts, after: Revision, upTo: Revision, needsState: boolean, visit: (place: EventPlace) => boolean): Promise<void> {
  if (!needsState) {
    const pace = createPace(clock);
    for await (const page of reader.pages(stream, { after, upTo })) {
      for (const event of page) {
        if (visit({ event, state: null, previous: null })) return;
        if (pace.isDue()) await pace.turn();
        if (signal.aborted) return;
      }
      await pace.turn();
      if (signal.aborted) return;
    }
    return;
  }
  const cursor = await walk.cursor(after);
  await runForward({ walk, reader, stream, clock, signal }, cursor, upTo, visit);
}
