/** A clock that moves when the test says so. Sleepers wake in the order in which they are due. */
import type { Clock } from '@refold/core';

export interface ManualClock extends Clock {
  /** Moves forward and wakes every sleeper that is due on the way. */
  advance(ms: number): void;
  /** Sets the time, backward too (a stepped clock). Wakes whoever is due. */
  set(ms: number): void;
  /** Number of sleepers. */
  readonly sleeping: number;
}

export interface ManualClockOptions {
  /** Milliseconds since the epoch; default 2026-01-01T00:00:00Z. */
  readonly startMs?: number;
  /** True: a sleep moves the clock itself and never waits, so that retries run through at once. Default false. */
  readonly isSleepInstant?: boolean;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  let nowMs = options.startMs ?? Date.UTC(2026, 0, 1);
  let sleepers: readonly Sleeper[] = [];

  const wakeDue = (): void => {
    const due = sleepers.filter((sleeper) => sleeper.dueMs <= nowMs).toSorted((left, right) => left.dueMs - right.dueMs);
    sleepers = sleepers.filter((sleeper) => sleeper.dueMs > nowMs);
    for (const sleeper of due) sleeper.wake();
  };

  return {
    now: () => nowMs,
    // Nothing takes time here but what the test says, so work takes as long as it says.
    worked: () => nowMs,
    async sleep(ms, signal) {
      if (signal?.aborted === true) return;
      if (options.isSleepInstant === true) {
        nowMs += ms;
        return;
      }
      await new Promise<void>((wake) => {
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake };
        sleepers = [...sleepers, sleeper];
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          wake();
        });
      });
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    advance(ms) {
      nowMs += ms;
      wakeDue();
    },
    set(ms) {
      nowMs = ms;
      wakeDue();
    },
    get sleeping() {
      return sleepers.length;
    },
  };
}
