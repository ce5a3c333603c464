/** Group J: what was acknowledged is there after the worst, once; what may be lost is told by another epoch. */
import assert from 'node:assert/strict';
import { LogError } from '@refold/core';
import type { Commit, LogDriver } from '@refold/core';
import { appendUntilKnown } from '../faults.ts';
import { accept, acceptAll, append, expectExactly, idsOf, pause, positionsOf, range, readAll, readSound, receiptOf, within } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { Harm, HarmHook } from './fixture.ts';
import { createTraffic } from './traffic.ts';

/** What a worker under `load` appends, in order (see worker.ts). */
function loadedCommits(seed: number, stream: string, count: number): readonly Commit[] {
  const traffic = createTraffic(seed);
  return range(1, count).map(() => traffic.commit([{ stream }, { stream: `${stream}/part` }]));
}

/** The hook itself; cases whose hook is impossible are not run (cases.ts). */
function usable<Hook extends (...given: never[]) => unknown>(harm: Harm | undefined, pick: (harm: Harm) => HarmHook<Hook>): Hook {
  const hook = harm === undefined ? undefined : pick(harm);
  if (typeof hook !== 'function') throw new Error('the fixture has no such hook');
  return hook;
}

export const durabilityCases: readonly ConformanceCase[] = [
  {
    id: 'J98',
    claim: 'after SIGKILL under load every acknowledged commit is there once, and the last one wholly or not at all',
    needs: ['restart', 'process'],
    timeoutMs: 600_000,
    async run({ open, openAgain, startWorker, random, sizes, report }) {
      const log = await open();
      await log.driver.close();
      let expected: readonly Commit[] = [];
      let acknowledgedInAll = 0;
      for (let round = 1; round <= sizes.killRounds; round += 1) {
        const worker = await startWorker(log);
        const seed = random.integer(1, 2 ** 30);
        const target = random.integer(1, 60);
        let acknowledged = 0;
        const reached = new Promise<void>((resolve) => {
          worker.load(seed, `load/${round}`, (count) => {
            acknowledged = count;
            if (count >= target) resolve();
          });
        });
        await within(30_000, 'acknowledgements under load', reached);
        await pause(random.integer(0, 3));
        await worker.kill();

        const { driver } = await openAgain(log);
        const sent = loadedCommits(seed, `load/${round}`, acknowledged + 1);
        const stored = await readSound(driver);
        const fresh = stored.slice(expected.reduce((sum, commit) => sum + commit.events.length, 0));
        const held = fresh.length === sent.length * 2 ? sent : sent.slice(0, acknowledged);
        assert.deepEqual(idsOf(fresh), held.flatMap((commit) => idsOf(commit.events)), `round ${round}: acknowledged ${acknowledged}`);
        // Whoever did not get the acknowledgement sends again: one copy, whatever had happened.
        const last = sent.at(-1) ?? assert.fail('something was sent');
        receiptOf(await append(driver, last));
        expected = [...expected, ...sent];
        acknowledgedInAll += acknowledged;
        await expectExactly(driver, expected);
        await driver.close();
      }
      report(`${sizes.killRounds} kills, ${acknowledgedInAll} acknowledged commits, 0 lost, 0 doubled`);
    },
  },
  {
    id: 'J99',
    claim: 'a torn tail that was never acknowledged is cut, and appending goes on behind it',
    needs: ['restart', 'tearTail'],
    async run({ open, openAgain, traffic, fixture }) {
      const log = await open();
      const commits = traffic.commits(5);
      await acceptAll(log.driver, commits);
      await log.driver.close();
      await usable(fixture.harm, (harm) => harm.tearTail)(log.name);
      const { driver } = await openAgain(log);
      await expectExactly(driver, commits);
      const next = traffic.commit();
      assert.equal((await accept(driver, next)).first, 6);
      await expectExactly(driver, [...commits, next]);
    },
  },
  {
    id: 'J100',
    claim: 'a full or failing disk refuses and loses nothing, and the log is healthy when there is room again',
    needs: ['restart', 'openOnFullDisk'],
    timeoutMs: 60_000,
    async run({ open, traffic, fixture, after }) {
      const log = await open();
      const first = traffic.commit();
      await accept(log.driver, first);
      await log.driver.close();
      const { driver, heal } = await usable(fixture.harm, (harm) => harm.openOnFullDisk)(log.name);
      after(() => driver.close());
      const large = range(1, 200).map(() => traffic.commit([{ body: new Uint8Array(65_536).fill(65) }]));
      const acknowledged: Commit[] = [];
      let failure: unknown;
      for (const commit of large) {
        try {
          receiptOf(await append(driver, commit));
          acknowledged.push(commit);
        } catch (error) {
          failure = error;
          break;
        }
      }
      assert.ok(failure instanceof LogError && failure.code === 'LOG_UNAVAILABLE', `a full disk is told: ${String(failure)}`);
      await heal();
      const refused = large[acknowledged.length] ?? assert.fail('one was refused');
      receiptOf(await append(driver, refused));
      await expectExactly(driver, [first, ...acknowledged, refused]);
    },
  },
  {
    id: 'J101',
    claim: 'a restart of the server behind open drivers loses nothing that was acknowledged',
    needs: ['backend'],
    timeoutMs: 120_000,
    async run({ open, traffic, fixture }) {
      const log = await open();
      const commits = traffic.commits(20);
      for (const [index, commit] of commits.entries()) {
        if (index === 10) await fixture.restartBackend?.(log.name);
        receiptOf(await appendUntilKnown(log.driver, commit));
      }
      await expectExactly(log.driver, commits);
    },
  },
  {
    id: 'J102',
    claim: 'after a failover the acknowledged commits are there, or the epoch tells that they may not be',
    needs: ['cluster'],
    timeoutMs: 120_000,
    async run({ open, traffic, fixture }) {
      const log = await open();
      const commits = traffic.commits(20);
      for (const commit of commits) receiptOf(await appendUntilKnown(log.driver, commit));
      const before = await log.driver.head();
      await fixture.failOver?.(log.name);
      const next = traffic.commit();
      receiptOf(await appendUntilKnown(log.driver, next));
      const after = await log.driver.head();
      if (after.epoch === before.epoch) await expectExactly(log.driver, [...commits, next]);
      else assert.ok((await readSound(log.driver)).length >= 1);
    },
  },
  {
    id: 'J103',
    claim: 'an older backup that was restored has another epoch',
    needs: ['restart', 'backUp'],
    async run({ open, openAgain, traffic, fixture }) {
      const log = await open();
      const kept = traffic.commits(3);
      await acceptAll(log.driver, kept);
      await log.driver.close();
      const { restore } = await usable(fixture.harm, (harm) => harm.backUp)(log.name);
      const later = await openAgain(log);
      const { epoch } = await later.driver.head();
      await acceptAll(later.driver, traffic.commits(2));
      await later.driver.close();
      const untouched = await openAgain(log);
      assert.equal((await untouched.driver.head()).epoch, epoch, 'a restart alone keeps the epoch');
      await untouched.driver.close();
      await restore();
      const { driver } = await openAgain(log);
      assert.notEqual((await driver.head()).epoch, epoch);
      await expectExactly(driver, kept);
    },
  },
  {
    id: 'J104',
    claim: 'a cursor beyond the head is seen from the page: it is empty and names a lower head',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit([{}, {}]));
      for (const direction of ['forward', 'backward'] as const) {
        const { pages } = await readAll(driver, { after: 7, direction });
        assert.deepEqual(pages, [{ events: [], next: null, head: 2 }]);
      }
      // And a watch beyond the head waits until the head really passes it.
      const stop = new AbortController();
      const hint = driver.watch(3, stop.signal)[Symbol.asyncIterator]().next();
      await accept(driver, traffic.commit());
      await accept(driver, traffic.commit());
      assert.equal((await within(5_000, 'a watch', hint)).value, 4);
      stop.abort();
      assert.deepEqual(positionsOf(await readSound(driver)), range(1, 4));
    },
  },
  {
    id: 'J105',
    claim: 'where nothing can be written, appends are refused as read-only and readings work',
    needs: ['restart', 'openReadOnly'],
    async run({ open, traffic, fixture, after }) {
      const log = await open();
      const commits = traffic.commits(3);
      await acceptAll(log.driver, commits);
      await log.driver.close();
      const driver: LogDriver = await usable(fixture.harm, (harm) => harm.openReadOnly)(log.name);
      after(() => driver.close());
      await expectExactly(driver, commits);
      const [result] = await driver.append([traffic.commit()]);
      assert.equal(result?.ok === false && result.reason, 'read-only');
      await expectExactly(driver, commits);
    },
  },
];
