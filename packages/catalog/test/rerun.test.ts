import { createFold, openLog } from '@refold/core';
import type { EventInput, Log } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts } from '@refold/testing';
import { describe, expect, it } from 'vitest';
import { createCatalogRegistry, planRerun } from '../src/index.ts';
import type { JobState } from '../src/index.ts';

const actor = { type: 'user', id: 'operator' } as const;
const registry = createCatalogRegistry();
const event = (type: string, data: EventInput['data'] = {}, id = '42'): EventInput => ({ type, streamType: 'job', streamId: id, actor, data });

async function failedJob(): Promise<Log> {
  const ports = createTestPorts(1);
  const log = await openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock }), registry, ports });
  await log.append({
    events: [
      event('JobCreated', { name: 'deploy', input: { sha: 'a' }, params: { model: 'gpt-4', limits: { tokens: 5 } }, steps: [{ name: 'build' }, { name: 'test' }, { name: 'deploy' }] }),
      event('JobStarted'),
      event('JobStepCompleted', { step: 'build' }),
      event('JobStepFailed', { step: 'test', error: { message: 'flaky' } }),
      event('JobFailed', { error: { message: 'flaky' }, failed_step: 'test' }),
    ],
  });
  return log;
}

async function stateOf(log: Log, id: string): Promise<JobState> {
  let state = log.fold.initial('job', id);
  for await (const page of log.events({ stream: `job/${id}` })) for (const recorded of page.events) state = log.fold.evolveDraft(state, recorded);
  return state as unknown as JobState;
}

describe('a rerun of a job', () => {
  it('D-056 D-058 D-088 starts a new job with changed parameters, keeps the steps before, and links both ways', async () => {
    const log = await failedJob();
    const plan = planRerun(await stateOf(log, '42'), { newId: '43', actor, params: { limits: { tokens: 9 } }, set: { '/model': 'claude-x' }, fromStep: 'test', reason: 'flaky' });
    expect(plan).toMatchObject({ stepsKept: ['build'], stepsToRun: ['test', 'deploy'], changes: [{ path: '/limits/tokens', before: 5, after: 9 }, { path: '/model', before: 'gpt-4', after: 'claude-x' }] });
    await log.append({ events: plan.events, expectedRevisions: plan.expectedRevisions });
    expect(await stateOf(log, '43')).toMatchObject({
      status: 'pending',
      name: 'deploy',
      input: { sha: 'a' },
      params: { model: 'claude-x', limits: { tokens: 9 } },
      rerunOf: '42',
      rerunFromRevision: 5,
      steps: [{ name: 'build', status: 'completed' }, { name: 'test', status: 'pending' }, { name: 'deploy', status: 'pending' }],
    });
    expect(await stateOf(log, '42')).toMatchObject({ status: 'failed', reruns: ['43'] });
    await log.append({ events: ['JobStarted', 'JobStepCompleted', 'JobStepCompleted', 'JobCompleted'].map((type, index) => event(type, type === 'JobStepCompleted' ? { step: index === 1 ? 'test' : 'deploy' } : {}, '43')) });
    expect(await stateOf(log, '43')).toMatchObject({ status: 'completed', progress: 1 });
  });

  it('D-056 runs everything again with another input when nothing else is said', async () => {
    const log = await failedJob();
    const plan = planRerun(await stateOf(log, '42'), { newId: '44', actor, input: { sha: 'b' }, name: 'again' });
    expect(plan).toMatchObject({ stepsKept: [], stepsToRun: ['build', 'test', 'deploy'], changes: [] });
    expect(plan.events[0].data).toMatchObject({ name: 'again', input: { sha: 'b' }, params: { model: 'gpt-4' }, rerun_of: '42' });
    expect(plan.events[1].data).toEqual({ new_job_id: '44', params_changed: {}, from_revision: 5 });
  });

  it('refuses a job that has not begun, an unknown step, and its own id', async () => {
    const log = await failedJob();
    const job = await stateOf(log, '42');
    const absent = createFold(registry).initial('job', '9') as unknown as JobState;
    expect(() => planRerun(absent, { newId: '43', actor })).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }));
    expect(() => planRerun(job, { newId: '43', actor, fromStep: 'tset' })).toThrow(expect.objectContaining({ code: 'NOT_FOUND', details: expect.objectContaining({ nearest: ['test'] }) }));
    expect(() => planRerun(job, { newId: '42', actor })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });

  it('two reruns from the same sight of the job: the second sees that it moved', async () => {
    const log = await failedJob();
    const job = await stateOf(log, '42');
    for (const [newId, refused] of [['43', false], ['44', true]] as const) {
      const { events, expectedRevisions } = planRerun(job, { newId, actor });
      const answer = await log.append({ events, expectedRevisions }).then(() => null, (error: unknown) => error);
      expect([newId, answer]).toEqual([newId, refused ? expect.objectContaining({ code: 'REVISION_CONFLICT' }) : null]);
    }
  });
});
