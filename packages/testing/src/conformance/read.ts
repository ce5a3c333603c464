/** Group F: the bounds of a reading, its directions and filters, its pages, and its end. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchesQuery } from '@refold/core';
import type { LogDriver, Query, ReadRequest } from '@refold/core';
import { commitPartsArbitrary, queryArbitrary } from '../arbitrary.ts';
import { createManualClock } from '../manual-clock.ts';
import { accept, acceptAll, alongside, append, idsOf, pause, positionsOf, range, readAll, readSound } from './calls.ts';
import type { ConformanceCase } from './case.ts';
import type { OpenLog, Scene } from './scene.ts';

/** Ten events; odd positions in `odd/1` (revisions 1 to 5), even ones in `even/1`; every third is tagged. */
async function openTen({ open, traffic }: Scene): Promise<OpenLog> {
  const log = await open();
  for (const position of range(1, 10)) {
    await accept(log.driver, traffic.commit([{ stream: position % 2 === 1 ? 'odd/1' : 'even/1', tags: position % 3 === 0 ? ['third'] : [] }]));
  }
  return log;
}

const thirds: Query = { items: [{ tags: ['third'] }] };

async function expectPositions(driver: LogDriver, request: ReadRequest, positions: readonly number[]): Promise<void> {
  const { events, head } = await readAll(driver, request);
  assert.deepEqual(positionsOf(events), positions, JSON.stringify(request));
  assert.equal(head, (await driver.head()).position);
}

/** Reads by requests of `limit` events, each going on where the one before ended. */
async function readInSteps(driver: LogDriver, request: ReadRequest, limit: number): Promise<readonly number[]> {
  const positions: number[] = [];
  let next: ReadRequest | null = { ...request, limit };
  for (let steps = 0; next !== null; steps += 1) {
    assert.ok(steps <= 100, 'the chain of requests ends');
    const { events, pages } = await readAll(driver, next);
    assert.ok(events.length <= limit, 'a reading gives at most its limit');
    positions.push(...positionsOf(events));
    const onwards: number | null = pages.at(-1)?.next ?? null;
    if (onwards === null) next = null;
    else next = request.direction === 'backward' ? { ...next, upTo: onwards } : { ...next, after: onwards };
  }
  return positions;
}

