/** Debug sessions over HTTP: document 002's service as its clients call it, and what the canonical routes do beyond it. */
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const actor = { type: 'user', id: 'ana' };
const rewards = [0.5, 0.95, 0.2];

/** The agent of document 002: created, then updated three times with a reward. */
async function worldWithAgent(): Promise<World> {
  const world = await startWorld();
  const shared = { streamType: 'agent', streamId: 'agent-123', actor };
  const { status, text } = await world.post('/api/v1/events', [
    { ...shared, type: 'agent.created', data: { name: 'Customer Support Agent', model: 'gpt-4' } },
    { ...shared, type: 'agent.deployed', data: { environment: 'staging', version: '1' } },
    ...rewards.map((reward, index) => ({ ...shared, type: 'agent.updated', data: { model: `gpt-${index + 5}`, reward } })),
  ]);
  if (status !== 201) throw new Error(text);
  return world;
}

/** A session over the agent, and its routes under document 002's paths or the canonical ones. */
async function sessionIn(world: World, base = '/sessions'): Promise<{ readonly id: string; post(path: string, body?: object): Promise<Answer>; get(path?: string): Promise<Answer>; remove(path: string): Promise<Answer> }> {
  const started = await world.post(`${base}/start`, base === '/sessions' ? { aggregate_id: 'agent-123', from_version: 1 } : { aggregateId: 'agent-123', fromRevision: 1 });
  const id = (started.body.session_id ?? started.body.sessionId) as string;
  return {
    id,
    post: (path, body = {}) => world.post(`${base}/${id}${path}`, body),
    get: (path = '') => world.call(`${base}/${id}${path}`),
    remove: (path) => world.call(`${base}/${id}${path}`, { method: 'DELETE' }),
  };
}

describe("Document 002's service", () => {
  test('A-228 B-072 B-083 B-084 B-085 the example as it is written: start, a breakpoint, the info', async () => {
    const world = await worldWithAgent();

    // Start replay session
    const response = await world.post('/sessions/start', { aggregate_id: 'agent-123', from_version: 1 });
    const sessionId = response.body.session_id as string;
    expect([response.status, sessionId]).toEqual([201, expect.stringMatching(/^ds_/)]);

    // Add breakpoint
    const added = await world.post(`/sessions/${sessionId}/breakpoints`, { event_type: 'agent.updated' });
    expect([added.status, added.body.id]).toEqual([201, '1']);

    // Get debug info
    const info = (await world.call(`/sessions/${sessionId}`)).body;
    expect(info).toMatchObject({ session_id: sessionId, state: 'paused', aggregate_id: 'agent-123', revision: 1, current_event: { type: 'agent.created', revision: 1 } });
    expect(info.breakpoints).toEqual([expect.objectContaining({ id: '1', event_type: 'agent.updated', condition: null })]);
  });

  test('B-073 B-074 B-075 B-076 pause, resume, step and stop', async () => {
    const { post } = await sessionIn(await worldWithAgent());
    await post('/breakpoints', { event_type: 'agent.updated' });
    expect((await post('/pause')).status).toBe(200);
    expect((await post('/step')).body).toMatchObject({ state: 'paused', revision: 2, event: { type: 'agent.deployed' } });
    expect((await post('/resume')).body).toMatchObject({ reason: 'breakpoint', revision: 3, breakpoint_ids: ['1'] });
    expect((await post('/stop')).body).toMatchObject({ state: 'stopped', revision: 3 });
  });

  test('B-061 B-077 a condition in the words of the document stops where the reward is high', async () => {
    const { post } = await sessionIn(await worldWithAgent());
    expect((await post('/breakpoints', { condition: "event_data.get('reward', 0) > 0.8" })).status).toBe(201);
    expect((await post('/resume')).body).toMatchObject({ revision: 4, event: { data: { reward: 0.95 } } });
    expect((await post('/resume')).body).toMatchObject({ state: 'completed', reason: 'end', revision: 5 });
  });

  test('B-078 a removed breakpoint stops nothing', async () => {
    const { post, get, remove } = await sessionIn(await worldWithAgent());
    await post('/breakpoints', { event_type: 'agent.updated' });
    const removed = await remove('/breakpoints/1');
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await get('/breakpoints')).body).toEqual({ items: [] });
    expect((await post('/resume')).body).toMatchObject({ state: 'completed' });
    expect((await remove('/breakpoints/1')).status).toBe(404);
  });

  test('B-079 B-080 B-081 watches are shown in the info, and along the timeline as they were', async () => {
    const { post, get, remove } = await sessionIn(await worldWithAgent());
    const watch = await post('/watches', { expression: "event_data.get('reward', 0)" });
    expect([watch.status, watch.body]).toEqual([201, { id: '1', expression: "event_data.get('reward', 0)", value: 0, error: null }]);
    await post('/watches', { expression: 'state.configVersion' });
    await post('/step', { count: 2 });
    expect((await get()).body).toMatchObject({ revision: 3, watches: [{ value: 0.5 }, { expression: 'state.configVersion', value: 2 }] });
    const { entries } = (await get('/timeline')).body as { entries: { event_type: string; watches: object }[] };
    // What people wrote stays as they wrote it, whatever the spelling of the answer.
    expect(entries.at(-1)).toMatchObject({ event_type: 'agent.updated', watches: { "event_data.get('reward', 0)": 0.5, 'state.configVersion': 2 } });
    for (const id of [1, 2]) expect((await remove(`/watches/${id}`)).status).toBe(204);
    expect((await get('/watches')).body).toEqual({ items: [] });
  });

  test('B-082 the export is a file', async () => {
    const { get } = await sessionIn(await worldWithAgent());
    const { status, headers, body } = await get('/export');
    expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="debug-session.json"']);
    expect(body).toMatchObject({ format: 'refold-debug-session', format_version: '1.0.0' });
  });

  test('B-066 bad-input N2: a stopped session can be read and not moved', async () => {
    const { post, get } = await sessionIn(await worldWithAgent());
    await post('/stop');
    for (const control of ['/step', '/resume', '/pause', '/stop']) {
      const refused = await post(control);
      expect([refused.status, refused.body]).toEqual([409, expect.objectContaining({ code: 'BAD_DEBUG_STATE', details: expect.objectContaining({ state: 'stopped', allowed: [] }) as unknown })]);
    }
    expect((await get()).body).toMatchObject({ state: 'stopped' });
  });
});

