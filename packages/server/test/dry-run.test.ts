/** A caller who may only read is shown what a restore and a rerun would do, and nothing of it is done. */
import { expect, test } from 'vitest';
import { bearer, events, newKey, own, startGuarded } from './guarded-world.ts';

const run = { streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 'sess-1', actor: { type: 'agent', id: 'planner' } };

test('a viewer sees what a restore would change, and may not make it', async () => {
  const world = await startGuarded();
  const checkpoints = '/api/v1/streams/orchestration/PROJ-1/checkpoints';
  await world.post(events, { ...run, type: 'orchestration.started', data: {} }, own);
  await world.post(checkpoints, { checkpointId: 'cp-1' }, own);
  await world.post(events, { ...run, type: 'phase.started', data: { phase: 'test' } }, own);
  const before = await world.log.head();
  const { key } = await newKey(world, { role: 'viewer' });
  const shown = await world.post(`${checkpoints}/cp-1/restore`, { dryRun: true }, bearer(key));
  expect([shown.status, shown.body]).toMatchObject([200, { dryRun: true, event: null, changes: expect.arrayContaining([expect.objectContaining({ path: '/currentPhase' })]) as object[] }]);
  expect((await world.post(`${checkpoints}/cp-1/restore`, {}, bearer(key))).body).toMatchObject({ code: 'FORBIDDEN', details: { scope: 'append' } });
  expect(await world.log.head()).toEqual(before);
});

test('a viewer sees what a rerun would be, and may not start it', async () => {
  const world = await startGuarded();
  await world.post(events, ['job.created', 'job.started', 'job.completed'].map((type) => ({ ...run, streamType: 'job', streamId: '42', type, data: {} })), own);
  const before = await world.log.head();
  const { key } = await newKey(world, { role: 'viewer' });
  const shown = await world.post('/api/v1/jobs/42/rerun', { dryRun: true, params: { model: 'x' } }, bearer(key));
  expect([shown.status, shown.body]).toMatchObject([200, { dryRun: true, rerunOf: '42', params: { model: 'x' }, eventIds: [] }]);
  expect((await world.post('/api/v1/jobs/42/rerun', { params: { model: 'x' } }, bearer(key))).body).toMatchObject({ code: 'FORBIDDEN', details: { scope: 'append' } });
  expect(await world.log.head()).toEqual(before);
});
