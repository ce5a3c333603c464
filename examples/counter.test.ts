/** The aggregate of counter.ts with every tool: nothing but its definition makes them work. */
import { EventStore, systemClock } from '@refold/sdk';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { counter } from './counter.ts';

const ana = { type: 'user', id: 'ana' } as const;
const increased = (by: number | string) => ({ type: 'counter.increased', data: { by }, actor: ana });
const closed = { type: 'counter.closed', data: {}, actor: ana };

/** Noon, and a minute later with each event. */
let now = 0;
const clock = { ...systemClock, now: () => now };

/** A counter that went to 3 at 12:00, to 10 at 12:01, and was closed at 12:02. */
async function openCounter(): Promise<EventStore> {
  const store = new EventStore({ url: 'memory:', aggregates: [counter], ports: { clock } });
  onTestFinished(() => store.close());
  for (const event of [increased(3), increased(7), closed]) {
    await store.append('counter/visits', [event]);
    now += 60_000;
  }
  return store;
}

beforeEach(() => {
  now = Date.parse('2026-01-01T12:00:00Z');
});

describe("An aggregate of a user's own", () => {
  test('B-010 X-008 appends are validated and held against its state machine', async () => {
    const store = await openCounter();
    await expect(store.append('counter/other', [increased('much')])).rejects.toMatchObject({ code: 'SCHEMA_VIOLATION', details: { pointer: '/data/by' } });
    await expect(store.append('counter/other', [{ ...closed, type: 'counter.close' }])).rejects.toMatchObject({ code: 'UNKNOWN_TYPE', details: { nearest: expect.arrayContaining(['counter.closed']) } });
    await expect(store.append('counter/visits', [increased(1)])).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { from: 'closed', allowedFrom: ['open'] } });
    expect(await store.getAggregateVersion('visits')).toBe(3);
  });

  test('its state stands at any revision, instant and position', async () => {
    const store = await openCounter();
    expect((await store.reconstructState('counter/visits')).state).toMatchObject({ status: 'closed', value: 10 });
    for (const place of [{ revision: 1 }, { at: '2026-01-01T12:00:30Z' }, { position: 1 }]) expect((await store.reconstructState('counter/visits', place)).state).toMatchObject({ status: 'open', value: 3 });
    expect((await store.timeTravelQuery('counter/visits', '2026-01-01T12:01:00Z')).stateSummary).toMatchObject({ status: 'open' });
  });

  test('its history, a difference, and who set a value', async () => {
    const store = await openCounter();
    expect((await store.stateHistory('counter/visits')).entries.map(({ changes }) => changes)).toMatchObject([{ '/value': { before: 0, after: 3 } }, { '/value': { before: 3, after: 10 } }, { '/status': { before: 'open', after: 'closed' } }]);
    expect((await store.diffState('counter/visits', 1, 'end')).patches).toMatchObject([{ path: '/status', before: 'open', after: 'closed' }, { path: '/value', before: 3, after: 10 }]);
    expect(await store.provenance('counter/visits', '/value')).toMatchObject([{ value: 10, before: 3, setBy: { type: 'counter.increased', revision: 2, actor: ana } }]);
  });

  test('its events are found by type, counted, and drawn', async () => {
    const store = await openCounter();
    expect([...(await store.queryEvents({ type: 'counter.increased' }))].map(({ data }) => data['by'])).toEqual([3, 7]);
    expect([...(await store.queryEvents({ expression: 'event.data.by > 5' }))].map(({ revision }) => revision)).toEqual([2]);
    expect((await store.stats({ streamType: 'counter' })).byType).toEqual({ 'counter.increased': 2, 'counter.closed': 1 });
    expect((await store.timeline({ stream: 'counter/visits' })).rows.map(({ lane, eventId }) => [lane, eventId !== ''])).toEqual(expect.arrayContaining([['counter', true]]));
  });

  test('its snapshots are the state, and its log verifies', async () => {
    const store = await openCounter();
    expect(await store.createSnapshot('visits')).toMatchObject({ revision: 3, pinned: true });
    expect(await store.reconstructState('visits')).toMatchObject({ fromSnapshot: 3, eventsFolded: 0, state: { status: 'closed', value: 10 } });
    expect(await store.verifySnapshots('visits')).toMatchObject([{ revision: 3, ok: true }]);
    expect(await store.verifyIntegrity('visits')).toMatchObject({ ok: true, checked: 3 });
    expect(await store.verifyIntegrity()).toMatchObject({ ok: true, checked: 3, tree: { size: 3 } });
  });

  test('its types stand in the list beside the built-in ones', async () => {
    const store = await openCounter();
    const types = await store.eventTypes({ counts: true });
    expect(types.filter(({ streamType }) => streamType === 'counter')).toMatchObject([{ name: 'counter.increased', count: 2 }, { name: 'counter.closed', count: 1 }]);
    expect(await store.call('getEventType', { type: 'counter.increased' })).toMatchObject({ schema: { required: ['by'] }, transition: { machine: 'counter', from: ['open'] } });
  });
});
