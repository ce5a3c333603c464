/** Replay over HTTP: a plan unless it is confirmed, by the handlers of whoever started the server, called off by another request. */
import { createCatalogRegistry } from '@refold/catalog';
import { replayHandlers } from '@refold/core';
import type { ReplayHandler } from '@refold/core';
import { defaultReplaySettings } from '@refold/operations';
import type { ReplaySettings } from '@refold/operations';
import { expect, test } from 'vitest';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const settingsWith = (handler: ReplayHandler): ReplaySettings => ({ ...defaultReplaySettings, handlers: replayHandlers({ 'orchestration.started': handler, 'phase.started': handler }, createCatalogRegistry()) });
const execution = { issueKey: 'PROJ-1', dryRun: false, confirm: 'orchestration/PROJ-1', replayId: 'r-1' };
const replay = '/api/v1/events/replay';

async function worldWith(handler: ReplayHandler): Promise<World> {
  const world = await startWorld({ replay: settingsWith(handler) });
  await appendSmallRun(world);
  return world;
}

test("C-051 A-024 document 003's path replays a chain, and does nothing unless it is told to", async () => {
  const world = await worldWith(() => {
    throw new Error('called');
  });
  const { status, body } = await world.post('/api/orchestration/events/replay', { correlationId: 'c1' });
  expect([status, body.mode, body.status, body.target]).toEqual([200, 'dry_run', 'completed', { type: 'correlation', id: 'c1' }]);
  expect(body.summary.map(({ action, type }: { action: string; type: string }) => [action, type])).toEqual([['would_execute', 'orchestration.started'], ['would_execute', 'phase.started'], ['would_skip', 'custom.noted']]);
});

test("A-024 document 000's own spelling reads the same", async () => {
  const world = await worldWith(() => {
    throw new Error('called');
  });
  const { status, body } = await world.post('/api/orchestration/events/replay', { issue_key: 'PROJ-1', from_sequence: 2, dry_run: true });
  expect([status, body.from_sequence ?? body.fromSequence, body.mode]).toEqual([200, 2, 'dry_run']);
});

test('A-025 confirmed, it calls the handlers of the server, each once, and is found under its id', async () => {
  const calls: string[] = [];
  const world = await worldWith(({ id, type }, { idempotencyKey }) => {
    expect(idempotencyKey).toBe(id);
    calls.push(type);
  });
  expect((await world.post(replay, execution)).body).toMatchObject({ mode: 'execute', status: 'completed', replayId: 'r-1' });
  expect(calls).toEqual(['orchestration.started', 'phase.started']);
  expect((await world.call('/api/v1/replays?mode=execute')).body.items).toMatchObject([{ replayId: 'r-1', status: 'completed', stepsDone: 2 }]);
  expect((await world.call('/api/v1/replays/r-1/steps')).body.items).toMatchObject([{ sequence: 1, action: 'executed' }, { sequence: 2, action: 'executed' }]);
});

test('bad-input N7: 412 with the name of the condition, before any effect; and for what is not confirmed', async () => {
  const calls: string[] = [];
  const world = await worldWith(({ type }) => void calls.push(type));
  const { position } = await world.log.head();
  expect((await world.post(replay, { ...execution, preconditions: ['state.status == "completed"'] }))).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED', details: { name: 'state.status == "completed"' } } });
  expect((await world.post(replay, { ...execution, confirm: 'yes' }))).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED', details: { reason: 'confirm', target: 'orchestration/PROJ-1' } } });
  expect([calls, (await world.log.head()).position]).toEqual([[], position]);
});

test('A-203 another request calls it off, and what is under way is the last', async () => {
  const calls: string[] = [];
  let world!: World;
  world = await worldWith(async ({ type }) => {
    calls.push(type);
    expect((await world.post('/api/v1/replays/r-1/cancel', { reason: 'wrong run' })).body).toMatchObject({ status: 'cancelled' });
  });
  expect((await world.post(replay, execution)).body).toMatchObject({ status: 'cancelled' });
  expect(calls).toEqual(['orchestration.started']);
  expect((await world.post('/api/v1/replays/r-1/cancel', {}))).toMatchObject({ status: 422, body: { code: 'ILLEGAL_TRANSITION' } });
});

test('A-203 a client that goes away stops nothing: the replay is found under its id', async () => {
  const gone = new AbortController();
  const done = Promise.withResolvers<void>();
  const world = await worldWith(async ({ type }) => {
    gone.abort();
    // The server has to meet the closed connection before this effect is done.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (type === 'phase.started') done.resolve();
  });
  await expect(world.call(replay, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(execution), signal: gone.signal })).rejects.toThrow();
  await done.promise;
  await expect.poll(async () => (await world.call('/api/v1/replays/r-1')).body.status).toBe('completed');
});

test('C-074 the contract has the endpoints of replay, with the scopes of doing it and of looking first', async () => {
  const world = await startWorld();
  const { paths } = (await world.call('/openapi.json')).body;
  expect(Object.keys(paths).filter((path) => path.includes('replay'))).toEqual(expect.arrayContaining(['/api/v1/events/replay', '/api/orchestration/events/replay', '/api/v1/replays', '/api/v1/replays/{id}', '/api/v1/replays/{id}/steps', '/api/v1/replays/{id}/cancel']));
  expect(paths['/api/v1/events/replay'].post).toMatchObject({ 'x-scope': 'replay:execute', 'x-dry-run-scope': 'replay:dry' });
});

test('A-084 A-086 recovery by issue: checkpoint, look at the restore, restore', async () => {
  const world = await startWorld();
  await appendSmallRun(world);
  const checkpoints = '/api/v1/orchestrations/PROJ-1/checkpoints';
  expect(await world.post(checkpoints, { checkpointId: 'cp-1', label: 'before it went wrong' })).toMatchObject({ status: 201, body: { id: 'cp-1', sequence: 4, hasSnapshot: true } });
  await world.post('/api/v1/events', { type: 'phase.failed', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'agent', id: 'planner' }, data: { phase: 'build', error: { message: 'no' } } });
  expect((await world.call(checkpoints)).body.items).toMatchObject([{ id: 'cp-1' }]);
  expect((await world.post(`${checkpoints}/cp-1/restore`, { dryRun: true })).body).toMatchObject({ dryRun: true, event: null, refused: null });
  expect((await world.call('/api/v1/orchestrations/PROJ-1')).body.revision).toBe(5);
  expect((await world.post(`${checkpoints}/cp-1/restore`, {})).body).toMatchObject({ event: { revision: 6 } });
  expect((await world.call('/api/v1/orchestrations/PROJ-1/state')).body.state).toMatchObject({ phases: { build: { status: 'running' } } });
});
