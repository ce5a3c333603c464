/** Group B: checks that are ignored, judged too early, or badly reported. */
import type { Check, FailedCheck } from '@refold/core';
import { wrapLog } from '../wrap-log.ts';
import { one, withAppend, withResults, withoutChecks } from './mutant.ts';
import type { MutantLog } from './mutant.ts';

/** Changes what a conflict reports. */
function withFailed(change: (failed: readonly FailedCheck[]) => readonly FailedCheck[]): MutantLog['wrap'] {
  return withResults((result) => (!result.ok && result.reason === 'conflict' ? { ...result, failed: change(result.failed) } : result));
}

export const checkMutants: readonly MutantLog[] = [
  { name: 'ignores expect none', caughtBy: 'B14', wrap: withoutChecks((check) => check.kind === 'stream' && check.expect === 'none') },
  { name: 'ignores expect exists', caughtBy: 'B16', wrap: withoutChecks((check) => check.kind === 'stream' && check.expect === 'exists') },
  {
    name: 'lets an exact expectation that is too high through',
    caughtBy: 'B19',
    wrap: withAppend(async (log, commit) => {
      const streams = await log.streams({});
      const actual = (stream: string): number => streams.find((info) => info.stream === stream)?.revision ?? 0;
      const isAbove = (check: Check): boolean => check.kind === 'stream' && typeof check.expect === 'number' && check.expect > actual(check.stream);
      return one(log, { ...commit, checks: (commit.checks ?? []).filter((check) => !isAbove(check)) });
    }),
  },
  { name: 'does not check exact 0', caughtBy: 'B20', wrap: withoutChecks((check) => check.kind === 'stream' && check.expect === 0) },
  {
    name: 'ignores checks on streams that it does not write',
    caughtBy: 'B14',
    wrap: withoutChecks((check, commit) => check.kind === 'stream' && !commit.events.some((event) => event.stream === check.stream)),
  },
  { name: 'reports the first failed check only', caughtBy: 'B21', wrap: withFailed((failed) => failed.slice(0, 1)) },
  { name: 'does not tell the actual revision', caughtBy: 'B18', wrap: withFailed((failed) => failed.map(({ actual: _actual, ...rest }) => rest)) },
  {
    name: 'fails a commit without checks in a race',
    caughtBy: 'B22',
    wrap: (driver) => wrapLog(driver, {
      async append(commits) {
        const { position } = await driver.head();
        return driver.append(commits.map((commit) => (commit.checks === undefined ? { ...commit, checks: [{ kind: 'head' as const, at: position }] } : commit)));
      },
    }),
  },
  {
    name: 'judges stream checks before the race and not in it',
    caughtBy: 'B23',
    wrap: (driver) => wrapLog(driver, {
      async append(commits) {
        const streams = await driver.streams({});
        const holds = (check: Check): boolean => check.kind === 'stream' && check.expect === 'none' && !streams.some((info) => info.stream === check.stream);
        return driver.append(commits.map((commit) => ({ ...commit, checks: (commit.checks ?? []).filter((check) => !holds(check)) })));
      },
    }),
  },
  {
    name: 'judges exact checks before the race and not in it',
    caughtBy: 'B24',
    wrap: (driver) => wrapLog(driver, {
      async append(commits) {
        const streams = await driver.streams({});
        const holds = (check: Check): boolean => check.kind === 'stream' && streams.some((info) => info.stream === check.stream && info.revision === check.expect);
        return driver.append(commits.map((commit) => ({ ...commit, checks: (commit.checks ?? []).filter((check) => !holds(check)) })));
      },
    }),
  },
  { name: 'ignores head checks', caughtBy: 'B26', wrap: withoutChecks((check) => check.kind === 'head') },
];
