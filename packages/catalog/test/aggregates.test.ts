import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canonicalText } from '@refold/core';
import type { Json } from '@refold/core';
import { sha256Hex } from '../src/sha256.ts';
import { anomalyCodes, eventAfter, fold, given, judged, open, registry } from './history.ts';
import type { Fact } from './history.ts';

describe('tasks', () => {
  const created: Fact = ['task.created', { task_code: 't', title: 'Build', sprint_code: 's', priority: 'P0', phase: 2, estimate: '3-5 days', blockers: ['x'] }];
  const task = given('task/t', [created]);

  it('C-001 C-002 C-003 C-021 keeps the fields of the document and the hash of its payload', () => {
    expect(open(task)).toMatchObject({ taskCode: 't', status: 'pending', title: 'Build', sprintCode: 's', priority: 'P0', phase: 2, estimate: '3-5 days', blockers: ['x'], progress: 0 });
    expect(open(task).hash).toBe(createHash('sha256').update(canonicalText(created[1]!)).digest('hex'));
  });

  it('a what-if payload that no log would take has no hash and does no harm', () => {
    expect(open(given('task/t', [['task.created', { task_code: 't', progress: 2 ** 53 }]])).hash).toBeNull();
  });

  it('the hash is SHA-256 for texts of any length and any character', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => sha256Hex(text) === createHash('sha256').update(text).digest('hex')), { numRuns: 200 });
    for (const length of [0, 55, 56, 63, 64, 119, 120, 1_000]) expect(sha256Hex('a'.repeat(length))).toBe(createHash('sha256').update('a'.repeat(length)).digest('hex'));
  });

  it('B-031 B-032 B-033 B-034 follows a runner from received to the result', () => {
    const done = given('task/t', [['task.received', { runner_id: 'r' }], ['task.started', {}], ['task.failed', { error: { message: 'x' } }], ['task.started', {}], ['task.completed', { result: { ok: true }, execution_time: 3, reward: 0.5 }]]);
    expect(open(done)).toMatchObject({ status: 'completed', runnerId: 'r', attempt: 2, result: { ok: true }, executionTime: 3, reward: 0.5, error: null });
    expect(open(given('task/t', [['task.failed', { error: { message: 'x' } }]]))).toMatchObject({ status: 'failed', error: { message: 'x' } });
  });

  it('C-014 C-016 C-017 C-025 sets assignee, priority and progress; a before that is not so is BEFORE_MISMATCH (bad-input A43)', () => {
    const state = given('task/t', [['task.assigned', { assignee_id: 'a', assignee_type: 'user' }], ['task.priority_changed', { before: 'P0', after: 'P1' }], ['task.progress_updated', { before: 0, after: 40 }]], task);
    expect(open(state)).toMatchObject({ assignee: { id: 'a', type: 'user' }, priority: 'P1', progress: 40 });
    expect(judged(state, ['task.priority_changed', { before: 'P0', after: 'P2' }])).toMatchObject({ code: 'BEFORE_MISMATCH', details: { path: '/priority', actual: 'P1' } });
    const stored = given('task/t', [['task.status_changed', { before: 'blocked', after: 'completed' }]], state);
    expect([open(stored).status, anomalyCodes(stored)]).toEqual(['completed', ['BEFORE_MISMATCH']]);
  });

  it('C-015 K-057 a task that was set to blocked is told why by its companion', () => {
    const state = given('task/t', [['task.status_changed', { before: 'pending', after: 'blocked' }, { id: 'x' }], ['task.blocked', { reason: 'waits', blocked_by: ['u'] }, { causationId: 'x' }]], task);
    expect(open(state)).toMatchObject({ status: 'blocked', blockedReason: 'waits', blockers: ['u'], anomalies: [] });
  });

  it('K-023 the runner and the board may report one end: the second adds its fields when it names the first as its cause', () => {
    const boardFirst = given('task/t', [['task.status_changed', { before: 'pending', after: 'completed' }, { id: 'x' }]], task);
    expect(judged(boardFirst, ['task.completed', { result: 1 }])).toMatchObject({ legal: false });
    const merged = given('task/t', [['task.completed', { result: 1, reward: 2 }, { causationId: 'x' }]], boardFirst);
    expect(open(merged)).toMatchObject({ status: 'completed', result: 1, reward: 2, anomalies: [], completedAt: open(boardFirst).completedAt });
    const runnerFirst = given('task/t', [['task.completed', { result: 1 }, { id: 'y' }], ['task.status_changed', { before: 'pending', after: 'completed' }, { causationId: 'y' }]], task);
    expect(open(runnerFirst)).toMatchObject({ status: 'completed', result: 1, anomalies: [] });
  });

  it('K-039 C-010 a deleted task keeps its history, takes nothing more, and can be created again', () => {
    const deleted = given('task/t', [['task.deleted', { reason: 'double' }]], task);
    expect(open(deleted)).toMatchObject({ exists: false, status: 'deleted', title: 'Build' });
    expect(judged(deleted, ['task.updated', { title: 'x' }])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION', allowedEvents: ['task.created'] });
    expect(open(given('task/t', [['task.created', { task_code: 't' }]], deleted))).toMatchObject({ exists: true, status: 'pending', title: null, revision: 3 });
  });

  it('C-063 lends its events its own priority', () => {
    expect(registry.aggregate('task')!.contextOf!(task, { type: 'task.updated', data: {}, actor: { type: 'user', id: 'u' } })).toEqual({ priority: 'P0' });
  });
});