describe('Canonical routes', () => {
  const base = '/api/v1/debug/sessions';

  test('B-156 B-070 an export opens as another session with the same timeline, on a server that has no such stream', async () => {
    const { post, get } = await sessionIn(await worldWithAgent(), base);
    await post('/breakpoints', { eventType: 'agent.updated' });
    await post('/resume');
    const exported = (await get('/export')).body as { timeline: object[] };
    const elsewhere = await startWorld({ seed: 9 });
    const imported = await elsewhere.post(`${base}/import`, exported);
    expect(imported.status).toBe(201);
    const { sessionId, info } = imported.body as { sessionId: string; info: object };
    expect(info).toMatchObject({ aggregateId: 'agent-123', revision: 3, breakpoints: [{ eventType: 'agent.updated' }] });
    expect((await elsewhere.call(`${base}/${sessionId}/timeline`)).body.entries.slice(0, exported.timeline.length)).toMatchObject(exported.timeline.map(({ ...entry }) => ({ ...entry, visitedAt: expect.any(String) as string })));
  });

  test('seek, restart, steps back and runs back (B-162)', async () => {
    const { post } = await sessionIn(await worldWithAgent(), base);
    expect((await post('/seek', { revision: 5 })).body).toMatchObject({ revision: 5, reason: 'place' });
    expect((await post('/seek', { place: '~1' })).body).toMatchObject({ revision: 4 });
    expect((await post('/step', { back: true, count: 2 })).body).toMatchObject({ revision: 2 });
    expect((await post('/restart')).body).toMatchObject({ revision: 1 });
    await post('/breakpoints', { path: '/model' });
    await post('/seek', { place: 'end' });
    expect((await post('/resume', { back: true })).body).toMatchObject({ reason: 'breakpoint', revision: 4 });
    expect((await post('/seek', { revision: 40 })).status).toBe(404);
  });

  test('sessions are listed, and each stands where it was left', async () => {
    const world = await worldWithAgent();
    const [first, second] = [await sessionIn(world, base), await sessionIn(world, base)];
    await first.post('/step', { count: 3 });
    const { items } = (await world.call(base)).body as { items: { id: string; revision: number }[] };
    expect(items.map(({ id, revision }) => [id, revision])).toEqual([[first.id, 4], [second.id, 1]]);
  });

  test('a fork is another session over the history with edits, where this one stands; this one and the log stay as they are', async () => {
    const world = await worldWithAgent();
    const { id, post, get } = await sessionIn(world, base);
    await post('/breakpoints', { condition: 'event_data.get("reward", 0) > 0.8' });
    await post('/watches', { expression: 'event.data.reward' });
    await post('/seek', { revision: 3 });
    const forked = await post('/fork', { edits: [{ op: 'set', at: 3, pointer: '/reward', value: 0.99 }, { op: 'omit', at: 4 }, { op: 'omit', at: 77 }] });
    expect([forked.status, forked.body]).toMatchObject([201, { applied: 2, rejected: [{ index: 2, code: 'NOT_FOUND' }], info: { revision: 3, total: 4, watches: [{ expression: 'event.data.reward', value: 0.99 }], breakpoints: [{ condition: 'event_data.get("reward", 0) > 0.8' }] } }]);
    expect(forked.body.diff).toContainEqual(expect.objectContaining({ path: '/configVersion', op: 'replace', before: 4, after: 3 }));
    const other = `${base}/${forked.body.sessionId}`;
    expect(other).not.toContain(id);
    expect((await world.post(`${other}/resume`, {})).body).toMatchObject({ reason: 'breakpoint', revision: 3 });
    expect((await world.post(`${other}/resume`, {})).body).toMatchObject({ state: 'completed', revision: 4 });
    expect((await get()).body).toMatchObject({ revision: 3, total: 5, watches: [{ value: 0.5 }] });
    expect((await world.call(base)).body.items).toHaveLength(2);
  });

  test('a fork without an edit, of nothing, of an imported session is refused, and no session is left', async () => {
    const world = await worldWithAgent();
    const { post, get } = await sessionIn(world, base);
    expect((await post('/fork', { edits: [] })).status).toBe(400);
    expect((await world.post(`${base}/ds_nothing/fork`, { edits: [{ op: 'omit', at: 1 }] })).status).toBe(404);
    const { sessionId } = (await world.post(`${base}/import`, (await get('/export')).body)).body;
    expect((await world.post(`${base}/${sessionId}/fork`, { edits: [{ op: 'omit', at: 1 }] })).body).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'imported' } });
    expect((await world.call(base)).body.items).toHaveLength(2);
  });

  test.each([
    [{ aggregateId: 'nobody' }, 404, 'NOT_FOUND'],
    [{ aggregateId: 'agent-123', fromRevision: 99 }, 404, 'NOT_FOUND'],
    [{ aggregateId: 'agent-123', fromRevision: 1, fromVersion: 1 }, 400, 'BAD_REQUEST'],
    [{ aggregateId: 'agent-123', place: 'yesterday' }, 422, 'BAD_TIMESTAMP'],
    [{}, 400, 'BAD_REQUEST'],
  ])('start with %j is refused with %i, and no session is left', async (body, status, code) => {
    const world = await worldWithAgent();
    const answer = await world.post(`${base}/start`, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((await world.call(base)).body).toEqual({ items: [] });
  });

  test('a breakpoint that cannot be read is refused (bad-input C1), and an unknown session is not found', async () => {
    const world = await worldWithAgent();
    const { post } = await sessionIn(world, base);
    expect((await post('/breakpoints', { condition: '1 +' })).body).toMatchObject({ code: 'BAD_EXPRESSION' });
    expect((await post('/breakpoints', {})).status).toBe(400);
    expect((await world.call(`${base}/ds_nothing`)).body).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'debug_session' } });
    expect((await world.post(`${base}/import`, { format: 'other', formatVersion: '1.0.0' })).body).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'debug_export', pointer: '/format' } });
  });
});
