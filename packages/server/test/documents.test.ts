/** State, history, chains and sessions in time, over REST, as documents 002 and 003 ask for them. */
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const ana = { type: 'user', id: 'ana' };
const hour = 3_600_000;

/** The manual test of document 003: a sprint, a task in it, its status changed twice, an hour apart each. */
async function logManualTest(world: World): Promise<{ readonly correlationId: string; readonly hours: readonly string[] }> {
  const hours: string[] = [];
  const post = async (event: object): Promise<void> => {
    hours.push(new Date(world.clock.now()).toISOString());
    const { status, text } = await world.post('/api/orchestration/events', { actor: ana, streamType: 'task', streamId: 'TASK-001', ...event });
    if (status !== 201) throw new Error(text);
    world.clock.advance(hour);
  };
  await post({ type: 'orchestration.sprint.created', streamType: 'sprint', streamId: 'TEST-001', data: { sprint_code: 'TEST-001' } });
  await post({ type: 'orchestration.task.created', data: { task_code: 'TASK-001', sprint_id: '1' } });
  await post({ type: 'orchestration.task.status_changed', data: { before: 'pending', after: 'in_progress' } });
  await post({ type: 'orchestration.task.status_changed', data: { before: 'in_progress', after: 'completed' } });
  const { items } = (await world.call('/api/v1/streams/task/TASK-001/events')).body as { items: { correlationId: string }[] };
  return { correlationId: items[0]!.correlationId, hours };
}

describe('document 003', () => {
  test('C-081 C-087: its literal path answers the whole chain of the manual test, in its own form, and nothing else', async () => {
    const world = await startWorld();
    const { correlationId } = await logManualTest(world);
    const { status, body } = await world.call(`/api/orchestration/events/correlation/${correlationId}`);
    expect(status).toBe(200);
    expect(body.items.map(({ event_type, payload }: { event_type: string; payload: { before?: string; after?: string } }) => [event_type, payload.before, payload.after])).toEqual([
      ['orchestration.task.created', undefined, undefined],
      ['orchestration.task.status_changed', 'pending', 'in_progress'],
      ['orchestration.task.status_changed', 'in_progress', 'completed'],
    ]);
  });

  test('C-008 C-049 C-053: the state of the task an hour ago, and its states at every point, come from the log alone', async () => {
    const world = await startWorld();
    const { hours } = await logManualTest(world);
    const hourAgo = (await world.call(`/api/v1/streams/task/TASK-001/state?at=${new Date(world.clock.now() - hour - 1).toISOString()}`)).body;
    expect(hourAgo).toMatchObject({ revision: 2, state: { status: 'in_progress' } });
    const { entries } = (await world.call('/api/orchestration/tasks/TASK-001/history?with_state=true')).body;
    expect(entries.map(({ at, state }: { at: string; state: { status: string } }) => [at, state.status])).toEqual([
      [hours[1], 'pending'],
      [hours[2], 'in_progress'],
      [hours[3], 'completed'],
    ]);
    expect((await world.call('/api/orchestration/sprints/TEST-001/history')).body.entries).toHaveLength(1);
  });

  test('C-075 C-050: the chain is valid, and is not any more when an event names a cause that is nowhere', async () => {
    const world = await startWorld();
    const { correlationId } = await logManualTest(world);
    const path = `/api/v1/events/correlation/${correlationId}/validate`;
    expect((await world.call(path)).body).toMatchObject({ ok: true, checked: 3, violations: [], streams: [{ type: 'task', id: 'TASK-001', fromRevision: 1, toRevision: 3 }] });
    await world.post('/api/v1/events', { type: 'custom.noted', streamType: 'task', streamId: 'TASK-001', actor: ana, correlationId, causationId: '018f0000-0000-7000-8000-0000000000ff', data: { text: 'x' } });
    expect((await world.call(path)).body).toMatchObject({ ok: false, checked: 4, violations: [{ code: 'MISSING_CAUSE', streamId: 'TASK-001' }] });
  });

  test('C-007: by correlation, by session and by time the answers are those of a look at every event', async () => {
    const world = await startWorld();
    const { correlationId, hours } = await logManualTest(world);
    await world.post('/api/v1/events', { type: 'session.started', streamType: 'session', streamId: 's-1', sessionId: 's-1', actor: ana, data: { agent_id: 'planner', task_code: 'TASK-001' }, correlationId });
    interface Row {
      readonly position: number;
      readonly correlationChain: readonly string[];
      readonly sessionId?: string;
      readonly occurredAt: string;
    }
    const all = (await world.call('/api/v1/events')).body.items as readonly Row[];
    expect(all).toHaveLength(5);
    const questions: readonly (readonly [query: string, truth: (event: Row) => boolean])[] = [
      [`correlationId=${correlationId}`, ({ correlationChain }) => correlationChain.includes(correlationId)],
      ['sessionId=s-1', ({ sessionId }) => sessionId === 's-1'],
      [`from=${hours[1]}&to=${hours[2]}`, ({ occurredAt }) => occurredAt >= hours[1]! && occurredAt <= hours[2]!],
      [`correlationId=${correlationId}&from=${hours[2]}`, ({ correlationChain, occurredAt }) => correlationChain.includes(correlationId) && occurredAt >= hours[2]!],
    ];
    for (const [query, truth] of questions) {
      const found = ((await world.call(`/api/v1/events?${query}`)).body.items as readonly Row[]).map(({ position }) => position);
      expect([query, found]).toEqual([query, all.filter(truth).map(({ position }) => position)]);
      expect(found.length).toBeGreaterThan(0);
    }
  });
});

