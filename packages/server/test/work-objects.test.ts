/** The work objects of documents 003 and 004 over REST, as their own clients ask. */
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const ana = { type: 'user', id: 'ana' };
const patch = (world: World, path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  world.call(path, { method: 'PATCH', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ actor: ana, ...body }) });

describe('document 003', () => {
  test('C-021 C-022 C-079 C-087: its manual test, task created, then in_progress, then completed, gives exactly the chain it expects', async () => {
    const world = await startWorld();
    const { body: task } = await world.post('/api/orchestration/tasks', { task_code: 'TASK-001', sprint_id: 7, actor: ana });
    expect(task.state).toMatchObject({ task_code: 'TASK-001', sprint_id: '7', status: 'pending' });
    for (const status of ['in_progress', 'completed']) expect((await patch(world, '/api/orchestration/tasks/TASK-001', { status })).status).toBe(200);
    const chain = (await world.call(`/api/orchestration/events/correlation/${task.state.correlation_id}`)).body.items;
    expect(chain.map(({ event_type, payload }: { event_type: string; payload: { before?: string; after?: string } }) => [event_type, payload.before, payload.after])).toEqual([
      ['orchestration.task.created', undefined, undefined],
      ['orchestration.task.status_changed', 'pending', 'in_progress'],
      ['orchestration.task.status_changed', 'in_progress', 'completed'],
    ]);
    expect(chain[1].metadata?.changes ?? chain[1].changes).toEqual({ status: { before: 'pending', after: 'in_progress' } });
    expect((await world.call('/api/v1/tasks/TASK-001')).body).toMatchObject({ revision: 3, state: { status: 'completed' } });
  });

  test('a task is changed on the revision that If-Match names, once for one Idempotency-Key', async () => {
    const world = await startWorld();
    await world.post('/api/v1/tasks', { taskCode: 'T-1', actor: ana });
    const first = await patch(world, '/api/v1/tasks/T-1', { progress: 10 }, { 'if-match': '"1"', 'idempotency-key': 'k1' });
    expect([first.status, first.body.revision, first.body.duplicate]).toEqual([200, 2, false]);
    expect((await patch(world, '/api/v1/tasks/T-1', { progress: 10 }, { 'if-match': '"1"', 'idempotency-key': 'k1' })).body).toEqual({ ...first.body, duplicate: true });
    expect((await patch(world, '/api/v1/tasks/T-1', { progress: 20 }, { 'if-match': '"1"' })).body).toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'if_match', actual: 2 } });
    const deleted = await world.call('/api/v1/tasks/T-1?actor=user:ana&reason=twice', { method: 'DELETE', headers: { 'if-match': '"2"' } });
    expect([deleted.status, deleted.body.state.status]).toEqual([200, 'deleted']);
    expect((await world.call('/api/v1/tasks/T-1')).status).toBe(404);
    expect((await world.call('/api/v1/tasks/T-1/history')).body.entries).toHaveLength(3);
  });

  test('bad-input A42: a status that may not follow is refused with what may, and unknown fields with their name', async () => {
    const world = await startWorld();
    await world.post('/api/v1/tasks', { taskCode: 'T-1', status: 'completed', actor: ana });
    const illegal = await patch(world, '/api/v1/tasks/T-1', { status: 'blocked' });
    expect([illegal.status, illegal.body.code]).toEqual([422, 'ILLEGAL_TRANSITION']);
    expect((await patch(world, '/api/v1/tasks/T-1', { statsu: 'blocked' })).body).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'unknown_parameter', nearest: ['status'] } });
    expect((await world.post('/api/v1/tasks', { taskCode: 'T-1', actor: ana })).body).toMatchObject({ code: 'REVISION_CONFLICT' });
  });
});

