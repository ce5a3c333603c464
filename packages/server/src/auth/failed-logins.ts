/**
 * How often an address may be wrong. A right credential is let in all the same: it holds 256 bits, so guessing is not what
 * this is about, and whoever shares an address with a broken client must not be locked out by it. Source: TRUST.md section 11.
 */
import { LogError } from '@refold/core';
import type { Clock } from '@refold/core';

export interface FailedLogins {
  /** @throws LogError RATE_LIMITED `logins` {retryAfterSeconds} from the first one on that is too many. */
  count(address: string): void;
}

const loginWindowMs = 60_000;
/** So many addresses are remembered; the oldest is forgotten for a new one. */
const addressesMax = 10_000;

export function createFailedLogins(clock: Pick<Clock, 'now'>, failedLoginsPerMinute: number): FailedLogins {
  const windows = new Map<string, { readonly until: number; failed: number }>();
  return {
    count(address) {
      const now = clock.now();
      let window = windows.get(address);
      if (window === undefined || window.until <= now) {
        // Set anew, it becomes the youngest of the map.
        windows.delete(address);
        if (windows.size >= addressesMax) windows.delete(windows.keys().next().value!);
        window = { until: now + loginWindowMs, failed: 0 };
        windows.set(address, window);
      }
      window.failed++;
      if (window.failed <= failedLoginsPerMinute) return;
      throw new LogError('RATE_LIMITED', 'Too many credentials from this address were not valid.', { details: { reason: 'logins', limit: failedLoginsPerMinute, retryAfterSeconds: Math.ceil((window.until - now) / 1_000) }, hint: 'Correct the token before you try again.' });
    },
  };
}
