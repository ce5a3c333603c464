/**
 * Queries over a log that is longer than what waits for the index, so that an answer comes partly from the table and partly
 * from memory, while another connection goes on writing.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { matchesQuery, unindexedMax } from '@refold/core';
import type { Query, ReadRequest, Recorded } from '@refold/core';
import { openSqliteLog } from '@refold/driver-sqlite';
import type { SqliteLog } from '@refold/driver-sqlite';
import { accept, acceptAll, createSeededRandom, createTraffic, readAll, temporaryFolder } from '@refold/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const types = ['job.queued', 'job.started', 'job.failed'];
const tags = ['always', 'even', 'first-half', 'last-half', 'rare', 'runs', 'late', 'never'];
const count = 1_700;

/** Shapes of real tags: everywhere, every other, in one half, here and there, in long runs, only at the end. */
function tagsAt(position: number): readonly string[] {
  const holds: Record<string, boolean> = {
    always: true,
    even: position % 2 === 0,
    'first-half': position <= count / 2,
    'last-half': position > count / 2,
    rare: position % 397 === 0,
    runs: Math.floor(position / 50) % 3 === 0,
    late: position > count - 30,
  };
  return tags.filter((tag) => holds[tag]).toSorted();
}

const folder = temporaryFolder();
const path = join(folder, 'log.db');
let log: SqliteLog;
let other: SqliteLog;
let all: readonly Recorded[];

beforeAll(async () => {
  log = openSqliteLog({ path });
  other = openSqliteLog({ path });
  const traffic = createTraffic(1);
  const random = createSeededRandom(1);
  const commits = [];
  for (let position = 1; position <= count; ) {
    const size = Math.min(random.integer(1, 40), count - position + 1);
    commits.push(traffic.commit(Array.from({ length: size }, (_, index) => ({ tags: tagsAt(position + index), type: random.pick(types) }))));
    position += size;
  }
  // Both connections write, so that each has to take over what the other left for the index.
  for (const [index, commit] of commits.entries()) await accept(index % 3 === 0 ? other : log, commit);
  all = (await readAll(log)).events;
  expect(all).toHaveLength(count);
});
afterAll(async () => {
  await log.close();
  await other.close();
});

const item = fc.record({ types: fc.uniqueArray(fc.constantFrom(...types, 'job.unknown'), { maxLength: 2 }), tags: fc.uniqueArray(fc.constantFrom(...tags), { maxLength: 3 }) }, { requiredKeys: [] });
const query: fc.Arbitrary<Query> = fc.record({ items: fc.array(item, { maxLength: 4 }) });
const place = fc.integer({ min: 0, max: count + 2 });
const request = fc.record({ query, after: place, upTo: place, direction: fc.constantFrom('forward', 'backward'), limit: fc.integer({ min: 1, max: count }) }, { requiredKeys: ['query'] }) as fc.Arbitrary<ReadRequest & { readonly query: Query }>;

function expected({ query: wanted, after = 0, upTo = Infinity, direction, limit = Infinity }: ReadRequest & { readonly query: Query }): readonly number[] {
  const found = all.filter((event) => event.position > after && event.position <= upTo && matchesQuery(wanted, event)).map((event) => event.position);
  return (direction === 'backward' ? found.reverse() : found).slice(0, limit);
}

describe('queries', () => {
  it('find exactly what a filter over the whole log finds, in both directions and between any bounds (property)', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.boolean(), async (wanted, isOther) => {
        const { events } = await readAll(isOther ? other : log, wanted);
        expect(events.map((event) => event.position)).toEqual(expected(wanted));
      }),
      { numRuns: 300 },
    );
  });

  it('judge a check of the same kind in the table, in memory, and over commits of the same batch (property)', async () => {
    await fc.assert(
      fc.asyncProperty(query, place, async (wanted, after) => {
        const traffic = createTraffic(after + 7);
        const matching = expected({ query: wanted, after });
        // The stream check always fails, so that nothing is ever written.
        const commit = traffic.commit([{}], [{ kind: 'query', query: wanted, after }, { kind: 'stream', stream: 'job/none', expect: 'exists' }]);
        const [result] = await log.append([commit]);
        expect(result).toMatchObject({ ok: false, failed: matching.length === 0 ? [{ check: 1, actual: 0 }] : [{ check: 0, match: matching[0] }, { check: 1, actual: 0 }] });
      }),
      { numRuns: 100 },
    );
  });

  it('go on where the page ended, also while the index moves on under them', async () => {
    const paged = openSqliteLog({ path: join(folder, 'paged.db'), pageEventsMax: 50 });
    const writer = openSqliteLog({ path: join(folder, 'paged.db') });
    const traffic = createTraffic(9);
    const more = (size: number) => acceptAll(writer, [traffic.commit(Array.from({ length: size }, (_, index) => ({ tags: index % 2 === 0 ? ['even'] : [] })))]);
    await more(unindexedMax - 10);
    const found: number[] = [];
    for await (const page of paged.read({ query: { items: [{ tags: ['even'] }] }, direction: 'backward' })) {
      found.push(...page.events.map((event) => event.position));
      await more(20);
    }
    expect(found).toEqual(Array.from({ length: (unindexedMax - 10) / 2 }, (_, index) => unindexedMax - 11 - 2 * index));
    await paged.close();
    await writer.close();
  });

  it('B9: take names as names', async () => {
    for (const tag of ["' OR 1=1 --", '%', '_', '$where', '{"$gt":""}', '%00']) {
      expect((await readAll(log, { query: { items: [{ tags: [tag] }] } })).events).toEqual([]);
    }
  });

  it('stop when they are aborted in the middle of a long search', async () => {
    const stop = new AbortController();
    const reading = readAll({ ...log, read: (wanted: ReadRequest) => log.read(wanted, stop.signal) }, { query: { items: [{ tags: ['always'] }] } });
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