describe('document 003, sprints and sessions', () => {
  test('C-010 C-012 C-013 C-018: its paths speak its spelling both ways, and a session of an agent is no debug session', async () => {
    const world = await startWorld();
    const sprint = await world.post('/api/orchestration/sprints', { sprint_code: 'TEST-001', start_date: '2026-11-20', metadata: { teamName: 'a' }, actor: ana });
    expect([sprint.status, sprint.body.state]).toEqual([201, expect.objectContaining({ sprint_code: 'TEST-001', start_date: '2026-11-20', metadata: { teamName: 'a' } })]);
    await patch(world, '/api/orchestration/sprints/TEST-001', { status: 'active', metadata: { teamName: 'b' } });
    expect((await world.call('/api/orchestration/sprints/TEST-001')).body.state).toMatchObject({ status: 'active', metadata: { teamName: 'b' } });
    expect((await world.call('/api/orchestration/sprints')).body.items).toMatchObject([{ stream_id: 'TEST-001' }]);
    expect((await world.call('/api/orchestration/sprints/TEST-001/history')).body.entries.map(({ type }: { type: string }) => type)).toEqual(['sprint.created', 'sprint.status_changed', 'sprint.metadata_updated']);

    const session = await world.post('/api/orchestration/sessions', { session_key: 'sess-1', agent_id: 'planner', task_code: 'TASK-001', actor: ana });
    expect(session.body.state).toMatchObject({ session_key: 'sess-1', status: 'active', agent_id: 'planner' });
    await world.post('/api/orchestration/sessions/sess-1/end', { outcome: 'done', actor: ana });
    expect((await world.post('/api/orchestration/sessions/sess-1/resume', { actor: ana })).body.state).toMatchObject({ status: 'active', resume_count: 1 });
    // Document 002's own paths of the same look stay debug sessions.
    expect((await world.call('/sessions/sess-1')).body).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'debug_session' } });
  });
});

describe('document 004', () => {
  test('D-055 D-091: a job runs over REST; its events, its state at a moment, its history and its log are its own', async () => {
    const world = await startWorld();
    const act = async (path: string, body: object = {}): Promise<Answer> => {
      world.clock.advance(1_000);
      const answer = await world.post(`/api/v1/jobs${path}`, { actor: ana, ...body });
      if (answer.status >= 300) throw new Error(answer.text);
      return answer;
    };
    await act('', { id: '42', name: 'deploy', steps: ['build', 'test'] });
    await act('/42/start', { workerId: 'w-1' });
    const started = new Date(world.clock.now()).toISOString();
    await act('/42/steps', { step: 'build', status: 'completed', durationMs: 900 });
    await act('/42/pause', { reason: 'night' });
    await act('/42/resume');
    await act('/42/logs', { lines: [{ level: 'INFO', message: 'begun' }] });
    expect((await act('/42/cancel', { reason: 'enough' })).body.state).toMatchObject({ status: 'cancelled' });
    expect((await world.call('/api/v1/jobs/42/events?dialect=job')).body.items.map(({ eventType }: { eventType: string }) => eventType)).toEqual(['JobCreated', 'JobStarted', 'JobStepCompleted', 'JobPaused', 'JobResumed', 'JobCancelled']);
    expect((await world.call(`/api/v1/jobs/42/state?at=${started}`)).body.state).toMatchObject({ status: 'running', progress: 0 });
    expect((await world.call('/api/v1/jobs/42/history')).body.entries).toHaveLength(6);
    expect((await world.call('/api/v1/jobs/42/logs?afterLine=0')).body).toMatchObject({ items: [{ line: 1, message: 'begun' }], next: null });
    expect((await world.post('/api/v1/jobs/42/start', { actor: ana })).body).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  test('a command that is sent again under its key is carried out once', async () => {
    const world = await startWorld();
    const send = (path: string, body: object = {}): Promise<Answer> => world.post(`/api/v1/jobs${path}`, { actor: ana, ...body }, { 'idempotency-key': `key ${path}` });
    const [made, again] = [await send('', { name: 'deploy' }), await send('', { name: 'deploy' })];
    expect([made.status, again.status, again.body.streamId]).toEqual([201, 200, made.body.streamId]);
    const path = `/${made.body.streamId}/start`;
    expect([(await send(path)).body.duplicate, (await send(path)).body.duplicate]).toEqual([false, true]);
    expect((await world.call(`/api/v1/jobs${path.replace('start', 'events')}`)).body.items).toHaveLength(2);
  });
});
