/**
 * Columns of the streams that somebody asks about, kept between questions. Whoever reads a long stream from its beginning leaves
 * them on the way: the pass that lays keyframes (reconstruct.ts), or a scan that finds none (flips.ts). From then on a question
 * about values that are kept reads no event.
 *
 * They are a pure function of a prefix and may be forgotten at any time. Bounded by bytes over all streams: those that nobody
 * asked about for longest go first, then the largest columns. A short history has none; reading it costs less.
 */
import type { State } from '../fold/aggregate.ts';
import type { Limits } from '../limits.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createColumnTree } from './column-tree.ts';
import type { ColumnTree } from './column-tree.ts';
import { createEventSpine } from './event-spine.ts';
import type { EventSpine } from './event-spine.ts';

export interface StreamColumns {
  /** Of the events, and of the states after them; the state at revision 0 is the empty one. */
  readonly events: ColumnTree;
  readonly states: ColumnTree;
  readonly spine: EventSpine;
  /** An event that the log holds, and the state after it where one was folded; ignored where it is not the next one. */
  add(event: EventEnvelope, state: State | null): void;
  /** The state before the first event. */
  begin(state: State): void;
}

export interface ColumnIndex {
  readonly bytes: number;
  /** The columns of a stream, to ask and to fill; null for a short one. */
  of(stream: string, head: Revision): StreamColumns | null;
  /** Forgets a stream (an erasure changed what its events tell). */
  forget(stream: string): void;
}

type ColumnLimits = Pick<Limits, 'columnBytesMax' | 'columnLeastEvents' | 'columnKeysGainedMax' | 'columnsPerStreamMax'>;

/** Bytes are counted after so many events. */
const countEveryEvents = 512;

export function createColumnIndex(limits: Partial<ColumnLimits> = {}): ColumnIndex {
  const { columnBytesMax, columnLeastEvents, ...treeLimits } = { ...defaultLimits, ...limits };
  /** In the order in which they were last asked for. */
  const known = new Map<string, Held>();
  const bytes = (): number => [...known.values()].reduce((sum, held) => sum + held.bytes, 0);

  function forget(stream: string): void {
    known.get(stream)?.end();
    known.delete(stream);
  }

  function makeRoom(asked: Held): void {
    for (const [stream, held] of known) if (held !== asked && bytes() > columnBytesMax) forget(stream);
    while (bytes() > columnBytesMax && asked.dropLargest());
    if (bytes() > columnBytesMax) forget(asked.stream);
  }

  return {
    get bytes() {
      return bytes();
    },
    of(stream, head) {
      if (head < columnLeastEvents) return null;
      const held = known.get(stream) ?? createHeld(stream, treeLimits, makeRoom);
      known.delete(stream);
      known.set(stream, held);
      held.count();
      return held;
    },
    forget,
  };
}

interface Held extends StreamColumns {
  readonly stream: string;
  /** What it took when it was last counted. */
  readonly bytes: number;
  count(): void;
  /** A scan may still have it: it takes nothing more, and goes with the scan. */
  end(): void;
  dropLargest(): boolean;
}

function createHeld(stream: string, { columnsPerStreamMax, columnKeysGainedMax }: Pick<ColumnLimits, 'columnsPerStreamMax' | 'columnKeysGainedMax'>, makeRoom: (held: Held) => void): Held {
  const [events, states, spine] = [createColumnTree(1, { columnsPerStreamMax, keysGainedMax: columnsPerStreamMax }), createColumnTree(0, { columnsPerStreamMax, keysGainedMax: columnKeysGainedMax }), createEventSpine()];
  let isEnded = false;
  let bytes = 0;
  const weigh = (): void => void (bytes = events.bytes + states.bytes + spine.bytes);
  const held: Held = {
    stream,
    events,
    states,
    spine,
    get bytes() {
      return bytes;
    },
    begin(state) {
      if (!isEnded) states.add(0, state);
    },
    add(event, state) {
      if (isEnded) return;
      const { revision } = event;
      if (revision === events.upTo + 1) {
        if (!spine.add(event)) return held.end();
        events.add(revision, event);
      }
      if (state !== null) states.add(revision, state);
      if (revision % countEveryEvents === 0) held.count();
    },
    end: () => void (isEnded = true),
    count() {
      weigh();
      makeRoom(held);
    },
    dropLargest() {
      const hasDropped = (events.bytes > states.bytes ? events : states).dropLargest();
      weigh();
      return hasDropped;
    },
  };
  return held;
}
