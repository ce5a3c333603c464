/** Group G: the hint that the head moved. It may coalesce or repeat; it is never lost, never goes back, never ends silently. */
import assert from 'node:assert/strict';
import { LogError } from '@refold/core';
import type { LogDriver } from '@refold/core';
import { accept, alongside, pause, range, readAll, within } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { OpenLog } from './scene.ts';

/** Push is promised within 50 ms and poll within 1 s; a busy machine gets more before a watch counts as dead. */
const wakeTimeoutMs = 5_000;

/** The first position that a watch yields. */
async function firstHint(driver: LogDriver, after: number, signal?: AbortSignal): Promise<number> {
  const stop = new AbortController();
  const watching = (async () => {
    for await (const position of driver.watch(after, signal ?? stop.signal)) return position;
    throw new Error('the watch ended silently');
  })();
  try {
    return await within(wakeTimeoutMs, 'a watch', watching);
  } finally {
    stop.abort();
  }
}

/** Watches until the position is reached; returns all hints. */
async function hintsUntil(driver: LogDriver, after: number, until: number, onHint: () => Promise<unknown>): Promise<readonly number[]> {
  const stop = new AbortController();
  const hints: number[] = [];
  const watching = (async () => {
    for await (const position of driver.watch(after, stop.signal)) {
      hints.push(position);
      if (position >= until) return;
      await onHint();
    }
    throw new Error('the watch ended silently');
  })();
  try {
    await within(wakeTimeoutMs, `a watch up to ${until}`, watching);
  } finally {
    stop.abort();
  }
  return hints;
}

async function expectWoken(log: OpenLog, watcher: LogDriver, cause: () => Promise<unknown>): Promise<void> {
  const { position } = await log.driver.head();
  const hint = firstHint(watcher, position);
  await cause();
  assert.ok((await hint) > position);
  assert.ok((await readAll(log.driver, { after: position })).events.length > 0);
}

export const watchCases: readonly ConformanceCase[] = [
  {
    id: 'G75',
    claim: 'a watch is woken by appends of the same driver, again and again',
    async run({ open, traffic }) {
      const log = await open();
      for (let round = 0; round < 3; round += 1) await expectWoken(log, log.driver, () => accept(log.driver, traffic.commit()));
    },
  },
  {
    id: 'G76',
    claim: 'a watch is woken by appends of another connection and of another process',
    needs: ['connections', 'process'],
    async run({ open, connect, startWorker, traffic }) {
      const log = await open();
      const other = await connect(log);
      const worker = await startWorker(log);
      await expectWoken(log, log.driver, () => accept(other, traffic.commit()));
      await expectWoken(log, other, () => accept(worker, traffic.commit()));
      const { position } = await log.driver.head();
      const hint = worker.firstWatched(position);
      await accept(log.driver, traffic.commit());
      assert.ok((await within(wakeTimeoutMs, 'a watch in the other process', hint)) > position);
    },
  },
  {
    id: 'G77',
    claim: 'what was appended between the reading and the watch wakes it at once',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit());
      const { head } = await readAll(driver);
      await accept(driver, traffic.commit());
      assert.equal(await firstHint(driver, head), 2);
      // Reading and watching in turns misses nothing, however the appends fall in between.
      let read = 0;
      const writing = alongside(async () => {
        for (const [index, commit] of traffic.commits(50).entries()) {
          await accept(driver, commit);
          if (index % 3 === 0) await pause(0);
        }
      });
      while (read < 52) {
        const page = await readAll(driver, { after: read });
        read += page.events.length;
        if (read < 52 && page.events.length === 0) await firstHint(driver, read);
      }
      await writing.join();
      assert.equal(read, 52);
    },
  },
  {
    id: 'G78',
    claim: 'hints rise, coalesce while the watcher is busy, and end at the head',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit());
      let isFirst = true;
      const hints = await hintsUntil(driver, 0, 201, async () => {
        if (!isFirst) return;
        isFirst = false;
        for (const commit of traffic.commits(200)) await accept(driver, commit);
      });
      assert.equal(hints.at(-1), 201);
      assert.ok(hints.every((hint, index) => index === 0 || hint >= (hints[index - 1] ?? 0)), 'hints never go back');
      assert.ok(hints.length <= 101, `200 moves behind a busy watcher gave ${hints.length} hints`);
    },
  },
  {
    id: 'G79',
    claim: 'a watch survives a restart of the server behind it',
    needs: ['backend'],
    timeoutMs: 120_000,
    async run({ open, fixture, traffic }) {
      const log = await open();
      await accept(log.driver, traffic.commit());
      const hint = firstHint(log.driver, 1);
      await fixture.restartBackend?.(log.name);
      await accept(log.driver, traffic.commit());
      assert.equal(await hint, 2);
    },
  },
  {
    id: 'G80',
    claim: 'an abort ends a watch, and closing the driver ends it with an error, never silently',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit());
      const stop = new AbortController();
      const aborted = driver.watch(1, stop.signal)[Symbol.asyncIterator]().next();
      const early = await Promise.race([aborted.then(() => 'ended'), pause(20).then(() => 'waiting')]);
      assert.equal(early, 'waiting', 'a watch without news waits');
      stop.abort();
      const end = await within(wakeTimeoutMs, 'an aborted watch', aborted.catch((error: unknown) => error));
      assert.ok(end === stop.signal.reason || (end as IteratorResult<number>).done === true);
      const left = driver.watch(1, new AbortController().signal)[Symbol.asyncIterator]().next();
      left.catch(() => {});
      await driver.close();
      await assert.rejects(within(wakeTimeoutMs, 'a watch on a closed driver', left), (error) => error instanceof LogError && error.code === 'LOG_UNAVAILABLE');
    },
  },
  {
    id: 'G81',
    claim: '200 watchers are all woken',
    async run({ open, traffic, report }) {
      const { driver } = await open();
      const delaysMs: number[] = [];
      let appendedMs = 0;
      const watchers = range(1, 200).map(async () => {
        const hint = await firstHint(driver, 0);
        delaysMs.push(performance.now() - appendedMs);
        return hint;
      });
      await pause(5);
      appendedMs = performance.now();
      await accept(driver, traffic.commit());
      assert.deepEqual(new Set(await Promise.all(watchers)), new Set([1]));
      report(`200 watchers woken, last after ${Math.round(Math.max(...delaysMs))} ms`);
      assert.equal((await driver.head()).position, 1);
    },
  },
];
