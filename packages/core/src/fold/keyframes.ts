/**
 * States of one stream kept in memory while somebody steps through it, so that a step back costs a short fold and not the
 * whole history. Bounded by count and by bytes: when either is reached, the distance between keyframes doubles.
 *
 * A keyframe is JSON text: its size is known exactly, nobody can change it through a shared reference, and reading it back
 * is faster than a structured clone.
 */
import { parseJson } from '../trust/parse-json.ts';
import { defaultLimits } from '../limits.ts';
import type { State } from './aggregate.ts';
import { spacedRevisions } from './spacing.ts';

export interface KeyframeLimits {
  /** Smallest distance in revisions. Default `limits.snapshotEveryEvents`. */
  readonly distance?: number;
  /** Default `limits.keyframesPerStreamMax`. */
  readonly countMax?: number;
  /** UTF-16 code units times two. Default `limits.keyframeBytesPerStreamMax`. */
  readonly bytesMax?: number;
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
  const { countMax = defaultLimits.keyframesPerStreamMax, bytesMax = defaultLimits.keyframeBytesPerStreamMax } = limits;
  const firstDistance = limits.distance ?? defaultLimits.snapshotEveryEvents;
  const frames = new Map<number, string>();
  let revisions: readonly number[] = [];
  let distance = firstDistance;
  let bytes = 0;

  function thin(countAllowed: number): void {
    const spaced = spacedRevisions(revisions, distance, countAllowed);
    const kept = new Set(spaced.kept);
    for (const revision of revisions) {
      if (kept.has(revision)) continue;
      bytes -= sizeOf(frames.get(revision)!);
      frames.delete(revision);
    }
    ({ kept: revisions, distance } = spaced);
  }

  return {
    get count() {
      return frames.size;
    },
    get bytes() {
      return bytes;
    },
    get distance() {
      return distance;
    },
    offer(state) {
      const { revision } = state;
      const near = revisions[lastAtOrBefore(revisions, revision)];
      if (revision === 0 || (near !== undefined && Math.floor(near / distance) === Math.floor(revision / distance))) return;
      const text = JSON.stringify(state);
      if (sizeOf(text) > bytesMax) return;
      frames.set(revision, text);
      bytes += sizeOf(text);
      revisions = [...frames.keys()].toSorted((a, b) => a - b);
      if (frames.size > countMax) thin(countMax);
      while (bytes > bytesMax) thin(frames.size - 1);
    },
    revisionNear: (revision) => revisions[lastAtOrBefore(revisions, revision)] ?? 0,
    nearest(revision) {
      const near = revisions[lastAtOrBefore(revisions, revision)];
      return near === undefined ? null : (parseJson(frames.get(near)!) as State);
    },
    clear() {
      frames.clear();
      [revisions, distance, bytes] = [[], firstDistance, 0];
    },
  };
}

const sizeOf = (text: string): number => text.length * 2;

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