describe('document 002', () => {
  test('B-003: the state of the system at any point in time is the fold of what had happened by then, a latecomer included', async () => {
    const world = await startWorld();
    const at = (minute: number): string => `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z`;
    const shared = { actor: ana, streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 'sess-1' };
    const told = [
      { ...shared, type: 'orchestration.started', occurredAt: at(0), data: {} },
      { ...shared, type: 'phase.started', occurredAt: at(10), data: { phase: 'PLAN' } },
      { ...shared, type: 'phase.completed', occurredAt: at(30), data: { phase: 'PLAN' } },
      { ...shared, type: 'gap.identified', occurredAt: at(20), data: { gap_id: 'g-1', description: 'told late' } },
    ];
    for (const event of told) expect((await world.post('/api/v1/events', event)).status).toBe(201);
    const events = (await world.call('/api/v1/streams/orchestration/PROJ-1/events')).body.items as { occurredAt: string }[];
    for (let minute = 0; minute <= 35; minute += 5) {
      const happened = events.filter(({ occurredAt }) => occurredAt <= at(minute));
      const { body } = await world.call(`/api/v1/streams/orchestration/PROJ-1/state?at=${at(minute)}`);
      expect([minute, body.state]).toEqual([minute, JSON.parse(JSON.stringify(world.log.fold.foldAll(happened as never, { cut: true })))]);
    }
    expect((await world.call('/api/v1/streams/orchestration/PROJ-1/state?at=2026-11-20T08:00:00Z')).body).toMatchObject({ revision: 0, state: { exists: false } });
  });

  test('K-021: an orchestration session, the session of an agent and a debug session are three things with three names', async () => {
    const world = await startWorld();
    await world.post('/api/v1/events', { type: 'session.started', streamType: 'session', streamId: 's-1', sessionId: 's-1', actor: ana, data: { agent_id: 'planner' } });
    // The session key of document 003 is the session id.
    expect((await world.call('/api/orchestration/events/session/s-1')).body.items).toMatchObject([{ session_key: 's-1' }]);
    const { session_id: debugSession } = (await world.post('/sessions/start', { aggregate_id: 's-1' })).body as { session_id: string };
    expect((await world.call('/api/v1/debug/sessions')).body.items).toMatchObject([{ id: debugSession, streamType: 'session', streamId: 's-1' }]);
    expect((await world.call(`/sessions/${debugSession}`)).body).toMatchObject({ session_id: debugSession, aggregate_id: 's-1' });
    expect((await world.call('/sessions/s-1')).body).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'debug_session' } });
    expect((await world.call(`/api/v1/events?sessionId=${debugSession}`)).body.items).toEqual([]);
  });
});
