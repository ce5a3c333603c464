/** Tasks, sprints, sessions and jobs as objects: commands, keys, conflicts, lists. */
import { createCatalogRegistry } from '@refold/catalog';
import {
  appendJobLogs, assembleContext, cancelJob, completeJob, createJob, createSprint, createTask, deleteTask, endJobStep, endSession, failJob, getJob, getSession, getTask, jobLogs, listJobs, listSprints, listTasks, moveJobComponent, pauseJob, resumeJob,
  resumeSession, startJob, startSession, updateSprint, updateTask,
} from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventOf, openWorld } from './world.ts';
import type { World } from './world.ts';

const kinds = createCatalogRegistry();
const actor = { type: 'user', id: 'ana' } as const;

let world: World;
const historyOf = async (address: string): Promise<{ type: string; actor: object; causationId?: string; id: string; correlationId: string }[]> => {
  const events = [];
  for await (const page of world.log.events({ stream: address })) events.push(...page.events);
  return events;
};
const typesOf = async (address: string): Promise<readonly string[]> => (await historyOf(address)).map(({ type }) => type);

beforeEach(async () => {
  world = await openWorld({ kinds });
});

describe('A task', () => {
  const patch = (input: object, more = {}): ReturnType<typeof updateTask.run> => world.call(updateTask, { code: 'TASK-1', actor, ...input }, more);
  beforeEach(async () => void (await world.call(createTask, { taskCode: 'TASK-1', actor })));

  test('C-010 C-022: a patch is one commit of exactly the events that apply, in the conversation of the task', async () => {
    const made = await patch({ status: 'blocked', reason: 'no key', priority: 'P0' });
    expect(updateTask.output.safeParse(made).error?.issues).toBeUndefined();
    expect(made).toMatchObject({ revision: 4, state: { status: 'blocked', priority: 'P0' }, duplicate: false });
    const [created, moved, blocked, urgent] = await historyOf('task/TASK-1');
    expect([moved, blocked, urgent].map((event) => event!.type)).toEqual(['task.status_changed', 'task.blocked', 'task.priority_changed']);
    expect([blocked!.causationId, moved!.correlationId]).toEqual([moved!.id, created!.correlationId]);
    expect(new Set(made.events.map(({ position }) => position)).size).toBe(3);
    expect((await world.log.knownCommits([made.commitId!])).size).toBe(1);
  });

  test('C-010: what a command answers is the state that its log folds to, secrets masked', async () => {
    const made = await patch({ title: 'use ghp_abcdefghijklmnopqrstuvwxyz0123456789', status: 'blocked', reason: 'no key', expectedRevision: 1 });
    expect(made.state['title']).not.toContain('ghp_abc');
    const { state, revision } = await world.call(getTask, { code: 'TASK-1' });
    expect([made.state, made.revision]).toEqual([state, revision]);
  });

  test('C-010: a patch that changes nothing writes nothing', async () => {
    expect(await patch({ status: 'pending', progress: 0 })).toMatchObject({ revision: 1, events: [], commitId: null, duplicate: false });
    expect(await typesOf('task/TASK-1')).toEqual(['task.created']);
  });

  test('a patch with one illegal part writes no part of it', async () => {
    await patch({ status: 'completed' });
    await expect(patch({ priority: 'P0', status: 'blocked' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(await typesOf('task/TASK-1')).toEqual(['task.created', 'task.status_changed']);
  });

  test('whoever names the revision he saw is told of what came between; who names none is decided again on the newest', async () => {
    await patch({ progress: 10, expectedRevision: '1' });
    await expect(patch({ progress: 20, expectedRevision: 1 })).rejects.toMatchObject({ code: 'REVISION_CONFLICT', details: { expected: 1, actual: 2 } });
    const raced = await Promise.all([20, 30, 40].map((progress) => patch({ progress })));
    expect(raced.flatMap(({ events }) => events.map(({ revision }) => revision)).toSorted((a, b) => a - b)).toEqual([3, 4, 5]);
    await expect(patch({ progress: 1, expectedRevision: 'often' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'expectedRevision' } });
  });

  test('the same key is carried out once, also after the task moved on; another command under it is refused', async () => {
    const first = await patch({ status: 'blocked', commitId: 'k1' });
    await patch({ status: 'in_progress' });
    const again = await patch({ status: 'blocked', commitId: 'k1' });
    expect(again).toEqual({ ...first, duplicate: true });
    expect(await typesOf('task/TASK-1')).toEqual(['task.created', 'task.status_changed', 'task.blocked', 'task.status_changed']);
    await expect(patch({ status: 'cancelled', commitId: 'k1' })).rejects.toMatchObject({ code: 'DUPLICATE_ID' });
    await expect(patch({ progress: 0, commitId: 'k1' })).rejects.toMatchObject({ code: 'DUPLICATE_ID' });
    await expect(world.call(createTask, { taskCode: 'TASK-2', actor, commitId: 'k1' })).rejects.toMatchObject({ code: 'DUPLICATE_ID' });
    const made = await world.call(createTask, { taskCode: 'TASK-3', actor, commitId: 'k2' });
    expect(await world.call(createTask, { taskCode: 'TASK-3', actor, commitId: 'k2' })).toEqual({ ...made, duplicate: true });
  });

  test('a code is given once; what is not there, or not any more, is not found, and its history stays', async () => {
    await expect(world.call(createTask, { taskCode: 'TASK-1', actor })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await expect(world.call(getTask, { code: 'TASK-9' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'stream' } });
    expect((await world.call(deleteTask, { code: 'TASK-1', actor: 'user:ana', reason: 'twice' })).state).toMatchObject({ status: 'deleted' });
    for (const call of [world.call(getTask, { code: 'TASK-1' }), patch({ status: 'pending' }), world.call(deleteTask, { code: 'TASK-1', actor })]) await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'deleted' } });
    expect(await historyOf('task/TASK-1')).toMatchObject([{ type: 'task.created' }, { type: 'task.deleted', actor }]);
  });

  test('whoever is signed in acts, within the session that is named; who else was named is kept as a claim', async () => {
    await patch({ progress: 5, actor: 'agent:planner', sessionId: 'sess-1' }, { principal: actor });
    expect((await historyOf('task/TASK-1')).at(-1)).toMatchObject({ actor, sessionId: 'sess-1', metadata: { claimedActor: { type: 'agent', id: 'planner' } } });
  });

  test('bad-input A42: what no task can be is refused by its own code, and nothing is written', async () => {
    for (const [input, code] of [
      [{ status: 'done' }, 'BAD_REQUEST'],
      [{ progress: 101 }, 'BAD_REQUEST'],
      [{ priority: 'P9' }, 'BAD_REQUEST'],
      [{ actor: 'ana' }, 'BAD_REQUEST'],
      [{ status: 'received', expectedRevision: 7 }, 'REVISION_CONFLICT'],
    ] as const)
      await expect(patch(input)).rejects.toMatchObject({ code });
    await expect(world.call(createTask, { taskCode: '..', actor })).rejects.toMatchObject({ code: 'BAD_STREAM_ADDRESS' });
    expect(await typesOf('task/TASK-1')).toEqual(['task.created']);
  });
});

test('R30: tasks are listed by code, in pages, without those that were deleted, and by what they are asked for', async () => {
  for (const number of [1, 2, 3, 4, 5]) await world.call(createTask, { taskCode: `TASK-${number}`, actor, sprintCode: number < 3 ? 'S-1' : 'S-2', ...(number === 4 ? { assignee: 'planner' } : {}) });
  await world.call(deleteTask, { code: 'TASK-3', actor });
  await world.append(eventOf('custom.noted', 'task/TASK-5'));
  const codes = ({ items }: { readonly items: readonly { readonly streamId: string }[] }): readonly string[] => items.map(({ streamId }) => streamId);
  const first = await world.call(listTasks, { limit: 2 });
  expect(listTasks.output.safeParse(first).error?.issues).toBeUndefined();
  const second = await world.call(listTasks, { limit: 2, cursor: first.nextCursor });
  expect([codes(first), codes(second), second.nextCursor]).toEqual([['TASK-1', 'TASK-2'], ['TASK-4', 'TASK-5'], null]);
  expect(codes(await world.call(listTasks, { sprint: 'S-2' }))).toEqual(['TASK-4', 'TASK-5']);
  expect(codes(await world.call(listTasks, { assignee: 'planner' }))).toEqual(['TASK-4']);
  expect(codes(await world.call(listTasks, { status: 'completed' }))).toEqual([]);
  await expect(world.call(listTasks, { sprint: 'S-2', cursor: first.nextCursor })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

describe('A sprint', () => {
  test('C-012 C-013: is planned, changed in one commit, and listed', async () => {
    await world.call(createSprint, { sprintCode: 'S-1', metadata: { team: 'a' }, actor });
    const made = await world.call(updateSprint, { code: 'S-1', status: 'active', metadata: { team: 'b' }, actor });
    expect(made).toMatchObject({ revision: 3, state: { status: 'active', metadata: { team: 'b' } } });
    expect(await historyOf('sprint/S-1')).toMatchObject([{ type: 'sprint.created' }, { type: 'sprint.status_changed', changes: { status: { before: 'planned', after: 'active' } } }, { type: 'sprint.metadata_updated', changes: { metadata: { before: { team: 'a' }, after: { team: 'b' } } } }]);
    expect((await world.call(listSprints, { status: 'active' })).items).toMatchObject([{ streamId: 'S-1' }]);
    await expect(world.call(createSprint, { sprintCode: 'S-2', startDate: 'soon', actor })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'startDate' } });
  });
});

describe('The session of an agent', () => {
  test('C-018 C-019 C-020: is prepared, started, given a context, ended, resumed; all of it is found by its key', async () => {
    await expect(world.call(getSession, { key: 'sess-1' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await world.call(startSession, { sessionKey: 'sess-1', sprintCode: 'S-1', actor });
    await expect(world.call(resumeSession, { key: 'sess-1', agentId: 'coder', actor })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await world.call(startSession, { sessionKey: 'sess-1', agentId: 'planner', issueKey: 'PROJ-1', actor });
    await world.call(assembleContext, { key: 'sess-1', sources: [{ path: 'a.md' }], tokenCount: 9, actor });
    await world.call(endSession, { key: 'sess-1', outcome: 'done', actor });
    const again = await world.call(resumeSession, { key: 'sess-1', reason: 'more', actor });
    expect(again).toMatchObject({ state: { status: 'active', agentId: 'planner', resumeCount: 1, issueKey: 'PROJ-1' } });
    expect(await typesOf('session/sess-1')).toEqual(['session.initialized', 'session.started', 'session.ended', 'session.resumed']);
    expect([...(await historyOf('session/sess-1')), ...(await historyOf('context/sess-1'))].map((event) => (event as { sessionId?: string }).sessionId)).toEqual(Array.from({ length: 5 }, () => 'sess-1'));
    await expect(world.call(startSession, { sessionKey: 'sess-1', agentId: 'coder', actor })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await expect(world.call(assembleContext, { key: 'nobody', actor })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('gets a key when it is given none; the same idempotency key finds it again', async () => {
    const made = await world.call(startSession, { agentId: 'planner', actor, commitId: 'k1' });
    expect(await world.call(startSession, { agentId: 'planner', actor, commitId: 'k1' })).toEqual({ ...made, duplicate: true });
    expect((await world.call(startSession, { agentId: 'planner', actor })).streamId).not.toBe(made.streamId);
  });

  test('bad-input A47: a key that breaks the pattern of session ids is refused', async () => {
    await expect(world.call(startSession, { sessionKey: '', agentId: 'planner', actor })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(world.call(startSession, { sessionKey: 'a b'.repeat(200), agentId: 'planner', actor })).rejects.toMatchObject({ code: expect.stringMatching(/^BAD_(SESSION_ID|STREAM_ADDRESS)$/) });
  });
});

describe('A job', () => {
  test('D-017 D-018 D-019 D-020 D-023 D-026 D-027: is created, started, worked on step by step, and completed', async () => {
    const { streamId: id } = await world.call(createJob, { id: '42', name: 'deploy', steps: ['build', 'test'], actor });
    await world.call(startJob, { id, workerId: 'w-1', actor });
    await world.call(moveJobComponent, { id, component: 'planner', status: 'started', data: { model: 'm' }, actor });
    await world.call(moveJobComponent, { id, component: 'planner', status: 'completed', data: { tokens_input: 5 }, actor });
    await world.call(endJobStep, { id, step: 'build', status: 'completed', durationMs: 9, actor });
    await expect(world.call(endJobStep, { id, step: 'test', status: 'failed', actor })).rejects.toMatchObject({ code: 'MISSING_FIELD', details: { pointer: '/data/error' } });
    await world.call(endJobStep, { id, step: 'test', status: 'failed', error: 'flaky', actor });
    await world.call(endJobStep, { id, step: 'test', status: 'completed', actor });
    const done = await world.call(completeJob, { id, result: { url: 'x' }, actor });
    expect(done.state).toMatchObject({ status: 'completed', progress: 1, components: { planner: { status: 'completed', tokensInput: 5 } }, steps: [{ name: 'build', status: 'completed' }, { name: 'test', status: 'completed' }] });
    expect(done.state['anomalies']).toEqual([]);
    await expect(world.call(cancelJob, { id, actor })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await expect(world.call(moveJobComponent, { id, component: 'coder', status: 'failed', actor })).rejects.toMatchObject({ code: 'MISSING_FIELD' });
  });

  test('D-021 D-022 D-024 D-025 D-100: paused, resumed, failed, resumed where its log says it stood, cancelled', async () => {
    const id = '42';
    await world.call(createJob, { id, steps: ['build', 'test'], start: true, actor });
    await world.call(endJobStep, { id, step: 'build', status: 'completed', actor });
    expect((await world.call(pauseJob, { id, reason: 'night', actor })).state).toMatchObject({ status: 'paused', currentStep: 'test' });
    await world.call(resumeJob, { id, actor });
    await world.call(failJob, { id, error: { message: 'power', code: 'E_POWER' }, failedStep: 'test', actor });
    expect((await world.call(resumeJob, { id, reason: 'power is back', actor })).state).toMatchObject({ status: 'running', currentStep: 'test', attempt: 2, progress: 0.5 });
    await world.call(cancelJob, { id, reason: 'enough', actor });
    expect((await historyOf('job/42')).at(-1)).toMatchObject({ type: 'job.cancelled', data: { reason: 'enough', cancelled_by: 'ana' } });
    expect((await world.call(listJobs, { status: 'cancelled' })).items).toMatchObject([{ streamId: '42' }]);
    await expect(world.call(createJob, { id, actor })).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await expect(world.call(getJob, { id: '43' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('D-042 D-091: its log lines stand in order in a stream of their own, and are read on from a line', async () => {
    await world.call(createJob, { id: '42', start: true, actor });
    const lines = ['INFO', 'DEBUG', 'ERROR', 'WARN'].map((level, index) => ({ level, message: `line ${index + 1}` }));
    await world.call(appendJobLogs, { id: '42', lines: lines.slice(0, 3), actor });
    await world.call(appendJobLogs, { id: '42', lines: lines.slice(3), actor });
    const first = await world.call(jobLogs, { id: '42', limit: 3 });
    expect(jobLogs.output.safeParse(first).error?.issues).toBeUndefined();
    expect([first.items.map(({ line, level }) => [line, level]), first.next]).toEqual([[[1, 'INFO'], [2, 'DEBUG'], [3, 'ERROR']], 3]);
    expect(await world.call(jobLogs, { id: '42', afterLine: 3 })).toMatchObject({ items: [{ line: 4, message: 'line 4' }], next: null });
    expect((await world.call(jobLogs, { id: '42', level: 'WARN' })).items.map(({ line }) => line)).toEqual([3, 4]);
    expect(await typesOf('job/42')).toEqual(['job.created', 'job.started']);
    await expect(world.call(appendJobLogs, { id: '43', lines, actor })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.call(appendJobLogs, { id: '42', lines: [{ level: 'LOUD', message: 'x' }], actor })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});
