/** Work that takes much of a process, a few at once: whoever comes while as many are under way is told to come back. */
import { LogError } from '@refold/core';
import type { Log } from '@refold/core';

export interface Turn {
  /** Gives the place to the next; again it does nothing. */
  done(): void;
}

export interface FewAtOnce {
  /** @throws LogError RATE_LIMITED {reason, limit}. */
  enter(log: Log): Turn;
}

export interface FewOptions {
  /** Name of the work, as `details.reason` has it. */
  readonly reason: string;
  readonly limitOf: (log: Log) => number;
  readonly hint: string;
}

/** Counts per log; logs that are gone take their counts along. */
export function createFewAtOnce({ reason, limitOf, hint }: FewOptions): FewAtOnce {
  const underWay = new WeakMap<Log, number>();
  return {
    enter(log) {
      const count = underWay.get(log) ?? 0;
      const limit = limitOf(log);
      if (count >= limit) throw new LogError('RATE_LIMITED', `${limit} ${reason} are under way already.`, { details: { reason, limit }, hint });
      underWay.set(log, count + 1);
      let isDone = false;
      return {
        done() {
          if (isDone) return;
          isDone = true;
          underWay.set(log, underWay.get(log)! - 1);
        },
      };
    },
  };
}