describe('sprints, sessions, contexts', () => {
  it('C-012 C-013 C-009 follows a sprint', () => {
    const state = given('sprint/s', [
      ['sprint.created', { sprint_code: 's', name: 'One', start_date: '2026-01-01', metadata: { a: 1 } }],
      ['sprint.status_changed', { before: 'planned', after: 'active' }],
      ['sprint.metadata_updated', { before: { a: 1 }, after: { a: 2 } }],
      ['sprint.progress_updated', { before: 0, after: 50 }],
    ]);
    expect(open(state)).toMatchObject({ status: 'active', name: 'One', startDate: '2026-01-01', metadata: { a: 2 }, progress: 50, anomalies: [] });
    expect(judged(state, ['sprint.metadata_updated', { before: { a: 1 }, after: {} }])).toMatchObject({ code: 'BEFORE_MISMATCH' });
  });

  it('C-018 C-019 C-020 X-027 follows a session; resuming what nobody started is taken with an anomaly', () => {
    const state = given('session/k', [['session.initialized', { sprint_code: 's' }], ['session.started', { agent_id: 'a', agent_model: 'm', task_code: 't' }], ['session.ended', { outcome: 'ok' }], ['session.resumed', { agent_id: 'a' }]]);
    expect(open(state)).toMatchObject({ status: 'active', sprintCode: 's', agentId: 'a', taskCode: 't', resumeCount: 1, outcome: 'ok', endedAt: null, anomalies: [] });
    const unknown = given('session/k', [['session.resumed', { agent_id: 'a' }]]);
    expect([open(unknown).status, anomalyCodes(unknown)]).toEqual(['active', ['MISSING_PREDECESSOR']]);
    expect(open(given('context/c', [['context.assembled', { session_key: 'k', token_count: 9 }], ['context.assembled', {}]]))).toMatchObject({ status: 'assembled', assemblyCount: 2, tokenCount: 9, anomalies: [] });
  });

  it('C-042 links what belongs together', () => {
    const refs = (type: string, data: Fact[1]) => registry.eventType(type)!.definition.refs!(data!);
    expect(refs('task.created', { task_code: 't', sprint_id: 7 })).toEqual([{ type: 'sprint', id: '7' }]);
    expect(refs('session.started', { agent_id: 'a', task_code: 't', issue_key: 'P-1' })).toEqual([{ type: 'task', id: 't' }, { type: 'orchestration', id: 'P-1' }, { type: 'agent', id: 'a' }]);
    expect(refs('execution.started', { spec_id: 's' })).toEqual([{ type: 'spec', id: 's' }]);
    expect(refs('rollout.started', { task_id: 't', agent_id: 'a' })).toEqual([{ type: 'task', id: 't' }, { type: 'agent', id: 'a' }]);
    expect(refs('job.created', { rerun_of: 'j' })).toEqual([{ type: 'job', id: 'j' }]);
    expect(refs('context.assembled', { session_key: 'k' })).toEqual([{ type: 'session', id: 'k' }]);
    expect(refs('alert.raised', { about: { type: 'task', id: 't' } })).toEqual([{ type: 'task', id: 't' }]);
    expect(refs('automation.rule_matched', { rule_id: 'r', trigger_event_id: 'e' })).toEqual([{ type: 'automation_rule', id: 'r' }, { type: 'event', id: 'e' }]);
  });
});

