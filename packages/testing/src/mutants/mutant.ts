/**
 * A log that is wrong in one way, as a wrapper over a good one. Mutants test the suite: the named case must catch each of
 * them. A mutant is as subtle as it can be; one that every case catches shows nothing.
 */
import type { AppendResult, Check, Commit, IdSource, LogDriver, NewEvent, Page, ReadRequest, Recorded } from '@refold/core';
import { digestOf } from '../conformance/traffic.ts';
import { createSeededIds } from '../seeded-ids.ts';
import { wrapLog } from '../wrap-log.ts';

export interface MutantLog {
  /** What it does wrong. */
  readonly name: string;
  /** The case that has to fail on it. */
  readonly caughtBy: string;
  wrap(driver: LogDriver): LogDriver;
}

/** Changes commits before they reach the log. */
export function withCommits(change: (commit: Commit) => Commit): (driver: LogDriver) => LogDriver {
  return (driver) => wrapLog(driver, { append: (commits) => driver.append(commits.map(change)) });
}

/** Changes the events of each commit; a wrapper never makes a commit empty. */
export function withNewEvents(change: (events: readonly NewEvent[]) => readonly NewEvent[]): (driver: LogDriver) => LogDriver {
  return withCommits((commit) => ({ ...commit, events: change(commit.events) as Commit['events'] }));
}

export const withChecks = (change: (check: Check) => Check): ((driver: LogDriver) => LogDriver) => withCommits((commit) => ({ ...commit, checks: (commit.checks ?? []).map(change) }));

export function withoutChecks(isIgnored: (check: Check, commit: Commit) => boolean): (driver: LogDriver) => LogDriver {
  return withCommits((commit) => ({ ...commit, checks: (commit.checks ?? []).filter((check) => !isIgnored(check, commit)) }));
}

/** Changes answers on their way back. */
export function withResults(change: (result: AppendResult, commit: Commit) => AppendResult): (driver: LogDriver) => LogDriver {
  return (driver) => wrapLog(driver, {
    append: async (commits) => (await driver.append(commits)).map((result, index) => {
      const commit = commits[index];
      return commit === undefined ? result : change(result, commit);
    }),
  });
}

/** Judges each commit in a way of its own; `driver` is the good log behind. */
export function withAppend(append: (driver: LogDriver, commit: Commit) => Promise<AppendResult>): (driver: LogDriver) => LogDriver {
  return (driver) => wrapLog(driver, {
    async append(commits) {
      const results: AppendResult[] = [];
      for (const commit of commits) results.push(await append(driver, commit));
      return results;
    },
  });
}

export function withRequest(change: (request: ReadRequest) => ReadRequest): (driver: LogDriver) => LogDriver {
  return (driver) => wrapLog(driver, { read: (request, signal) => driver.read(change(request), signal) });
}

export function withPages(change: (page: Page, request: ReadRequest) => Page): (driver: LogDriver) => LogDriver {
  return (driver) => wrapLog(driver, {
    async *read(request, signal) {
      for await (const page of driver.read(request, signal)) yield change(page, request);
    },
  });
}

export function withEvents(change: (event: Recorded, request: ReadRequest) => Recorded): (driver: LogDriver) => LogDriver {
  return withPages((page, request) => ({ ...page, events: page.events.map((event) => change(event, request)) }));
}

/** A commit of the same content under other ids: what a log does that has forgotten the first one. */
export function renamed(commit: Commit, ids: { uuid(): string }): Commit {
  const events = commit.events.map((event) => ({ ...event, id: ids.uuid() })) as [NewEvent, ...NewEvent[]];
  return { ...commit, id: ids.uuid(), events, digest: digestOf(events) };
}

/** Appends one commit to the log behind. */
export async function one(driver: LogDriver, commit: Commit): Promise<AppendResult> {
  const [result] = await driver.append([commit]);
  if (result === undefined) throw new Error('no result');
  return result;
}

/** Ids that no test uses. */
export const strayIds = (): IdSource => createSeededIds(0x5eed, Date.UTC(2001, 0, 1));
