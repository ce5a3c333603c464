/**
 * Standing at any place of a stream and moving from there, both ways, in bounded memory: what a debugger walks on.
 *
 * How a step back is cheap on a million events: states are kept at two distances. Keyframes lie far apart over the whole
 * stream (fold/keyframes.ts). When somebody steps back between two of them, the fold from the keyframe leaves closer frames in
 * its last stretch; the next steps back start from those. They are live copies, which share every text and what is settled:
 * a fifth of the time of reading a keyframe back. Nobody else pays for them: copying a large state takes as long as a
 * hundred events. A walk of n steps back costs one fold of the stretch between two keyframes per stretch, and for each step
 * a copy and a fold of the few events since the last close frame.
 *
 * A cursor stands between two drafts, the state after its event and the state before it. Going forward changes both; going
 * back, the state before becomes the state after, so neither way copies a state. Nothing else is held: events come in blocks.
 * Dropped: inverse patches (a patch of a large state costs as much as the state) and one draft with copies (the same).
 */
import { LogError } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import { createKeyframes } from '../fold/keyframes.ts';
import type { KeyframeLimits, Keyframes } from '../fold/keyframes.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress, streamNotFound } from '../log/place.ts';
import type { Clock } from '../ports.ts';
import type { TravelParts } from '../travel/reconstruct.ts';
import { parseJson } from '../trust/parse-json.ts';
import { createEventBlocks } from './event-blocks.ts';
import type { EventBlocks } from './event-blocks.ts';

export interface WalkOptions {
  /** The state that the history begins with, when its first events are not there (an export). Default: the empty state. */
  readonly base?: State;
  readonly keyframes?: KeyframeLimits;
  /** Distance in revisions between the close frames. Default 64. */
  readonly frameDistance?: number;
  /** Close frames kept, a value in a state taken for `bytesPerValue`. Default 16 MiB. */
  readonly frameBytesMax?: number;
}

/** A place with what is known there. The states are live: read them before the next move, copy what must stay. */
export interface Standing {
  readonly revision: Revision;
  /** null before the first event. */
  readonly event: EventEnvelope | null;
  readonly state: State;
  /** The state before the event; null before the first event. */
  readonly previous: State | null;
}

export interface Cursor {
  readonly here: Standing;
  /** One event further; the caller made sure that there is one. FOLD_FAILED leaves the cursor where it was. */
  forward(): Promise<Standing>;
  /** To any place. Cost: one event when it is the next or the one before, else a fold from the nearest frame. */
  moveTo(revision: Revision): Promise<Standing>;
}

export interface Walk {
  readonly address: StreamAddress;
  /** Lowest place where one can stand: 0, or the revision of the base. */
  readonly first: Revision;
  readonly head: Revision;
  readonly events: EventBlocks;
  /** Learns of events that were appended meanwhile. */
  refresh(): Promise<Revision>;
  /** The state after a revision; the caller owns it. */
  stateAt(revision: Revision): Promise<State>;
  /** A cursor of its own; all cursors of a walk share frames and blocks. */
  cursor(revision: Revision): Promise<Cursor>;
}

/** What moves need from the world: to tell the hour of a visit, and to let others have their turn during a long run. */
export type WalkParts = TravelParts & { readonly clock: Pick<Clock, 'now' | 'turn'> };

