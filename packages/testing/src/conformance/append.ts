/** Group A: what one append writes, where it stands afterwards, and that a refused commit leaves nothing behind. */
import assert from 'node:assert/strict';
import { LogError } from '@refold/core';
import type { Commit, LogDriver, StreamInfo } from '@refold/core';
import { accept, acceptAll, conflictOf, expectExactly, positionsOf, range, readAll, readSound, receiptOf } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { commitOf } from './traffic.ts';

export const appendCases: readonly ConformanceCase[] = [
  {
    id: 'A1',
    claim: 'the first event of a log stands at position 1 and revision 1',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit([{ stream: 'job/1', type: 'job.queued', tags: ['a:1', 'b:2'] }]);
      const receipt = await accept(driver, commit);
      assert.deepEqual([receipt.first, receipt.last, receipt.revisions], [1, 1, new Map([['job/1', 1]])]);
      const [event] = await readSound(driver);
      assert.equal(event?.recordedAt, receipt.recordedAt);
      assert.match(receipt.recordedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'A2',
    claim: 'the events of a commit stand next to each other in the order given',
    async run({ open, traffic }) {
      const { driver } = await open();
      const before = traffic.commit();
      const commit = traffic.commit(range(1, 7).map((number) => ({ body: `${number}` })));
      await accept(driver, before);
      const receipt = await accept(driver, commit);
      assert.deepEqual([receipt.first, receipt.last], [2, 8]);
      await expectExactly(driver, [before, commit]);
    },
  },
  {
    id: 'A3',
    claim: 'events of several streams in one commit keep their order, and each stream counts its own revisions',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit(['a', 'b', 'a', 'c', 'b', 'a'].map((stream) => ({ stream })));
      await accept(driver, commit);
      await expectExactly(driver, [commit]);
      const { events } = await readAll(driver);
      assert.deepEqual(events.map((event) => [event.stream, event.revision]), [['a', 1], ['b', 1], ['a', 2], ['c', 1], ['b', 2], ['a', 3]]);
    },
  },
  {
    id: 'A4',
    claim: 'commits of one call are written in input order, each with its own receipt',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commits = [traffic.commit([{}, {}]), traffic.commit([{ stream: 'job/2' }]), traffic.commit([{}, {}, {}])];
      const receipts = await acceptAll(driver, commits);
      assert.deepEqual(receipts.map(({ first, last }) => [first, last]), [[1, 2], [3, 3], [4, 6]]);
      await expectExactly(driver, commits);
      assert.deepEqual(await driver.append([]), [], 'a call without commits has no results');
    },
  },
  {
    id: 'A5',
    claim: 'a later commit of a call sees what an earlier one wrote, and is judged on its own',
    async run({ open, traffic }) {
      const { driver } = await open();
      const claim = (expect: number | 'none'): Commit => traffic.commit([{ stream: 'job/1' }], [{ kind: 'stream', stream: 'job/1', expect }]);
      const results = await driver.append([claim('none'), claim('none'), claim(1), claim(5)]);
      assert.deepEqual(results.map((result) => (result.ok ? result.first : result.reason)), [1, 'conflict', 2, 'conflict']);
      assert.equal((await readSound(driver)).length, 2);
    },
  },
  {
    id: 'A6',
    claim: 'a refused commit writes nothing in any of its streams',
    async run({ open, traffic }) {
      const { driver } = await open();
      const first = traffic.commit([{ stream: 'job/1' }]);
      await accept(driver, first);
      const refused = traffic.commit([{ stream: 'job/2' }, { stream: 'job/1' }, { stream: 'job/3' }], [{ kind: 'stream', stream: 'job/1', expect: 'none' }]);
      await conflictOf(driver, refused);
      await expectExactly(driver, [first]);
      assert.deepEqual((await driver.streams({})).map((info) => info.stream), ['job/1']);
      // Nothing of it is remembered either: without the check the same content goes in.
      const again = commitOf(refused.id, refused.events);
      await accept(driver, again);
      await expectExactly(driver, [first, again]);
    },
  },
  {
    id: 'A7',
    claim: 'a refused commit takes no position and no revision',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit());
      for (let round = 0; round < 3; round += 1) await conflictOf(driver, traffic.commit([{}, {}], [{ kind: 'head', at: 99 }]));
      const receipt = await accept(driver, traffic.commit());
      assert.deepEqual([receipt.first, receipt.revisions.get('job/1')], [2, 2]);
      assert.deepEqual(positionsOf(await readSound(driver)), [1, 2]);
    },
  },
  {
    id: 'A8',
    claim: 'a commit of 1,000 events is written whole',
    async run({ open, traffic, fixture }) {
      const { driver } = await open();
      const count = Math.min(1_000, fixture.capabilities.commitEventsMax);
      const commit = traffic.commit(range(1, count).map((number) => ({ stream: `job/${number % 10}` })));
      const receipt = await accept(driver, commit);
      assert.equal(receipt.last, count);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'A9',
    claim: 'an empty commit is refused, and so is the call it comes with',
    async run({ open, traffic }) {
      const { driver } = await open();
      const empty = commitOf(traffic.uuid(), []);
      await assert.rejects(driver.append([traffic.commit(), empty]), (error) => error instanceof LogError && error.details.reason === 'empty_commit');
      assert.equal((await driver.head()).position, 0);
      await accept(driver, traffic.commit());
    },
  },
  {
    id: 'A10',
    claim: 'stream names with a slash, space, percent, wildcard, emoji, or 512 bytes are kept apart and come back as they were',
    async run({ open, traffic }) {
      const { driver } = await open();
      const names = ['job/1', 'job/1/', 'job', 'job/a b', 'job/%41', 'job/A', 'job/*', 'job/>', 'job/_', 'job/😀', `job/${'ä'.repeat(254)}`, "job/o'hara", 'job\\1'];
      const commits = names.map((stream) => traffic.commit([{ stream }]));
      await acceptAll(driver, commits);
      await expectExactly(driver, commits);
      for (const [index, stream] of names.entries()) {
        const { events } = await readAll(driver, { stream });
        assert.deepEqual(events.map((event) => [event.stream, event.position, event.revision]), [[stream, index + 1, 1]]);
      }
    },
  },
  {
    id: 'A11',
    claim: 'many streams (100,000 at full scale) each have their own revisions and are all listed',
    timeoutMs: 180_000,
    async run({ open, traffic, sizes }) {
      const { driver } = await open();
      const perCommit = 500;
      for (let made = 0; made < sizes.manyStreams; made += perCommit) {
        await accept(driver, traffic.commit(range(made + 1, made + perCommit).map((number) => ({ stream: `job/${number}` }))));
      }
      const second = await accept(driver, traffic.commit([{ stream: 'job/1' }, { stream: `job/${sizes.manyStreams}` }]));
      assert.deepEqual([...second.revisions.values()], [2, 2]);
      const listed = await listAllStreams(driver, 1_000);
      assert.equal(listed.length, sizes.manyStreams);
      assert.equal(new Set(listed.map((info) => info.stream)).size, sizes.manyStreams);
      assert.equal(listed.filter((info) => info.revision === 1 && info.first === info.last).length, sizes.manyStreams - 2);
    },
  },
  {
    id: 'A12',
    claim: 'a receipt tells the last revision of every stream it wrote, and of no other',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit([{ stream: 'a' }, { stream: 'b' }, { stream: 'c' }]));
      const [receipt] = await driver.append([traffic.commit([{ stream: 'b' }, { stream: 'a' }, { stream: 'b' }, { stream: 'd' }])]);
      assert.deepEqual(receiptOf(receipt).revisions, new Map([['a', 2], ['b', 3], ['d', 1]]));
      assert.equal((await readSound(driver)).length, 7);
    },
  },
];

/** The whole directory, page by page. */
async function listAllStreams(driver: LogDriver, pageSize: number): Promise<readonly StreamInfo[]> {
  const listed: StreamInfo[] = [];
  for (;;) {
    const after = listed.at(-1)?.stream;
    const page = await driver.streams({ limit: pageSize, ...(after !== undefined && { after }) });
    listed.push(...page);
    if (page.length < pageSize) return listed;
  }
}
