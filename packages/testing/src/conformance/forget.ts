/** Group L: the only removal there is. The body goes; place, name, time and proof stay. */
import assert from 'node:assert/strict';
import type { LogDriver, ReadRequest, Recorded } from '@refold/core';
import { testLinker } from '../test-ports.ts';
import { accept, acceptAll, append, idsOf, positionsOf, readAll, readSound, receiptOf } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { chainFaults } from './chain.ts';
import type { OpenLog, Scene } from './scene.ts';

/** Five events with bodies that can be told apart. */
async function openFive({ open, traffic }: Scene, options: Parameters<Scene['open']>[0] = {}): Promise<OpenLog> {
  const log = await open(options);
  await acceptAll(log.driver, ['one', 'two', 'three', 'four', 'five'].map((word) => traffic.commit([{ body: `secret ${word}`, tags: [`word:${word}`] }])));
  return log;
}

const withoutBody = ({ body: _body, forgotten: _forgotten, ...rest }: Recorded): object => rest;

/** The bodies of the positions are gone, everything else is as it was. */
async function expectForgotten(driver: LogDriver, before: readonly Recorded[], positions: readonly number[], remainder: (event: Recorded) => Uint8Array): Promise<void> {
  const after = await readSound(driver);
  assert.deepEqual(after.map(withoutBody), before.map(withoutBody));
  for (const [index, event] of after.entries()) {
    const known = before[index] ?? assert.fail('nothing is added');
    const isGone = positions.includes(event.position);
    assert.equal(event.forgotten ?? false, isGone, `position ${event.position}`);
    assert.deepEqual(event.body, isGone ? remainder(known) : known.body, `position ${event.position}`);
  }
}

const nothing = (): Uint8Array => new Uint8Array();

export const forgetCases: readonly ConformanceCase[] = [
  {
    id: 'L109',
    claim: 'a forgotten body is gone in every reading, and place, id, type, tags, commit and time stay',
    needs: ['forget'],
    async run(scene) {
      const { driver } = await openFive(scene);
      const before = await readSound(driver);
      assert.equal(await driver.forget([2, 4], 'test'), 2);
      await expectForgotten(driver, before, [2, 4], nothing);
      const { id, commit } = before[1] ?? assert.fail('five events were read');
      const requests: readonly ReadRequest[] = [
        { stream: 'job/1', after: 1, upTo: 2 },
        { query: { items: [{ tags: ['word:two'] }] } },
        { ids: [id] },
        { commits: [commit] },
        { direction: 'backward', upTo: 2, limit: 1 },
      ];
      for (const request of requests) {
        const { events } = await readAll(driver, request);
        assert.deepEqual(events.map((event) => [event.position, event.body.length, event.forgotten]), [[2, 0, true]], JSON.stringify(request));
      }
    },
  },
  {
    id: 'L110',
    claim: 'neighbours, and the same position of another log, keep their bodies; forgetting twice counts nothing',
    needs: ['forget'],
    async run(scene) {
      const [left, right] = [await openFive(scene), await openFive(scene)];
      const [beforeLeft, beforeRight] = [await readSound(left.driver), await readSound(right.driver)];
      assert.equal(await left.driver.forget([3, 3, 99, 0], 'test'), 1);
      assert.equal(await left.driver.forget([3], 'again'), 0);
      assert.equal(await left.driver.forget([], 'nothing'), 0);
      await expectForgotten(left.driver, beforeLeft, [3], nothing);
      assert.deepEqual(await readSound(right.driver), beforeRight);
    },
  },
  {
    id: 'L111',
    claim: 'ids stay taken and commits stay known after forgetting',
    needs: ['forget'],
    async run(scene) {
      const { open, traffic } = scene;
      const { driver } = await open();
      const commit = traffic.commit([{}, {}]);
      const first = await accept(driver, commit);
      assert.equal(await driver.forget([1, 2], 'test'), 2);
      assert.deepEqual(receiptOf(await append(driver, commit)), { ...first, duplicate: true });
      const thief = await append(driver, traffic.commit([{ id: commit.events[0].id }]));
      assert.equal(thief.ok ? 'accepted' : thief.reason, 'event-id-taken');
      assert.deepEqual(idsOf(await readSound(driver)), idsOf(commit.events));
    },
  },
  {
    id: 'L112',
    claim: 'a restart does not bring a forgotten body back',
    needs: ['forget', 'restart'],
    async run(scene) {
      const log = await openFive(scene);
      const before = await readSound(log.driver);
      assert.equal(await log.driver.forget([1, 5], 'test'), 2);
      const { driver } = await scene.reopen(log);
      await expectForgotten(driver, before, [1, 5], nothing);
      assert.equal((await accept(driver, scene.traffic.commit())).first, 6);
    },
  },
  {
    id: 'L113',
    claim: 'after compaction the bytes of a forgotten body are nowhere in what is stored',
    needs: ['forget', 'restart', 'storedBytes'],
    async run({ open, traffic, fixture }) {
      const { name, driver } = await open();
      const secret = `forget-me-${traffic.uuid()}`;
      const kept = `keep-me-${traffic.uuid()}`;
      await accept(driver, traffic.commit([{ body: secret }, { body: kept }]));
      assert.equal(await driver.forget([1], 'test'), 1);
      await driver.close();
      const read = fixture.harm?.storedBytes;
      if (typeof read !== 'function') throw new Error('the fixture has no storedBytes');
      const stored = (await read(name)).map((bytes) => Buffer.from(bytes));
      assert.equal(stored.filter((bytes) => bytes.includes(secret)).length, 0, 'the forgotten body is gone');
      assert.ok(stored.some((bytes) => bytes.includes(kept)), 'the neighbour is there, so the search works');
    },
  },
  {
    id: 'L114',
    claim: 'leaves stay and can be made again from what was kept, so proofs still verify',
    needs: ['forget'],
    async run(scene) {
      const { driver } = await openFive(scene, { linker: testLinker });
      const before = await readSound(driver);
      assert.equal(await driver.forget([2, 3], 'test'), 2);
      await expectForgotten(driver, before, [2, 3], (event) => testLinker.remainder(event));
      const after = await readSound(driver);
      assert.deepEqual(chainFaults(after, testLinker), []);
      assert.deepEqual(after.map((event) => event.leaf?.length), [32, 32, 32, 32, 32]);
      await accept(driver, scene.traffic.commit());
      assert.deepEqual(chainFaults(await readSound(driver), testLinker), []);
      assert.deepEqual(positionsOf(after), [1, 2, 3, 4, 5]);
    },
  },
];
