/** Document 003: sprint, task, session and context events, their metadata, the query scopes, state by entity, chain validation. */
import type { DocumentedEvent, EventStore } from '@refold/sdk';
import type { EventEnvelope, EventInput, JsonObject } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { collect, engines, everything, idsOf, openRecipeStore, refusalOf, typesOf } from './recipe-store.ts';

const ana = { type: 'user', id: 'ana' } as const;
const planner = { type: 'agent', id: 'planner' } as const;

const on = (stream: string, type: string, data: JsonObject, more: Partial<EventInput> = {}): EventInput => {
  const [streamType, streamId] = stream.split('/') as [string, string];
  return { streamType, streamId, type, data, actor: ana, ...more };
};

const taskCreated = on('task/TASK-001', 'task.created', { task_code: 'TASK-001', sprint_code: 'TEST-001', title: 'Event system', phase: 2, priority: 'P0', estimate: '3-5 days' });
const statusChanged = (before: string, after: string): EventInput => on('task/TASK-001', 'task.status_changed', { before, after }, { changes: { status: { before, after } } });

/** A sprint with two tasks, a session on one of them with its context, and a task of another sprint. */
async function logSprint(store: EventStore): Promise<readonly EventEnvelope[]> {
  const flow = '018f0000-0000-7000-8000-00000000000a';
  const [ofTask, ofSession] = ['018f0000-0000-7000-8000-00000000000b', '018f0000-0000-7000-8000-00000000000c'];
  await store.saveEvents([on('sprint/TEST-001', 'sprint.created', { sprint_code: 'TEST-001', name: 'Events' }, { correlationId: flow })]);
  await store.saveEvents([{ ...taskCreated, correlationId: ofTask, correlationChain: [flow, ofTask] }]);
  await store.saveEvents([on('task/TASK-002', 'task.created', { task_code: 'TASK-002', sprint_code: 'TEST-001' }, { correlationId: flow, sessionId: 's-2' })]);
  await store.saveEvents([on('session/s-1', 'session.started', { agent_id: 'planner', task_code: 'TASK-001' }, { actor: planner, sessionId: 's-1', correlationId: ofSession, correlationChain: [flow, ofTask, ofSession] })]);
  await store.saveEvents([on('context/ctx-1', 'context.assembled', { session_key: 's-1', token_count: 900 }, { actor: planner, sessionId: 's-1' })]);
  await store.saveEvents([on('task/OTHER-1', 'task.created', { task_code: 'OTHER-1', sprint_code: 'OTHER' })]);
  await store.saveEvents([statusChanged('pending', 'in_progress')]);
  return await everything(store);
}

const types: readonly [rows: string, name: string, stream: string, before: readonly (readonly [string, JsonObject])[], data: JsonObject, state: object][] = [
  ['C-012', 'sprint.metadata_updated', 'sprint/S', [['sprint.created', { sprint_code: 'S' }]], { before: {}, after: { team: 'a' } }, { metadata: { team: 'a' } }],
  ['C-013', 'sprint.status_changed', 'sprint/S', [['sprint.created', { sprint_code: 'S' }]], { before: 'planned', after: 'active' }, { status: 'active' }],
  ['C-014', 'task.assigned', 'task/T', [['task.created', { task_code: 'T' }]], { assignee_id: 'planner', assignee_type: 'agent' }, { assignee: { id: 'planner', type: 'agent' } }],
  ['C-016', 'task.priority_changed', 'task/T', [['task.created', { task_code: 'T' }]], { before: 'P2', after: 'P0' }, { priority: 'P0' }],
  ['C-017', 'task.progress_updated', 'task/T', [['task.created', { task_code: 'T' }]], { before: 0, after: 40 }, { progress: 40 }],
  ['C-018', 'session.started', 'session/s', [], { agent_id: 'planner' }, { status: 'active', agentId: 'planner' }],
  ['C-019', 'session.resumed', 'session/s', [['session.started', { agent_id: 'planner' }], ['session.ended', {}]], { agent_id: 'planner' }, { status: 'active', resumeCount: 1 }],
  ['C-020', 'context.assembled', 'context/c', [], { session_key: 's', token_count: 900 }, { status: 'assembled' }],
  ['C-021', 'task.created', 'task/T', [], { task_code: 'T' }, { status: 'pending', taskCode: 'T' }],
];

