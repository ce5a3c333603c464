/** Given a state, when a command comes, then the events that follow; with every event on the state it gives again. */
import { describe, expect, test } from 'vitest';
import {
  decideContext, decideJobCancellation, decideJobCompletion, decideJobComponent, decideJobCreation, decideJobFailure, decideJobLines, decideJobPause, decideJobProgress, decideJobResume, decideJobStart, decideJobStep, decideSessionEnd,
  decideSessionResume, decideSessionStart, decideSprintCreation, decideSprintDeletion, decideSprintUpdate, decideTaskCreation, decideTaskDeletion, decideTaskUpdate,
} from '../src/index.ts';
import type { Decision, JobState, SessionState, SprintState, TaskState } from '../src/index.ts';
import { given, judged, open } from './history.ts';
import type { Fact } from './history.ts';

/** The state that the decided events leave. A companion names the event it follows from. */
const after = <S>(address: string, facts: readonly Fact[], decisions: readonly Decision[]): S => {
  const before = given(address, facts);
  const idOf = (index: number): string => `${address.split('/')[1]}-${before.revision + index + 1}`;
  return given(address, decisions.map(({ type, data, causedBy }): Fact => [type, data, causedBy === undefined ? {} : { causationId: idOf(causedBy) }]), before) as unknown as S;
};