export const readCases: readonly ConformanceCase[] = [
  {
    id: 'F61',
    claim: 'after is exclusive and upTo inclusive, at the first, the last, and one past them',
    async run(scene) {
      const { driver } = await openTen(scene);
      await expectPositions(driver, { after: 0 }, range(1, 10));
      await expectPositions(driver, { after: 1 }, range(2, 10));
      await expectPositions(driver, { after: 9 }, [10]);
      await expectPositions(driver, { after: 10 }, []);
      await expectPositions(driver, { after: 11 }, []);
      await expectPositions(driver, { upTo: 0 }, []);
      await expectPositions(driver, { upTo: 1 }, [1]);
      await expectPositions(driver, { upTo: 10 }, range(1, 10));
      await expectPositions(driver, { upTo: 11 }, range(1, 10));
      await expectPositions(driver, { after: 3, upTo: 6 }, [4, 5, 6]);
      await expectPositions(driver, { after: 6, upTo: 6 }, []);
      await expectPositions(driver, { after: 3, upTo: 6, direction: 'backward' }, [6, 5, 4]);
      await expectPositions(driver, { query: thirds, after: 3, upTo: 9 }, [6, 9]);
    },
  },
  {
    id: 'F62',
    claim: 'requests with a limit, each going on at next, give the whole, in both directions',
    async run(scene) {
      const { driver } = await openTen(scene);
      const requests: readonly (readonly [ReadRequest, readonly number[]])[] = [
        [{}, range(1, 10)],
        [{ stream: 'odd/1' }, [1, 3, 5, 7, 9]],
        [{ stream: 'even/1', after: 1, upTo: 4 }, [4, 6, 8]],
        [{ query: thirds }, [3, 6, 9]],
      ];
      for (const [request, whole] of requests) {
        for (const limit of [1, 2, 3, 5, 10, 11]) {
          assert.deepEqual(await readInSteps(driver, request, limit), whole);
          assert.deepEqual(await readInSteps(driver, { ...request, direction: 'backward' }, limit), whole.toReversed());
        }
      }
    },
  },
  {
    id: 'F63',
    claim: 'an empty answer still brings one page with the head',
    async run({ open, traffic }) {
      const { driver } = await open();
      assert.deepEqual((await readAll(driver)).pages, [{ events: [], next: null, head: 0 }]);
      await accept(driver, traffic.commit([{}, {}, {}]));
      const requests: readonly ReadRequest[] = [{ after: 3 }, { query: { items: [{ tags: ['absent'] }] } }, { stream: 'absent/1' }, { upTo: 0 }, { ids: [traffic.uuid()] }, { commits: ['absent'] }];
      for (const request of requests) assert.deepEqual((await readAll(driver, request)).pages, [{ events: [], next: null, head: 3 }], JSON.stringify(request));
    },
  },
  {
    id: 'F64',
    claim: 'a stream is read by its revisions',
    async run(scene) {
      const { driver } = await openTen(scene);
      await expectPositions(driver, { stream: 'odd/1' }, [1, 3, 5, 7, 9]);
      await expectPositions(driver, { stream: 'odd/1', after: 2 }, [5, 7, 9]);
      await expectPositions(driver, { stream: 'odd/1', upTo: 2 }, [1, 3]);
      await expectPositions(driver, { stream: 'odd/1', after: 1, upTo: 4, direction: 'backward' }, [7, 5, 3]);
      await expectPositions(driver, { stream: 'odd/1', after: 5 }, []);
      await expectPositions(driver, { stream: 'even/1', after: 4, upTo: 99 }, [10]);
      const { events } = await readAll(driver, { stream: 'even/1' });
      assert.deepEqual(events.map((event) => event.revision), range(1, 5));
    },
  },
  {
    id: 'F65',
    claim: 'reading by a query is filtering a full reading (property)',
    timeoutMs: 120_000,
    async run({ open, traffic, sizes, random }) {
      const property = fc.asyncProperty(fc.array(commitPartsArbitrary, { minLength: 1, maxLength: 8 }), fc.array(queryArbitrary, { minLength: 1, maxLength: 6 }), async (parts, queries) => {
        const { driver } = await open();
        await acceptAll(driver, parts.map((events) => traffic.commit(events)));
        const everything = await readSound(driver);
        assert.equal(everything.length, parts.flat().length);
        for (const query of queries) {
          const wanted = everything.filter((event) => matchesQuery(query, event));
          assert.deepEqual((await readAll(driver, { query })).events, wanted);
          assert.deepEqual((await readAll(driver, { query, direction: 'backward', limit: 2 })).events, wanted.toReversed().slice(0, 2));
        }
      });
      await fc.assert(property, { seed: random.integer(0, 2 ** 31 - 1), numRuns: sizes.propertyRuns });
    },
  },
  {
    id: 'F66',
    claim: 'upToTime cuts between, before the first, after the last, and includes a tie',
    async run({ open, traffic }) {
      const clock = createManualClock();
      const { driver } = await open({ clock });
      const startMs = clock.now();
      for (const atMs of [0, 1_000, 1_000, 1_000, 2_000]) {
        clock.set(startMs + atMs);
        await accept(driver, traffic.commit([{ tags: ['t'] }]));
      }
      const at = (ms: number): string => new Date(startMs + ms).toISOString();
      await expectPositions(driver, { upToTime: at(-1) }, []);
      await expectPositions(driver, { upToTime: at(0) }, [1]);
      await expectPositions(driver, { upToTime: at(999) }, [1]);
      await expectPositions(driver, { upToTime: at(1_000) }, [1, 2, 3, 4]);
      await expectPositions(driver, { upToTime: at(1_500), direction: 'backward', limit: 2 }, [4, 3]);
      await expectPositions(driver, { upToTime: at(99_000) }, [1, 2, 3, 4, 5]);
      await expectPositions(driver, { upToTime: at(1_000), stream: 'job/1', after: 2 }, [3, 4]);
      await expectPositions(driver, { upToTime: at(1_000), query: { items: [{ tags: ['t'] }] }, upTo: 3 }, [1, 2, 3]);
    },
  },
  {
    id: 'F67',
    claim: 'without bodies everything else is the same; tags that nobody asked for are all there or left out, and the rest is the same too',
    async run(scene) {
      const { driver } = await openTen(scene);
      const full = await readAll(driver);
      const bare = await readAll(driver, { bodies: false });
      assert.deepEqual(bare.events, full.events.map((event) => ({ ...event, body: new Uint8Array() })));
      assert.equal(full.events.filter((event) => event.body.length > 0).length, 10);
      const untagged = await readAll(driver, { tags: false });
      assert.deepEqual(untagged.events, full.events.map((event, index) => (untagged.events[index]?.tags.length === 0 ? { ...event, tags: [] } : event)));
    },
  },
  {
    id: 'F68',
    claim: 'backward with a limit gives the latest ones',
    async run(scene) {
      const { driver } = await openTen(scene);
      await expectPositions(driver, { direction: 'backward', limit: 3 }, [10, 9, 8]);
      await expectPositions(driver, { direction: 'backward', limit: 1, stream: 'odd/1' }, [9]);
      await expectPositions(driver, { direction: 'backward', limit: 2, query: thirds }, [9, 6]);
      await expectPositions(driver, { direction: 'backward', limit: 2, upTo: 4 }, [4, 3]);
      await expectPositions(driver, { direction: 'backward', limit: 20, after: 8 }, [10, 9]);
    },
  },
  {
    id: 'F69',
    claim: '5 MB of bodies come back bit for bit',
    async run({ open, traffic, random }) {
      const { driver } = await open();
      const block = random.bytes(65_536);
      const bodies = range(0, 19).map((number) => Uint8Array.from({ length: 262_144 }, (_, index) => (block[index % block.length] ?? 0) ^ number));
      for (const body of bodies) await accept(driver, traffic.commit([{ body }]));
      const { events } = await readAll(driver);
      assert.equal(events.length, bodies.length);
      for (const [index, event] of events.entries()) assert.ok(Buffer.from(event.body).equals(bodies[index] ?? Buffer.alloc(0)), `body ${index}`);
    },
  },
  {
    id: 'F70',
    claim: 'a reading that is aborted gives no further page, and the log stays usable',
    async run({ open, traffic }) {
      const { driver } = await open();
      for (let round = 0; round < 5; round += 1) await driver.append(traffic.commits(1_000));
      const stop = new AbortController();
      let pages = 0;
      let seen = 0;
      try {
        for await (const page of driver.read({}, stop.signal)) {
          pages += 1;
          seen += page.events.length;
          stop.abort();
        }
      } catch (error) {
        assert.equal(error, stop.signal.reason);
      }
      assert.equal(pages, 1);
      assert.ok(seen > 0 && seen < 5_000, 'a page is bounded');
      // Leaving a reading early frees it as well.
      for await (const page of driver.read({})) {
        assert.ok(page.events.length > 0);
        break;
      }
      assert.equal((await readSound(driver)).length, 5_000);
      assert.equal((await accept(driver, traffic.commit())).first, 5_001);
    },
  },
  {
    id: 'F71',
    claim: 'a reading during appends is a prefix of the log up to the head it names',
    async run({ open, traffic }) {
      const { driver } = await open();
      await driver.append(traffic.commits(1_500));
      const writing = alongside(async () => {
        for (let round = 0; round < 20; round += 1) {
          await append(driver, traffic.commit([{}, {}]));
          await pause(0);
        }
      });
      let previous = 1_500;
      while (!writing.isDone) {
        const { events, head } = await readAll(driver);
        assert.deepEqual(positionsOf(events), range(1, events.length));
        assert.ok(events.length >= previous && head >= previous, 'a later reading sees at least as much');
        assert.equal(events.length, head);
        previous = events.length;
        await pause(0);
      }
      await writing.join();
      assert.equal((await readSound(driver)).length, 1_540);
    },
  },
  {
    id: 'F72',
    claim: 'an unknown stream is empty, and so is every name that only looks like a known one',
    async run({ open, traffic }) {
      const { driver } = await open();
      await accept(driver, traffic.commit([{ stream: 'job/1' }]));
      for (const stream of ['job/2', 'job', 'job/', 'JOB/1', 'job/10', 'job/%', 'job_1', '__proto__', 'constructor']) await expectPositions(driver, { stream }, []);
      await expectPositions(driver, { stream: 'job/1' }, [1]);
    },
  },
  {
    id: 'F73',
    claim: 'a scan of a long log (1,000,000 events at full scale) goes in pages of bounded size',
    timeoutMs: 300_000,
    async run({ open, traffic, sizes, report }) {
      const { driver } = await open();
      for (let made = 0; made < sizes.scanEvents; made += 1_000) await accept(driver, traffic.commit(range(1, 1_000).map((number) => ({ stream: `job/${number}` }))));
      let largest = 0;
      let next = 1;
      let peakBytes = 0;
      const startMs = performance.now();
      for await (const page of driver.read({})) {
        largest = Math.max(largest, page.events.length);
        for (const event of page.events) {
          if (event.position !== next) assert.equal(event.position, next);
          next += 1;
        }
        peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
      }
      report(`${sizes.scanEvents} events scanned in ${Math.round(performance.now() - startMs)} ms, largest page ${largest}, heap ${Math.round(peakBytes / 1_048_576)} MiB`);
      assert.equal(next - 1, sizes.scanEvents);
      assert.ok(largest <= 10_000, 'a page holds at most 10,000 events');
      const { events } = await readAll(driver, { after: sizes.scanEvents - 1 });
      assert.equal(idsOf(events).length, 1);
    },
  },
];
