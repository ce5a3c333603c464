/** Pages of events and the endless list: what they give is what the filter means, over all that is in the log. */
import { isLogError, matches, parseFilter } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { queryEvents, runStream, streamEvents, tailEvents } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, eventOf, noted, openWorld, registry } from './world.ts';
import type { World } from './world.ts';

const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const streams = fc.constantFrom('flight/a', 'flight/b', 'voyage/a', 'foreign/x');
const facts = fc.record({
  stream: streams,
  verb: fc.constantFrom('started', 'failed', 'noted', 'strange'),
  minute: fc.nat(3_000),
  text: fc.constantFrom('', 'lost luggage', 'Luggage', 'x'),
  sessionId: some(fc.constantFrom('s1', 's2')),
  actorId: fc.constantFrom('planner', 'ada@example.com'),
  causationId: some(fc.constantFrom('c1', 'c2')),
  refs: some(fc.constantFrom([{ type: 'voyage', id: 'a' }], [{ type: 'crew', id: 'z' }])),
});
const filters = fc
  .record({
    type: some(fc.constantFrom('flight.started', '*.failed', 'note.added', 'strange.*', 'voyage.started,flight.failed')),
    streamType: some(fc.constantFrom('flight', 'voyage', 'foreign')),
    streamId: some(fc.constantFrom('a', 'x')),
    sessionId: some(fc.constantFrom('s1', 'none')),
    actorId: some(fc.constantFrom('planner', 'ada@example.com')),
    causationId: some(fc.constantFrom('c1')),
    entity: some(fc.constantFrom('voyage/a')),
    from: some(fc.nat(3_000).map(at)),
    fromRevision: some(fc.nat(5)),
    afterPosition: some(fc.nat(20)),
    minSeverity: some(fc.constantFrom('WARN')),
    text: some(fc.constantFrom('luggage', 'LOST', 'x', 'nothing')),
    expression: some(fc.constantFrom('event.revision % 2 == 0')),
  })
  .chain((all) => fc.subarray(Object.entries(all).filter(([, value]) => value !== undefined), { maxLength: 3 }).map((parts) => Object.fromEntries(parts) as Record<string, unknown>));

type Fact = typeof facts extends fc.Arbitrary<infer T> ? T : never;

async function worldOf(history: readonly Fact[]): Promise<World> {
  const world = await openWorld({ pageEventsMax: 7 });
  for (const { stream, verb, minute, text, sessionId, actorId, causationId, refs } of history) {
    const type = verb === 'noted' ? 'note.added' : verb === 'strange' ? 'strange.seen' : `${stream.split('/')[0]}.${verb}`;
    const event = eventOf(type, stream, { occurredAt: at(minute), actor: { type: 'user', id: actorId }, data: { text }, ...(sessionId === undefined ? {} : { sessionId }), ...(causationId === undefined ? {} : { causationId }), ...(refs === undefined ? {} : { refs }) });
    await world.log.append({ events: [event], validation: 'flag' });
  }
  return world;
}

async function everything(world: World): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  for await (const page of world.log.events({})) events.push(...page.events);
  return events;
}

