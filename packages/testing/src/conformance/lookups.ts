/** Group O: finding by id: events, commits, and the directory of streams. */
import assert from 'node:assert/strict';
import { accept, acceptAll, idsOf, positionsOf, range, readAll } from './calls.ts';
import type { ConformanceCase } from './case.ts';

export const lookupCases: readonly ConformanceCase[] = [
  {
    id: 'O125',
    claim: 'events are found by their ids, each once, in the order of the log',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commits = [traffic.commit([{}, {}]), traffic.commit([{ stream: 'job/2' }]), traffic.commit([{}])];
      await acceptAll(driver, commits);
      const [a = '', b = '', c = '', d = ''] = commits.flatMap((commit) => idsOf(commit.events));
      const found = async (request: Parameters<typeof readAll>[1]) => positionsOf((await readAll(driver, request)).events);
      assert.deepEqual(await found({ ids: [d, a, traffic.uuid(), c, a] }), [1, 3, 4]);
      assert.deepEqual(await found({ ids: [d, a, c], direction: 'backward' }), [4, 3, 1]);
      assert.deepEqual(await found({ ids: [d, a, c], direction: 'backward', limit: 2 }), [4, 3]);
      assert.deepEqual(await found({ ids: [a, b, c, d], after: 1, upTo: 3 }), [2, 3]);
      assert.deepEqual(await found({ ids: [] }), []);
    },
  },
  {
    id: 'O126',
    claim: 'a commit id finds all events of that commit',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commits = [traffic.commit([{}, { stream: 'job/2' }]), traffic.commit([{}, {}, {}]), traffic.commit([{}])];
      await acceptAll(driver, commits);
      const [first, second, third] = commits;
      const found = async (ids: readonly string[]) => positionsOf((await readAll(driver, { commits: ids })).events);
      assert.deepEqual(await found([second?.id ?? '']), [3, 4, 5]);
      assert.deepEqual(await found([third?.id ?? '', 'absent', first?.id ?? '']), [1, 2, 6]);
      assert.deepEqual(await found([]), []);
    },
  },
  {
    id: 'O127',
    claim: 'streams are listed in byte order, by prefix, after a name, and up to a limit',
    async run({ open, traffic }) {
      const { driver } = await open();
      const names = ['b/1', 'a/2', 'a/1', 'a/10', 'a_1', 'A/1', 'a/é', 'a/\uffee', 'a/😀', 'a%1'];
      await accept(driver, traffic.commit([...names, 'a/2'].map((stream) => ({ stream }))));
      const inOrder = names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      const listed = async (request: Parameters<typeof driver.streams>[0]) => (await driver.streams(request)).map((info) => info.stream);
      assert.deepEqual(await listed({}), inOrder);
      assert.deepEqual(await listed({ prefix: 'a/' }), inOrder.filter((name) => name.startsWith('a/')));
      assert.deepEqual(await listed({ prefix: 'a_' }), ['a_1']);
      assert.deepEqual(await listed({ prefix: 'a%' }), ['a%1']);
      assert.deepEqual(await listed({ after: 'a/10', limit: 2 }), inOrder.slice(inOrder.indexOf('a/10') + 1).slice(0, 2));
      assert.deepEqual(await listed({ after: 'a/15', prefix: 'a/', limit: 1 }), ['a/2']);
      assert.deepEqual(await listed({ prefix: 'absent' }), []);
      const [info] = await driver.streams({ prefix: 'a/2' });
      assert.deepEqual(info, { stream: 'a/2', revision: 2, first: 2, last: 11 });
      assert.deepEqual(range(1, 11), positionsOf((await readAll(driver)).events));
    },
  },
];