describe('agents, workflows, rollouts, specs, executions', () => {
  it('B-027 B-028 B-029 B-030 follows the configuration of an agent', () => {
    const state = given('agent/a', [['agent.created', { name: 'coder', model: 'm', capabilities: ['x'], config: { t: 1, u: 2 } }], ['agent.updated', { config: { t: 3 } }], ['agent.deployed', { environment: 'prod' }], ['agent.status', { status: 'busy' }]]);
    expect(open(state)).toMatchObject({ status: 'deployed', configVersion: 2, config: { t: 3, u: 2 }, capabilities: ['x'], runtimeStatus: 'busy', deployments: [{ environment: 'prod' }] });
  });

  it('B-035 to B-039 follows a workflow and its steps', () => {
    const state = given('workflow/w', [['workflow.created', { name: 'w', steps: [{ name: 'a' }, { name: 'b' }] }], ['workflow.started'], ['workflow.step_completed', { step: 'a', duration_seconds: 2 }], ['workflow.failed', { error: { message: 'x' }, failed_step: 'b' }]]);
    expect(open(state)).toMatchObject({ status: 'failed', failedStep: 'b', steps: [{ name: 'a', status: 'completed', durationMs: 2_000 }, { name: 'b', index: 1, status: 'pending' }] });
    expect(open(given('workflow/w', [['workflow.started'], ['workflow.completed', { result: 1 }]], state))).toMatchObject({ status: 'completed', attempt: 2, result: 1, error: null });
  });

  it('B-040 B-041 B-042 B-045 B-046 B-047 follows rollouts and executions over their attempts', () => {
    expect(open(given('rollout/r', [['rollout.started', { task_id: 't' }], ['rollout.failed', { error: { message: 'x' } }], ['rollout.started'], ['rollout.completed', { reward: 1 }]]))).toMatchObject({ status: 'completed', attempt: 2, reward: 1, taskId: 't', durationSeconds: 1, error: null });
    expect(open(given('execution/e', [['execution.started', { spec_id: 's' }], ['execution.completed', { result: 'ok', execution_time: 4 }]]))).toMatchObject({ status: 'completed', specId: 's', result: 'ok', executionTime: 4 });
    expect(open(given('execution/e', [['execution.started', { spec_id: 's' }], ['execution.failed', { error: { message: 'x' } }]]))).toMatchObject({ status: 'failed', error: { message: 'x' } });
  });

  it('B-043 B-044 counts the versions of a spec', () => {
    expect(open(given('spec/s', [['spec.created', { name: 's', content: 'one' }], ['spec.updated', { content: 'two', change_summary: 'better' }]]))).toMatchObject({ contentVersion: 2, content: 'two', history: [{ contentVersion: 1 }, { contentVersion: 2, summary: 'better' }] });
  });
});

describe('jobs', () => {
  const created: Fact = ['job.created', { name: 'nightly', steps: [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }] }];
  const running = given('job/j', [created, ['job.started', { worker_id: 'w' }]]);

  it('D-017 to D-025 D-047 follows a job through its steps to its end', () => {
    expect(open(running)).toMatchObject({ status: 'running', attempt: 1, workerId: 'w', currentStep: 'a', progress: 0 });
    const half = given('job/j', [['job.step_completed', { step: 'a' }], ['job.step_completed', { step: 'b', duration_ms: 5 }]], running);
    expect(open(half)).toMatchObject({ progress: 0.5, currentStep: 'c', steps: [{ status: 'completed' }, { status: 'completed', durationMs: 5 }, {}, {}] });
    const broken = given('job/j', [['job.step_failed', { step: 'c', error: { message: 'x' } }], ['job.paused'], ['job.resumed'], ['job.failed', { error: { message: 'x' }, failed_step: 'c' }]], half);
    expect(open(broken)).toMatchObject({ status: 'failed', failedStep: 'c', error: { message: 'x' }, steps: [{}, {}, { status: 'failed' }, {}] });
    expect(open(given('job/j', [['job.completed', { result: 1 }]], half))).toMatchObject({ status: 'completed', progress: 1, result: 1, currentStep: null });
    expect(open(given('job/j', [['job.cancelled']], half))).toMatchObject({ status: 'cancelled' });
  });

  it('X-027 K-030 progress never goes back within an attempt', () => {
    const said = given('job/j', [['job.progress_updated', { after: 0.6 }], ['job.progress_updated', { after: 0.2 }]], running);
    expect(open(said).progress).toBe(0.6);
    const retried = given('job/j', [['job.failed', { error: { message: 'x' } }], ['job.resumed'], ['job.progress_updated', { after: 0.1 }]], said);
    expect(open(retried)).toMatchObject({ attempt: 2, progress: 0.1, error: null });
  });

  it('X-027 D-056 a rerun is noted at its source and begins with the steps that are not repeated', () => {
    expect(open(given('job/j', [['job.rerun', { new_job_id: 'j2' }]], running)).reruns).toEqual(['j2']);
    expect(open(given('job/j2', [['job.created', { rerun_of: 'j', rerun_from_revision: 3, steps: [{ name: 'a', status: 'completed' }, { name: 'b' }] }]]))).toMatchObject({ rerunOf: 'j', rerunFromRevision: 3, progress: 0.5 });
  });

  it('D-026 to D-031 the components work in iterations, only while the job runs; late results are facts', () => {
    const state = given('job/j', [['planner.started', { model: 'm' }], ['planner.completed', { tokens_input: 3, tokens_output: 4 }], ['planner.started'], ['planner.completed', { tokens_output: 1 }], ['critique.started'], ['job.paused'], ['critique.completed', { verdict: 'revise' }]], running);
    expect(open(state)).toMatchObject({ anomalies: [], components: { planner: { status: 'completed', iteration: 2, model: 'm', tokensInput: 3, tokensOutput: 5 }, critique: { status: 'completed', lastVerdict: 'revise' }, coder: { status: 'idle' } } });
    expect(judged(state, ['coder.started'])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION', details: { parent: { type: 'job', id: 'j', status: 'paused' } } });
  });

  it('X-027 log lines are counted in their own stream', () => {
    expect(open(given('job_log/j', [['job.log_appended', { level: 'INFO', message: 'a' }], ['job.log_appended', { level: 'WARN', message: 'b' }]]))).toMatchObject({ jobId: 'j', lineCount: 2, lastLevel: 'WARN' });
  });
});

