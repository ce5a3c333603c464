/**
 * Where each stream being written stands: its revision and its folded state, with the commits of this process that are
 * still under way already applied. It is a cache; dropping an entry only costs a fold. A commit always carries the revision
 * it was judged on as a check, and follows the ones it rests on (commit-order.ts), so that a stale tail makes a conflict and
 * never a wrong event.
 */
import type { State } from '../fold/aggregate.ts';
import type { Meter } from '../metering.ts';

export interface Tail {
  readonly address: string;
  /** Owned by the tail; the writer evolves it in place. */
  state: State;
  /** The state is not the stream's any more; whoever still holds this tail gets a new one. */
  isDropped: boolean;
}

export interface StreamTails {
  /** The tail, loaded when it is not cached. Concurrent callers share one load. */
  get(address: string): Promise<Tail>;
  /** The tail if it is cached; it counts as used. */
  cached(address: string): Tail | undefined;
  /** Drops this very tail; a newer one of the same stream stays. */
  drop(tail: Tail): void;
}

export function createStreamTails(load: (address: string) => Promise<State>, tailsMax: number, meter?: Meter): StreamTails {
  const tails = new Map<string, Tail>();
  const loading = new Map<string, Promise<Tail>>();

  async function loadTail(address: string): Promise<Tail> {
    try {
      const tail: Tail = { address, state: await load(address), isDropped: false };
      tails.set(address, tail);
      for (const oldest of tails.keys()) {
        if (tails.size <= tailsMax) break;
        tails.delete(oldest);
      }
      return tail;
    } finally {
      loading.delete(address);
    }
  }

  function cached(address: string): Tail | undefined {
    const tail = tails.get(address);
    if (tail === undefined) return undefined;
    // The order of the map is the order of use.
    tails.delete(address);
    tails.set(address, tail);
    meter?.add('state_cache_hits_total', {});
    return tail;
  }

  return {
    get(address) {
      const tail = cached(address);
      if (tail !== undefined) return Promise.resolve(tail);
      if (!loading.has(address)) meter?.add('state_cache_misses_total', {});
      const pending = loading.get(address) ?? loadTail(address);
      loading.set(address, pending);
      return pending;
    },
    cached,
    drop(tail) {
      tail.isDropped = true;
      if (tails.get(tail.address) === tail) tails.delete(tail.address);
    },
  };
}
