/** Group E: one order that everybody sees alike. A reader that follows the head never finds something before it. */
import assert from 'node:assert/strict';
import type { LogDriver, Recorded } from '@refold/core';
import { createManualClock } from '../manual-clock.ts';
import { accept, alongside, append, idsOf, pause, positionsOf, range, readAll, readSound } from './calls.ts';
import type { Writer } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { Scene } from './scene.ts';

const writerCount = 12;

/** Twelve writers, random pauses, 4 % of the commits refused. Resolves with the number of events that went in. */
async function writeUnderLoad({ sizes, random, traffic }: Scene, writers: readonly Writer[]): Promise<number> {
  let left = sizes.tailedCommits;
  let written = 0;
  await Promise.all(writers.map(async (writer, lane) => {
    while (left > 0) {
      left -= 1;
      if (random.chance(0.2)) await pause(random.integer(0, 3));
      const isDoomed = random.chance(0.04);
      const events = range(1, random.integer(1, 3)).map((number) => ({ stream: `lane/${lane}`, body: `${number}` }));
      const result = await append(writer, traffic.commit(events, isDoomed ? [{ kind: 'head', at: Number.MAX_SAFE_INTEGER }] : []));
      assert.equal(result.ok, !isDoomed);
      if (result.ok) written += events.length;
    }
  }));
  return written;
}

/** Reads on from the last position until `isDone` and the end is reached. Every step must go on without a gap. */
async function tail(driver: LogDriver, isDone: () => boolean): Promise<readonly Recorded[]> {
  const seen: Recorded[] = [];
  for (;;) {
    const wasDone = isDone();
    const { events, head } = await readAll(driver, { after: seen.length });
    assert.deepEqual(positionsOf(events), range(seen.length + 1, head), 'the tail goes on without a gap up to the head of its page');
    seen.push(...events);
    if (wasDone) return seen;
    await pause(1);
  }
}

async function expectTailSeesAll(scene: Scene, driver: LogDriver, reader: LogDriver, writers: readonly Writer[]): Promise<void> {
  const writing = alongside(() => writeUnderLoad(scene, writers));
  const seen = await tail(reader, () => writing.isDone);
  const written = await writing.join();
  assert.equal(seen.length, written);
  assert.deepEqual(idsOf(seen), idsOf(await readSound(driver)));
}