describe("the product's own streams", () => {
  it('X-027 K-038 a rule run is executed and undone action by action', () => {
    const matched: Fact = ['automation.rule_matched', { rule_id: 'r', trigger_event_id: 'e', dry_run: false, actions: [{ notify: {} }, { emit: {} }] }];
    const act = (type: string, index: number): Fact => [`automation.${type}`, { rule_id: 'r', action_index: index, action: 'x' }];
    const half = given('automation_run/x', [matched, act('action_executed', 0)]);
    expect(open(half)).toMatchObject({ status: 'executing', actions: [{ action: 'notify', status: 'executed' }, { action: 'emit', status: 'planned' }] });
    const done = given('automation_run/x', [act('action_executed', 1)], half);
    expect(open(done).status).toBe('executed');
    const undoing = given('automation_run/x', [act('action_undone', 1)], done);
    expect([open(undoing).status, open(given('automation_run/x', [act('action_undone', 0)], undoing)).status]).toEqual(['undoing', 'undone']);
    expect(open(given('automation_run/y', [['automation.rule_matched', { rule_id: 'r', trigger_event_id: 'e', dry_run: true }]])).status).toBe('dry_run');
  });

  it('X-027 rules are registered, switched, and their failures counted', () => {
    const state = given('automation_rule/r', [['automation.rule_registered', { rule: { id: 'r', enabled: false } }], ['automation.rule_enabled'], ['automation.rule_updated', { rule: { id: 'r', when: 'true' } }], ['automation.rule_failed', { rule_id: 'r', error: { message: 'division by zero' } }], ['automation.loop_stopped', { rule_id: 'r', depth: 8 }]]);
    expect(open(state)).toMatchObject({ status: 'enabled', ruleVersion: 2, failures: 2, anomalies: [] });
  });

  it('X-027 K-061 notifications and alerts', () => {
    expect(open(given('notification/n', [['notification.created', { notification_id: 'n', title: 'T', audience: ['a'] }], ['notification.delivered', { channel: 'ws' }], ['notification.retracted']]))).toMatchObject({ status: 'retracted', audience: ['a'], deliveries: [{ channel: 'ws', target: '' }] });
    const acknowledged = given('alert/a', [['alert.raised', { alert_id: 'a', name: 'p0', severity: 'critical' }], ['alert.acknowledged']]);
    expect(open(acknowledged)).toMatchObject({ status: 'acknowledged', fireCount: 1, acknowledgedBy: { id: 'tester' } });
    expect(open(given('alert/a', [['alert.resolved'], ['alert.raised', { alert_id: 'a', name: 'p0', severity: 'info' }]], acknowledged))).toMatchObject({ status: 'firing', fireCount: 2, acknowledgedBy: null, severity: 'info' });
  });

  it('X-027 a replay keeps its counts', () => {
    expect(open(given('replay/r', [['replay.started', { mode: 'execute', purpose: 'testing', target: { type: 'job', id: 'j' } }], ['replay.completed', { replayed: 3, skipped: 1, failed: 0, divergences: 1 }]]))).toMatchObject({ status: 'completed', mode: 'execute', target: { type: 'job', id: 'j' }, replayed: 3, divergences: 1 });
  });

  it('X-027 K-031 the log counts its own acts, and knows the holds in force', () => {
    const state = given('store/log', [
      ['validation.failed', { rejected_type: 'x', errors: [] }],
      ['payload.erased', { targets: [{ id: 'a' }, { id: 'b', count: 3 }], reason: 'law' }],
      ['store.events_archived', { count: 5 }],
      ['store.events_deleted', { count: 2 }],
      ['store.schema_registered', { event_type: 'a.b', schema_version: '1.1.0' }],
      ['store.hold_placed', { id: 'h1', scope: { stream: 'job/j' } }],
      ['store.hold_placed', { id: 'h2', scope: {} }],
      ['store.hold_released', { id: 'h1' }],
      ['store.key_rotated', { new_vkey: 'k2' }],
      ['store.clock_stepped', {}],
    ]);
    expect(open(state)).toMatchObject({ validationFailures: 1, erasedCount: 4, archivedCount: 5, deletedCount: 2, schemas: { 'a.b': '1.1.0' }, signingKey: 'k2', clockSteps: 1, anomalies: [] });
    expect(Object.keys(open(state).holds)).toEqual(['h2']);
  });

  it('B-092 K-043 a custom stream takes any type and counts it', () => {
    const state = given('custom/custom-entity-123', [['custom.processed', { result: 'ok', metadata: {} }], ['custom.shipped', { n: 1 }], ['custom.shipped', { n: 2 }]]);
    expect(open(state)).toMatchObject({ status: 'active', byType: { 'custom.processed': 1, 'custom.shipped': 2 }, last: { n: 2 }, anomalies: [] });
    expect(anomalyCodes(given('task/t', [['custom.shipped']]))).toEqual(['UNKNOWN_TYPE']);
  });
});

