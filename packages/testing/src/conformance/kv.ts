/** Group H: small named values with compare-and-set: the ground for cursors, leases, snapshots. */
import assert from 'node:assert/strict';
import type { LogDriver } from '@refold/core';
import { createManualClock } from '../manual-clock.ts';
import { accept, conflictOf, range, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { bytesOf } from './traffic.ts';

async function put(driver: LogDriver, key: string, value: Uint8Array | string | null, expect: number | 'absent'): Promise<number> {
  const rev = await driver.kvPut(key, typeof value === 'string' ? bytesOf(value) : value, expect);
  if (rev === 'conflict') assert.fail(`a put of ${key} over ${expect} met a conflict`);
  return rev;
}

async function expectValue(driver: LogDriver, key: string, value: Uint8Array | string, rev: number): Promise<void> {
  const entry = await driver.kvGet(key);
  assert.equal(entry?.rev, rev);
  assert.equal(hex(entry.value), hex(typeof value === 'string' ? bytesOf(value) : value));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const kvCases: readonly ConformanceCase[] = [
  {
    id: 'H82',
    claim: 'of 32 puts that expect absence, one succeeds',
    async run({ open }) {
      const { driver } = await open();
      const revs = await Promise.all(range(1, 32).map((number) => driver.kvPut('race', bytesOf(`${number}`), 'absent')));
      const winners = revs.flatMap((rev, index) => (rev === 'conflict' ? [] : [{ rev, value: `${index + 1}` }]));
      assert.equal(winners.length, 1);
      await expectValue(driver, 'race', winners[0]?.value ?? '', winners[0]?.rev ?? 0);
    },
  },
  {
    id: 'H83',
    claim: 'of 32 pipelined puts over one rev, one succeeds, in every round',
    async run({ open }) {
      const { driver } = await open();
      let rev = await put(driver, 'race', 'start', 'absent');
      for (let round = 0; round < 5; round += 1) {
        const over = rev;
        const revs = await Promise.all(range(1, 32).map((number) => driver.kvPut('race', bytesOf(`${round}-${number}`), over)));
        const winners = revs.filter((result) => result !== 'conflict');
        assert.equal(winners.length, 1);
        rev = winners[0] ?? 0;
        assert.ok(rev > over, 'revs rise');
        await expectValue(driver, 'race', `${round}-${revs.indexOf(rev) + 1}`, rev);
      }
    },
  },
  {
    id: 'H84',
    claim: 'a rev is never used again, also after a delete, so an old one never fits',
    async run({ open }) {
      const { driver } = await open();
      const first = await put(driver, 'key', 'a', 'absent');
      const second = await put(driver, 'key', 'b', first);
      await put(driver, 'key', null, second);
      assert.equal(await driver.kvGet('key'), null);
      assert.deepEqual(await driver.kvList('key'), []);
      assert.equal(await driver.kvPut('key', bytesOf('x'), second), 'conflict', 'a deleted key has no rev to put over');
      const third = await put(driver, 'key', 'a', 'absent');
      assert.ok(third > second && second > first, `${first}, ${second}, ${third} rise`);
      for (const stale of [first, second]) assert.equal(await driver.kvPut('key', bytesOf('x'), stale), 'conflict');
      assert.equal(await driver.kvPut('key', bytesOf('x'), 'absent'), 'conflict');
      await expectValue(driver, 'key', 'a', third);
    },
  },
  {
    id: 'H85',
    claim: 'keys are listed by prefix in byte order, after a key, up to a limit; no character is a wildcard',
    async run({ open }) {
      const { driver } = await open();
      const keys = ['b/1', 'a/2', 'a/1', 'a/10', 'a_1', 'a%1', 'A/1', 'a/é', 'a/\uffee', 'a/😀'];
      const revs = new Map<string, number>();
      for (const key of keys) revs.set(key, await put(driver, key, key, 'absent'));
      const inOrder = keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      const listed = async (prefix: string, after?: string, limit?: number) => (await driver.kvList(prefix, after, limit)).map((entry) => entry.key);
      assert.deepEqual(await driver.kvList(''), inOrder.map((key) => ({ key, rev: revs.get(key) })));
      assert.deepEqual(await listed('a/'), inOrder.filter((key) => key.startsWith('a/')));
      assert.deepEqual(await listed('a_'), ['a_1']);
      assert.deepEqual(await listed('a%'), ['a%1']);
      assert.deepEqual(await listed('a/', 'a/1', 2), ['a/10', 'a/2']);
      assert.deepEqual(await listed('a/', 'a/15', 1), ['a/2']);
      assert.deepEqual(await listed('absent'), []);
    },
  },
  {
    id: 'H86',
    claim: 'values are bytes: every byte, none at all, and never shared with the caller',
    async run({ open }) {
      const { driver } = await open();
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const rev = await put(driver, 'every', every, 'absent');
      const emptyRev = await put(driver, 'empty', new Uint8Array(), 'absent');
      const kept = every.slice();
      every.fill(7);
      await expectValue(driver, 'every', kept, rev);
      (await driver.kvGet('every'))?.value.fill(9);
      await expectValue(driver, 'every', kept, rev);
      await expectValue(driver, 'empty', new Uint8Array(), emptyRev);
    },
  },
  {
    id: 'H87',
    claim: 'values and revs survive a restart, and so does the memory of deleted ones',
    needs: ['restart'],
    async run({ open, reopen }) {
      const log = await open();
      const rev = await put(log.driver, 'kept', 'value', 'absent');
      const gone = await put(log.driver, 'gone', 'value', 'absent');
      await put(log.driver, 'gone', null, gone);
      const { driver } = await reopen(log);
      await expectValue(driver, 'kept', 'value', rev);
      assert.equal(await driver.kvGet('gone'), null);
      assert.ok((await put(driver, 'gone', 'again', 'absent')) > gone);
      assert.ok((await put(driver, 'kept', 'next', rev)) > rev);
    },
  },
  {
    id: 'H88',
    claim: 'a value of 1 MB comes back bit for bit',
    async run({ open, random }) {
      const { driver } = await open();
      const value = random.bytes(1_048_576);
      const rev = await put(driver, 'large', value, 'absent');
      await expectValue(driver, 'large', value, rev);
    },
  },
  {
    id: 'H89',
    claim: 'a lease that expired is taken over, and the old holder is fenced off by a check on the lease’s stream',
    async run({ open, traffic }) {
      const clock = createManualClock();
      const { driver } = await open({ clock });
      const leaseMs = 10_000;
      /** Takes the lease when nobody holds it: CAS in kv, then the fence in the lease's own stream. */
      const take = async (holder: string): Promise<{ readonly rev: number; readonly fence: number } | null> => {
        const entry = await driver.kvGet('lease');
        const untilMs = entry === null ? 0 : (JSON.parse(new TextDecoder().decode(entry.value)) as { untilMs: number }).untilMs;
        if (untilMs > clock.now()) return null;
        const rev = await driver.kvPut('lease', bytesOf(JSON.stringify({ holder, untilMs: clock.now() + leaseMs })), entry?.rev ?? 'absent');
        if (rev === 'conflict') return null;
        const receipt = await accept(driver, traffic.commit([{ stream: 'lease/1', type: 'lease.taken', body: holder }]));
        return { rev, fence: receipt.revisions.get('lease/1') ?? 0 };
      };
      const work = (fence: number) => traffic.commit([{ stream: 'work/1' }], [{ kind: 'stream', stream: 'lease/1', expect: fence }]);
      const old = (await take('old')) ?? assert.fail('the lease was free');
      assert.equal(await take('new'), null);
      await accept(driver, work(old.fence));
      clock.advance(leaseMs);
      const takers = await Promise.all([take('new'), take('other')]);
      const [holder] = takers.filter((lease) => lease !== null);
      assert.equal(takers.filter((lease) => lease !== null).length, 1);
      assert.equal(await driver.kvPut('lease', bytesOf('{}'), old.rev), 'conflict', 'the old holder cannot renew');
      assert.deepEqual((await conflictOf(driver, work(old.fence))).failed, [{ check: 0, actual: 2 }]);
      await accept(driver, work(holder?.fence ?? 0));
      assert.equal((await readSound(driver)).filter((event) => event.stream === 'work/1').length, 2);
    },
  },
  {
    id: 'H90',
    claim: 'a cursor that 8 consumers move never goes back, and every step counts once',
    async run(scene) {
      const log = await scene.open();
      const others = scene.fixture.connect === undefined ? [] : [await scene.connect(log)];
      const drivers = [log.driver, ...others];
      await put(log.driver, 'cursor', '0', 'absent');
      let steps = 0;
      const consume = async (driver: LogDriver): Promise<void> => {
        let seen = 0;
        while (seen < 100) {
          const entry = (await driver.kvGet('cursor')) ?? assert.fail('the cursor is there');
          const at = Number(new TextDecoder().decode(entry.value));
          assert.ok(at >= seen, 'the cursor does not go back');
          seen = at;
          if (at < 100 && (await driver.kvPut('cursor', bytesOf(`${at + 1}`), entry.rev)) !== 'conflict') steps += 1;
        }
      };
      await Promise.all(range(0, 7).map((lane) => consume(drivers[lane % drivers.length] ?? log.driver)));
      assert.equal(steps, 100);
    },
  },
];
