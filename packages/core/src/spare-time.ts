/**
 * Work that nobody waits for takes the thread from whoever asks or appends. So it is done in pieces, and rests after each one
 * for a multiple of the time it took: it has a tenth of the time when nobody is there, and a fiftieth as long as somebody is.
 * A fiftieth is so little that most short questions never meet a piece, and it is not nothing: under traffic that
 * never ends the work still gets done.
 */
import type { Clock } from './ports.ts';

export interface SpareTime {
  /** Somebody asks or appends now. Cheap: told at every append and every page. */
  taken(): void;
  /** Work begins. */
  begin(): void;
  /** Rests for what was done since work began or the last rest ended. @throws the signal's reason when it is aborted. */
  rest(signal?: AbortSignal): Promise<void>;
}

const restsPerWork = 9;
/** Further ones, as long as somebody is there. */
const restsPerWorkWhenTaken = 40;
/** A clock that was set forward, or a machine that slept, makes a piece look longer; it counts for no more than this. */
const pieceMsMax = 1_000;

/** @param quietMs  When nobody asked or appended for so long, nobody is there. */
export function createSpareTime(clock: Pick<Clock, 'now' | 'sleep'>, quietMs: number): SpareTime {
  let beganMs = clock.now();
  let takenMs = -Infinity;
  return {
    taken() {
      takenMs = clock.now();
    },
    begin() {
      beganMs = clock.now();
    },
    async rest(signal) {
      const workedMs = Math.min(clock.now() - beganMs, pieceMsMax);
      await clock.sleep(restsPerWork * workedMs, signal);
      for (let leftMs = restsPerWorkWhenTaken * workedMs; leftMs > 0 && signal?.aborted !== true; ) {
        const ms = Math.min(takenMs + quietMs - clock.now(), leftMs);
        if (ms <= 0) break;
        await clock.sleep(ms, signal);
        leftMs -= ms;
      }
      signal?.throwIfAborted();
      beganMs = clock.now();
    },
  };
}
