/** Group I: sizes, encodings, and names at their edges. What is over a limit has no effect at all. */
import assert from 'node:assert/strict';
import { LogError } from '@refold/core';
import type { Commit, LogDriver } from '@refold/core';
import { accept, acceptAll, append, expectExactly, positionsOf, range, readAll, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { EventParts } from './traffic.ts';

/** The call is refused with an error of this kind, and nothing is written. */
async function expectRefused(driver: LogDriver, commits: readonly Commit[], reason: string): Promise<void> {
  const before = (await driver.head()).position;
  await assert.rejects(driver.append(commits), (error) => error instanceof LogError && error.details.reason === reason, `a refusal for ${reason}`);
  assert.equal((await driver.head()).position, before);
}

export const limitCases: readonly ConformanceCase[] = [
  {
    id: 'I91',
    claim: 'bodies of 0 bytes and of 1 MiB are kept; a commit over the declared limits is refused and its neighbours are not',
    async run({ open, traffic, random, fixture }) {
      const { driver } = await open();
      assert.deepEqual(driver.capabilities, fixture.capabilities);
      const { commitBytesMax, commitEventsMax } = driver.capabilities;
      const block = random.bytes(1_048_576);
      const kept = [traffic.commit([{ body: '' }]), traffic.commit([{ body: block }])];
      const tooManyBytes = traffic.commit(range(1, Math.ceil((commitBytesMax + 1) / block.length)).map(() => ({ body: block })));
      const tooManyEvents = traffic.commit(range(1, commitEventsMax + 1).map(() => ({ body: '' })));
      const results = await driver.append([kept[0], tooManyBytes, tooManyEvents, kept[1]].filter((commit) => commit !== undefined));
      assert.deepEqual(results.map((result) => (result.ok ? 'ok' : result.reason)), ['ok', 'too-large', 'too-large', 'ok']);
      await expectExactly(driver, kept);
    },
  },
  {
    id: 'I92',
    claim: 'a NUL is a byte like any other in a body, and refused in a stream name or a tag',
    async run({ open, traffic }) {
      const { driver } = await open();
      const commit = traffic.commit([{ body: '\u0000{"a":"\u0000"}\u0000' }, { body: Uint8Array.from([0]) }, { body: Uint8Array.from([0xff, 0xfe, 0x00, 0x80]) }]);
      await accept(driver, commit);
      await expectRefused(driver, [traffic.commit(), traffic.commit([{ stream: 'job/\u00001' }])], 'control_character');
      await expectRefused(driver, [traffic.commit([{ stream: 'job/\n1' }])], 'control_character');
      await expectRefused(driver, [traffic.commit([{ tags: ['a\u0000b'] }])], 'tag_nul');
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'I93',
    claim: 'a lone surrogate is refused in a stream name and in a tag',
    async run({ open, traffic }) {
      const { driver } = await open();
      await expectRefused(driver, [traffic.commit([{ stream: 'job/\ud800' }])], 'lone_surrogate');
      await expectRefused(driver, [traffic.commit([{ tags: ['a:\udc00'] }])], 'lone_surrogate');
      const commit = traffic.commit([{ stream: 'job/\u{1f600}', tags: ['a:\u{1f600}'] }]);
      await accept(driver, commit);
      await expectExactly(driver, [commit]);
    },
  },
  {
    id: 'I94',
    claim: 'names are compared by bytes: NFC and NFD, upper and lower case, stay apart in streams, types and tags',
    async run({ open, traffic }) {
      const { driver } = await open();
      const names = ['caf\u00e9', 'cafe\u0301', 'CAF\u00c9', 'cafe'];
      const commits = names.map((name) => traffic.commit([{ stream: name, tags: [name] }]));
      await acceptAll(driver, commits);
      await expectExactly(driver, commits);
      for (const [index, name] of names.entries()) {
        assert.deepEqual(positionsOf((await readAll(driver, { stream: name })).events), [index + 1]);
        assert.deepEqual(positionsOf((await readAll(driver, { query: { items: [{ tags: [name] }] } })).events), [index + 1]);
        const check = await append(driver, traffic.commit([{}], [{ kind: 'query', query: { items: [{ tags: [name] }] }, after: index + 1 }]));
        assert.equal(check.ok, true);
      }
      await acceptAll(driver, [traffic.commit([{ type: 'Job.Done' }]), traffic.commit([{ type: 'job.done' }])]);
      assert.deepEqual(positionsOf((await readAll(driver, { query: { items: [{ types: ['Job.Done'] }] } })).events), [9]);
      assert.equal((await readSound(driver)).length, 10);
    },
  },
  {
    id: 'I95',
    claim: 'many distinct tags (1,000,000 at full scale) are each found alone',
    timeoutMs: 600_000,
    async run({ open, traffic, sizes }) {
      const { driver } = await open();
      const perEvent = 20;
      const perCommit = 250;
      let tag = 0;
      const event = (): EventParts => ({ tags: range(1, perEvent).map(() => `tag:${(tag += 1).toString().padStart(8, '0')}`), body: '' });
      while (tag < sizes.distinctTags) await accept(driver, traffic.commit(range(1, Math.min(perCommit, (sizes.distinctTags - tag) / perEvent)).map(event)));
      for (const number of [1, 20, 21, sizes.distinctTags / 2, sizes.distinctTags]) {
        const { events } = await readAll(driver, { query: { items: [{ tags: [`tag:${number.toString().padStart(8, '0')}`] }] } });
        assert.deepEqual(positionsOf(events), [Math.ceil(number / perEvent)]);
      }
      assert.equal((await driver.head()).position, sizes.distinctTags / perEvent);
    },
  },
  {
    id: 'I96',
    claim: 'a malformed type, id, digest, tag list or stream name is refused with the whole call',
    async run({ open, traffic }) {
      const { driver } = await open();
      const refusals: readonly (readonly [EventParts, string])[] = [
        [{ type: '' }, 'type'],
        [{ type: 'job done' }, 'type'],
        [{ type: 'jöb.done' }, 'type'],
        [{ type: 'j'.repeat(129) }, 'type'],
        [{ id: 'not-a-uuid' }, 'event_id'],
        [{ stream: '' }, 'empty'],
        [{ stream: `${'ä'.repeat(256)}b` }, 'too_long'],
        [{ tags: ['b', 'a'] }, 'tags_order'],
        [{ tags: ['a', 'a'] }, 'tags_order'],
        [{ tags: [''] }, 'tags_order'],
        [{ tags: ['a'.repeat(257)] }, 'tag'],
        [{ tags: range(10, 42).map((number) => `t:${number}`) }, 'tags'],
      ];
      for (const [parts, reason] of refusals) await expectRefused(driver, [traffic.commit(), traffic.commit([{}, parts])], reason);
      const twice = traffic.event();
      await expectRefused(driver, [traffic.commit([twice, twice])], 'twice_in_commit');
      await expectRefused(driver, [{ ...traffic.commit(), digest: new Uint8Array(31) }], 'digest');
      await expectRefused(driver, [{ ...traffic.commit(), id: '' }], 'commit_id');
      await expectRefused(driver, [traffic.commit([{}], [{ kind: 'stream', stream: 'job/1', expect: -1 }])], 'check');
      const edge = traffic.commit([{ type: 'j'.repeat(128), stream: 'ä'.repeat(256), tags: [...range(10, 40).map((number) => `t:${number}`), `u${'a'.repeat(255)}`] }]);
      await accept(driver, edge);
      await expectExactly(driver, [edge]);
    },
  },
  {
    id: 'I97',
    claim: 'names that look like numbers, words of a language, or other names stay text',
    async run({ open, traffic }) {
      const { driver } = await open();
      const names = ['1', '01', '1.0', '1e3', '1000', '0x10', '16', '9007199254740993', '9007199254740992', 'null', 'true', 'NaN', '__proto__', 'constructor', "'; drop table event; --"];
      const commits = names.map((name) => ({ ...traffic.commit([{ stream: name, tags: [name] }]), id: name }));
      await acceptAll(driver, commits);
      await expectExactly(driver, commits);
      for (const [index, name] of names.entries()) {
        assert.deepEqual(positionsOf((await readAll(driver, { stream: name })).events), [index + 1]);
        assert.deepEqual(positionsOf((await readAll(driver, { query: { items: [{ tags: [name] }] } })).events), [index + 1]);
        assert.deepEqual(positionsOf((await readAll(driver, { commits: [name] })).events), [index + 1]);
        assert.equal(await driver.kvPut(name, Uint8Array.from([index]), 'absent') !== 'conflict', true);
      }
      for (const [index, name] of names.entries()) assert.deepEqual([...((await driver.kvGet(name))?.value ?? [])], [index]);
    },
  },
];
