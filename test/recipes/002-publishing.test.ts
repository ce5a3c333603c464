/** Document 002, "Publishing Events": the event model, creating and saving, versions, custom events, batches, conflicts. */
import { defineAggregate } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { agentCreated, agentUpdated, taskCompleted } from './agent-lightning-events.ts';
import { engines, everything, openRecipeStore, refusalOf, typesOf } from './recipe-store.ts';

describe.each(engines)('Publishing on %s', (engine) => {
  test('B-021 B-022 B-049 an event is created without being saved; saving it answers its id', async () => {
    const { store } = openRecipeStore(engine);
    const event = store.createEvent(agentCreated);
    expect(await everything(store)).toEqual([]);
    const eventId = await store.saveEvent(event);
    expect(eventId).toBe(event.id);
    expect(await store.getEvent(eventId)).toMatchObject({ type: 'agent.created', streamType: 'agent', streamId: 'agent-123', data: agentCreated.eventData, actor: { type: 'user', id: 'user-456' }, serviceName: 'agent_service' });
  });

  test('B-012 B-018 B-050 the finished task keeps its numbers exactly, and its correlation id that is no UUID', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent(taskCompleted);
    const [event] = (await store.queryEvents({ correlationId: 'workflow-101' })).items;
    expect(event).toMatchObject({ type: 'task.completed', correlationId: 'workflow-101', serviceName: 'task_runner', actor: { type: 'service', id: 'task_runner' } });
    expect(event!.data).toEqual({ result: 'Analysis complete', execution_time: 45.2, reward: 0.95 });
    expect((await store.reconstructState('task-789')).state).toMatchObject({ status: 'completed', reward: 0.95, executionTime: 45.2 });
  });

  test('B-008 X-007 an event saved twice is stored once; another event under its id is refused', async () => {
    const { store } = openRecipeStore(engine);
    const event = store.createEvent(agentCreated);
    expect(await store.saveEvent(event)).toBe(await store.saveEvent(event));
    expect(await everything(store)).toHaveLength(1);
    expect((await refusalOf(store.saveEvent({ ...event, data: { name: 'Another' } }))).code).toBe('DUPLICATE_ID');
  });

  test('B-009 without an aggregate id there is no stream', async () => {
    const { store } = openRecipeStore(engine);
    const { aggregateId: _left, ...rest } = taskCompleted as { aggregateId?: string };
    expect((await refusalOf(store.saveEvent({ ...rest, aggregate_id: undefined } as never))).code).toBe('BAD_STREAM_ADDRESS');
  });

  test('B-010 an aggregate type of one\'s own is taken', async () => {
    const invoice = defineAggregate<{ sent: boolean }>({ type: 'invoice', version: '1', initial: () => ({ sent: false }), events: { 'invoice.sent': { evolve: (draft) => void (draft.sent = true) } } });
    const { store } = openRecipeStore(engine, { aggregates: [invoice] });
    await store.saveEvent({ aggregateId: 'i-1', aggregateType: 'invoice', eventType: 'sent', eventData: {}, userId: 'ana' });
    expect((await store.reconstructState('i-1')).state).toMatchObject({ sent: true });
  });

  test('B-011 K-003 the verb beside its aggregate type and the dotted name are one type', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent(agentCreated);
    await store.saveEvent({ ...agentCreated, aggregateId: 'agent-124', eventType: 'agent.created' });
    expect(typesOf(await everything(store))).toEqual(['agent.created', 'agent.created']);
  });

  test('B-013 a time with an offset is the same instant', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent({ ...agentCreated, timestamp: '2025-12-22T15:00:00+01:00' });
    await store.saveEvent(agentUpdated('gpt-5', { timestamp: new Date('2025-12-22T14:00:00Z') }));
    expect((await everything(store)).map(({ occurredAt }) => occurredAt)).toEqual(['2025-12-22T14:00:00.000Z', '2025-12-22T14:00:00.000Z']);
  });

  test('B-014 B-125 B-147 K-015 the first event has version 1; the next given version must follow, else it is a conflict that says where the stream stands', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent({ ...agentCreated, version: 1 });
    await store.saveEvent(agentUpdated('gpt-5', { version: 2 }));
    expect(await store.getAggregateVersion('agent-123')).toBe(2);
    for (const version of [2, 4]) expect(await refusalOf(store.saveEvent(agentUpdated('gpt-6', { version })))).toMatchObject({ code: 'REVISION_CONFLICT', retryable: true, details: { expected: version - 1, actual: 2 } });

    const outcomes = await Promise.allSettled([1, 2].map((writer) => store.saveEvent(agentUpdated(`writer-${writer}`, { version: 3 }))));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await store.getAggregateVersion('agent-123')).toBe(3);
  });

  test('B-015 B-016 B-017 B-019 what is optional may be null; extra metadata stays beside the payload', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvent({ ...agentCreated, correlationId: null, causationId: null, serviceName: null, metadata: { region: 'eu' } });
    const [event] = await everything(store);
    expect(event).toMatchObject({ actor: { type: 'user', id: 'user-456' }, metadata: { region: 'eu' }, data: agentCreated.eventData });
    expect(event).not.toHaveProperty('causationId');
    expect(event).not.toHaveProperty('serviceName');
  });

  test('B-092 K-043 a custom event of one\'s own service is taken as it stands', async () => {
    const { store } = openRecipeStore(engine);
    const id = await store.saveEvent({ aggregateId: 'custom-entity-123', aggregateType: 'custom', eventType: 'processed', eventData: { result: 'success', metadata: { items: 3 } }, serviceName: 'my_custom_service' });
    expect(await store.getEvent(id)).toMatchObject({ type: 'custom.processed', data: { result: 'success', metadata: { items: 3 } }, serviceName: 'my_custom_service' });
  });

  test('B-129 related events are saved together or not at all', async () => {
    const { store } = openRecipeStore(engine);
    const receipt = await store.saveEvents([agentCreated, taskCompleted]);
    expect(receipt.events.map(({ position }) => position)).toEqual([1, 2]);
    expect(await refusalOf(store.saveEvents([agentUpdated('gpt-5'), { ...agentCreated, aggregateId: 'agent-124', eventData: {} }]))).toMatchObject({ code: 'MISSING_FIELD', details: { index: 1 } });
    expect(await everything(store)).toHaveLength(2);
  });

  test('B-147 D-117 K-013 a program that decides on the state tries again after a conflict', async () => {
    const { store } = openRecipeStore(engine);
    await store.appendWithRetry('workflow/w-1', ({ exists }) => (exists ? [] : [{ type: 'workflow.created', data: { name: 'w' }, actor: { type: 'system', id: 's' } }]));
    let decisions = 0;
    await store.appendWithRetry('workflow/w-1', ({ revision }) => {
      // Another writer is faster, once.
      if (decisions++ === 0) void store.append('workflow/w-1', [{ type: 'workflow.started', data: {}, actor: { type: 'system', id: 'rival' } }]);
      return revision === 2 ? [{ type: 'workflow.completed', data: {}, actor: { type: 'system', id: 's' } }] : [{ type: 'workflow.started', data: {}, actor: { type: 'system', id: 's' } }];
    });
    expect(decisions).toBe(2);
    expect(typesOf(await store.getEventsByAggregate('w-1'))).toEqual(['workflow.created', 'workflow.started', 'workflow.completed']);
    expect(await store.appendWithRetry('workflow/w-1', () => [])).toBeNull();
  });
});
