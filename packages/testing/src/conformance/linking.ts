/** Group N: leaves are made in the serial section, each over the one before it in its stream. And M118: tampering shows. */
import assert from 'node:assert/strict';
import type { Recorded } from '@refold/core';
import { testLinker } from '../test-ports.ts';
import { accept, acceptAll, append, range, readAll, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { chainFaults } from './chain.ts';
import type { RememberedHead } from './chain.ts';
import type { Tampering } from './fixture.ts';
import type { OpenLog, Scene } from './scene.ts';

const linked = { linker: testLinker };

async function openLinked({ open, traffic }: Scene): Promise<OpenLog> {
  const log = await open(linked);
  await acceptAll(log.driver, [traffic.commit([{ stream: 'a' }, { stream: 'b' }, { stream: 'a' }]), traffic.commit([{ stream: 'a' }]), traffic.commit([{ stream: 'c' }, { stream: 'b' }])]);
  return log;
}

/** What verification finds in a log that somebody changed; a log that refuses to open or to be read has found it itself. */
async function faultsOf(scene: Scene, log: OpenLog, remembered: RememberedHead): Promise<readonly string[]> {
  try {
    const { driver } = await scene.openAgain(log);
    return chainFaults((await readAll(driver)).events, testLinker, remembered);
  } catch (error) {
    return [`refused: ${String(error)}`];
  }
}

const hex = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : Buffer.from(bytes).toString('hex'));
const leavesOf = (events: readonly Recorded[]): readonly (string | undefined)[] => events.map((event) => hex(event.leaf));

export const linkingCases: readonly ConformanceCase[] = [
  {
    id: 'M118',
    claim: 'verification finds one flipped bit, a removed, a swapped and a cut-off event',
    needs: ['restart', 'tamper'],
    timeoutMs: 60_000,
    async run(scene) {
      const changes: readonly Tampering[] = [{ kind: 'flip-bit', position: 3 }, { kind: 'remove', position: 4 }, { kind: 'swap', positions: [1, 4] }, { kind: 'truncate', position: 4 }];
      for (const change of changes) {
        const log = await openLinked(scene);
        const before = await readSound(log.driver);
        const remembered = { position: 6, leaf: before[5]?.leaf ?? assert.fail('the log links') };
        assert.deepEqual(chainFaults(before, testLinker, remembered), []);
        await log.driver.close();
        const { tamper } = scene.fixture.harm ?? {};
        if (typeof tamper !== 'function') throw new Error('the fixture has no tamper');
        await tamper(log.name, change);
        assert.notEqual((await faultsOf(scene, log, remembered)).length, 0, `${change.kind} is found`);
      }
    },
  },
  {
    id: 'N119',
    claim: 'every leaf follows from its event at its final place and from the leaf before it in the stream',
    async run(scene) {
      const { driver } = await openLinked(scene);
      const events = await readSound(driver);
      assert.equal(events.length, 6);
      assert.deepEqual(chainFaults(events, testLinker), []);
      assert.equal(new Set(leavesOf(events)).size, 6);
    },
  },
  {
    id: 'N120',
    claim: 'the first event of a stream has no previous leaf; later ones carry it, also within one commit',
    async run(scene) {
      const { driver } = await openLinked(scene);
      const events = await readSound(driver);
      const leaves = leavesOf(events);
      assert.deepEqual(events.map((event) => hex(event.previousLeaf)), [undefined, undefined, leaves[0], leaves[2], undefined, leaves[1]]);
      assert.deepEqual(events.map((event) => 'previousLeaf' in event && event.previousLeaf !== undefined), [false, false, true, true, false, true]);
      for (const request of [{ stream: 'a' }, { bodies: false, direction: 'backward' }] as const) {
        for (const event of (await readAll(driver, request)).events) assert.equal(hex(event.leaf), leaves[event.position - 1]);
      }
    },
  },
  {
    id: 'N121',
    claim: 'leaves are the same after a restart, and the chain goes on from them',
    needs: ['restart'],
    async run(scene) {
      const log = await openLinked(scene);
      const before = await readSound(log.driver);
      const { driver } = await scene.reopen(log);
      assert.deepEqual(await readSound(driver), before);
      await accept(driver, scene.traffic.commit([{ stream: 'a' }, { stream: 'd' }]));
      const after = await readSound(driver);
      assert.equal(after.length, 8);
      assert.deepEqual(chainFaults(after, testLinker), []);
    },
  },
  {
    id: 'N122',
    claim: 'a forgotten event keeps its leaf, and the next one of its stream is linked to it',
    needs: ['forget'],
    async run(scene) {
      const { driver } = await openLinked(scene);
      const leaves = leavesOf(await readSound(driver));
      assert.equal(await driver.forget([4], 'test'), 1);
      await accept(driver, scene.traffic.commit([{ stream: 'a' }]));
      const after = await readSound(driver);
      assert.deepEqual(leavesOf(after).slice(0, 6), leaves);
      assert.equal(hex(after[6]?.previousLeaf), leaves[3]);
      assert.deepEqual(chainFaults(after, testLinker), []);
    },
  },
  {
    id: 'N123',
    claim: 'a log without a linker has no leaves and takes the same commits',
    async run({ open, traffic }) {
      const { driver } = await open();
      await acceptAll(driver, traffic.commits(3));
      const events = await readSound(driver);
      assert.equal(events.length, 3);
      assert.equal(events.filter((event) => event.leaf !== undefined || event.previousLeaf !== undefined).length, 0);
    },
  },
  {
    id: 'N124',
    claim: 'writers at once, refusals and retries leave the chains unbroken',
    async run(scene) {
      const log = await scene.open(linked);
      // Other processes open the log without this linker, so the writers here share this one or are its own connections.
      const others = scene.fixture.connect === undefined ? [] : [await scene.connect(log)];
      const drivers = [log.driver, ...others];
      const commits = range(1, 60).map((number) => scene.traffic.commit([{ stream: `job/${number % 3}` }, { stream: 'all' }], number % 5 === 0 ? [{ kind: 'head', at: 0 }] : []));
      const results = await Promise.all([...commits, ...commits].map((commit, index) => append(drivers[index % drivers.length] ?? log.driver, commit)));
      const events = await readSound(log.driver);
      const accepted = new Set(commits.filter((_, index) => results[index]?.ok === true || results[index + commits.length]?.ok === true).map((commit) => commit.id));
      assert.equal(events.length, accepted.size * 2);
      assert.ok(accepted.size >= 48);
      assert.deepEqual(chainFaults(events, testLinker), []);
    },
  },
];
