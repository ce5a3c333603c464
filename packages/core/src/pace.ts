/**
 * A long scan shares its thread. Reading, folding and evaluating never wait for anything by themselves (a driver in memory, or
 * in the same process, answers at once), so without this a scan over many events would hold up every other request, and
 * its own time limit as well. What one event may cost is bounded elsewhere (expression/budget.ts); this bounds what they
 * cost in a row.
 */
import { defaultLimits } from './limits.ts';
import type { Clock } from './ports.ts';

export interface Pace {
  /** Whether the scan has held the thread for long enough. Cheap: asked after every event. */
  isDue(): boolean;
  /** Lets others have their turn. @throws the signal's reason when it was aborted meanwhile. */
  turn(signal?: AbortSignal): Promise<void>;
}

/** @param clock  Without one nothing is ever due: the caller has the thread to itself. */
export function createPace(clock: Pick<Clock, 'now' | 'turn'> | undefined): Pace {
  if (clock === undefined) return { isDue: () => false, turn: async () => undefined };
  let since = clock.now();
  return {
    isDue: () => clock.now() - since >= defaultLimits.scanTurnMs,
    async turn(signal) {
      await clock.turn();
      signal?.throwIfAborted();
      since = clock.now();
    },
  };
}
