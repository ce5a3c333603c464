/**
 * Where each stream being written stands: its revision and its folded state, with the commits of this process that are
 * still under way already applied. It is a cache; dropping an entry only costs a fold. A commit always carries the revision
 * it was judged on as a check, and follows the ones it rests on (commit-order.ts), so that a stale tail makes a conflict and
 * never a wrong event.
 *
 * Where a race was lost the next one will be run, too: of such a stream a second state is kept, that of the log alone, so that
 * judging again reads what came since and not all since the last snapshot. Who takes long to judge again loses again.
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
  /** Drops this very tail; a newer one of the same stream stays. @param options.isRaceLost  Others write this stream as well. */
  drop(tail: Tail, options?: { readonly isRaceLost: boolean }): void;
}

/** Streams that several processes write and whose states are kept for the next race. */
const contestedMax = 64;

export interface StreamTailsParts {
  /** The state of a stream as the log has it, for the caller alone; read on from an older one where there is one. */
  readonly load: (address: string, older: State | undefined) => Promise<State>;
  /** A copy of a state that its owner may change. */
  readonly copy: (state: State) => State;
  readonly meter?: Meter | undefined;
}

/** @param tailsMax  Streams whose tails are kept; those used longest ago go first. */
export function createStreamTails({ load, copy, meter }: StreamTailsParts, tailsMax: number): StreamTails {
  const tails = new Map<string, Tail>();
  const loading = new Map<string, Promise<Tail>>();
  /** As the log had them; undefined when a race was lost and nothing was read since. */
  const contested = new Map<string, State | undefined>();

  async function stateOf(address: string): Promise<State> {
    if (!contested.has(address)) return await load(address, undefined);
    const older = contested.get(address);
    // A fold that fails half-way leaves it spoilt.
    contested.delete(address);
    const state = await load(address, older);
    keepNewest(contested, address, state, contestedMax);
    return copy(state);
  }

  async function loadTail(address: string): Promise<Tail> {
    try {
      const tail: Tail = { address, state: await stateOf(address), isDropped: false };
      keepNewest(tails, address, tail, tailsMax);
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
    drop(tail, { isRaceLost } = { isRaceLost: false }) {
      tail.isDropped = true;
      if (tails.get(tail.address) === tail) tails.delete(tail.address);
      if (isRaceLost && !contested.has(tail.address)) keepNewest(contested, tail.address, undefined, contestedMax);
    },
  };
}

/** The order of a map is the order of use: what was used longest ago goes first. */
function keepNewest<T>(map: Map<string, T>, key: string, value: T, countMax: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= countMax) break;
    map.delete(oldest);
  }
}
