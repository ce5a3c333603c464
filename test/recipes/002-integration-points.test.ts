/** Document 002, integration points: what the agent runner and the specification service publish by themselves. */
import { recordSpecification, withContext, withExecution, wrapAgentRunner } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { engines, everything, openRecipeStore } from './recipe-store.ts';

const by = { actor: { type: 'service', id: 'runner' } } as const;
const broken = Object.assign(new Error('no space'), { code: 'ENOSPC' });

describe.each(engines)('Integration points on %s', (engine) => {
  test('B-086 B-087 B-088: a runner takes a task in and rolls it out, and what happens inside is caused by the rollout', async () => {
    const { store } = openRecipeStore(engine);
    const run = wrapAgentRunner(async (task: string, seed: number) => {
      await store.saveEvent({ type: 'custom.noted', streamType: 'custom', streamId: 'c', data: { seed } });
      return task.length + seed;
    }, { store, taskId: (task) => task, rolloutId: (task, seed) => `${task}-${seed}`, runnerId: 'r1', agentId: 'agent-7', outcome: (reward) => ({ reward }) });
    expect(await withContext(by, () => run('task-1', 2))).toBe(8);
    const [received, started, noted, completed] = await everything(store);
    expect([received, started, noted, completed]).toMatchObject([
      { type: 'task.received', streamId: 'task-1', data: { runner_id: 'r1' } },
      { type: 'rollout.started', streamId: 'task-1-2', data: { task_id: 'task-1', agent_id: 'agent-7' }, causationId: received!.id },
      { type: 'custom.noted', causationId: started!.id },
      { type: 'rollout.completed', streamId: 'task-1-2', data: { reward: 8 }, causationId: started!.id },
    ]);
    expect((await store.reconstructState('task/task-1')).state).toMatchObject({ status: 'received', anomalies: [] });
  });

  test('B-089: a rollout that throws is failed, and what it threw is thrown on; the task is taken in once, however often it is rolled out', async () => {
    const { store } = openRecipeStore(engine);
    const run = wrapAgentRunner((_task: string): number => {
      throw broken;
    }, { store, taskId: (task) => task });
    for (let attempt = 1; attempt <= 2; attempt++) await expect(withContext(by, () => run('task-1'))).rejects.toBe(broken);
    const events = await everything(store);
    expect(events.map(({ type }) => type)).toEqual(['task.received', 'rollout.started', 'rollout.failed', 'rollout.started', 'rollout.failed']);
    expect(events[2]!.data).toEqual({ error: { message: 'no space', code: 'ENOSPC' } });
    expect(new Set(events.filter(({ streamType }) => streamType === 'rollout').map(({ streamId }) => streamId)).size).toBe(2);
  });

  test('B-090: a specification is created once and updated from then on', async () => {
    const { store } = openRecipeStore(engine);
    await withContext(by, async () => {
      await recordSpecification({ id: 's1', name: 'login', content: { steps: 1 }, format: 'json' }, { store });
      await recordSpecification({ id: 's1', name: 'login', content: { steps: 2 }, changeSummary: 'one step more' }, { store });
    });
    expect(await everything(store)).toMatchObject([
      { type: 'spec.created', streamType: 'spec', streamId: 's1', data: { name: 'login', content: { steps: 1 }, format: 'json' } },
      { type: 'spec.updated', data: { name: 'login', content: { steps: 2 }, change_summary: 'one step more' } },
    ]);
  });

  test('B-091: an execution is started and completed, or failed', async () => {
    const { store } = openRecipeStore(engine);
    await withContext(by, async () => {
      expect(await withExecution('s1', () => 3, { store, executionId: 'x1', agentId: 'agent-7', input: { n: 1 }, outcome: (result) => ({ result }) })).toBe(3);
      await expect(withExecution('s1', () => Promise.reject(broken), { store, executionId: 'x2' })).rejects.toBe(broken);
    });
    expect(await everything(store)).toMatchObject([
      { type: 'execution.started', streamId: 'x1', data: { spec_id: 's1', agent_id: 'agent-7', input: { n: 1 } } },
      { type: 'execution.completed', streamId: 'x1', data: { result: 3 } },
      { type: 'execution.started', streamId: 'x2', data: { spec_id: 's1' } },
      { type: 'execution.failed', streamId: 'x2', data: { error: { message: 'no space', code: 'ENOSPC' } } },
    ]);
  });
});
