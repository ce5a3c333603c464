/** Group A: commits that are cut, reordered, doubled, or half written. */
import type { AppendResult } from '@refold/core';
import { wrapLog } from '../wrap-log.ts';
import { one, renamed, strayIds, withAppend, withNewEvents, withResults } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

export const appendMutants: readonly MutantLog[] = [
  {
    name: 'drops the last event of a commit',
    caughtBy: 'A2',
    wrap: withNewEvents((events) => (events.length > 1 ? events.slice(0, -1) : events)),
  },
  { name: 'reorders the events of a commit', caughtBy: 'A3', wrap: withNewEvents((events) => events.toReversed()) },
  {
    name: 'applies every commit twice',
    caughtBy: 'A1',
    wrap(driver) {
      const ids = strayIds();
      return withAppend(async (log, commit) => {
        const result = await one(log, commit);
        if (result.ok && !result.duplicate) await one(log, renamed({ id: commit.id, digest: commit.digest, events: commit.events }, ids));
        return result;
      })(driver);
    },
  },
  {
    name: 'leaks a position on a conflict',
    caughtBy: 'A7',
    wrap(driver) {
      const ids = strayIds();
      return withAppend(async (log, commit) => {
        const result = await one(log, commit);
        if (!result.ok && result.reason === 'conflict') await one(log, renamed({ id: commit.id, digest: commit.digest, events: [commit.events[0]] }, ids));
        return result;
      })(driver);
    },
  },
  {
    name: 'keeps the first event of a commit that it refuses',
    caughtBy: 'A6',
    wrap: withAppend(async (log, commit) => {
      const result = await one(log, commit);
      if (!result.ok && result.reason === 'conflict') await one(log, { id: `${commit.id}-part`, digest: commit.digest, events: [commit.events[0]] });
      return result;
    }),
  },
  {
    name: 'tells the first revision of a stream instead of the last',
    caughtBy: 'A12',
    wrap: withResults((result, commit) => {
      if (!result.ok) return result;
      const counts = Map.groupBy(commit.events, (event) => event.stream);
      return { ...result, revisions: new Map([...result.revisions].map(([stream, revision]) => [stream, revision - (counts.get(stream)?.length ?? 1) + 1])) };
    }),
  },
  { name: 'takes an empty commit for a success', caughtBy: 'A9', wrap: (driver) => wrapLog(driver, { append: (commits) => driver.append(commits.filter((commit) => commit.events.length > 0)) }) },
  { name: 'writes the commits of one call in reverse', caughtBy: 'A4', wrap: (driver) => wrapLog(driver, { append: async (commits) => (await driver.append(commits.toReversed())).toReversed() }) },
  {
    name: 'gives up a call at the first refusal',
    caughtBy: 'A5',
    wrap: (driver) => wrapLog(driver, {
      async append(commits) {
        const results: AppendResult[] = [];
        for (const commit of commits) results.push(results.find((result) => !result.ok) ?? (await one(driver, commit)));
        return results;
      },
    }),
  },
];
