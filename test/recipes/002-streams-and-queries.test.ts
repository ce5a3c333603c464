/** Document 002, "Event Stream", "Querying Events", "Event Replay" and "Troubleshooting"; and the store made without arguments. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStore } from '@refold/sdk';
import type { EventFilter } from '@refold/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { agentCreated, agentUpdated, taskCompleted } from './agent-lightning-events.ts';
import { collect, engines, everything, idsOf, openRecipeStore, refusalOf, typesOf } from './recipe-store.ts';

describe.each(engines)('Streams on %s', (engine) => {
  const models = ['a', 'b', 'c', 'd', 'e', 'f'];
  const seeded = async (): Promise<EventStore> => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([agentCreated, taskCompleted, ...models.map((model) => agentUpdated(model))]);
    return store;
  };

  test('B-023 B-024 B-025 B-026 the events of an aggregate, and the stream with its version and state', async () => {
    const store = await seeded();
    const events = await store.getEventsByAggregate('agent-123');
    expect(events.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const stream = await store.getEventStream('agent-123');
    expect(stream).toMatchObject({ version: 7, revision: 7, state: { status: 'created', model: 'f', configVersion: 7 } });
    expect(stream.events).toEqual(events);
    expect(await store.getEventsByAggregate('agent-999')).toEqual([]);
  });

  test('B-056 B-057 a replay from version 5 yields the events from there on, one by one, and each can be applied to a state', async () => {
    const store = await seeded();
    let currentState = (await store.reconstructState('agent-123', { revision: 4 })).state;
    const replayed: number[] = [];
    for await (const event of store.replayEvents('agent-123', { fromVersion: 5 })) {
      currentState = await store.applyEvent(currentState, event);
      replayed.push(event.revision);
    }
    expect(replayed).toEqual([5, 6, 7]);
    expect(currentState).toEqual((await store.reconstructState('agent-123')).state);

    // A loop may be left early.
    for await (const event of store.readStream('agent-123', { fromRevision: 2 })) {
      expect(event.revision).toBe(2);
      break;
    }
  });

  test('B-001 B-004 without snapshots and with nothing but the events the state is the same', async () => {
    const store = await seeded();
    const before = (await store.reconstructState('agent-123')).state;
    await store.createSnapshot('agent-123');
    await (await store.opened()).log.snapshots.dropFrom('agent/agent-123', 1);
    expect(await store.listSnapshots('agent-123')).toEqual([]);
    expect((await store.reconstructState('agent-123')).state).toEqual(before);
    expect(await store.foldEvents(await store.getEventsByAggregate('agent-123'))).toEqual(before);
  });

  test('B-126 A-218 a long stream gets snapshots by being read; only the newest few and the pinned ones stay', async () => {
    const { store } = openRecipeStore(engine, { limits: { snapshotEveryEvents: 3, snapshotsKeptPerStream: 2 } });
    await store.saveEvent(agentCreated);
    await store.createSnapshot('agent-123');
    for (const model of [...models, ...models, ...models]) {
      await store.saveEvent(agentUpdated(model));
      await store.reconstructState('agent-123');
    }
    expect((await store.listSnapshots('agent-123')).map(({ revision }) => revision)).toEqual([1, 4, 7, 10, 13, 16, 19]);
    await store.collectSnapshots('agent-123');
    expect((await store.listSnapshots('agent-123')).map(({ revision, pinned }) => [revision, pinned])).toEqual([[1, true], [16, false], [19, false]]);
  });

  test('X-016 an id that two kinds of stream have is ambiguous, and the answer names both', async () => {
    const store = await seeded();
    await store.saveEvent({ ...taskCompleted, aggregate_id: 'agent-123' });
    expect(await refusalOf(store.getEventStream('agent-123'))).toMatchObject({ code: 'AMBIGUOUS_STREAM', details: { candidates: ['agent/agent-123', 'task/agent-123'] } });
    expect(await store.getEventsByAggregate('agent-123', { type: 'agent' })).toHaveLength(7);
  });
});

describe.each(engines)('Querying on %s', (engine) => {
  const seeded = async (): Promise<{ store: EventStore; now: number }> => {
    const { store, clock } = openRecipeStore(engine);
    await store.saveEvent({ ...agentCreated, timestamp: new Date(clock.now() - 2 * 3_600_000) });
    for (let index = 0; index < 60; index++) await store.saveEvent({ aggregateId: `w-${index}`, aggregateType: 'workflow', eventType: 'created', eventData: { name: `w-${index}` }, serviceName: 'planner', timestamp: new Date(clock.now() - 60_000) });
    await store.saveEvent({ aggregateId: 't-1', aggregateType: 'task', eventType: 'failed', eventData: { error: { message: 'no' } }, serviceName: 'runner' });
    await store.saveEvent({ aggregateId: 'w-1', aggregateType: 'workflow', eventType: 'failed', eventData: { error: { message: 'no' } }, serviceName: 'planner' });
    return { store, now: clock.now() };
  };

  test('B-051 B-052 failed tasks, by verb and aggregate type', async () => {
    const { store } = await seeded();
    const filter: EventFilter = { eventType: 'failed', aggregateType: 'task' };
    expect(typesOf(await store.queryEvents(filter))).toEqual(['task.failed']);
    expect(typesOf(await store.queryEvents({ event_type: 'failed', aggregate_type: 'task' }))).toEqual(['task.failed']);
    expect(typesOf(await store.queryEvents({ aggregateId: 'w-1' }))).toEqual(['workflow.created', 'workflow.failed']);
  });

  test('B-053 the last hour, by dates or texts', async () => {
    const { store, now } = await seeded();
    const recent = await store.queryEvents({ fromTimestamp: new Date(now - 3_600_000), toTimestamp: new Date(now) }, { limit: 100 });
    expect(recent.items).toHaveLength(62);
    expect(idsOf(await store.queryEvents({ from_timestamp: new Date(now - 3_600_000).toISOString(), to_timestamp: new Date(now).toISOString() }, { limit: 100 }))).toEqual(idsOf(recent));
    expect((await refusalOf(store.queryEvents({ fromTimestamp: new Date('nonsense') }))).code).toBe('BAD_TIMESTAMP');
  });

  test('B-054 pages of fifty part the workflows', async () => {
    const { store } = await seeded();
    const filter = { aggregateType: 'workflow' };
    const [page1, page2] = [await store.queryEvents(filter, { limit: 50, offset: 0 }), await store.queryEvents(filter, { limit: 50, offset: 50 })];
    expect([page1.items.length, page2.items.length]).toEqual([50, 11]);
    expect([...idsOf(page1), ...idsOf(page2)]).toEqual(idsOf(await collect(store.allEvents(filter))));
  });

  test('B-055 B-150 K-018 an empty filter with a limit gives the newest events', async () => {
    const { store } = await seeded();
    const newest = idsOf((await everything(store)).slice(-10));
    expect(idsOf(await store.queryEvents({}, { limit: 10 }))).toEqual(newest);
    expect(idsOf(await store.queryEvents({}, { limit: 10, order: 'desc' }))).toEqual(newest.toReversed());
    expect(idsOf(await store.recentEvents(10))).toEqual(newest.toReversed());
    expect(idsOf(await collect((await store.queryEvents({}, { limit: 10 })).all()))).toHaveLength(63);
  });

  test('B-146 an event that is not found: the answer names the id and says that the store answers', async () => {
    const { store } = await seeded();
    const id = '018f0000-0000-7000-8000-000000000000';
    expect(await refusalOf(store.call('getEvent', { id }))).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(id), hint: expect.stringContaining('The store answers') });
    expect((await store.doctor()).findings.find(({ check }) => check === 'engine')?.detail).toContain(engine);
  });

  test('B-151 B-152 troubleshooting: the version of an aggregate, and a walk over its stream', async () => {
    const { store } = await seeded();
    expect([await store.getAggregateVersion('w-1'), await store.getAggregateVersion('aggregate-id')]).toEqual([2, 0]);
    const stream = await store.getEventStream('w-1');
    const lines = stream.events.map((event) => `Event ${event.id}: ${event.type} v${event.revision}`);
    expect(lines).toEqual([expect.stringMatching(/^Event [0-9a-f-]{36}: workflow\.created v1$/), expect.stringMatching(/workflow\.failed v2$/)]);
  });
});

describe('The default store', () => {
  test('B-020 made without arguments, it is an SQLite file below the working folder that outlives the program', async () => {
    const [folder, before] = [mkdtempSync(join(tmpdir(), 'refold-recipe-')), process.cwd()];
    process.chdir(folder);
    onTestFinished(() => {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    });
    const first = new EventStore();
    const id = await first.saveEvent(agentCreated);
    await first.close();
    const second = new EventStore();
    expect(await second.getEvent(id)).toMatchObject({ type: 'agent.created' });
    await second.close();
  });
});
