/** Group D: logs that forget commits, or know them by too little. */
import type { LogDriver } from '@refold/core';
import { withCommits, withResults, withAppend, renamed, one, strayIds } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

/** Writes a known commit again under other ids once `isForgotten` says so. */
function forgettingCommits(isForgotten: (appendsSince: number) => boolean): (driver: LogDriver) => LogDriver {
  return (driver) => {
    const ids = strayIds();
    const seen = new Map<string, number>();
    let appends = 0;
    return withAppend(async (log, commit) => {
      appends += 1;
      const before = seen.get(commit.id);
      if (before !== undefined && isForgotten(appends - before)) return one(log, renamed(commit, ids));
      seen.set(commit.id, before ?? appends);
      return one(log, commit);
    })(driver);
  };
}

export const idempotencyMutants: readonly MutantLog[] = [
  { name: 'forgets every commit', caughtBy: 'D39', wrap: forgettingCommits(() => true) },
  { name: 'forgets a commit after 100 others', caughtBy: 'D48', wrap: forgettingCommits((appendsSince) => appendsSince > 100) },
  { name: 'does not say that a receipt is a duplicate', caughtBy: 'D39', wrap: withResults((result) => (result.ok ? { ...result, duplicate: false } : result)) },
  {
    name: 'judges checks before it looks for the commit',
    caughtBy: 'D43',
    wrap: withAppend(async (log, commit) => {
      const result = await one(log, commit);
      if (!result.ok || !result.duplicate || (commit.checks ?? []).length === 0) return result;
      return { ok: false, reason: 'conflict', head: (await log.head()).position, failed: [{ check: 0, actual: 1 }] };
    }),
  },
  {
    name: 'knows a commit by its id alone',
    caughtBy: 'D44',
    wrap(driver) {
      const digests = new Map<string, Uint8Array>();
      return withCommits((commit) => {
        const digest = digests.get(commit.id) ?? commit.digest;
        digests.set(commit.id, digest);
        return { ...commit, digest };
      })(driver);
    },
  },
  {
    name: 'lets an event id in twice',
    caughtBy: 'D45',
    wrap(driver) {
      const ids = strayIds();
      return withAppend(async (log, commit) => {
        const result = await one(log, commit);
        return !result.ok && result.reason === 'event-id-taken' ? one(log, renamed(commit, ids)) : result;
      })(driver);
    },
  },
  {
    name: 'skips the events whose ids it knows and writes the rest',
    caughtBy: 'D46',
    wrap: withAppend(async (log, commit) => {
      const result = await one(log, commit);
      if (result.ok || result.reason !== 'event-id-taken') return result;
      const known = new Set<string>();
      for await (const page of log.read({ ids: commit.events.map((event) => event.id) })) for (const event of page.events) known.add(event.id);
      const [first, ...rest] = commit.events.filter((event) => !known.has(event.id));
      return first === undefined ? result : one(log, { ...commit, events: [first, ...rest] });
    }),
  },
];
