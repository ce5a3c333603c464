/** Group K: two logs never touch. */
import assert from 'node:assert/strict';
import { accept, acceptAll, expectExactly, range, readAll, readSound, receiptOf } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import { bytesOf } from './traffic.ts';

export const isolationCases: readonly ConformanceCase[] = [
  {
    id: 'K106',
    claim: 'two logs hold the same ids, streams and keys without noticing each other',
    async run({ open, traffic }) {
      const [left, right] = [await open(), await open()];
      const shared = traffic.commit([{ stream: 'a' }, { stream: 'b' }], [{ kind: 'head', at: 0 }]);
      await accept(left.driver, shared);
      await accept(right.driver, shared);
      const own = traffic.commit([{ stream: 'a' }]);
      await accept(left.driver, own);
      assert.notEqual(await left.driver.kvPut('key', bytesOf('left'), 'absent'), 'conflict');
      assert.equal(await right.driver.kvGet('key'), null);
      assert.notEqual(await right.driver.kvPut('key', bytesOf('right'), 'absent'), 'conflict');
      await expectExactly(left.driver, [shared, own]);
      await expectExactly(right.driver, [shared]);
      assert.equal(Buffer.from((await left.driver.kvGet('key'))?.value ?? []).toString(), 'left');
    },
  },
  {
    id: 'K107',
    claim: 'dropping (or closing) one log leaves the other as it is',
    async run({ open, traffic, fixture }) {
      const [left, right] = [await open(), await open()];
      const commit = traffic.commit([{}, {}]);
      await accept(left.driver, commit);
      await accept(right.driver, commit);
      await left.driver.close();
      await fixture.drop?.(left.name);
      await assert.rejects(left.driver.append([traffic.commit()]), 'a closed log takes nothing');
      await assert.rejects(left.driver.head(), 'a closed log tells nothing');
      await expectExactly(right.driver, [commit]);
      const next = traffic.commit();
      await accept(right.driver, next);
      await expectExactly(right.driver, [commit, next]);
    },
  },
  {
    id: 'K108',
    claim: '100 logs at once keep their contents apart',
    timeoutMs: 60_000,
    async run({ open, traffic }) {
      const logs = await Promise.all(range(1, 100).map(() => open()));
      const commits = logs.map((_, index) => traffic.commit(range(0, index % 4).map(() => ({ body: `log ${index}` }))));
      await Promise.all(logs.map(async (log, index) => receiptOf((await log.driver.append(commits.slice(index, index + 1)))[0])));
      for (const [index, log] of logs.entries()) {
        const { events } = await readAll(log.driver);
        assert.deepEqual(new Set(events.map((event) => Buffer.from(event.body).toString())), new Set([`log ${index}`]));
        await expectExactly(log.driver, commits.slice(index, index + 1));
      }
      const first = logs[0] ?? assert.fail('there is a log');
      await acceptAll(first.driver, traffic.commits(3));
      assert.equal((await readSound(first.driver)).length, 4);
    },
  },
];
