/** Group D: a commit is known by id and digest, for ever. Whoever does not know the outcome sends the same commit again. */
import assert from 'node:assert/strict';
import type { Check, Commit, LogDriver } from '@refold/core';
import { appendUntilKnown, withFaults } from '../faults.ts';
import { createManualClock } from '../manual-clock.ts';
import { accept, append, conflictOf, expectExactly, idsOf, range, readSound, receiptOf, refuse } from './calls.ts';
import type { Receipt } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { commitOf } from './traffic.ts';

/** Sends the commit again and expects the first receipt, marked as a duplicate, and no new event. */
async function expectFirstReceipt(driver: LogDriver, commit: Commit, first: Receipt): Promise<void> {
  const before = (await driver.head()).position;
  const again = receiptOf(await append(driver, commit));
  assert.deepEqual(again, { ...first, duplicate: true });
  assert.equal((await driver.head()).position, before);
}

export const idempotencyCases: readonly ConformanceCase[] = [
  {
    id: 'D39',
    claim: 'a commit sent again gets its first receipt and is not written twice',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit([{ stream: 'a' }, { stream: 'b' }]);
      const first = await accept(driver, commit);
      await expectFirstReceipt(driver, commit, first);
      await expectFirstReceipt(driver, commit, first);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'D40',
    claim: 'a commit sent 16 times at once, and twice in one call, is written once, and all receipts agree',
    async run(scene) {
      const log = await scene.open();
      const commit = scene.traffic.commit([{}, {}]);
      const writers = await scene.writers(log, 16);
      const receipts = (await Promise.all(writers.map((writer) => append(writer, commit)))).map(receiptOf);
      assert.equal(receipts.filter((receipt) => !receipt.duplicate).length, 1);
      for (const receipt of receipts) assert.deepEqual({ ...receipt, duplicate: false }, { ...receipts[0], duplicate: false });
      const twice = scene.traffic.commit();
      const results = (await log.driver.append([twice, twice])).map(receiptOf);
      assert.deepEqual(results.map(({ duplicate, first }) => [duplicate, first]), [[false, 3], [true, 3]]);
      await expectExactly(log.driver, [commit, twice]);
    },
  },
  {
    id: 'D41',
    claim: 'a commit sent again after others gets its first receipt',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit();
      const first = await accept(driver, commit);
      const others = traffic.commits(10);
      for (const other of others) await accept(driver, other);
      await expectFirstReceipt(driver, commit, first);
      await expectExactly(driver, [commit, ...others]);
    },
  },
  {
    id: 'D42',
    claim: 'a commit sent again after a restart gets its first receipt',
    needs: ['restart'],
    async run({ open, reopen, traffic }) {
      const log = await open();
      const commit = traffic.commit([{ stream: 'a' }, { stream: 'b' }]);
      const first = await accept(log.driver, commit);
      const { driver } = await reopen(log);
      await expectFirstReceipt(driver, commit, first);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'D43',
    claim: 'a commit sent again gets its first receipt although its checks would fail by now',
    async run({ open, traffic }) {
      const { driver } = await open();
      const checks: readonly Check[] = [{ kind: 'stream', stream: 'job/1', expect: 'none' }, { kind: 'head', at: 0 }, { kind: 'query', query: { items: [{ tags: ['t'] }] }, after: 0 }];
      const commit = traffic.commit([{ tags: ['t'] }], checks);
      const first = await accept(driver, commit);
      await expectFirstReceipt(driver, commit, first);
      const rival = traffic.commit([{}], checks);
      assert.equal((await conflictOf(driver, rival)).failed.length, 3);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'D44',
    claim: 'a known commit id with another digest is refused as reused',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit();
      const first = await accept(driver, commit);
      await refuse(driver, commitOf(commit.id, [traffic.event()]), 'commit-reused');
      await refuse(driver, { ...commit, digest: commit.digest.map((byte, index) => (index === 31 ? byte ^ 1 : byte)) }, 'commit-reused');
      await expectFirstReceipt(driver, commit, first);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'D45',
    claim: 'an event id that another commit brought is refused, before its checks are judged',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit();
      await accept(driver, commit);
      const thief = traffic.event({ id: commit.events[0].id });
      await refuse(driver, commitOf(traffic.uuid(), [thief]), 'event-id-taken');
      await refuse(driver, commitOf(traffic.uuid(), [thief], [{ kind: 'head', at: 9 }]), 'event-id-taken');
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'D46',
    claim: 'a commit of which only some event ids are taken is refused whole, also within one call',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit([{}, {}]);
      await accept(driver, commit);
      const overlap = commitOf(traffic.uuid(), [traffic.event({ stream: 'new/1' }), commit.events[1] ?? traffic.event(), traffic.event()]);
      await refuse(driver, overlap, 'event-id-taken');
      const earlier = traffic.commit([{}, {}]);
      const later = commitOf(traffic.uuid(), [traffic.event(), earlier.events[0]]);
      const results = await driver.append([earlier, later]);
      assert.deepEqual(results.map((result) => (result.ok ? 'ok' : result.reason)), ['ok', 'event-id-taken']);
      await expectExactly(driver, [commit, earlier]);
    },
  },
  {
    id: 'D47',
    claim: 'a commit sent again after its bodies were forgotten gets its first receipt, and the bodies stay away',
    needs: ['forget'],
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit([{}, {}]);
      const first = await accept(driver, commit);
      assert.equal(await driver.forget([1], 'test'), 1);
      await expectFirstReceipt(driver, commit, first);
      assert.deepEqual((await readSound(driver)).map((event) => event.forgotten ?? false), [true, false]);
    },
  },
  {
    id: 'D48',
    claim: 'no window closes: after many commits and a month on the clock the first receipt still comes',
    timeoutMs: 120_000,
    async run({ open, traffic, sizes }) {
      const clock = createManualClock();
      const { driver } = await open({ clock });
      const commit = traffic.commit();
      const first = await accept(driver, commit);
      for (let made = 0; made < sizes.dedupeDistance; made += 100) {
        clock.advance(30 * 86_400_000 * (100 / sizes.dedupeDistance));
        await driver.append(traffic.commits(100));
      }
      await expectFirstReceipt(driver, commit, first);
      assert.equal((await readSound(driver)).length, sizes.dedupeDistance + 1);
    },
  },
  {
    id: 'D49',
    claim: 'a process killed between the write and the acknowledgement leaves a commit that a retry finds',
    needs: ['restart', 'process'],
    timeoutMs: 60_000,
    async run({ open, openAgain, startWorker, traffic }) {
      const log = await open();
      const before = traffic.commit();
      await accept(log.driver, before);
      await log.driver.close();
      const commit = traffic.commit([{ stream: 'a' }, { stream: 'b' }]);
      const worker = await startWorker(log);
      await worker.appendThenDie(commit);
      const { driver } = await openAgain(log);
      const receipt = receiptOf(await append(driver, commit));
      assert.deepEqual([receipt.duplicate, receipt.first, receipt.last], [true, 2, 3]);
      await expectExactly(driver, [before, commit]);
    },
  },
  {
    id: 'D50',
    claim: 'a soak with 5 % of the connections dropped writes every commit exactly once',
    timeoutMs: 180_000,
    async run({ open, traffic, sizes, random }) {
      const { driver } = await open();
      const flaky = withFaults(driver, { loss: () => (random.chance(0.05) ? random.pick(['request', 'reply'] as const) : 'none') });
      const commits = range(1, sizes.soakCommits).map((number) => traffic.commit([{ stream: `job/${number % 7}` }]));
      const lanes = range(0, 7).map((lane) => commits.filter((_, index) => index % 8 === lane));
      await Promise.all(lanes.map(async (lane) => {
        for (const commit of lane) receiptOf(await appendUntilKnown(flaky, commit));
      }));
      const stored = await readSound(driver);
      assert.equal(stored.length, sizes.soakCommits);
      assert.deepEqual(new Set(idsOf(stored)), new Set(commits.flatMap((commit) => idsOf(commit.events))));
    },
  },
];
