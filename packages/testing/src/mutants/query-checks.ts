/** Group C: query checks that are ignored or that mean something else. */
import type { Query } from '@refold/core';
import { wrapLog } from '../wrap-log.ts';
import { withChecks, withCommits, withoutChecks } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

/** Changes what query checks ask for. */
function withQuery(change: (items: Query['items']) => Query['items']): MutantLog['wrap'] {
  return withChecks((check) => (check.kind === 'query' ? { ...check, query: { items: change(check.query.items) } } : check));
}

export const queryCheckMutants: readonly MutantLog[] = [
  { name: 'ignores query checks', caughtBy: 'C28', wrap: withoutChecks((check) => check.kind === 'query') },
  {
    name: 'takes the position of a query check as inclusive',
    caughtBy: 'C29',
    wrap: withChecks((check) => (check.kind === 'query' ? { ...check, after: Math.max(0, check.after - 1) } : check)),
  },
  { name: 'judges a query check by its first item only', caughtBy: 'C32', wrap: withQuery((items) => items.slice(0, 1)) },
  { name: 'takes any tag of an item for all of them', caughtBy: 'C33', wrap: withQuery((items) => items.flatMap((item) => (item.tags ?? []).map((tag) => ({ ...item, tags: [tag] })))) },
  { name: 'ignores the types of an item', caughtBy: 'C33', wrap: withQuery((items) => items.map(({ types: _types, ...item }) => item)) },
  { name: 'ignores a query without items', caughtBy: 'C36', wrap: withoutChecks((check) => check.kind === 'query' && check.query.items.length === 0) },
  {
    name: 'judges only the first commit of a call',
    caughtBy: 'C35',
    wrap: (driver) => wrapLog(driver, { append: (commits) => driver.append(commits.map((commit, index) => (index > 0 ? { ...commit, checks: [] } : commit))) }),
  },
  {
    name: 'judges a query before the race and not in it',
    caughtBy: 'C37',
    wrap: (driver) => wrapLog(driver, {
      async append(commits) {
        const { position } = await driver.head();
        return withCommits((commit) => ({ ...commit, checks: (commit.checks ?? []).filter((check) => check.kind !== 'query' || check.after < position) }))(driver).append(commits);
      },
    }),
  },
];