describe.each(engines)('Event types on %s', (engine) => {
  test.each(types)('%s orchestration.%s is taken under the name of the document and folded', async (_row, name, stream, before, data, state) => {
    const { store } = openRecipeStore(engine);
    const [entityType, entityId] = stream.split('/') as [string, string];
    const events = [...before, [name, data] as const].map(([type, metadata]): DocumentedEvent => ({ eventType: `orchestration.${type}`, entityType, entityId, data: metadata, actor: ana }));
    for (const event of events) await store.saveEvent(event);
    expect((await store.reconstructState(stream)).state).toMatchObject(state);
    expect(typesOf(await store.queryEvents({ eventType: `orchestration.${name}` })).at(-1)).toBe(name);
  });

  test('C-001 C-002 C-003 a task has the fields of the document, and a hash of what it was created with', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([taskCreated]);
    const { state } = await store.reconstructState('task/TASK-001');
    expect(state).toMatchObject({ taskCode: 'TASK-001', sprintCode: 'TEST-001', phase: 2, status: 'pending', priority: 'P0', estimate: '3-5 days', startedAt: null, progress: 0, blockers: [], completedAt: null });
    expect(state['hash']).toMatch(/^[0-9a-f]{64}$/);
    await store.saveEvents([{ ...taskCreated, streamId: 'TASK-002' }, on('task/TASK-003', 'task.created', { ...taskCreated.data, title: 'another' })]);
    expect((await store.reconstructState('task/TASK-002')).state['hash']).toBe(state['hash']);
    expect((await store.reconstructState('task/TASK-003')).state['hash']).not.toBe(state['hash']);
  });

  test('C-023 C-024 C-025 C-026 C-079 every event says who, when, what changed, and in which chain', async () => {
    const { store } = openRecipeStore(engine);
    await logSprint(store);
    const [changed] = (await store.queryEvents({ type: 'task.status_changed' })).items;
    expect(changed).toMatchObject({ data: { before: 'pending', after: 'in_progress' }, changes: { status: { before: 'pending', after: 'in_progress' } } });
    const { orchestration } = await store.dialects();
    expect(orchestration.toForeign(changed!)).toMatchObject({
      event_type: 'orchestration.task.status_changed',
      payload: { before: 'pending', after: 'in_progress' },
      metadata: { actor: 'ana', timestamp: '2025-12-22T18:00:00.000Z', changes: { status: { before: 'pending', after: 'in_progress' } }, correlation_chain: changed!.correlationChain },
    });
    expect(changed!.correlationChain.at(-1)).toBe(changed!.correlationId);
    expect(changed!.correlationChain).toHaveLength(2);
  });

  test('C-013 C-022 a status that was another one before, or may not follow, is refused', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([taskCreated]);
    expect((await refusalOf(store.saveEvents([statusChanged('blocked', 'in_progress')]))).code).toBe('BEFORE_MISMATCH');
    await store.saveEvents([statusChanged('pending', 'in_progress'), statusChanged('in_progress', 'completed')]);
    expect((await refusalOf(store.saveEvents([statusChanged('completed', 'cancelled')]))).code).toBe('ILLEGAL_TRANSITION');
  });
});

