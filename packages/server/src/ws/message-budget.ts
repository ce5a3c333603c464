/** How many messages a socket may send: a bucket that holds one second's worth. */
import type { Clock } from '@refold/core';

export function createMessageBudget(clock: Pick<Clock, 'now'>, messagesPerSecond: number): { take(): boolean } {
  let [left, at] = [messagesPerSecond, clock.now()];
  return {
    take() {
      const now = clock.now();
      left = Math.min(messagesPerSecond, left + (Math.max(0, now - at) * messagesPerSecond) / 1_000);
      at = now;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
