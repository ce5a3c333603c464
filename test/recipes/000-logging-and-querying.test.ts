/** Document 000, "Logging Events" and "Query Events": the recipes as they stand there. */
import { existsSync, readFileSync } from 'node:fs';
import { createEvent, eventStore, logEvent, projectAgentMetrics, queryEvents, toSnakeNaming, withContext } from '@refold/sdk';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { collect, engines, everything, fact, idsOf, logAll, openRecipeStore, orchestrator, proj123, refusalOf, typesOf } from './recipe-store.ts';

const quickStart = { agent_name: 'react-component-architect', agent_model: 'sonnet', assigned_task: 'Create LoginForm component' };

describe.each(engines)('Logging on %s', (engine) => {
  test('A-004 A-005 K-071 the quick start logs one event and gets its id back; issue and session come from the surroundings', async () => {
    const { store } = openRecipeStore(engine);
    const eventId = await withContext({ issueKey: 'PROJ-123', sessionId: 'session-1' }, () => store.logEvent({ eventType: 'AgentSpawned', metadata: quickStart, actor: { type: 'system', id: 'orchestrator' } }));
    expect(eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await everything(store)).toMatchObject([{ id: eventId, type: 'agent_run.spawned', issueKey: 'PROJ-123', sessionId: 'session-1', data: quickStart }]);
  });

  test('A-007 K-082 the literal payload of AgentSpawned is taken before any OrchestrationStarted; without agent_name it is not', async () => {
    const { store } = openRecipeStore(engine);
    await store.logEvent(fact('10:00', 'AgentSpawned', quickStart));
    expect((await store.reconstructState('PROJ-123')).state).toMatchObject({ status: 'running', activeAgents: ['react-component-architect'], anomalies: [{ code: 'MISSING_PREDECESSOR' }] });
    expect(await refusalOf(store.logEvent(fact('10:01', 'AgentSpawned', { agent_model: 'sonnet' })))).toMatchObject({ code: 'MISSING_FIELD', details: { pointer: '/data/agent_name' } });
  });

  test.each([
    ['no id', { type: 'system' }, 'ACTOR_MISSING'],
    ['no type', { id: 'orchestrator' }, 'SCHEMA_VIOLATION'],
  ])('A-008 an actor needs no model, but one with %s is refused', async (_what, actor, code) => {
    const { store } = openRecipeStore(engine);
    await store.logEvent(fact('10:00', 'OrchestrationStarted'));
    expect((await everything(store))[0]!.actor).toEqual(orchestrator);
    expect((await refusalOf(store.logEvent({ ...fact('10:01', 'PhaseStarted', { phase: 'PLAN' }), actor } as never))).code).toBe(code);
    expect(await everything(store)).toHaveLength(1);
  });

  test('A-103 A-169 events of one run share a correlation id, assigned by itself or given by the surroundings', async () => {
    const { store } = openRecipeStore(engine);
    const events = await logAll(store, proj123.slice(0, 3));
    expect(new Set(events.map(({ correlationId }) => correlationId)).size).toBe(1);
    await withContext({ correlationId: 'release-7' }, () => store.logEvent(fact('10:00', 'OrchestrationStarted', {}, { issueKey: 'PROJ-9' })));
    expect((await store.queryEvents({ correlationId: 'release-7' })).items).toMatchObject([{ issueKey: 'PROJ-9', correlationId: 'release-7', correlationChain: ['release-7'] }]);
  });

  test('A-108 a password in a payload never reaches the log', async () => {
    const { store, file } = openRecipeStore(engine);
    await store.logEvent(fact('10:00', 'OrchestrationStarted', { config: { password: 'hunter2-correct-horse', user: 'ana' } }));
    const [event] = await everything(store);
    expect(JSON.stringify(event)).not.toContain('hunter2');
    expect(event!.data).toMatchObject({ config: { user: 'ana' } });
    // Nor the disk: neither the database nor its write-ahead log holds it.
    for (const path of file === null ? [] : [file, `${file}-wal`].filter((name) => existsSync(name))) expect(readFileSync(path).includes('hunter2')).toBe(false);
    expect(event!.metadata).toMatchObject({ redactions: [{ pointer: '/data/config/password' }] });
  });
});

