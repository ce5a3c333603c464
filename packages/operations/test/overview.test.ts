/** A long stream at a glance, and the whole system at one instant: kept up as events come, page by page, nothing hidden. */
import { lodOf, marksOf, stateAt, systemState } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { at, eventOf, noted, openWorld as openEarlyWorld } from './world.ts';
import type { World } from './world.ts';

const stream = { streamType: 'voyage', streamId: 'a' };

/** A day later, so that everything told here has happened. */
async function openWorld(): Promise<World> {
  const world = await openEarlyWorld();
  world.clock.advance(86_400_000);
  return world;
}

const countOf = (buckets: readonly (readonly [number, ...unknown[]])[]): number => buckets.reduce((sum, [count]) => sum + count, 0);

async function worldWith(events: number): Promise<World> {
  const world = await openWorld();
  await world.append(eventOf('voyage.started', 'voyage/a', { occurredAt: at(0) }), ...Array.from({ length: events - 1 }, (_, index) => noted('voyage/a', { occurredAt: at(index + 1), ...(index % 4 === 0 ? { actor: { type: 'user' as const, id: 'ann' } } : {}) })));
  return world;
}

describe('lod', () => {
  test('grows with the stream, and reads only what came since', async () => {
    const world = await worldWith(40);
    expect(countOf((await world.call(lodOf, stream)).buckets)).toBe(40);
    await world.append(noted('voyage/a', { occurredAt: at(41) }), noted('voyage/b'));
    world.asked.read = 0;
    const grown = await world.call(lodOf, stream);
    expect([countOf(grown.buckets), grown.events, grown.families]).toEqual([41, 41, ['voyage', 'note']]);
    expect(world.asked.read).toBe(1);
    await world.call(lodOf, { ...stream, axis: 'time', px: 7 });
    expect(world.asked.read).toBe(1);
  });

  test('counts what the filter asks for, and on the axis of time what stands between two instants', async () => {
    const world = await worldWith(40);
    const filtered = await world.call(lodOf, { ...stream, actorType: 'user', actorId: 'ann' });
    expect([filtered.events, countOf(filtered.buckets)]).toEqual([10, 10]);
    const hour = await world.call(lodOf, { ...stream, axis: 'time', from: at(10), to: at(19), px: 1_000 });
    expect(countOf(hour.buckets)).toBe(10);
    expect(typeof hour.from).toBe('string');
    await world.append(noted('voyage/a', { actor: { type: 'user', id: 'ann' }, occurredAt: at(50) }), noted('voyage/a'));
    expect((await world.call(lodOf, { ...stream, actorType: 'user', actorId: 'ann' })).events).toBe(11);
  });

  test('two questions at once count nothing twice, and a stopped one is gone on with', async () => {
    const world = await worldWith(200);
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    await expect(world.call(lodOf, stream, { signal: stopped.signal })).rejects.toThrow();
    const answers = await Promise.all([world.call(lodOf, stream), world.call(lodOf, stream)]);
    expect(answers.map(({ buckets }) => countOf(buckets))).toEqual([200, 200]);
  });

  test.each([{ from: 'soon' }, { from: -1 }, { px: 0 }, { axis: 'length' }, { no_such: 1 }])('refuses %j', async (asked) => {
    const world = await worldWith(2);
    await expect(world.call(lodOf, { ...stream, ...asked })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('of a stream that does not exist is refused (bad-input B7)', async () => {
    const world = await worldWith(2);
    await expect(world.call(lodOf, { ...stream, streamId: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.call(marksOf, { ...stream, streamId: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('marks', () => {
  test('tell the silences, and the first bad event when asked for', async () => {
    const world = await openWorld();
    await world.append(eventOf('voyage.started', 'voyage/a', { occurredAt: at(0) }), noted('voyage/a', { occurredAt: at(9) }), eventOf('voyage.failed', 'voyage/a', { occurredAt: at(10) }));
    const kindsOf = async (asked: object): Promise<unknown> => (await world.call(marksOf, { ...stream, ...asked })).items.map(({ kind, from, to }) => [kind, from, to]);
    expect(await kindsOf({})).toEqual([['wait', 1, 2]]);
    expect(await kindsOf({ firstBad: true })).toEqual([['wait', 1, 2], ['first_bad', 3, 3]]);
    expect(await kindsOf({ firstBad: true, from: 3 })).toEqual([['first_bad', 3, 3]]);
    await expect(world.call(marksOf, { ...stream, limit: 10_001 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('the whole system at one instant (A-148)', () => {
  test('is one row per stream that had begun, with its last event and what was told late', async () => {
    const world = await openWorld();
    await world.append(
      eventOf('voyage.started', 'voyage/a', { occurredAt: at(1) }),
      noted('voyage/a', { occurredAt: at(30) }),
      noted('voyage/a', { occurredAt: at(2) }),
      eventOf('flight.started', 'flight/b', { occurredAt: at(3) }),
      eventOf('voyage.failed', 'voyage/c', { occurredAt: at(40) }),
    );
    const { items, scanned, stragglers, asOf, nextCursor } = await world.call(systemState, { at: at(5) });
    expect(items.map(({ streamType, streamId, revision, status, lastEvent, stragglers: late }) => [streamType, streamId, revision, status, lastEvent?.at, late])).toEqual([
      ['flight', 'b', 1, 'running', at(3), 0],
      ['voyage', 'a', 3, 'running', at(2), 1],
    ]);
    expect([scanned, stragglers, asOf, nextCursor]).toEqual([3, 1, at(5), null]);
    // Each row is what the stream's own state says there.
    for (const { streamType, streamId, revision, status } of items) expect(await world.call(stateAt, { streamType, streamId, at: at(5) })).toMatchObject({ revision, state: { status } });
    expect((await world.call(systemState, {})).items).toHaveLength(3);
    expect((await world.call(systemState, { type: 'voyage' })).items.map(({ streamId }) => streamId)).toEqual(['a', 'c']);
  });

  test('comes in pages, each stream once, and a cursor belongs to its question', async () => {
    const world = await openWorld();
    for (let index = 0; index < 23; index++) await world.append(eventOf('flight.started', `flight/f-${String(index).padStart(2, '0')}`, { occurredAt: at(index) }));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: readonly { streamId: string }[]; nextCursor: string | null } = await world.call(systemState, { at: at(15), limit: 4, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.items.map(({ streamId }) => streamId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 16 }, (_, index) => `f-${String(index).padStart(2, '0')}`));
    const { nextCursor } = await world.call(systemState, { at: at(15), limit: 4 });
    await expect(world.call(systemState, { at: at(16), limit: 4, cursor: nextCursor })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'cursor' } });
  });

  test('leaves out what had come to an end unless all is asked for', async () => {
    const world = await openWorld();
    await world.append(eventOf('flight.started', 'flight/a', { occurredAt: at(0) }), eventOf('flight.started', 'flight/b', { occurredAt: at(0) }), eventOf('flight.ended', 'flight/a', { occurredAt: at(7) }));
    const idsAt = async (asked: object): Promise<unknown> => (await world.call(systemState, asked)).items.map(({ streamId, isLive, since }) => [streamId, isLive, since]);
    expect(await idsAt({ at: at(8) })).toEqual([['b', true, at(0)]]);
    expect(await idsAt({ at: at(8), all: true })).toEqual([['a', false, at(0)], ['b', true, at(0)]]);
    expect(await idsAt({ at: at(6) })).toEqual([['a', true, at(0)], ['b', true, at(0)]]);
  });
});