export const orderCases: readonly ConformanceCase[] = [
  {
    id: 'E51',
    claim: 'a reader that tails 12 writers sees every event once, in order, without a gap',
    timeoutMs: 120_000,
    async run(scene) {
      const log = await scene.open();
      await expectTailSeesAll(scene, log.driver, log.driver, await scene.writers(log, writerCount));
    },
  },
  {
    id: 'E52',
    claim: 'the same while a long reading and a watch stay open elsewhere',
    timeoutMs: 120_000,
    async run(scene) {
      const log = await scene.open();
      await accept(log.driver, scene.traffic.commit([{ stream: 'old/1' }]));
      const [other = log.driver] = scene.fixture.connect === undefined ? [] : [await scene.connect(log)];
      const stop = new AbortController();
      const paused = other.read({}, stop.signal)[Symbol.asyncIterator]();
      const firstPage = (await paused.next()).value;
      assert.equal(firstPage?.events.length, 1);
      const watching = other.watch(1, stop.signal)[Symbol.asyncIterator]().next();
      const results = await Promise.all(scene.traffic.commits(20).map((commit) => append(log.driver, commit)));
      assert.ok(results.every((result) => result.ok), 'writers go on beside an open reading');
      assert.ok(Number((await watching).value) > 1);
      stop.abort();
      const { events } = await readAll(log.driver);
      assert.deepEqual(positionsOf(events), range(1, 21));
    },
  },
  {
    id: 'E53',
    claim: 'two readers that look at different moments agree on everything that both saw',
    async run(scene) {
      const log = await scene.open();
      const writers = await scene.writers(log, 4);
      const writing = alongside(() => writeUnderLoad(scene, writers));
      const [first, second] = await Promise.all([tail(log.driver, () => writing.isDone), tail(log.driver, () => writing.isDone)]);
      const written = await writing.join();
      assert.equal(first.length, written);
      assert.deepEqual(first, second);
    },
  },
  {
    id: 'E54',
    claim: 'what one connection or process got acknowledged, every other sees at once',
    needs: ['connections', 'process'],
    async run({ open, connect, startWorker, traffic }) {
      const log = await open();
      const other = await connect(log);
      const worker = await startWorker(log);
      for (let round = 0; round < 10; round += 1) {
        await accept(round % 2 === 0 ? worker : other, traffic.commit());
        assert.equal((await readSound(log.driver)).length, round + 1);
        assert.equal((await other.head()).position, round + 1);
        assert.equal((await worker.head()).position, round + 1);
      }
    },
  },
  {
    id: 'E55',
    claim: 'reading backward is reading forward, turned round',
    async run({ open, traffic }) {
      const { driver } = await open();
      for (const count of [1, 3, 2, 5]) await accept(driver, traffic.commit(range(1, count).map((number) => ({ stream: `job/${number % 2}`, tags: number === 1 ? ['first'] : [] }))));
      for (const request of [{}, { stream: 'job/1' }, { query: { items: [{ tags: ['first'] }] } }]) {
        const forward = await readAll(driver, request);
        const backward = await readAll(driver, { ...request, direction: 'backward' });
        assert.ok(forward.events.length >= 4);
        assert.deepEqual(backward.events, forward.events.toReversed());
      }
    },
  },
  {
    id: 'E56',
    claim: 'recordedAt never decreases, also when the clock is stepped back',
    async run({ open, traffic }) {
      const clock = createManualClock();
      const { driver } = await open({ clock });
      const startMs = clock.now();
      for (const stepMs of [0, 5_000, -172_800_000, 1, 60_000, -1]) {
        clock.set(clock.now() + stepMs);
        await accept(driver, traffic.commit());
      }
      const times = (await readSound(driver)).map((event) => Date.parse(event.recordedAt) - startMs);
      assert.deepEqual(times, [0, 5_000, 5_000, 5_000, 5_000, 5_000]);
      clock.set(startMs + 5_001);
      const receipt = await accept(driver, traffic.commit());
      assert.equal(Date.parse(receipt.recordedAt) - startMs, 5_001);
      assert.equal((await driver.head()).recordedAt, receipt.recordedAt);
    },
  },
  {
    id: 'E57',
    claim: 'commits of one instant keep their order by position',
    async run({ open, traffic }) {
      const clock = createManualClock();
      const { driver } = await open({ clock });
      const commits = traffic.commits(20);
      await Promise.all(commits.map((commit) => accept(driver, commit)));
      const events = await readSound(driver);
      assert.deepEqual(new Set(events.map((event) => event.recordedAt)), new Set([new Date(clock.now()).toISOString()]));
      assert.deepEqual(positionsOf(events), range(1, 20));
      const tied = await readAll(driver, { upToTime: new Date(clock.now()).toISOString() });
      assert.deepEqual(idsOf(tied.events), idsOf(events));
    },
  },
  {
    id: 'E58',
    claim: 'no reader sees part of a commit, nor anything of a refused one',
    async run(scene) {
      const log = await scene.open();
      const [writer = log.driver] = (await scene.writers(log, 2)).slice(1);
      const writing = alongside(async () => {
        for (let round = 0; round < 30; round += 1) {
          await accept(writer, scene.traffic.commit(range(1, 10).map((number) => ({ stream: `job/${number}` }))));
          const refused = await append(writer, scene.traffic.commit([{ type: 'never.seen' }, {}], [{ kind: 'stream', stream: 'job/1', expect: 'none' }]));
          assert.equal(refused.ok, false);
        }
      });
      while (!writing.isDone) {
        const { events, head } = await readAll(log.driver);
        assert.equal(head % 10, 0, 'the head stands between commits');
        assert.equal(events.length, head);
        await pause(0);
      }
      await writing.join();
      const stored = await readSound(log.driver);
      assert.equal(stored.length, 300);
      assert.equal(stored.filter((event) => event.type === 'never.seen').length, 0);
    },
  },
  {
    id: 'E59',
    claim: 'the head never goes back and keeps its epoch',
    async run(scene) {
      const log = await scene.open();
      const { epoch } = await log.driver.head();
      assert.notEqual(epoch, '');
      const writers = await scene.writers(log, 4);
      const writing = alongside(() => writeUnderLoad(scene, writers));
      let previous = 0;
      do {
        const head = await log.driver.head();
        assert.ok(head.position >= previous, 'the head does not go back');
        assert.equal(head.epoch, epoch);
        previous = head.position;
        await pause(0);
      } while (!writing.isDone);
      const written = await writing.join();
      const last = (await readSound(log.driver)).at(-1);
      for (let look = 0; look < 5; look += 1) assert.deepEqual(await log.driver.head(), { position: written, recordedAt: last?.recordedAt, epoch });
    },
  },
  {
    id: 'E60',
    claim: 'what was read once reads the same for ever, whatever is appended',
    async run({ open, traffic }) {
      const { driver } = await open();
      let known: readonly Recorded[] = [];
      for (let round = 0; round < 10; round += 1) {
        await driver.append(traffic.commits(5, `job/${round % 3}`));
        const now = await readSound(driver);
        assert.equal(now.length, known.length + 5);
        assert.deepEqual(now.slice(0, known.length), known);
        known = now;
      }
      // A reader may do what it likes with the bytes it was given.
      for (const event of known) event.body.fill(0);
      const fresh = await readSound(driver);
      assert.ok(fresh.every((event) => event.body.some((byte) => byte !== 0)));
    },
  },
];