describe.each(engines)('Querying on %s', (engine) => {
  const threeDays = [
    fact('2025-12-20T10:00:00Z', 'OrchestrationStarted'),
    fact('2025-12-20T11:00:00Z', 'OrchestrationStarted', {}, { issueKey: 'PROJ-456', sessionId: 'session-2' }),
    fact('2025-12-21T10:00:00Z', 'PhaseStarted', { phase: 'CODE' }),
    fact('2025-12-21T11:00:00Z', 'AgentSpawned', { agent_name: 'coder' }, { issueKey: 'PROJ-456', sessionId: 'session-2' }),
    fact('2025-12-22T10:00:00Z', 'PhaseFailed', { phase: 'CODE', error: { message: 'lint' } }),
    fact('2025-12-22T10:00:00.001Z', 'AgentFailed', { agent_name: 'coder', error: { message: 'out of tokens' } }, { issueKey: 'PROJ-456', sessionId: 'session-2' }),
  ];

  test('A-009 A-143 the events of an issue, over all days, in revision order', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logAll(store, threeDays);
    const events = await store.queryEvents({ issueKey: 'PROJ-123' });
    expect(idsOf(events)).toEqual(idsOf(all.filter(({ issueKey }) => issueKey === 'PROJ-123')));
    expect(events.items.map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(idsOf(await store.queryEvents({ issue_key: 'PROJ-123' }))).toEqual(idsOf(events));
  });

  test('A-010 failed events by the names of the document or by our own', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, threeDays);
    const failed = await store.queryEvents({ eventTypes: ['AgentFailed', 'PhaseFailed'] });
    expect(typesOf(failed)).toEqual(['phase.failed', 'agent_run.failed']);
    for (const spelling of [{ event_types: ['AgentFailed', 'PhaseFailed'] }, { types: ['agent_run.failed', 'phase.failed'] }, { type: ['agent_run.failed', 'PhaseFailed'] }])
      expect(idsOf(await store.queryEvents(spelling))).toEqual(idsOf(failed));
  });

  test('A-011 A-211 a range of time holds both its ends, to the millisecond', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, threeDays);
    const between = async (from: string | Date, to: string | Date): Promise<readonly string[]> => typesOf(await store.queryEvents({ fromTimestamp: from, toTimestamp: to }));
    expect(await between('2025-12-22T10:00:00Z', '2025-12-22T10:00:00.001Z')).toEqual(['phase.failed', 'agent_run.failed']);
    expect(await between('2025-12-22T10:00:00Z', '2025-12-22T10:00:00.000Z')).toEqual(['phase.failed']);
    expect(await between('2025-12-22T10:00:00.001Z', '2025-12-22T12:00:00Z')).toEqual(['agent_run.failed']);
    expect(await between(new Date('2025-12-21T00:00:00Z'), new Date('2025-12-21T10:00:00Z'))).toEqual(['phase.started']);
  });

  test('K-083 a date without a time is its whole day', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, threeDays);
    expect(typesOf(await store.queryEvents({ fromTimestamp: '2025-12-21', toTimestamp: '2025-12-21' }))).toEqual(['phase.started', 'agent_run.spawned']);
  });

  test('A-012 A-212 filters by issue, phase, agent and type, alone and together, are the intersection of each alone', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logAll(store, [...threeDays, ...proj123.slice(1)]);
    const parts = { issueKey: 'PROJ-123', phase: 'CODE', agent: 'react-component-architect', type: 'AgentSpawned' };
    const alone = await Promise.all(Object.entries(parts).map(async ([name, value]) => new Set(idsOf(await store.queryEvents({ [name]: value })))));
    for (const ids of alone) expect(ids.size).toBeGreaterThan(0);
    const both = await store.queryEvents({ issueKey: 'PROJ-123', eventTypes: ['AgentFailed', 'PhaseFailed'] });
    expect(typesOf(both)).toEqual(['phase.failed']);
    const together = idsOf(await store.queryEvents(parts));
    expect(together).toHaveLength(1);
    expect(together).toEqual(idsOf(all).filter((id) => alone.every((ids) => ids.has(id))));
  });

  test('K-019 a page knows the way to everything', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logAll(store, proj123);
    const page = await store.queryEvents({ issueKey: 'PROJ-123' }, { limit: 4, total: true });
    expect([page.items.length, page.total, page.nextCursor === null]).toEqual([4, proj123.length, false]);
    expect(idsOf(await collect(page.all()))).toEqual(idsOf(all));
  });

  test('X-005 results in the naming of the documents keep the payload as it is', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123.slice(0, 5));
    const [event] = toSnakeNaming(await store.queryEvents({ type: 'AgentSpawned' })).items;
    expect(event).toMatchObject({ issue_key: 'PROJ-123', occurred_at: '2025-12-22T10:32:00.000Z', stream_id: 'PROJ-123', data: quickStart });
  });

  test('an unknown parameter is refused with the nearest name, never passed over', async () => {
    const { store } = openRecipeStore(engine);
    expect(await refusalOf(store.queryEvents({ issueKye: 'PROJ-123' } as never))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'unknown_parameter' }, hint: expect.stringContaining('issueKey') });
  });
});

describe('The imported functions', () => {
  vi.stubEnv('REFOLD_STORE', 'memory:');
  vi.stubEnv('REFOLD_ISSUE_KEY', 'PROJ-123');
  vi.stubEnv('REFOLD_SESSION_ID', 'session-1');
  afterAll(async () => {
    vi.unstubAllEnvs();
    await eventStore.close();
  });

  test('A-006 B-048 logging is a function one imports; the store it writes to is there beside the class', async () => {
    const eventId = await logEvent({ eventType: 'AgentSpawned', metadata: quickStart, actor: orchestrator });
    const events = await queryEvents({ issueKey: 'PROJ-123' });
    expect(idsOf(events)).toEqual([eventId]);
    expect(Object.keys(projectAgentMetrics(events))).toEqual(['react-component-architect']);
    expect(await eventStore.getEvent(eventId)).toMatchObject({ issueKey: 'PROJ-123', sessionId: 'session-1' });
    expect(createEvent({ type: 'phase.started', data: { phase: 'CODE' } })).toMatchObject({ issueKey: 'PROJ-123', sessionId: 'session-1' });
  });
});
