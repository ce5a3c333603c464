/** How much one credential may ask for: a bucket per kind of call that holds two seconds' worth. Source: TRUST.md section 11. */
import { LogError } from '@refold/core';
import type { Clock } from '@refold/core';

export const defaultRates = { appendsPerSecond: 500, eventsPerSecond: 5_000, queriesPerSecond: 50 } as const;
export type RateLimits = { readonly [K in keyof typeof defaultRates]: number };

export interface Rates {
  /** @throws LogError RATE_LIMITED {limit, retryAfterSeconds}; `reason` is the kind: appends, events, queries. */
  take(credential: string, kind: 'appends' | 'events' | 'queries', amount?: number): void;
}

const burstFactor = 2;
/** So many buckets are remembered; who is forgotten starts with a full one. */
const bucketsMax = 10_000;

export function createRates(clock: Pick<Clock, 'now'>, limits: RateLimits): Rates {
  const perSecond = { appends: limits.appendsPerSecond, events: limits.eventsPerSecond, queries: limits.queriesPerSecond };
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(credential, kind, amount = 1) {
      const now = clock.now();
      const limit = perSecond[kind];
      const name = `${kind} ${credential}`;
      const bucket = buckets.get(name) ?? { left: limit * burstFactor, at: now };
      buckets.delete(name);
      if (buckets.size >= bucketsMax) buckets.delete(buckets.keys().next().value!);
      buckets.set(name, bucket);
      // A clock that was set back gives nothing and takes nothing.
      bucket.left = Math.min(limit * burstFactor, bucket.left + (Math.max(0, now - bucket.at) * limit) / 1_000);
      bucket.at = now;
      if (bucket.left < amount) {
        const seconds = Math.max(1, Math.ceil((amount - bucket.left) / limit));
        throw new LogError('RATE_LIMITED', `More than ${limit} ${kind} in a second.`, { details: { reason: kind, limit, retryAfterSeconds: seconds }, hint: 'Wait as long as Retry-After says; put more events into one append.' });
      }
      bucket.left -= amount;
    },
  };
}
