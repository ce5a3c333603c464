/** Group C: checks over queries, the dynamic consistency boundary: "nothing like this has come since I looked". */
import assert from 'node:assert/strict';
import type { Check, Query } from '@refold/core';
import { accept, acceptAll, append, conflictOf, readAll, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { EventParts } from './traffic.ts';
import type { OpenLog, Scene } from './scene.ts';

const guard = (query: Query, after: number): Check => ({ kind: 'query', query, after });
const tagged = (...tags: string[]): Query => ({ items: [{ tags }] });

/** Positions 1 to 4, with types and tags that the cases refer to. */
const history: readonly EventParts[] = [
  { type: 'seat.held', tags: ['seat:1', 'show:a'] },
  { type: 'seat.sold', tags: ['seat:1', 'show:a'] },
  { type: 'seat.held', tags: ['seat:2', 'show:a'] },
  { type: 'show.ended', tags: ['show:b'] },
];

async function openWithHistory({ open, traffic }: Scene): Promise<OpenLog> {
  const log = await open();
  await accept(log.driver, traffic.commit(history));
  return log;
}

/** Judges the check against the history: null when it held, else the match that was reported. */
async function judge(scene: Scene, log: OpenLog, check: Check): Promise<number | null> {
  const before = (await readSound(log.driver)).length;
  const result = await append(log.driver, scene.traffic.commit([{ stream: 'probe/1', type: 'probe.sent' }], [check]));
  assert.equal((await readSound(log.driver)).length, before + (result.ok ? 1 : 0));
  if (result.ok) return null;
  assert.equal(result.reason, 'conflict');
  const failed = result.reason === 'conflict' ? result.failed : [];
  assert.deepEqual(failed.map((failure) => failure.check), [0]);
  return failed[0]?.match ?? assert.fail('a failed query check tells a match');
}

async function expectMatch(scene: Scene, query: Query, after: number, matches: readonly number[]): Promise<void> {
  const log = await openWithHistory(scene);
  const match = await judge(scene, log, guard(query, after));
  if (matches.length === 0) assert.equal(match, null);
  else assert.ok(match !== null && matches.includes(match), `${match} is one of ${matches.join()}`);
}

export const queryCheckCases: readonly ConformanceCase[] = [
  { id: 'C27', claim: 'a query check without a match holds', run: (scene) => expectMatch(scene, tagged('seat:9'), 0, []) },
  {
    id: 'C28',
    claim: 'a query check with a match after its position fails and tells the match',
    async run(scene) {
      await expectMatch(scene, tagged('seat:1'), 0, [1, 2]);
      await expectMatch(scene, tagged('seat:1'), 1, [2]);
    },
  },
  {
    id: 'C29',
    claim: 'a match at or before the position does not count',
    async run(scene) {
      await expectMatch(scene, tagged('seat:1'), 2, []);
      await expectMatch(scene, tagged('seat:2'), 3, []);
      await expectMatch(scene, tagged('seat:2'), 2, [3]);
    },
  },
  {
    id: 'C30',
    claim: 'guards over disjoint tags do not conflict',
    async run(scene) {
      const { driver } = await scene.open();
      const seats = Array.from({ length: 20 }, (_, seat) => `seat:${seat}`);
      const commits = seats.map((seat) => scene.traffic.commit([{ stream: 'hall/1', tags: [seat] }], [guard(tagged(seat), 0)]));
      assert.ok((await Promise.all(commits.map((commit) => append(driver, commit)))).every((result) => result.ok));
      assert.equal((await readSound(driver)).length, seats.length);
    },
  },
  {
    id: 'C31',
    claim: 'a guard by type and a guard by tag that see each other’s events have one winner',
    async run(scene) {
      const log = await scene.open();
      const writers = await scene.writers(log, 2);
      for (let round = 0; round < 10; round += 1) {
        const after = (await log.driver.head()).position;
        const byType = scene.traffic.commit([{ type: 'seat.sold', tags: ['round:tag'] }], [guard({ items: [{ types: ['seat.held'] }] }, after)]);
        const byTag = scene.traffic.commit([{ type: 'seat.held', tags: ['other:tag'] }], [guard(tagged('round:tag'), after)]);
        const results = await Promise.all([byType, byTag].map((commit, index) => append(writers[index] ?? log.driver, commit)));
        assert.equal(results.filter((result) => result.ok).length, 1);
      }
      assert.equal((await readSound(log.driver)).length, 10);
    },
  },
  {
    id: 'C32',
    claim: 'items of a query are alternatives, and so are the types of one item',
    async run(scene) {
      await expectMatch(scene, { items: [{ tags: ['seat:9'] }, { types: ['show.ended'] }] }, 0, [4]);
      await expectMatch(scene, { items: [{ types: ['seat.moved', 'show.ended'] }] }, 0, [4]);
      await expectMatch(scene, { items: [{ tags: ['seat:9'] }, { types: ['seat.moved'] }] }, 0, []);
    },
  },
  {
    id: 'C33',
    claim: 'tags of one item must all be there, together with one of the types',
    async run(scene) {
      await expectMatch(scene, tagged('seat:2', 'show:a'), 0, [3]);
      await expectMatch(scene, tagged('seat:2', 'show:b'), 0, []);
      await expectMatch(scene, { items: [{ types: ['seat.sold'], tags: ['show:a'] }] }, 0, [2]);
      await expectMatch(scene, { items: [{ types: ['seat.sold'], tags: ['seat:2'] }] }, 0, []);
    },
  },
  {
    id: 'C34',
    claim: 'a guard taken from an empty reading holds until a match comes',
    async run(scene) {
      const { driver } = await openWithHistory(scene);
      const empty = await readAll(driver, { query: tagged('seat:7') });
      assert.deepEqual([empty.events.length, empty.head], [0, 4]);
      const claim = () => scene.traffic.commit([{ tags: ['seat:7'] }], [guard(tagged('seat:7'), empty.head)]);
      assert.equal((await accept(driver, claim())).first, 5);
      assert.deepEqual((await conflictOf(driver, claim())).failed, [{ check: 0, match: 5 }]);
      assert.equal((await readSound(driver)).length, 5);
    },
  },
  {
    id: 'C35',
    claim: 'an append without checks invalidates a guard as well',
    async run(scene) {
      const { driver } = await openWithHistory(scene);
      await accept(driver, scene.traffic.commit([{ tags: ['seat:8'] }]));
      const conflict = await conflictOf(driver, scene.traffic.commit([{}], [guard(tagged('seat:8'), 4)]));
      assert.deepEqual(conflict.failed, [{ check: 0, match: 5 }]);
      // In one call as well: a later commit is judged on what an earlier one wrote.
      const [first, second] = await driver.append([scene.traffic.commit([{ tags: ['seat:9'] }]), scene.traffic.commit([{}], [guard(tagged('seat:9'), 5)])]);
      assert.deepEqual([first?.ok, second?.ok], [true, false]);
      assert.equal((await readSound(driver)).length, 6);
    },
  },
  {
    id: 'C36',
    claim: 'a query without items matches everything',
    async run(scene) {
      await expectMatch(scene, { items: [] }, 3, [4]);
      await expectMatch(scene, { items: [] }, 4, []);
      await expectMatch(scene, { items: [{}] }, 3, [4]);
    },
  },
  {
    id: 'C37',
    claim: 'of 32 claims guarded by one query, one goes in, in every round',
    timeoutMs: 60_000,
    async run(scene) {
      const log = await scene.open();
      const writers = await scene.writers(log, 32);
      for (let round = 0; round < scene.sizes.claimRounds; round += 1) {
        const after = (await log.driver.head()).position;
        const tag = `task:${round}`;
        const commits = writers.map((_, index) => scene.traffic.commit([{ stream: `worker/${index}`, tags: [tag] }], [guard(tagged(tag), after)]));
        const results = await Promise.all(commits.map((commit, index) => append(writers[index] ?? log.driver, commit)));
        assert.equal(results.filter((result) => result.ok).length, 1);
      }
      assert.equal((await readSound(log.driver)).length, scene.sizes.claimRounds);
    },
  },
  {
    id: 'C38',
    claim: 'of 32 commits that lock the whole log by its head, one goes in, whatever their streams',
    async run(scene) {
      const log = await openWithHistory(scene);
      const writers = await scene.writers(log, 32);
      const commits = writers.map((_, index) => scene.traffic.commit([{ stream: `worker/${index}` }], [{ kind: 'head', at: 4 }]));
      const results = await Promise.all(commits.map((commit, index) => append(writers[index] ?? log.driver, commit)));
      assert.equal(results.filter((result) => result.ok).length, 1);
      const everything = commits.map((_, index) => scene.traffic.commit([{ stream: `worker/${index}` }], [guard({ items: [] }, 5)]));
      assert.equal((await acceptAll(log.driver, everything.slice(0, 1))).length, 1);
      assert.equal((await readSound(log.driver)).length, 6);
    },
  },
];