describe.each(engines)('Scopes on %s', (engine) => {
  test('C-038 C-095 the correlation chain holds the flows that a flow started', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logSprint(store);
    const flow = all[0]!.correlationId;
    const inFlow = await store.events().byCorrelation(flow).get();
    expect(idsOf(inFlow)).toEqual(idsOf(all.filter(({ correlationChain }) => correlationChain.includes(flow))));
    expect(typesOf(inFlow)).toEqual(['sprint.created', 'task.created', 'task.created', 'session.started', 'task.status_changed']);
    expect(all.at(-2)!.correlationId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test('K-063 a task that the sprint caused opens a conversation of its own inside that of the sprint, and stays in it; an id that is no UUID is taken', async () => {
    const { store } = openRecipeStore(engine);
    const cause = await store.saveEvent(on('sprint/TEST-001', 'sprint.created', { sprint_code: 'TEST-001' }, { correlationId: 'workflow-101' }));
    await store.saveEvents([{ ...taskCreated, causationId: cause }]);
    await store.saveEvents([statusChanged('pending', 'in_progress')]);
    const [sprint, created, changed] = await everything(store);
    expect(sprint).toMatchObject({ correlationId: 'workflow-101', correlationChain: ['workflow-101'] });
    expect(created!.correlationId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(created!.correlationChain).toEqual(['workflow-101', created!.correlationId]);
    expect(changed).toMatchObject({ correlationId: created!.correlationId, correlationChain: created!.correlationChain });
    expect((await store.reconstructState('task/TASK-001')).state['correlationId']).toBe(created!.correlationId);
    expect(idsOf(await store.events().byCorrelation('workflow-101').get())).toEqual(idsOf([sprint!, created!, changed!]));
  });

  test('C-039 C-040 C-041 C-070 C-093 by session, dates and actor: the same as looking at every event', async () => {
    const { store, clock } = openRecipeStore(engine);
    await logSprint(store);
    const from = clock.now();
    clock.advance(60_000);
    await store.saveEvents([statusChanged('in_progress', 'blocked')]);
    clock.advance(60_000);
    await store.saveEvents([statusChanged('blocked', 'in_progress')]);
    const all = await everything(store);
    const [first, last] = [new Date(from + 60_000), new Date(from + 120_000)];
    const answers: readonly [answer: readonly EventEnvelope[], truth: (event: EventEnvelope) => boolean][] = [
      [await collect(store.events().bySession('s-1').all()), ({ sessionId }) => sessionId === 's-1'],
      [await collect(store.events().byDateRange(first, last).all()), ({ occurredAt }) => occurredAt >= first.toISOString() && occurredAt <= last.toISOString()],
      [await collect(store.events().byDateRange(first, first).all()), ({ occurredAt }) => occurredAt === first.toISOString()],
      [await collect(store.events().byActor('planner').all()), ({ actor }) => actor.id === 'planner'],
      [await collect(store.events().byActor('ana').byType('task.status_changed').byDateRange(last, last).all()), ({ revision, streamId }) => streamId === 'TASK-001' && revision === 4],
    ];
    for (const [answer, truth] of answers) {
      expect(answer.length).toBeGreaterThan(0);
      expect(idsOf(answer)).toEqual(idsOf(all.filter(truth)));
    }
  });

  test('C-042 the entity chain of a sprint holds its own events and those of its tasks, their sessions and contexts', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logSprint(store);
    expect(idsOf(await store.events().byEntityChain('sprint', 'TEST-001').get())).toEqual(idsOf(all.filter(({ streamId }) => streamId !== 'OTHER-1')));
    expect(typesOf(await store.events().byEntityChain('sprint', 'OTHER').get())).toEqual(['task.created']);
  });

  test('C-067 C-087 the flow of the manual test: created, then in progress, then completed, and nothing else', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([on('sprint/TEST-001', 'sprint.created', { sprint_code: 'TEST-001' })]);
    await store.saveEvents([on('task/TASK-001', 'task.created', { task_code: 'TASK-001', sprint_id: '1' })]);
    await store.saveEvents([statusChanged('pending', 'in_progress')]);
    await store.saveEvents([statusChanged('in_progress', 'completed')]);
    const task = (await store.reconstructState('task/TASK-001')).state;
    const chain = (await store.events().byCorrelation(String(task['correlationId'])).get()).items;
    expect(chain.map(({ type, data }) => [type, data['before'], data['after']])).toEqual([
      ['task.created', undefined, undefined],
      ['task.status_changed', 'pending', 'in_progress'],
      ['task.status_changed', 'in_progress', 'completed'],
    ]);
  });

  test('C-045 the timeline has lanes, with spans for what begins and ends', async () => {
    const { store, clock } = openRecipeStore(engine);
    await logSprint(store);
    clock.advance(60_000);
    await store.saveEvents([statusChanged('in_progress', 'completed'), on('session/s-1', 'session.ended', {})]);
    const { rows, truncated } = await store.timeline();
    expect(truncated).toBe(false);
    expect(rows).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'span', status: 'completed', at: '2025-12-22T18:00:00.000Z', until: '2025-12-22T18:01:00.000Z' }), expect.objectContaining({ kind: 'point' })]));
    const lanes = new Set(rows.map(({ lane }) => lane));
    expect(lanes.size).toBeGreaterThan(1);
    const [lane] = lanes;
    expect((await store.timeline({}, { lanes: [lane!] })).rows).toEqual(rows.filter((row) => row.lane === lane));
  });

  test('C-046 C-093 counts by type, actor and date are those of a count by hand', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logSprint(store);
    const counted = (key: (event: EventEnvelope) => string): Record<string, number> => Object.fromEntries(Object.entries(Object.groupBy(all, key)).map(([name, events]) => [name, events!.length]));
    const stats = await store.stats();
    expect(stats.total).toBe(all.length);
    expect(stats.byType).toEqual(counted(({ type }) => type));
    expect(stats.byActor).toEqual(counted(({ actor }) => `${actor.type}/${actor.id}`));
    expect(stats.byDate).toEqual({ '2025-12-22': all.length });
    expect((await store.stats({ from: '2025-12-23' })).total).toBe(0);
    expect((await store.stats({}, { bucket: 'minute' })).buckets).toEqual([{ start: '2025-12-22T18:00:00.000Z', count: all.length }]);
  });
});