async function pagesOf(world: World, query: Record<string, unknown>): Promise<EventEnvelope[]> {
  const items: EventEnvelope[] = [];
  for (let cursor: string | null | undefined, pages = 0; cursor !== null; pages++) {
    if (pages > 200) throw new Error('the pages do not end');
    const page = await world.call(queryEvents, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

describe('queryEvents', () => {
  test('all pages of a filter are the filter over a full read, in either direction, with and without words (A-012)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(facts, { maxLength: 30 }), fc.array(filters, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 8 }), fc.boolean(), async (history, asked, limit, isBackward) => {
        const world = await worldOf(history);
        const all = await everything(world);
        for (const filter of asked) {
          const expected = all.filter((event) => matches(parseFilter(filter), event, registry)).map(({ position }) => position);
          const found = await pagesOf(world, { ...filter, limit, order: isBackward ? 'desc' : 'asc', offset: 0 });
          // One stream is ordered by revision, which is its order of position.
          expect(found.map(({ position }) => position)).toEqual(isBackward ? expected.toReversed() : expected);
          expect((await world.call(queryEvents, { ...filter, limit: 1, total: true })).total).toBe(expected.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('words are found over hundreds of events, in one pass per stretch of neighbours, and not in what was erased (C-043)', async () => {
    const world = await openWorld({ pageEventsMax: 1_000 });
    for (let batch = 0; batch < 3; batch++) await world.append(...Array.from({ length: 150 }, (_, index) => noted('flight/a', { data: { text: index % 2 === 0 ? 'a needle' : 'hay' } })));
    await world.call(queryEvents, { text: 'needle' });
    world.asked.read = 0;
    expect((await pagesOf(world, { text: 'NEEDLE', limit: 1_000 })).length).toBe(225);
    expect(world.asked.read).toBeLessThan(10);
    await world.log.driver.forget([1, 3], 'test');
    expect((await pagesOf(world, { text: 'needle', limit: 100, order: 'desc' })).map(({ position }) => position).toReversed().slice(0, 2)).toEqual([5, 7]);
  });

  test('a page reads little more than it shows, and goes on for as long as the filter throws out', async () => {
    let read = 0;
    const world = await openWorld({
      pageEventsMax: 1_000,
      wrap: (driver) =>
        wrapLog(driver, {
          async *read(request, signal) {
            for await (const page of driver.read(request, signal)) {
              if (request.ids === undefined) read += page.events.length;
              yield page;
            }
          },
        }),
    });
    await world.append(...Array.from({ length: 400 }, (_, index) => noted(index % 2 === 0 ? 'flight/a' : 'flight/b', { data: { text: index === 301 ? 'late' : '' } })));
    for (const order of ['asc', 'desc']) {
      read = 0;
      expect((await world.call(queryEvents, { type: 'note.added', limit: 10, offset: 5, order })).items.length).toBe(10);
      expect(read).toBe(16);
    }
    read = 0;
    expect((await world.call(queryEvents, { streamType: 'flight', streamId: 'b', expression: 'event.data.text == "late"', limit: 10 })).items.map(({ position }) => position)).toEqual([302]);
    expect(read).toBe(200);
  });

  test('an offset is for the first page: beside a cursor it leaves out nothing again', async () => {
    const world = await openWorld();
    await world.append(...Array.from({ length: 6 }, () => noted('flight/a')));
    expect((await pagesOf(world, { limit: 2, offset: 1 })).map(({ position }) => position)).toEqual([2, 3, 4, 5, 6]);
  });

  test('a stream goes by revision, with bounds, in both directions', async () => {
    const world = await openWorld({ pageEventsMax: 2 });
    for (let revision = 1; revision <= 6; revision++) await world.append(noted('flight/a'), noted('flight/b'));
    const ask = async (more: Record<string, unknown>): Promise<number[]> => (await world.call(streamEvents, { streamType: 'flight', streamId: 'a', ...more })).items.map(({ revision }) => revision);
    expect(await ask({ fromRevision: 2, toRevision: 4 })).toEqual([2, 3, 4]);
    expect(await ask({ fromRevision: 2, toRevision: 4, order: 'desc', limit: 2 })).toEqual([4, 3]);
    expect(await ask({ fromRevision: 7 })).toEqual([]);
  });
});

describe('tailEvents', () => {
  test('gives what its filter means, whatever part of the log the filter names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(facts, { maxLength: 25 }), fc.nat(2), async (history, chosen) => {
        const world = await worldOf(history);
        const all = await everything(world);
        const filter = [{ id: all[0]?.id ?? 'none' }, { streamType: 'flight', streamId: 'a', fromRevision: 2 }, { text: 'luggage' }][chosen]!;
        const expected = all.filter((event) => matches(parseFilter(filter), event, registry)).map(({ position }) => position);
        const stop = new AbortController();
        // Everything is in the log already, so some turns later all of it was seen, and what should not be seen as well.
        const seen: number[] = [];
        const reading = (async () => {
          for await (const { position } of runStream(tailEvents, { ...world.context, signal: stop.signal }, { ...filter, fromStart: true })) seen.push(position);
        })();
        for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
        stop.abort();
        await reading.catch((error: unknown) => {
          if (isLogError(error)) throw error;
        });
        expect(seen).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});
