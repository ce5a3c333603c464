/** Document 003 over its own paths and in its own spelling: its manual tests literally, its nine events, its routes, its queries. */
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const base = '/api/orchestration';
const actor = { type: 'user', id: 'ana' };

// oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
async function done(answer: Promise<Answer>, status = 200): Promise<any> {
  const { status: was, text, body } = await answer;
  expect([was, text]).toEqual([status, expect.any(String)]);
  return body;
}

const create = (world: World, kind: string, body: object): Promise<Answer['body']> => done(world.post(`${base}/${kind}`, { actor, ...body }), 201);
const update = (world: World, path: string, body: object): Promise<Answer['body']> =>
  done(world.call(`${base}/${path}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ actor, ...body }) }));

interface Told {
  readonly event_type: string;
  readonly payload: { readonly before?: string; readonly after?: string };
  readonly metadata: { readonly actor?: unknown; readonly timestamp?: string; readonly changes?: object; readonly correlation_chain?: readonly string[] };
}
const chainOf = async (world: World, correlation: string): Promise<readonly Told[]> => (await done(world.call(`${base}/events/correlation/${correlation}`))).items;
const shown = (events: readonly Told[]): readonly string[] => events.map(({ event_type, payload: { before, after } }) => event_type.replace('orchestration.', '') + (before === undefined ? '' : ` (${before} → ${after})`));

describe('its manual tests', () => {
  test('C-021 C-022 C-087: a sprint, three tasks, one updated twice: the chain is what the document says it shows, and nothing else', async () => {
    const world = await startWorld();
    const sprint = await create(world, 'sprints', { sprint_code: 'TEST-001' });
    const [task] = [await create(world, 'tasks', { task_code: 'TASK-001', sprint_code: 'TEST-001' }), await create(world, 'tasks', { task_code: 'TASK-002', sprint_code: 'TEST-001' }), await create(world, 'tasks', { task_code: 'TASK-003', sprint_code: 'TEST-001' })];
    await update(world, 'tasks/TASK-001', { status: 'in_progress' });
    await update(world, 'tasks/TASK-001', { status: 'completed' });
    const chain = await chainOf(world, task.state.correlation_id);
    expect(shown(chain)).toEqual(['task.created', 'task.status_changed (pending → in_progress)', 'task.status_changed (in_progress → completed)']);
    expect(chain.slice(1).map(({ metadata }) => metadata.changes)).toEqual([{ status: { before: 'pending', after: 'in_progress' } }, { status: { before: 'in_progress', after: 'completed' } }]);
    // Every task is a conversation of its own, beside that of the sprint.
    expect(task.state.correlation_id).not.toBe(sprint.state.correlation_id);
    // The events of the sprint and of what belongs to it.
    const around = (await done(world.call('/api/v1/events/entity/sprint/TEST-001?naming=snake'))).items.map(({ stream_id }: { stream_id: string }) => stream_id);
    expect(new Set(around)).toEqual(new Set(['TEST-001', 'TASK-001', 'TASK-002', 'TASK-003']));
  });

  test('C-022: a task that goes from pending to completed at once tells just that', async () => {
    const world = await startWorld();
    const task = await create(world, 'tasks', { task_code: 'TASK-001' });
    await update(world, 'tasks/TASK-001', { status: 'completed' });
    expect(shown(await chainOf(world, task.state.correlation_id))).toEqual(['task.created', 'task.status_changed (pending → completed)']);
    expect((await done(world.call(`${base}/tasks/TASK-001`))).state).toMatchObject({ status: 'completed' });
  });

  test('C-082 C-089: the state of a task as it was an hour ago', async () => {
    const world = await startWorld();
    await create(world, 'tasks', { task_code: 'TASK-001' });
    world.clock.advance(3_600_000);
    await update(world, 'tasks/TASK-001', { status: 'in_progress' });
    const anHourAgo = new Date(world.clock.now() - 3_600_000).toISOString();
    expect((await done(world.call(`/api/v1/streams/task/TASK-001/state?at=${anHourAgo}&naming=snake`))).state).toMatchObject({ task_code: 'TASK-001', status: 'pending' });
  });
});

describe('its nine events', () => {
  test.each([
    ['sprint.metadata_updated', (world: World) => update(world, 'sprints/S', { metadata: { team: 'b' } }), { metadata: { before: { team: 'a' }, after: { team: 'b' } } }],
    ['sprint.status_changed', (world: World) => update(world, 'sprints/S', { status: 'active' }), { status: { before: 'planned', after: 'active' } }],
    ['task.assigned', (world: World) => update(world, 'tasks/T', { assignee: 'planner' }), { assignee: { before: null, after: { id: 'planner', type: 'agent' } } }],
    ['task.blocked', (world: World) => update(world, 'tasks/T', { status: 'blocked', reason: 'no key' }), { status: { before: 'pending', after: 'blocked' } }],
    ['task.priority_changed', (world: World) => update(world, 'tasks/T', { priority: 'P0' }), { priority: { before: 'P1', after: 'P0' } }],
    ['task.progress_updated', (world: World) => update(world, 'tasks/T', { progress: 40 }), { progress: { before: 0, after: 40 } }],
    ['session.started', (world: World) => create(world, 'sessions', { session_key: 'sess-2', agent_id: 'planner' }), {}],
    ['session.resumed', (world: World) => done(world.post(`${base}/sessions/sess-1/resume`, { actor })), {}],
    ['context.assembled', (world: World) => done(world.post(`${base}/sessions/sess-1/context`, { actor, sources: [{ path: 'README.md' }] }), 201), {}],
  ] as const)('C-066 C-091: %s is told once, with who, when, before and after, and its conversation', async (type, act, changes) => {
    const world = await startWorld();
    await create(world, 'sprints', { sprint_code: 'S', metadata: { team: 'a' } });
    await create(world, 'tasks', { task_code: 'T', priority: 'P1' });
    await create(world, 'sessions', { session_key: 'sess-1', agent_id: 'coder' });
    const before = await world.log.head();
    await act(world);
    const told: readonly Told[] = (await done(world.call(`${base}/events?afterPosition=${before.position}`))).items;
    const named = told.filter(({ event_type }) => event_type === `orchestration.${type}`);
    expect(named).toHaveLength(1);
    expect(named[0]!.metadata).toMatchObject({ actor: expect.anything() as unknown, timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string, correlation_chain: [expect.any(String)] });
    expect(named[0]!.metadata.changes).toEqual(changes);
  });
});

describe('how urgent an event is', () => {
  const priorities = ['P0', 'P1', 'P2', 'P3'] as const;
  // Each with the priority that its type has by itself.
  const types = [['task.progress_updated', 'P2', { before: 0, after: 40 }], ['task.status_changed', 'P1', { before: 'pending', after: 'in_progress' }]] as const;

  test.each(priorities.flatMap((ofTask) => types.flatMap(([type, ofType, data]) => [undefined, ...priorities].map((said) => ({ ofTask, type, ofType, data, said })))))(
    'X-010: $type ($ofType) of a $ofTask task, said to be $said',
    async ({ ofTask, type, ofType, data, said }) => {
      const world = await startWorld();
      await create(world, 'tasks', { task_code: 'T', priority: ofTask });
      await done(world.post('/api/v1/events', { type, streamType: 'task', streamId: 'T', actor, data, ...(said === undefined ? {} : { priority: said }) }), 201);
      const { items: [event] } = await done(world.call('/api/v1/streams/task/T/events?order=desc&limit=1'));
      expect(event.priority).toBe(said ?? [ofTask, ofType].toSorted()[0]);
    },
  );
});

describe('its routes', () => {
  test('K-070: sprints, tasks and sessions are created, listed, read, changed and taken away over its own paths', async () => {
    const world = await startWorld();
    const remove = (path: string): Promise<Answer['body']> => done(world.call(`${base}/${path}?actor=user:ana`, { method: 'DELETE' }));
    const goneFrom = async (path: string): Promise<void> => expect([(await world.call(`${base}/${path}`)).status, (await done(world.call(`${base}/${path.split('/')[0]}`))).items]).toEqual([404, []]);
    for (const [kind, code, change] of [['sprints', 'sprint_code', { goal: 'ship' }], ['tasks', 'task_code', { title: 'ship' }]] as const) {
      await create(world, kind, { [code]: 'X-1' });
      expect((await done(world.call(`${base}/${kind}`))).items).toMatchObject([{ stream_id: 'X-1' }]);
      await update(world, `${kind}/X-1`, change);
      expect((await done(world.call(`${base}/${kind}/X-1`))).state).toMatchObject(change);
      expect((await done(world.call(`${base}/${kind}/X-1/history`))).entries).toHaveLength(2);
      await remove(`${kind}/X-1`);
      await goneFrom(`${kind}/X-1`);
    }
    await create(world, 'sessions', { session_key: 'sess-1', agent_id: 'coder' });
    await done(world.post(`${base}/sessions/sess-1/context`, { actor, token_count: 12 }), 201);
    await done(world.post(`${base}/sessions/sess-1/end`, { actor, outcome: 'done' }));
    await done(world.post(`${base}/sessions/sess-1/resume`, { actor }));
    expect((await done(world.call(`${base}/sessions/sess-1`))).state).toMatchObject({ status: 'active', resume_count: 1 });
  });

  test('C-071: the contract has more than four queries of events, and each answers', async () => {
    const world = await startWorld();
    const task = await create(world, 'tasks', { task_code: 'TASK-001', session_id: 'sess-1' });
    const { paths } = await done(world.call('/openapi.json')) as { paths: { [path: string]: { get?: object } } };
    const queries = Object.entries(paths).filter(([path, { get }]) => path.startsWith(`${base}/events`) && get !== undefined).map(([path]) => path);
    expect(queries.toSorted()).toEqual(['', '/correlation/{id}', '/session/{key}', '/stats', '/timeline'].map((path) => `${base}/events${path}`));
    for (const path of queries) await done(world.call(path.replace('{id}', task.state.correlation_id).replace('{key}', 'sess-1')));
  });
});
