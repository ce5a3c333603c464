import { describe, expect, it } from 'vitest';
import { anomalyCodes, eventAfter, fold, given, judged, open } from './history.ts';
import type { Fact } from './history.ts';

const issue = 'orchestration/PROJ-123';
const started: Fact = ['orchestration.started', { run_id: 'r-1', summary: 'build it' }, { sessionId: 's-1' }];
const running = given(issue, [started]);

describe('the life of an orchestration', () => {
  it('A-030 starts in not_started and runs after OrchestrationStarted, which opens a run', () => {
    expect(open(fold.initial('orchestration', 'PROJ-123'))).toMatchObject({ status: 'not_started', exists: false, issueKey: 'PROJ-123', revision: 0 });
    expect(open(running)).toMatchObject({ status: 'running', runs: [{ runNumber: 1, runId: 'r-1', sessionId: 's-1', status: 'running', endedAt: null, summary: 'build it' }] });
  });

  it('A-031 completes a running one only, and the log is told when a phase still runs', () => {
    const completed = given(issue, [['phase.started', { phase: 'CODE' }], ['orchestration.completed', { summary: 'done' }]], running);
    expect(open(completed)).toMatchObject({ status: 'completed', runs: [{ status: 'completed', summary: 'done', endedAt: expect.any(String) }] });
    expect(anomalyCodes(completed)).toEqual(['MISSING_PREDECESSOR']);
    expect(judged(completed, ['orchestration.completed'])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION', from: 'completed', allowedEvents: ['orchestration.started'] });
  });

  it('A-032 keeps the reason of a failure', () => {
    expect(open(given(issue, [['orchestration.failed', { reason: 'no budget' }]], running))).toMatchObject({ status: 'failed', lastError: { message: 'no budget' } });
    const told = given(issue, [['orchestration.paused'], ['orchestration.failed', { reason: 'r', error: { message: 'boom', code: 'E1' } }]], running);
    expect(open(told)).toMatchObject({ status: 'failed', lastError: { message: 'boom', code: 'E1' } });
  });

  it('A-033 A-034 pauses and resumes the same run', () => {
    const paused = given(issue, [['orchestration.paused', { reason: 'lunch' }]], running);
    expect(open(paused)).toMatchObject({ status: 'paused', runs: [{ status: 'paused' }] });
    expect(open(given(issue, [['orchestration.resumed']], paused))).toMatchObject({ status: 'running', runs: [{ status: 'running', endedAt: null }] });
  });

  it('K-020 refuses a second start and a session that already ended', () => {
    expect(judged(running, ['orchestration.started', {}, { sessionId: 's-2' }])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION' });
    const failed = given(issue, [['orchestration.failed', { reason: 'r' }]], running);
    expect(judged(failed, ['orchestration.started', {}, { sessionId: 's-1' }])).toMatchObject({ legal: false, details: { sessionId: 's-1' } });
    expect(open(given(issue, [['orchestration.started', {}, { sessionId: 's-2' }]], failed)).runs).toHaveLength(2);
  });
});

describe('the work inside an orchestration', () => {
  it('A-035 A-036 A-037 A-020 A-022 follows phases, their attempts and their order', () => {
    const state = given(issue, [['phase.started', { phase: 'PLAN' }], ['phase.completed', { phase: 'PLAN', quality_score: 0.9, outputs: { plan: 'x' } }], ['phase.started', { phase: 'CODE' }], ['phase.failed', { phase: 'CODE', error: { message: 'red' } }], ['phase.started', { phase: 'CODE' }]], running);
    expect(open(state)).toMatchObject({
      currentPhase: 'CODE',
      completedPhases: ['PLAN'],
      phases: { PLAN: { status: 'completed', qualityScore: 0.9, durationSeconds: 1, outputs: { plan: 'x' } }, CODE: { status: 'running', attempt: 2, error: null } },
      lastError: { message: 'red' },
    });
  });

  it('A-038 A-039 A-021 A-071 to A-075 follows agents by id, or by name alone', () => {
    const spawned = given(issue, [['agent_run.spawned', { agent_name: 'coder', agent_model: 'opus', assigned_task: 'write' }], ['agent_run.spawned', { agent_name: 'coder' }], ['agent_run.spawned', { agent_name: 'tester', agent_run_id: 't-1' }]], running);
    expect(open(spawned).activeAgents).toEqual(['coder', 'tester']);
    expect(Object.keys(open(spawned).agentRuns)).toEqual(['coder#1', 'coder#2', 't-1']);

    const oneDone = given(issue, [['agent_run.completed', { agent_name: 'coder', quality_score: 0.8, duration_seconds: 12, tokens_output: 5 }]], spawned);
    expect(open(oneDone)).toMatchObject({ activeAgents: ['coder', 'tester'], agentRuns: { 'coder#1': { status: 'running', model: 'opus', task: 'write' }, 'coder#2': { status: 'completed', durationSeconds: 12, qualityScore: 0.8, tokensOutput: 5 } } });
    expect(open(given(issue, [['agent_run.completed', { agent_name: 'coder' }]], oneDone)).activeAgents).toEqual(['tester']);
  });

  it('A-040 A-041 X-027 a blocked agent stays active until it fails or goes on', () => {
    const blocked = given(issue, [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['agent_run.blocked', { agent_name: 'coder', agent_run_id: 'a', reason: 'no key', blocked_by: ['ops'] }]], running);
    expect(open(blocked)).toMatchObject({ activeAgents: ['coder'], agentRuns: { a: { status: 'blocked', blockedReason: 'no key', blockedBy: ['ops'] } } });
    expect(open(given(issue, [['agent_run.unblocked', { agent_name: 'coder', agent_run_id: 'a' }]], blocked)).agentRuns.a).toMatchObject({ status: 'running', blockedReason: null, blockedBy: [] });
    expect(open(given(issue, [['agent_run.failed', { agent_name: 'coder', agent_run_id: 'a', error: { message: 'no' } }]], blocked))).toMatchObject({ activeAgents: [], agentRuns: { a: { status: 'failed', error: { message: 'no' } } } });
  });

  it('A-042 A-043 A-044 a gap is found, escalated, resolved, and may open again', () => {
    const gap = (type: string, data = {}): Fact => [`gap.${type}`, { gap_id: 'g', ...data }];
    const resolved = given(issue, [gap('identified', { description: 'no tests', severity: 'high' }), gap('escalated', { escalated_to: 'lead' }), gap('resolved', { resolution: 'added' })], running);
    expect(open(resolved).gaps.g).toMatchObject({ status: 'resolved', severity: 'high', escalatedTo: 'lead', resolution: 'added', reopenCount: 0 });
    expect(open(given(issue, [gap('identified', { description: 'gone again' })], resolved)).gaps.g).toMatchObject({ status: 'open', reopenCount: 1, resolvedAt: null });
  });

  it('A-045 A-174 lists a commit once; telling it again is an anomaly', () => {
    const commit: Fact = ['git.commit_created', { sha: 'abc', message: 'fix', branch: 'main', files_changed: ['a.ts'] }];
    const state = given(issue, [commit, commit], running);
    expect(open(state)).toMatchObject({ commits: [{ sha: 'abc', filesChanged: ['a.ts'] }], git: { sha: 'abc', branch: 'main' } });
    expect(anomalyCodes(state)).toEqual(['DUPLICATE_FACT']);
  });

  it('A-046 A-047 A-048 follows pull requests; an end without a beginning makes an implicit one', () => {
    const pr = (type: string, data = {}): Fact => [`git.pr_${type}`, { pr_number: 7, ...data }];
    expect(open(given(issue, [pr('created', { title: 'T' }), pr('merged', { merge_sha: 'm' })], running)).pullRequests['7']).toMatchObject({ status: 'merged', title: 'T', mergeSha: 'm', implicit: false });
    expect(open(given(issue, [pr('created', { title: 'T' }), pr('closed'), pr('created', { title: 'T' })], running)).pullRequests['7']).toMatchObject({ status: 'open', endedAt: null });
    const implicit = given(issue, [pr('merged')], running);
    expect(open(implicit).pullRequests['7']).toMatchObject({ status: 'merged', implicit: true, createdAt: null });
    expect(anomalyCodes(implicit)).toEqual(['MISSING_PREDECESSOR']);
  });

  it('A-049 A-050 A-051 takes what happened in Jira, and notes a transition from an unknown place', () => {
    const state = given(issue, [
      ['jira.issue_transitioned', { from_status: 'To Do', to_status: 'In Progress' }],
      ['jira.issue_transitioned', { from_status: 'Review', to_status: 'Done' }],
      ['jira.comment_posted', { comment_id: 'c1', url: 'u' }],
      ['jira.worklog_added', { time_spent_seconds: 60 }],
      ['jira.worklog_added', { time_spent_seconds: 30 }],
    ]);
    expect(open(state).jira).toMatchObject({ status: 'Done', transitions: [{ to: 'In Progress' }, { from: 'Review', to: 'Done' }], comments: [{ id: 'c1', url: 'u' }], worklogSeconds: 90 });
    expect(anomalyCodes(state)).toEqual(['BEFORE_MISMATCH']);
  });

  it('A-052 A-053 lists documents', () => {
    const state = given(issue, [['documentation.created', { path: 'README.md' }], ['confluence_page.created', { page_id: '9', title: 'Design' }]]);
    expect(open(state).documents).toMatchObject([{ kind: 'file', key: 'README.md' }, { kind: 'confluence', key: '9', title: 'Design' }]);
  });

  it('A-054 A-055 A-056 follows quality checks over their attempts', () => {
    const check = (type: string, data = {}): Fact => [`quality_check.${type}`, { check_id: 'lint', ...data }];
    const failed = given(issue, [check('started', { check_name: 'Lint' }), check('failed', { reason: 'warnings', findings: [{ rule: 'x' }] })], running);
    expect(open(failed).qualityChecks.lint).toMatchObject({ name: 'Lint', status: 'failed', passed: false, attempt: 1, findings: [{ rule: 'x' }] });
    const again = given(issue, [check('started', { check_name: 'Lint' }), check('completed', { passed: true, score: 1 })], failed);
    expect(open(again).qualityChecks.lint).toMatchObject({ status: 'completed', passed: true, score: 1, attempt: 2, findings: [] });
  });

  it('A-057 A-058 A-059 keeps the totals of test runs', () => {
    const state = given(issue, [['test_run.started', { test_run_id: 'u', suite: 'unit' }], ['test_run.completed', { test_run_id: 'u', total: 9, passed: 8, failed: 0, skipped: 1, coverage: 0.7 }], ['test_run.started', { test_run_id: 'e', suite: 'e2e' }], ['test_run.failed', { test_run_id: 'e', failures: [{ name: 'login' }] }]], running);
    expect(open(state).testRuns).toMatchObject({ u: { status: 'completed', total: 9, passed: 8, skipped: 1, coverage: 0.7 }, e: { status: 'failed', suite: 'e2e', failures: [{ name: 'login' }] } });
  });

  it('A-062 to A-065 follows an error through recovery, in any status of the run', () => {
    const step = (type: string, data = {}): Fact => [type, { error_id: 'e', ...data }];
    const failing = [step('error.occurred', { message: 'boom', code: 'X', fatal: true }), step('recovery.attempted', { strategy: 'retry' }), step('recovery.failed', { error: { message: 'again' } }), step('recovery.attempted', { strategy: 'restore' })];
    expect(open(given(issue, failing)).errors.e).toMatchObject({ status: 'recovering', fatal: true, attempts: [{ strategy: 'retry', outcome: 'failed' }, { strategy: 'restore', outcome: 'pending' }] });
    expect(open(given(issue, [...failing, step('recovery.succeeded')])).errors.e).toMatchObject({ status: 'resolved', attempts: [{}, { outcome: 'succeeded' }] });
    expect(open(given(issue, failing)).lastError).toEqual({ message: 'boom', code: 'X' });
  });

  it('X-027 keeps decisions with their reason', () => {
    expect(open(given(issue, [['decision.recorded', { decision_id: 'd', decision: 'use SQLite', rationale: 'one file' }]])).decisions).toMatchObject([{ id: 'd', decision: 'use SQLite', rationale: 'one file', by: { id: 'tester' } }]);
  });
});

describe('the parent rule (K-082)', () => {
  const starts: readonly Fact[] = [
    ['phase.started', { phase: 'CODE' }],
    ['agent_run.spawned', { agent_name: 'coder' }],
    ['gap.identified', { gap_id: 'g', description: 'd' }],
    ['quality_check.started', { check_id: 'c', check_name: 'n' }],
    ['test_run.started', { test_run_id: 't', suite: 's' }],
    ['checkpoint.created', { checkpoint_id: 'k' }],
  ];

  it.each(starts.map((fact) => [fact[0], fact] as const))('%s is refused while the run is paused or completed, with the parent named', (_type, fact) => {
    for (const end of ['orchestration.paused', 'orchestration.completed'] as const) {
      const status = end.split('.')[1];
      expect(judged(given(issue, [[end]], running), fact)).toMatchObject({ legal: false, policy: 'enforce', code: 'ILLEGAL_TRANSITION', details: { parent: { type: 'orchestration', id: 'PROJ-123', status } } });
    }
  });

  it.each(starts.map((fact) => [fact[0], fact] as const))('A-005 %s is taken before the run was started, which then is implied, once', (_type, fact) => {
    const empty = fold.initial('orchestration', 'PROJ-123');
    expect(judged(empty, fact)).toMatchObject({ code: 'MISSING_PREDECESSOR', policy: 'tolerate' });
    const state = given(issue, [fact, ['phase.started', { phase: 'TEST' }]]);
    expect(open(state)).toMatchObject({ status: 'running', runs: [{ runNumber: 1, status: 'running' }] });
    expect(anomalyCodes(state)).toEqual(['MISSING_PREDECESSOR']);
  });

  it('recovery work may start after a failure, and late results are facts', () => {
    const late = given(issue, [['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['orchestration.failed', { reason: 'r' }], ['agent_run.completed', { agent_name: 'coder', agent_run_id: 'a' }], ['agent_run.spawned', { agent_name: 'fixer' }]], running);
    expect(late.anomalies).toEqual([]);
    const pausedLate = given(issue, [['phase.started', { phase: 'P' }], ['orchestration.paused'], ['phase.completed', { phase: 'P' }]], running);
    expect(pausedLate.anomalies).toEqual([]);
  });
});

describe('checkpoints', () => {
  const before: readonly Fact[] = [started, ['phase.started', { phase: 'PLAN' }], ['phase.completed', { phase: 'PLAN' }], ['agent_run.spawned', { agent_name: 'coder', agent_run_id: 'a' }], ['checkpoint.created', { checkpoint_id: 'k', label: 'planned' }]];
  const after: readonly Fact[] = [['phase.started', { phase: 'CODE' }], ['agent_run.failed', { agent_name: 'coder', agent_run_id: 'a', error: { message: 'x' } }], ['git.commit_created', { sha: 'abc', message: 'm' }], ['decision.recorded', { decision_id: 'd', decision: 'go on' }], ['error.occurred', { error_id: 'e', message: 'x' }], ['orchestration.failed', { reason: 'x' }]];
  const domain = ['status', 'currentPhase', 'activeAgents', 'completedPhases', 'phases', 'agentRuns', 'gaps', 'qualityChecks', 'testRuns', 'lastError'] as const;

  it('A-060 a checkpoint is listed with its revision', () => {
    expect(open(given(issue, before)).checkpoints.k).toMatchObject({ id: 'k', label: 'planned', sequence: 5, restoredCount: 0 });
  });

  it('A-061 K-052 A-115 restoring brings back the domain as it was and keeps facts and story', () => {
    const marked = given(issue, before);
    const lost = given(issue, after, marked);
    const restored = given(issue, [['checkpoint.restored', { checkpoint_id: 'k', restored_sequence: 5 }]], lost);
    for (const key of domain) expect([key, open(restored)[key]]).toEqual([key, open(marked)[key]]);
    for (const key of ['commits', 'pullRequests', 'jira', 'documents', 'errors', 'decisions', 'runs'] as const) expect([key, open(restored)[key]]).toEqual([key, open(lost)[key]]);
    expect(open(restored)).toMatchObject({ checkpoints: { k: { restoredCount: 1 } }, restores: [{ checkpointId: 'k', restoredSequence: 5, atRevision: 12 }] });
    expect(restored.anomalies).toEqual([]);
  });

  it('K-052 a second restore gives the same again: work after the first does not leak into the copy', () => {
    const once = given(issue, [...before, ...after, ['checkpoint.restored', { checkpoint_id: 'k', restored_sequence: 5 }]]);
    const twice = given(issue, [['phase.started', { phase: 'CODE' }], ['agent_run.blocked', { agent_name: 'coder', agent_run_id: 'a', reason: 'r' }], ['checkpoint.restored', { checkpoint_id: 'k', restored_sequence: 5 }]], once);
    for (const key of domain) expect([key, open(twice)[key]]).toEqual([key, open(once)[key]]);
  });

  it('a restore to a revision without a checkpoint takes the newest one before it and says so; of none it is illegal', () => {
    const state = given(issue, [...before, ...after, ['checkpoint.restored', { checkpoint_id: 'k', restored_sequence: 8 }]]);
    expect(open(state).phases).toEqual(open(given(issue, before)).phases);
    expect(anomalyCodes(state)).toEqual(['MISSING_PREDECESSOR']);
    expect(judged(running, ['checkpoint.restored', { checkpoint_id: 'nowhere', restored_sequence: 1 }])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION', policy: 'enforce' });
  });
});

describe('what the stream lends its events', () => {
  it('K-025 A-071 gives the running phase, the issue and the session', () => {
    const state = given(issue, [['phase.started', { phase: 'CODE' }]], running);
    const lent = fold.registry.aggregate('orchestration')!.contextOf!(state, { type: 'error.occurred', data: {}, actor: { type: 'agent', id: 'x' } });
    expect(lent).toEqual({ phase: 'CODE', issueKey: 'PROJ-123', sessionId: 's-1' });
  });

  it('every event leaves a line for people', () => {
    const line = (fact: Fact): string => fold.registry.eventType(fact[0])!.definition.summary!(eventAfter(running, fact));
    expect(line(['agent_run.spawned', { agent_name: 'coder', agent_model: 'opus', assigned_task: 'write the parser' }])).toBe('Agent coder spawned on opus: write the parser');
    expect(line(['phase.failed', { phase: 'CODE', error: { message: 'tests are red' } }])).toBe('Phase CODE failed: tests are red');
    expect(line(['phase.failed', {}])).toBe('Phase ? failed');
  });
});
