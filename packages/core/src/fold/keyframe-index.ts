/**
 * Keyframes of the streams that somebody asks about, kept between questions: the first fold of a long history leaves them on
 * its way, and from then on every place is a short fold away. A short history has none: folding it costs less than keeping it.
 *
 * Each stream begins with the distance that its length asks for, so that no frame is made only to be thinned out. Bounded by
 * bytes over all streams: those that nobody asked about for longest go first. It may be forgotten at any time.
 */
import type { Limits } from '../limits.ts';
import { defaultLimits } from '../limits.ts';
import type { Revision } from '../log/driver.ts';
import { splitAddress } from '../log/record.ts';
import type { Packer } from '../ports.ts';
import { createKeyframes } from './keyframes.ts';
import type { Keyframes } from './keyframes.ts';
import type { SettledPaths } from './settled.ts';

export interface KeyframeIndex {
  /** The keyframes of a stream, to fold from and to offer states to. Offer only what the log holds: the fold of a prefix. */
  of(stream: string, head: Revision): Keyframes;
  /** Forgets a stream (an erasure changed what its fold gives). */
  forget(stream: string): void;
}

export interface KeyframeIndexOptions {
  readonly packer?: Packer | undefined;
  /** What states of a kind of stream may share (`fold.settled`). Default: nothing. */
  readonly settled?: (streamType: string) => SettledPaths | null;
  readonly limits?: Partial<Pick<Limits, 'keyframeEveryEvents' | 'keyframesHeldPerStreamMax' | 'keyframeBytesPerStreamMax' | 'keyframeBytesMax'>>;
}

export function createKeyframeIndex(options: KeyframeIndexOptions = {}): KeyframeIndex {
  const { keyframeEveryEvents, keyframesHeldPerStreamMax: countMax, keyframeBytesPerStreamMax: bytesMax, keyframeBytesMax } = { ...defaultLimits, ...options.limits };
  /** In the order in which they were last asked for. */
  const known = new Map<string, Keyframes>();

  function makeRoom(asked: string): void {
    let bytes = [...known.values()].reduce((sum, keyframes) => sum + keyframes.bytes, 0);
    for (const [stream, keyframes] of known) {
      if (bytes <= keyframeBytesMax || stream === asked) return;
      bytes -= keyframes.bytes;
      known.delete(stream);
    }
  }

  return {
    of(stream, head) {
      let distance = keyframeEveryEvents;
      while (distance * countMax < head) distance *= 2;
      const kept = known.get(stream);
      const keyframes = kept ?? createKeyframes({ distance, least: distance, countMax, bytesMax, packer: options.packer, settled: options.settled?.(splitAddress(stream).type) ?? null });
      // It will have none, and there may be as many like it as there are streams.
      if (kept === undefined && head < distance) return keyframes;
      known.delete(stream);
      known.set(stream, keyframes);
      makeRoom(stream);
      return keyframes;
    },
    forget: (stream) => void known.delete(stream),
  };
}