/** @throws LogError NOT_FOUND when the stream does not exist. */
export async function createWalk(parts: TravelParts, address: StreamAddress, options: WalkOptions = {}): Promise<Walk> {
  const { reader, fold } = parts;
  const stream = formatStreamAddress(address);
  let head = await reader.head(stream);
  if (head === 0) throw streamNotFound(stream);
  const base = options.base === undefined ? null : JSON.stringify(options.base);
  const first = options.base?.revision ?? 0;
  const events = createEventBlocks(reader, stream, () => head);
  const shared = options.base === undefined && options.keyframes === undefined ? parts.keyframes?.of(stream, head) : undefined;
  const frames = createFrames(fold, shared ?? createKeyframes({ settled: fold.settled(address.streamType), ...options.keyframes }), options);

  function start(): State {
    return base === null ? fold.initial(address.streamType, address.streamId) : (parseJson(base) as State);
  }

  async function nearest(revision: Revision): Promise<State> {
    const frame = frames.nearest(revision);
    const from = frame?.revision ?? first;
    if (parts.snapshots === undefined || revision - from <= frames.farFold) return frame ?? start();
    const snapshot = await parts.snapshots.load(stream, revision);
    return snapshot !== null && snapshot.state.revision > from ? snapshot.state : (frame ?? start());
  }

  /** @param target  Where close frames are wanted, because somebody goes back from there; null where nobody does. */
  async function foldTo(revision: Revision, target: Revision | null): Promise<State> {
    refuseOutside(revision);
    let state = await nearest(revision);
    if (revision - state.revision > frames.longFold) {
      for await (const page of reader.pages(stream, { after: state.revision, upTo: revision }))
        for (const event of page) frames.offer((state = fold.evolveDraft(state, event)), target);
      if (state.revision === revision) return state;
    }
    while (state.revision < revision) {
      const next = state.revision + 1;
      state = fold.evolveDraft(state, events.held(next) ?? (await events.at(next)));
      frames.offer(state, target);
    }
    return state;
  }

  const stateAt = (revision: Revision): Promise<State> => foldTo(revision, null);

  function refuseOutside(revision: Revision): void {
    if (Number.isSafeInteger(revision) && revision >= first && revision <= head) return;
    throw new LogError('NOT_FOUND', `${stream} has no place ${revision} here; there are ${first} to ${head}.`, { details: { reason: 'revision', stream, head, first }, hint: `Ask for a revision from ${first} to ${head}.` });
  }

  async function cursor(revision: Revision): Promise<Cursor> {
    let here = await stand(revision);

    async function stand(at: Revision): Promise<Standing> {
      if (at <= first) return { revision: at, event: null, state: await stateAt(at), previous: null };
      const [previous, event] = [await stateAt(at - 1), await events.at(at)];
      return { revision: at, event, state: fold.evolveDraft(fold.copy(previous), event), previous };
    }

    async function forward(): Promise<Standing> {
      const { revision: at, event, state, previous } = here;
      const next = events.held(at + 1) ?? (await events.at(at + 1));
      try {
        const before = event === null || previous === null ? await stateAt(at) : fold.evolveDraft(previous, event);
        here = { revision: at + 1, event: next, state: fold.evolveDraft(state, next), previous: before };
      } catch (error) {
        // The drafts are spoilt; the cursor stays, on new ones.
        here = await stand(at);
        throw error;
      }
      frames.offer(here.state, null);
      return here;
    }

    async function back(): Promise<Standing> {
      const { revision: at, previous } = here;
      const before = at - 1 > first ? await foldTo(at - 2, at - 2) : null;
      here = { revision: at - 1, event: at - 1 > first ? await events.at(at - 1) : null, state: previous!, previous: before };
      return here;
    }

    return {
      get here() {
        return here;
      },
      forward,
      async moveTo(to) {
        refuseOutside(to);
        if (to === here.revision) return here;
        if (to === here.revision + 1) return await forward();
        if (to === here.revision - 1) return await back();
        here = await stand(to);
        return here;
      },
    };
  }

  return {
    address,
    first,
    get head() {
      return head;
    },
    events,
    async refresh() {
      head = Math.max(head, await reader.head(stream));
      return head;
    },
    stateAt,
    cursor,
  };
}

interface Frames {
  /** A fold longer than this is worth a stream of pages. */
  readonly longFold: number;
  /** A fold longer than this is worth a look at the stored snapshots: no keyframe is where one should be. */
  readonly farFold: number;
  /** @param target  Where somebody goes back from; close frames are only laid shortly before it. */
  offer(state: State, target: Revision | null): void;
  nearest(revision: Revision): State | null;
}

const longFold = 256;
/** Frames laid shortly before a target: at most so many, so that a long fold does not write what it drops again. */
const closeFramesMax = 128;
/** A frame may cost so many values per event of the distance to the one before. */
const valuesPerEvent = 256;
/** Its slot, and its share of the object that holds it and of texts that nothing else holds any more. */
const bytesPerValue = 24;

function createFrames(fold: Fold, keyframes: Keyframes, { frameDistance = 64, frameBytesMax = 16 * 1_048_576 }: WalkOptions): Frames {
  const close = new Map<Revision, { readonly state: State; readonly values: number }>();
  let values = 0;
  /** The newest frame; large states are copied less often, so that a walk over them is not spent on copying. */
  let newest = { revision: -Infinity, pays: 0 };

  function keep(draft: State): void {
    const tally = { values: 0 };
    const state = fold.copy(draft, tally);
    newest = { revision: state.revision, pays: tally.values / valuesPerEvent };
    close.set(state.revision, { state, values: tally.values });
    values += tally.values;
    while (values * bytesPerValue > frameBytesMax || close.size > closeFramesMax) {
      const oldest = close.keys().next().value!;
      values -= close.get(oldest)!.values;
      close.delete(oldest);
    }
  }

  return {
    longFold,
    get farFold() {
      return Math.max(longFold, keyframes.distance);
    },
    offer(state, target) {
      keyframes.offer(state);
      const { revision } = state;
      if (target === null || revision % frameDistance !== 0 || target - revision > frameDistance * closeFramesMax || close.has(revision)) return;
      if (Math.abs(revision - newest.revision) >= newest.pays) keep(state);
    },
    nearest(revision) {
      const far = keyframes.revisionNear(revision);
      for (let at = revision - (revision % frameDistance); at > far && at > 0; at -= frameDistance) {
        const frame = close.get(at);
        if (frame !== undefined) return fold.copy(frame.state);
      }
      return keyframes.nearest(revision);
    },
  };
}