describe.each(engines)('State and chains on %s', (engine) => {
  test('C-049 C-082 C-089 the state of a task an hour ago', async () => {
    const { store, clock } = openRecipeStore(engine);
    await store.saveEvents([taskCreated]);
    clock.advance(1_800_000);
    await store.saveEvents([statusChanged('pending', 'in_progress')]);
    clock.advance(3_600_000);
    await store.saveEvents([statusChanged('in_progress', 'completed')]);
    const view = await store.reconstructState('task', 'TASK-001', new Date(clock.now() - 3_600_000));
    expect(view.state).toMatchObject({ status: 'in_progress' });
    expect(view.state).toEqual(await store.foldEvents((await store.getEventsByAggregate('TASK-001')).slice(0, 2)));
  });

  test.each(['sprint/TEST-001', 'task/TASK-001'])('C-052 C-053 the history of %s is one entry per event: when, at which revision, what changed, and the state after it', async (stream) => {
    const { store } = openRecipeStore(engine);
    await logSprint(store);
    const { entries } = await store.stateHistory(stream, { withState: true });
    const { events } = await store.getEventStream(stream);
    expect(entries.map(({ at, revision, eventId }) => [at, revision, eventId])).toEqual(events.map(({ occurredAt, revision, id }) => [occurredAt, revision, id]));
    for (const { revision, state, changes } of entries) {
      expect(state).toEqual((await store.reconstructState(stream, { revision })).state);
      expect(changes).toHaveProperty(['/status']);
    }
  });

  test('K-069 an entity goes by its code; the number of its database leads to the same states and the same history', async () => {
    const { store, clock } = openRecipeStore(engine);
    await store.saveEvents([on('sprint/TEST-001', 'sprint.created', { sprint_code: 'TEST-001', sprint_id: 17 })]);
    await store.saveEvents([on('task/TASK-001', 'task.created', { task_code: 'TASK-001', task_id: 42, sprint_id: 17 }), on('task/TASK-002', 'task.created', { task_code: 'TASK-002', task_id: '43' })]);
    clock.advance(3_600_000);
    await store.saveEvents([statusChanged('pending', 'in_progress')]);
    const hourAgo = new Date(clock.now() - 3_600_000);
    for (const [type, number, code] of [['sprint', '17', 'TEST-001'], ['task', '42', 'TASK-001'], ['task', '43', 'TASK-002']] as const) {
      expect(await store.reconstructState(type, number, hourAgo)).toEqual(await store.reconstructState(type, code, hourAgo));
      expect(await store.stateHistory(`${type}/${number}`)).toEqual(await store.stateHistory(`${type}/${code}`));
    }
    expect((await store.stateHistory('task/42')).entries.map(({ type }) => type)).toEqual(['task.created', 'task.status_changed']);
    // A number of one kind says nothing of another, and a stream of that very id comes first.
    expect(await refusalOf(store.reconstructState('task', '17', hourAgo))).toMatchObject({ code: 'NOT_FOUND' });
    await store.saveEvents([on('task/42', 'task.created', { task_code: '42' })]);
    expect((await store.reconstructState('task/42')).streamId).toBe('42');
    await store.saveEvents([on('task/TASK-004', 'task.created', { task_code: 'TASK-004', task_id: 43 })]);
    expect(await refusalOf(store.reconstructState('task/43'))).toMatchObject({ code: 'AMBIGUOUS_STREAM', details: { candidates: ['task/TASK-002', 'task/TASK-004'] } });
  });

  test('C-050 a whole chain is valid; one that names a cause that is not there is not, and the place is told', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logSprint(store);
    const flow = all[0]!.correlationId;
    expect(await store.validateEventChain(flow)).toMatchObject({ ok: true, checked: 5, violations: [] });
    const id = await store.saveEvent({ ...statusChanged('in_progress', 'completed'), causationId: '018f0000-0000-7000-8000-0000000000ff' });
    expect(await store.validateEventChain(flow)).toMatchObject({ ok: false, checked: 6, violations: [{ code: 'MISSING_CAUSE', severity: 'error', eventId: id, streamId: 'TASK-001' }] });
  });

  test('C-028 whoever follows the log gets every event of the document once, in order, from where he left off', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logSprint(store);
    const ended = new AbortController();
    const seen: string[] = [];
    for await (const event of store.subscribe({ type: 'orchestration.*' }, { afterPosition: 2, signal: ended.signal })) {
      seen.push(event.id);
      if (seen.length === 3) await store.saveEvents([statusChanged('in_progress', 'completed')]);
      if (event.type === 'task.status_changed' && event.revision === 3) break;
    }
    expect(seen).toEqual(idsOf((await everything(store)).slice(2)));
    expect(seen).toHaveLength(all.length - 2 + 1);
  });
});