describe('A task', () => {
  const created: Fact = ['task.created', { task_code: 'TASK-1', title: 'Tests', priority: 'P1' }];
  const task = (...facts: readonly Fact[]): TaskState => given('task/TASK-1', [created, ...facts]) as unknown as TaskState;

  test('C-001 C-021: given nothing, when it is created, then it is created with what was given; an assignee is told apart', () => {
    const decided = decideTaskCreation({ taskCode: 'TASK-1', title: 'Tests', sprintCode: 'S-1', phase: 2, priority: 'P0', estimate: '3-5 days', assignee: { id: 'planner', type: 'agent' } });
    expect(decided).toEqual([
      { type: 'task.created', data: { task_code: 'TASK-1', title: 'Tests', sprint_code: 'S-1', phase: 2, priority: 'P0', estimate: '3-5 days' } },
      { type: 'task.assigned', data: { assignee_id: 'planner', assignee_type: 'agent', after: 'planner' }, changes: { assignee: { before: null, after: { id: 'planner', type: 'agent' } } }, causedBy: 0 },
    ]);
    expect(after<TaskState>('task/TASK-1', [], decided)).toMatchObject({ status: 'pending', title: 'Tests', sprintCode: 'S-1', phase: 2, priority: 'P0', estimate: '3-5 days', assignee: { id: 'planner' }, hash: expect.stringMatching(/^[0-9a-f]{64}$/), anomalies: [] });
  });

  test('C-022 C-079: when its status changes, then one event says before and after, in the payload and as changes', () => {
    expect(decideTaskUpdate(task(), { status: 'in_progress', reason: 'begun' })).toEqual([
      { type: 'task.status_changed', data: { reason: 'begun', before: 'pending', after: 'in_progress' }, changes: { status: { before: 'pending', after: 'in_progress' } } },
    ]);
  });

  test('C-015 K-057: when it is blocked, then task.blocked follows from the change of status', () => {
    const decided = decideTaskUpdate(task(), { status: 'blocked', reason: 'no key', blockers: ['TASK-0'] });
    expect(decided.map(({ type, causedBy }) => [type, causedBy])).toEqual([['task.status_changed', undefined], ['task.blocked', 0], ['task.updated', undefined]]);
    expect(after<TaskState>('task/TASK-1', [created], decided)).toMatchObject({ status: 'blocked', blockedReason: 'no key', blockers: ['TASK-0'], anomalies: [] });
  });

  test('C-010 C-014 C-016 C-017: when everything changes at once, then each change has its own event, and the state is as wanted', () => {
    const patch = { status: 'in_progress', priority: 'P0', progress: 40, assignee: { id: 'ana', type: 'user' }, title: 'More tests', sprintCode: 'S-2' } as const;
    const decided = decideTaskUpdate(task(['task.assigned', { assignee_id: 'planner' }]), patch);
    expect(decided).toEqual([
      { type: 'task.status_changed', data: { before: 'pending', after: 'in_progress' }, changes: { status: { before: 'pending', after: 'in_progress' } } },
      { type: 'task.priority_changed', data: { before: 'P1', after: 'P0' }, changes: { priority: { before: 'P1', after: 'P0' } } },
      { type: 'task.progress_updated', data: { before: 0, after: 40 }, changes: { progress: { before: 0, after: 40 } } },
      { type: 'task.assigned', data: { assignee_id: 'ana', assignee_type: 'user', before: 'planner', after: 'ana' }, changes: { assignee: { before: { id: 'planner', type: 'agent' }, after: { id: 'ana', type: 'user' } } } },
      { type: 'task.updated', data: { title: 'More tests', sprint_code: 'S-2' }, changes: { title: { before: 'Tests', after: 'More tests' }, sprint_code: { before: null, after: 'S-2' } } },
    ]);
    expect(after<TaskState>('task/TASK-1', [created, ['task.assigned', { assignee_id: 'planner' }]], decided)).toMatchObject({ ...patch, anomalies: [] });
  });

  test('C-010: when nothing changes, then nothing happens', () => {
    expect(decideTaskUpdate(task(), {})).toEqual([]);
    expect(decideTaskUpdate(task(['task.assigned', { assignee_id: 'planner' }]), { status: 'pending', priority: 'P1', progress: 0, title: 'Tests', blockers: [], assignee: { id: 'planner', type: 'agent' }, reason: 'none' })).toEqual([]);
  });

  test('C-010: when it is deleted, then it is gone and cannot be changed any more', () => {
    const [deleted] = decideTaskDeletion('twice');
    expect(deleted).toEqual({ type: 'task.deleted', data: { reason: 'twice' } });
    const gone = task([deleted!.type, deleted!.data]);
    expect([open(gone as never).status, gone.exists]).toEqual(['deleted', false]);
    const [change] = decideTaskUpdate(gone, { status: 'pending' });
    expect(judged(gone as never, [change!.type, change!.data])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION' });
  });
});

describe('A sprint', () => {
  const facts: readonly Fact[] = [['sprint.created', { sprint_code: 'S-1', name: 'first', metadata: { team: 'a' } }]];
  const sprint = given('sprint/S-1', facts) as unknown as SprintState;

  test('C-010: given nothing, when it is created, then it is planned with what was given', () => {
    const decided = decideSprintCreation({ sprintCode: 'S-1', name: 'first', startDate: '2026-11-20', metadata: { team: 'a' } });
    expect(decided).toEqual([{ type: 'sprint.created', data: { sprint_code: 'S-1', name: 'first', start_date: '2026-11-20', metadata: { team: 'a' } } }]);
    expect(after<SprintState>('sprint/S-1', [], decided)).toMatchObject({ status: 'planned', name: 'first', startDate: '2026-11-20', metadata: { team: 'a' }, anomalies: [] });
  });

  test('C-012 C-013: when status, metadata and name change, then each has its own event with before and after', () => {
    const decided = decideSprintUpdate(sprint, { status: 'active', metadata: { team: 'b' }, name: 'second', goal: 'ship' });
    expect(decided).toEqual([
      { type: 'sprint.status_changed', data: { before: 'planned', after: 'active' }, changes: { status: { before: 'planned', after: 'active' } } },
      { type: 'sprint.metadata_updated', data: { before: { team: 'a' }, after: { team: 'b' } }, changes: { metadata: { before: { team: 'a' }, after: { team: 'b' } } } },
      { type: 'sprint.updated', data: { name: 'second', goal: 'ship' }, changes: { name: { before: 'first', after: 'second' }, goal: { before: null, after: 'ship' } } },
    ]);
    expect(after<SprintState>('sprint/S-1', facts, decided)).toMatchObject({ status: 'active', metadata: { team: 'b' }, name: 'second', goal: 'ship', anomalies: [] });
    expect(decideSprintUpdate(sprint, { status: 'planned', metadata: { team: 'a' }, name: 'first' })).toEqual([]);
  });

  test('C-010: when it is deleted, then it is gone', () => {
    expect(after<SprintState>('sprint/S-1', facts, decideSprintDeletion())).toMatchObject({ status: 'deleted', exists: false, anomalies: [] });
  });
});

describe('The session of an agent', () => {
  const started: Fact = ['session.started', { agent_id: 'planner' }];

  test('C-018: when an agent begins, then it is active; without an agent it is only prepared, and one may begin then', () => {
    const prepared = decideSessionStart({ sprintCode: 'S-1', reason: 'sprint active' });
    expect(after<SessionState>('session/s-1', [], prepared)).toMatchObject({ status: 'initialized', sprintCode: 'S-1' });
    const begun = decideSessionStart({ agentId: 'planner', agentModel: 'm', taskCode: 'TASK-1' });
    expect(after<SessionState>('session/s-1', [[prepared[0]!.type, prepared[0]!.data]], begun)).toMatchObject({ status: 'active', agentId: 'planner', agentModel: 'm', taskCode: 'TASK-1', anomalies: [] });
  });

  test('C-019: when it is resumed, then it is active again, by the agent that had it or by another', () => {
    const ended = given('session/s-1', [started, ['session.ended', {}]]) as unknown as SessionState;
    expect(decideSessionResume(ended, {})).toEqual([{ type: 'session.resumed', data: { agent_id: 'planner' } }]);
    expect(after<SessionState>('session/s-1', [started, ['session.ended', {}]], decideSessionResume(ended, { agentId: 'coder', reason: 'more' }))).toMatchObject({ status: 'active', agentId: 'coder', resumeCount: 1, anomalies: [] });
    const prepared = given('session/s-1', [['session.initialized', {}]]) as unknown as SessionState;
    expect(() => decideSessionResume(prepared, { agentId: 'coder' })).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION', details: expect.objectContaining({ from: 'initialized', allowedFrom: ['active', 'ended'] }) }));
  });

  test('C-020: when it ends, or gets a context, then that is recorded', () => {
    expect(after<SessionState>('session/s-1', [started], decideSessionEnd({ outcome: 'done' }))).toMatchObject({ status: 'ended', outcome: 'done' });
    expect(after('context/s-1', [], decideContext({ sessionKey: 's-1', sources: [{ path: 'a.md' }], tokenCount: 9, broker: 'b' }))).toMatchObject({ status: 'assembled', sessionKey: 's-1', tokenCount: 9, sources: [{ path: 'a.md' }] });
  });
});

describe('A job', () => {
  const created: Fact = ['job.created', { steps: [{ name: 'build' }, { name: 'test' }] }];
  const running: readonly Fact[] = [created, ['job.started', {}]];
  const job = (...facts: readonly Fact[]): JobState => given('job/42', facts) as unknown as JobState;

  test('D-017 D-018: when it is created with start, then it runs; without, it waits', () => {
    const decided = decideJobCreation({ name: 'deploy', steps: ['build', { name: 'test' }], params: { n: 1 }, start: true });
    expect(decided).toEqual([{ type: 'job.created', data: { name: 'deploy', params: { n: 1 }, steps: [{ name: 'build' }, { name: 'test' }] } }, { type: 'job.started', data: {}, causedBy: 0 }]);
    expect(after<JobState>('job/42', [], decided)).toMatchObject({ status: 'running', currentStep: 'build', params: { n: 1 }, anomalies: [] });
    expect(after<JobState>('job/42', [], decideJobCreation({}))).toMatchObject({ status: 'pending' });
  });

  test('D-019 D-020 D-021 D-022 D-023 D-024 D-025 D-026: each command leaves the job as the documents say', () => {
    const cases: readonly (readonly [decided: readonly Decision[], facts: readonly Fact[], state: object])[] = [
      [decideJobStart({ workerId: 'w-1' }), [created], { status: 'running', workerId: 'w-1', attempt: 1 }],
      [decideJobStep({ step: 'build', status: 'completed', output: 1 }), running, { status: 'running', progress: 0.5, currentStep: 'test' }],
      [decideJobStep({ step: 'test', status: 'failed', error: { message: 'flaky' }, retryable: true }), running, { status: 'running', currentStep: 'test' }],
      [decideJobProgress(job(...running), { progress: 0.25 }), running, { progress: 0.25 }],
      [decideJobComponent({ component: 'planner', status: 'started', data: { model: 'm' } }), running, { components: { planner: { status: 'running', model: 'm', iteration: 1 } } }],
      [decideJobPause(job(...running), { reason: 'night' }), running, { status: 'paused', currentStep: 'build' }],
      [decideJobResume({ fromStep: 'test' }), [...running, ['job.paused', {}]], { status: 'running', currentStep: 'test' }],
      [decideJobResume({}), [...running, ['job.failed', { error: { message: 'x' } }]], { status: 'running', attempt: 2, error: null }],
      [decideJobCompletion({ result: 'ok' }), running, { status: 'completed', result: 'ok', progress: 1 }],
      [decideJobFailure({ error: { message: 'x' }, failedStep: 'build' }), running, { status: 'failed', failedStep: 'build' }],
      [decideJobCancellation({ cancelledBy: 'ana' }), [created], { status: 'cancelled' }],
    ];
    for (const [decided, facts, state] of cases) expect({ type: decided[0]!.type, ...after<JobState>('job/42', facts, decided) }).toMatchObject({ type: decided[0]!.type, ...state, anomalies: [] });
  });

  test('D-081: every command in every status is legal exactly where the table of the model says', () => {
    const ways: { readonly [status: string]: readonly Fact[] } = {
      pending: [created],
      running,
      paused: [...running, ['job.paused', {}]],
      completed: [...running, ['job.completed', {}]],
      failed: [...running, ['job.failed', { error: { message: 'x' } }]],
      cancelled: [created, ['job.cancelled', {}]],
    };
    const legal: { readonly [command: string]: readonly [decide: (state: JobState) => readonly Decision[], from: readonly string[]] } = {
      create: [() => decideJobCreation({}), []],
      start: [() => decideJobStart({}), ['pending']],
      pause: [(state) => decideJobPause(state, {}), ['running']],
      resume: [() => decideJobResume({}), ['paused', 'failed']],
      cancel: [() => decideJobCancellation({ cancelledBy: 'ana' }), ['pending', 'running', 'paused']],
      complete: [() => decideJobCompletion({}), ['running']],
      fail: [() => decideJobFailure({ error: { message: 'x' } }), ['pending', 'running', 'paused']],
      step: [() => decideJobStep({ step: 'build', status: 'completed' }), ['running']],
      component: [() => decideJobComponent({ component: 'coder', status: 'started' }), ['running']],
    };
    for (const [command, [decide, from]] of Object.entries(legal))
      for (const [status, facts] of Object.entries(ways)) {
        const state = given('job/42', facts);
        const [event] = decide(state as unknown as JobState);
        expect([command, status, judged(state, [event!.type, event!.data]).legal]).toEqual([command, status, from.includes(status)]);
      }
  });

  test('D-042: lines of its log are events of a stream of their own; the same progress is no event', () => {
    expect(decideJobLines([{ level: 'INFO', message: 'a' }, { level: 'WARN', message: 'b', step: 'build' }])).toEqual([
      { type: 'job.log_appended', data: { level: 'INFO', message: 'a' } },
      { type: 'job.log_appended', data: { level: 'WARN', message: 'b', step: 'build' } },
    ]);
    expect(decideJobProgress(job(...running), { progress: 0 })).toEqual([]);
  });
});
