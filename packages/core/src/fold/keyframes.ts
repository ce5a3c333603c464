/**
 * States of one stream kept in memory while somebody asks about it, so that a place costs a short fold and not the whole
 * history. Bounded by count and by bytes: when either is reached, the distance between keyframes doubles.
 *
 * A keyframe is JSON text: its size is known exactly, nobody can change it through a shared reference, and reading it back
 * is faster than a structured clone. Packed, the state of a long run takes a ninth of the room (1.07 MB as text, 0.12 MB with
 * zstd, 2.0 ms to unpack), so nine times as many fit, and every place is nine times nearer to one. What is settled in a state
 * is left out of the text and kept once for all keyframes.
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
  /** Default `limits.keyframesPerStreamMax`. */
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
  const { countMax = defaultLimits.keyframesPerStreamMax, bytesMax = defaultLimits.keyframeBytesPerStreamMax, least = 1, packer, settled = null } = limits;
  const firstDistance = limits.distance ?? defaultLimits.snapshotEveryEvents;
  const frames = new Map<number, Frame>();
  const shared = createShared();
  let revisions: readonly number[] = [];
  let distance = firstDistance;
  let bytes = 0;

  function thin(countAllowed: number): void {
    const spaced = spacedRevisions(revisions, distance, countAllowed);
    const kept = new Set(spaced.kept);
    for (const revision of revisions) {
      if (kept.has(revision)) continue;
      drop(revision);
    }
    ({ kept: revisions, distance } = spaced);
  }

  function drop(revision: number): void {
    const { text, parts } = frames.get(revision)!;
    bytes -= sizeOf(text);
    shared.release(parts);
    frames.delete(revision);
  }

  return {
    get count() {
      return frames.size;
    },
    get bytes() {
      return bytes + shared.bytes;
    },
    get distance() {
      return distance;
    },
    offer(state) {
      const { revision } = state;
      const near = revisions[lastAtOrBefore(revisions, revision)];
      if (revision < least || (near !== undefined && Math.floor(near / distance) === Math.floor(revision / distance))) return;
      const { rest, parts } = takeOut(state, settled);
      const json = JSON.stringify(rest);
      const text = packer === undefined ? json : packer.pack(json);
      if (sizeOf(text) > bytesMax) return;
      frames.set(revision, { text, parts });
      bytes += sizeOf(text);
      shared.keep(parts);
      revisions = [...frames.keys()].toSorted((a, b) => a - b);
      if (frames.size > countMax) thin(countMax);
      while (bytes + shared.bytes > bytesMax && frames.size > 0) thin(frames.size - 1);
    },
    revisionNear: (revision) => revisions[lastAtOrBefore(revisions, revision)] ?? 0,
    nearest(revision) {
      const near = revisions[lastAtOrBefore(revisions, revision)];
      if (near === undefined) return null;
      const { text, parts } = frames.get(near)!;
      // Only a packer makes bytes.
      return putBack(parseJson(typeof text === 'string' ? text : packer!.unpack(text)) as State, settled, parts);
    },
    clear() {
      for (const revision of revisions) drop(revision);
      [revisions, distance] = [[], firstDistance];
    },
  };
}

interface Frame {
  readonly text: string | Uint8Array;
  /** What `takeOut` left out of the text. */
  readonly parts: readonly unknown[];
}

const sizeOf = (text: string | Uint8Array): number => (typeof text === 'string' ? text.length * 2 : text.length);

/** Counts the parts that frames share, each once, as large as its JSON text. */
function createShared() {
  const known = new Map<unknown, { readonly size: number; frames: number }>();
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    keep(parts: readonly unknown[]): void {
      for (const part of parts) {
        const entry = known.get(part) ?? { size: sizeOf(JSON.stringify(part)), frames: 0 };
        if (entry.frames++ > 0) continue;
        known.set(part, entry);
        bytes += entry.size;
      }
    },
    release(parts: readonly unknown[]): void {
      for (const part of parts) {
        const entry = known.get(part)!;
        if (--entry.frames > 0) continue;
        known.delete(part);
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
