/**
 * States of one stream kept in memory while somebody asks about it, so that a place costs a short fold and not the whole
 * history. Bounded by count and by bytes: when either is reached, the distance between keyframes doubles.
 *
 * A keyframe is JSON text: its size is known exactly, nobody can change it through a shared reference, and reading it back
 * is faster than a structured clone. Packed, the state of a long run takes a ninth of the room (1.07 MB as text, 0.12 MB with
 * zstd, 2.0 ms to unpack), so nine times as many fit, and every place is nine times nearer to one. What is settled in a state
 * is left out of the text and kept once for all keyframes.
 *
 * Neighbours resemble each other: most of what a state lists was there a thousand events before. So most keyframes are packed
 * beside an earlier one, their base, in a third of the room. A base is packed alone, so a keyframe is never more than two
 * texts away; when a keyframe resembles the base too little, the next ones have a base of their own.
 */
import type { Packer } from '../ports.ts';
import { parseJson } from '../trust/parse-json.ts';
import { defaultLimits } from '../limits.ts';
import type { State } from './aggregate.ts';
import { putBack, takeOut } from './settled.ts';
import type { SettledPaths } from './settled.ts';
import { spacedRevisions } from './spacing.ts';

export interface KeyframeLimits {
  /** Smallest distance in revisions. Default `limits.snapshotEveryEvents`. */
  readonly distance?: number;
  /** No keyframe before this revision. Default 1. */
  readonly least?: number;
  /** Default `limits.keyframesHeldPerStreamMax`. */
  readonly countMax?: number;
  /** What is packed as it is, text as UTF-16 code units times two. Default `limits.keyframeBytesPerStreamMax`. */
  readonly bytesMax?: number;
  readonly packer?: Packer | undefined;
  /** What states of this kind of stream may share. Default: nothing. */
  readonly settled?: SettledPaths | null;
}

export interface Keyframes {
  readonly count: number;
  readonly bytes: number;
  /** Distance in revisions between keyframes now. */
  readonly distance: number;
  /** Offers a state; it is copied when its stretch has none yet. Cheap to call after every step. */
  offer(state: State): void;
  /** Revision of the newest keyframe at or before a revision; 0 when there is none. */
  revisionNear(revision: number): number;
  /** A fresh copy of the newest keyframe at or before a revision; null when there is none. */
  nearest(revision: number): State | null;
  clear(): void;
}

export function createKeyframes(limits: KeyframeLimits = {}): Keyframes {
  const { countMax = defaultLimits.keyframesHeldPerStreamMax, bytesMax = defaultLimits.keyframeBytesPerStreamMax, least = 1, packer, settled = null } = limits;
  const firstDistance = limits.distance ?? defaultLimits.snapshotEveryEvents;
  const frames = new Map<number, Frame>();
  const held = createHeld();
  /** What the next keyframe is packed beside, when it comes after this one. */
  let newestBase: { readonly revision: number; readonly packed: Uint8Array } | null = null;
  let revisions: readonly number[] = [];
  let distance = firstDistance;

  function thin(countAllowed: number): void {
    const spaced = spacedRevisions(revisions, distance, countAllowed);
    const kept = new Set(spaced.kept);
    for (const revision of revisions) if (!kept.has(revision)) drop(revision);
    ({ kept: revisions, distance } = spaced);
  }

  function drop(revision: number): void {
    held.release(frames.get(revision)!);
    frames.delete(revision);
  }

  function pack(json: string, revision: number): Pick<Frame, 'text' | 'base'> {
    if (packer === undefined) return { text: json, base: null };
    if (newestBase !== null && newestBase.revision < revision) {
      const text = packer.pack(json, newestBase.packed);
      if (text.length < newestBase.packed.length / 2) return { text, base: newestBase.packed };
    }
    const packed = packer.pack(json);
    newestBase = { revision, packed };
    return { text: packed, base: null };
  }

  function unpack({ text, base }: Frame): string {
    // Only a packer makes bytes.
    if (typeof text === 'string') return text;
    return base === null ? packer!.unpack(text) : packer!.unpack(text, base);
  }

  return {
    get count() {
      return frames.size;
    },
    get bytes() {
      return held.bytes;
    },
    get distance() {
      return distance;
    },
    offer(state) {
      const { revision } = state;
      const near = revisions[lastAtOrBefore(revisions, revision)];
      if (revision < least || (near !== undefined && Math.floor(near / distance) === Math.floor(revision / distance))) return;
      const { rest, parts } = takeOut(state, settled);
      const frame = { ...pack(JSON.stringify(rest), revision), parts };
      if (sizeOf(frame.text) > bytesMax) return;
      frames.set(revision, frame);
      held.keep(frame);
      revisions = [...frames.keys()].toSorted((a, b) => a - b);
      if (frames.size > countMax) thin(countMax);
      while (held.bytes > bytesMax && frames.size > 0) thin(frames.size - 1);
    },
    revisionNear: (revision) => revisions[lastAtOrBefore(revisions, revision)] ?? 0,
    nearest(revision) {
      const near = revisions[lastAtOrBefore(revisions, revision)];
      if (near === undefined) return null;
      const frame = frames.get(near)!;
      return putBack(parseJson(unpack(frame)) as State, settled, frame.parts);
    },
    clear() {
      for (const revision of revisions) drop(revision);
      [revisions, distance, newestBase] = [[], firstDistance, null];
    },
  };
}

interface Frame {
  readonly text: string | Uint8Array;
  /** The keyframe that this one is packed beside; null when it is packed alone, or not at all. */
  readonly base: Uint8Array | null;
  /** What `takeOut` left out of the text. */
  readonly parts: readonly unknown[];
}

const sizeOf = (text: string | Uint8Array): number => (typeof text === 'string' ? text.length * 2 : text.length);

/** Counts what frames hold, each thing once however many hold it: a base, and parts, as large as their JSON text. */
function createHeld() {
  const known = new Map<unknown, { readonly size: number; frames: number }>();
  let bytes = 0;
  const thingsIn = ({ text, base, parts }: Frame): readonly unknown[] => (base === null ? [text, ...parts] : [text, base, ...parts]);

  return {
    get bytes() {
      return bytes;
    },
    keep(frame: Frame): void {
      for (const thing of thingsIn(frame)) {
        const entry = known.get(thing) ?? { size: sizeOf(typeof thing === 'string' || thing instanceof Uint8Array ? thing : JSON.stringify(thing)), frames: 0 };
        if (entry.frames++ > 0) continue;
        known.set(thing, entry);
        bytes += entry.size;
      }
    },
    release(frame: Frame): void {
      for (const thing of thingsIn(frame)) {
        const entry = known.get(thing)!;
        if (--entry.frames > 0) continue;
        known.delete(thing);
        bytes -= entry.size;
      }
    },
  };
}

/** Index of the last revision at or before the wanted one; -1 when all are later. */
function lastAtOrBefore(revisions: readonly number[], wanted: number): number {
  let [low, high] = [0, revisions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (revisions[middle]! <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
