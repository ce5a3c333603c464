/** Group B: stream checks and the head check, one by one and in a race. */
import assert from 'node:assert/strict';
import type { AppendResult, Check, Commit } from '@refold/core';
import { appendUntilKnown, withFaults } from '../faults.ts';
import type { Loss } from '../faults.ts';
import { accept, append, conflictOf, expectExactly, pause, readSound } from './calls.ts';
import type { Writer } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { OpenLog, Scene } from './scene.ts';

const racers = 32;

/** A log whose stream `job/1` stands at revision 3; `other/1` at 1. */
async function openPrepared({ open, traffic }: Scene): Promise<OpenLog> {
  const log = await open();
  await accept(log.driver, traffic.commit([{}, {}, { stream: 'other/1' }, {}]));
  return log;
}

const onJob = (expect: number | 'none' | 'exists', stream = 'job/1'): Check => ({ kind: 'stream', stream, expect });

/** The check holds: the commit goes in, at the next position. */
async function expectHolds(scene: Scene, check: Check): Promise<void> {
  const { driver } = await openPrepared(scene);
  const receipt = await accept(driver, scene.traffic.commit([{ stream: 'new/1' }], [check]));
  assert.equal(receipt.first, 5);
  assert.equal((await readSound(driver)).length, 5);
}

/** The check fails: the answer names it, tells the actual revision and the head, and nothing is written. */
async function expectFails(scene: Scene, check: Check, actual: number): Promise<void> {
  const { driver } = await openPrepared(scene);
  const conflict = await conflictOf(driver, scene.traffic.commit([{ stream: 'new/1' }], [check]));
  assert.deepEqual(conflict, { ok: false, reason: 'conflict', head: 4, failed: [{ check: 0, actual }] });
  assert.equal((await readSound(driver)).length, 4);
}

/** All commits at once; returns how many went in. The log then holds exactly those. */
async function race(log: OpenLog, writers: readonly Writer[], commits: readonly Commit[]): Promise<number> {
  const before = (await log.driver.head()).position;
  const results = await Promise.all(commits.map((commit, index) => append(writers[index] ?? log.driver, commit)));
  const winners = commits.filter((_, index) => results[index]?.ok === true);
  const stored = (await readSound(log.driver)).filter((event) => event.position > before);
  assert.deepEqual(new Set(stored.map((event) => event.commit)), new Set(winners.map((commit) => commit.id)));
  assert.equal(stored.length, winners.reduce((sum, commit) => sum + commit.events.length, 0));
  return winners.length;
}

export const checkCases: readonly ConformanceCase[] = [
  { id: 'B13', claim: 'expect none holds for a stream without events, also one that the commit does not write', run: (scene) => expectHolds(scene, onJob('none', 'absent/1')) },
  { id: 'B14', claim: 'expect none fails for a stream with events and tells its revision', run: (scene) => expectFails(scene, onJob('none'), 3) },
  { id: 'B15', claim: 'expect exists holds for a stream with events', run: (scene) => expectHolds(scene, onJob('exists')) },
  { id: 'B16', claim: 'expect exists fails for a stream without events and tells 0', run: (scene) => expectFails(scene, onJob('exists', 'absent/1'), 0) },
  { id: 'B17', claim: 'an exact expectation holds at the very revision', run: (scene) => expectHolds(scene, onJob(3)) },
  { id: 'B18', claim: 'an exact expectation that is too low fails and tells the actual revision', run: (scene) => expectFails(scene, onJob(2), 3) },
  { id: 'B19', claim: 'an exact expectation that is too high fails and tells the actual revision', run: (scene) => expectFails(scene, onJob(4), 3) },
  {
    id: 'B20',
    claim: 'exact 0 means none: it holds for an absent stream and fails for one with events',
    async run(scene) {
      await expectHolds(scene, onJob(0, 'absent/1'));
      await expectFails(scene, onJob(0), 3);
    },
  },
  {
    id: 'B21',
    claim: 'every failed check is reported, with its index, and the ones that hold are not',
    async run(scene) {
      const { driver } = await openPrepared(scene);
      const checks: readonly Check[] = [onJob(1), onJob('exists', 'other/1'), onJob('none', 'other/1'), { kind: 'head', at: 2 }, onJob(7, 'absent/1')];
      const conflict = await conflictOf(driver, scene.traffic.commit([{}], checks));
      assert.deepEqual(conflict.failed, [{ check: 0, actual: 3 }, { check: 2, actual: 1 }, { check: 3, actual: 4 }, { check: 4, actual: 0 }]);
      assert.equal((await readSound(driver)).length, 4);
    },
  },
  {
    id: 'B22',
    claim: '32 writers without a check on one stream all go in',
    async run(scene) {
      const log = await scene.open();
      const commits = scene.traffic.commits(racers);
      assert.equal(await race(log, await scene.writers(log, racers), commits), racers);
    },
  },
  {
    id: 'B23',
    claim: 'of 32 writers that expect none, one goes in',
    async run(scene) {
      const log = await scene.open();
      const commits = Array.from({ length: racers }, () => scene.traffic.commit([{}], [onJob('none')]));
      assert.equal(await race(log, await scene.writers(log, racers), commits), 1);
    },
  },
  {
    id: 'B24',
    claim: 'of 32 writers with one exact expectation, one goes in, over many connections and pipelined on one',
    async run(scene) {
      const log = await openPrepared(scene);
      const claims = (revision: number): readonly Commit[] => Array.from({ length: racers }, () => scene.traffic.commit([{}], [onJob(revision)]));
      assert.equal(await race(log, await scene.writers(log, racers), claims(3)), 1);
      assert.equal(await race(log, [], claims(4)), 1);
      const inOneCall = await log.driver.append(claims(5));
      assert.equal(inOneCall.filter((result) => result.ok).length, 1);
      assert.equal((await readSound(log.driver)).length, 7);
    },
  },
  {
    id: 'B25',
    claim: 'the same race over connections that drop has one winner, once every writer knows its outcome',
    async run(scene) {
      const log = await openPrepared(scene);
      const line = (): Loss => scene.random.pick(['none', 'request', 'reply'] as const);
      const flaky = withFaults(log.driver, { loss: line, delay: () => pause(scene.random.integer(0, 2)) });
      const commits = Array.from({ length: racers }, () => scene.traffic.commit([{}], [onJob(3)]));
      const results = await Promise.all(commits.map((commit) => appendUntilKnown(flaky, commit)));
      const winners = results.filter((result) => result.ok);
      assert.equal(winners.length, 1);
      assert.equal((await readSound(log.driver)).length, 5);
    },
  },
  {
    id: 'B26',
    claim: 'a head check holds at the very head only and tells the actual one',
    async run(scene) {
      const { driver } = await openPrepared(scene);
      const at = (position: number): Commit => scene.traffic.commit([{}], [{ kind: 'head', at: position }]);
      const refusals: AppendResult[] = [await conflictOf(driver, at(3)), await conflictOf(driver, at(5)), await conflictOf(driver, at(0))];
      for (const refusal of refusals) assert.deepEqual(refusal, { ok: false, reason: 'conflict', head: 4, failed: [{ check: 0, actual: 4 }] });
      assert.equal((await accept(driver, at(4))).first, 5);
      const { driver: empty } = await scene.open();
      const first = at(0);
      await accept(empty, first);
      await expectExactly(empty, [first]);
    },
  },
];
