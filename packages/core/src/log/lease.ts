/**
 * A lease says which of several processes on one log does a piece of work. It is one value among those of the log, renewed by
 * compare-and-set; whoever sees it stand still for its whole length takes it over.
 *
 * What it keeps true: no two processes hold it as long as their sleeps are not shorter than they say. Nobody compares clocks:
 * the other side is judged by whether its value moved while we slept. Who cannot renew gives up at half of the length, so the
 * work has the other half to stop. A process that stood still itself (stopped, swapped out) may find out late; so what is done
 * under a lease is fenced once more where it is written, by the cursor's compare-and-set and the commit's id.
 */
import { LogError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { encodeUtf8 } from './bytes.ts';
import type { LogDriver } from './driver.ts';

export interface Lease {
  /**
   * Works while it holds the lease, and goes for it again when it was lost, until the signal aborts or the work ends by itself.
   *
   * @param work  Ends soon after its signal aborts.
   * Others take over a quarter of the length after an orderly end, and one and a quarter of it after a kill, at the latest.
   */
  hold(work: (held: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export interface LeaseOptions {
  /** Unique in the log. */
  readonly name: string;
  /** Who holds it, for whoever looks. */
  readonly holder: string;
  readonly leaseMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** Where the leases stand among the values of a log. */
export const leasePrefix = 'lease/';

/** Looks, or renewals, in one length of the lease. */
const beats = 4;

export function createLease(driver: Pick<LogDriver, 'kvGet' | 'kvPut'>, { name, holder, leaseMs, clock }: LeaseOptions): Lease {
  const key = leasePrefix + name;
  const value = encodeUtf8(JSON.stringify({ holder, leaseMs }));
  const beatMs = leaseMs / beats;

  /** The rev under which we hold it; null when the signal aborted first. */
  async function take(signal: AbortSignal): Promise<number | null> {
    let [seen, stoodStill]: [number | null, number] = [null, 0];
    while (!signal.aborted) {
      const found = await tried(async () => ({ rev: (await driver.kvGet(key))?.rev ?? null }));
      if (found !== null) {
        stoodStill = found.rev === seen ? stoodStill + 1 : 0;
        seen = found.rev;
        if (seen === null || stoodStill >= beats) {
          const rev = await tried(() => driver.kvPut(key, value, found.rev ?? 'absent'));
          if (typeof rev === 'number') return rev;
        }
      }
      await clock.sleep(beatMs, signal);
    }
    return null;
  }

  /** Renews until the signal aborts. @returns the newest rev; null when the lease is lost. */
  async function keep(taken: number, signal: AbortSignal): Promise<number | null> {
    for (let rev = taken; ; ) {
      await clock.sleep(beatMs, signal);
      if (signal.aborted) return rev;
      const renewing = tried(() => driver.kvPut(key, value, rev));
      // An answer that comes later than this may come too late, unless nobody works any more.
      const inTime = await Promise.race([renewing, clock.sleep(beatMs, signal)]);
      const renewed = signal.aborted ? await renewing : inTime;
      if (typeof renewed !== 'number') return null;
      rev = renewed;
    }
  }

  return {
    async hold(work, signal) {
      for (let isLost = true; isLost && !signal.aborted; ) {
        const taken = await take(signal);
        if (taken === null) return;
        const [lost, done] = [new AbortController(), new AbortController()];
        // What cannot be renewed for whatever reason is lost; a reason that lasts is thrown by the next try to take it.
        const keeping = keep(taken, done.signal).catch(() => null).then((rev) => {
          if (rev === null) lost.abort();
          return rev;
        });
        try {
          await work(AbortSignal.any([signal, lost.signal]));
        } finally {
          done.abort();
          const rev = await keeping;
          isLost = rev === null;
          // Handed over, not left to run out; if it cannot be, it runs out.
          if (rev !== null) await tried(() => driver.kvPut(key, null, rev));
        }
      }
    },
  };
}

/** Null when the engine is away for a moment. */
async function tried<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof LogError && error.retryable) return null;
    throw error;
  }
}