describe('events at home anywhere', () => {
  it('X-027 a stream can begin with an imported state, and only begin', () => {
    const imported = given('task/t', [['stream.imported', { state: { status: 'in_progress', title: 'Old', blockers: ['b'], priority: 'P1', revision: 99, attempt: 'many' }, source: 'legacy' }]]);
    expect(open(imported)).toMatchObject({ status: 'in_progress', title: 'Old', blockers: ['b'], priority: 'P1', revision: 1, exists: true });
    expect(open(given('task/t', [['task.completed', {}]], imported)).status).toBe('completed');
    expect(judged(imported, ['stream.imported', { state: {}, source: 'x' }])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION', policy: 'enforce' });
  });

  it('K-038 one value can be set back; the fold keeps its own, and a list stays a list', () => {
    const task = given('task/t', [['task.created', { task_code: 't', title: 'Right', blockers: ['a'] }]]);
    const compensate = (path: string, before: Json, after: Json): Fact => ['stream.state_compensated', { path, before, after, compensates: 'e', reason: 'undo' }];
    const state = given('task/t', [compensate('/title', 'Right', 'Left'), compensate('/blockers/0', 'a', 'b')], task);
    expect(open(state)).toMatchObject({ title: 'Left', blockers: ['b'], anomalies: [] });
    expect(judged(state, compensate('/title', 'Wrong', 'x'))).toMatchObject({ code: 'BEFORE_MISMATCH', details: { path: '/title', actual: 'Left' } });
    for (const path of ['/revision', '/anomalies', '/__proto__/x', '/constructor/prototype/x', '/nowhere', 'title', '/blockers/7', '']) expect([path, judged(state, compensate(path, null, 1))]).toMatchObject([path, { code: 'SCHEMA_VIOLATION' }]);
    expect(open(given('task/t', [compensate('/blockers', ['b'], 'gone')], state)).blockers).toEqual(['b']);
  });

  it('erased events change nothing they cannot know, and still move the stream', () => {
    const created = eventAfter(fold.initial('task', 't'), ['task.created', {}, { erased: true }]);
    expect(open(fold.apply(fold.initial('task', 't'), created))).toMatchObject({ exists: true, status: 'pending', revision: 1 });
  });
});
