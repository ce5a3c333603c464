/** Document 000, "Event Types Reference": each of its 36 types is logged under its own name and does to the state what it says. */
import type { JsonObject } from '@refold/core';
import type { EventStore } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { engines, everything, fact, logAll, openRecipeStore, refusalOf } from './recipe-store.ts';

type Fact = readonly [eventType: string, metadata?: JsonObject];

interface Row {
  readonly id: string;
  readonly eventType: string;
  readonly metadata: JsonObject;
  /** What has to be there before, in order. */
  readonly after: readonly Fact[];
  /** What the event makes of the state. */
  readonly state: object;
}

const started: Fact = ['OrchestrationStarted'];
const phase: Fact = ['PhaseStarted', { phase: 'CODE' }];
const spawned: Fact = ['AgentSpawned', { agent_name: 'coder', agent_run_id: 'run-1' }];
const gap: Fact = ['GapIdentified', { gap_id: 'gap-1', description: 'no tests' }];
const check: Fact = ['QualityCheckStarted', { check_id: 'check-1', check_name: 'lint' }];
const run: Fact = ['TestRunStarted', { test_run_id: 'tests-1', suite: 'unit' }];
const error: Fact = ['ErrorOccurred', { error_id: 'error-1', message: 'disk full' }];
const attempt: Fact = ['RecoveryAttempted', { error_id: 'error-1', strategy: 'retry' }];

const row = (id: string, eventType: string, metadata: JsonObject, after: readonly Fact[], state: object): Row => ({ id, eventType, metadata, after, state });

const rows: readonly Row[] = [
  row('A-030', 'OrchestrationStarted', {}, [], { status: 'running', runs: [{ status: 'running' }] }),
  row('A-031', 'OrchestrationCompleted', { summary: 'done' }, [started], { status: 'completed', runs: [{ status: 'completed', summary: 'done' }] }),
  row('A-032', 'OrchestrationFailed', { reason: 'no budget' }, [started], { status: 'failed', lastError: { message: 'no budget' } }),
  row('A-033', 'OrchestrationPaused', {}, [started], { status: 'paused' }),
  row('A-034', 'OrchestrationResumed', {}, [started, ['OrchestrationPaused']], { status: 'running' }),
  row('A-035', 'PhaseStarted', { phase: 'CODE' }, [started], { currentPhase: 'CODE', phases: { CODE: { status: 'running' } } }),
  row('A-036', 'PhaseCompleted', { phase: 'CODE' }, [started, phase], { currentPhase: null, completedPhases: ['CODE'], phases: { CODE: { status: 'completed' } } }),
  row('A-037', 'PhaseFailed', { phase: 'CODE', error: { message: 'lint' } }, [started, phase], { phases: { CODE: { status: 'failed', error: { message: 'lint' } } } }),
  row('A-038', 'AgentSpawned', { agent_name: 'coder', agent_run_id: 'run-1' }, [started], { activeAgents: ['coder'], agentRuns: { 'run-1': { status: 'running', agentName: 'coder' } } }),
  row('A-039', 'AgentCompleted', { agent_name: 'coder' }, [started, spawned], { activeAgents: [], agentRuns: { 'run-1': { status: 'completed', durationSeconds: 60 } } }),
  row('A-040', 'AgentFailed', { agent_name: 'coder', error: { message: 'no' } }, [started, spawned], { activeAgents: [], agentRuns: { 'run-1': { status: 'failed', error: { message: 'no' } } } }),
  row('A-041', 'AgentBlocked', { agent_name: 'coder', reason: 'no design' }, [started, spawned], { agentRuns: { 'run-1': { status: 'blocked', blockedReason: 'no design' } } }),
  row('A-042', 'GapIdentified', { gap_id: 'gap-1', description: 'no tests' }, [started], { gaps: { 'gap-1': { status: 'open', description: 'no tests' } } }),
  row('A-043', 'GapResolved', { gap_id: 'gap-1', resolution: 'written' }, [started, gap, ['GapEscalated', { gap_id: 'gap-1', escalated_to: 'ana' }]], { gaps: { 'gap-1': { status: 'resolved', resolution: 'written' } } }),
  row('A-044', 'GapEscalated', { gap_id: 'gap-1', escalated_to: 'ana' }, [started, gap], { gaps: { 'gap-1': { status: 'escalated', escalatedTo: 'ana' } } }),
  row('A-045', 'CommitCreated', { sha: 'a1b2c3d', message: 'form' }, [started], { commits: [{ sha: 'a1b2c3d' }] }),
  row('A-046', 'PRCreated', { pr_number: 7, title: 'Login' }, [started], { pullRequests: { 7: { status: 'open' } } }),
  row('A-047', 'PRMerged', { pr_number: 7 }, [started, ['PRCreated', { pr_number: 7, title: 'Login' }]], { pullRequests: { 7: { status: 'merged' } } }),
  row('A-048', 'PRClosed', { pr_number: 7 }, [started, ['PRCreated', { pr_number: 7, title: 'Login' }]], { pullRequests: { 7: { status: 'closed', mergeSha: null } } }),
  row('A-049', 'IssueTransitioned', { from_status: 'To Do', to_status: 'In Progress' }, [started], { jira: { status: 'In Progress' } }),
  row('A-050', 'CommentPosted', { comment_id: 'c-1', body: 'nice' }, [started], { jira: { comments: [{ id: 'c-1' }] } }),
  row('A-051', 'WorklogAdded', { time_spent_seconds: 90 }, [started, ['WorklogAdded', { time_spent_seconds: 30 }]], { jira: { worklogSeconds: 120 } }),
  row('A-052', 'DocumentationCreated', { path: 'docs/login.md' }, [started], { documents: [{ kind: 'file', key: 'docs/login.md' }] }),
  row('A-053', 'ConfluencePageCreated', { page_id: 'p-1', title: 'Login' }, [started], { documents: [{ kind: 'confluence', key: 'p-1' }] }),
  row('A-054', 'QualityCheckStarted', { check_id: 'check-1', check_name: 'lint' }, [started], { qualityChecks: { 'check-1': { status: 'running' } } }),
  row('A-055', 'QualityCheckCompleted', { check_id: 'check-1', passed: true, score: 92 }, [started, check], { qualityChecks: { 'check-1': { status: 'completed', score: 92 } } }),
  row('A-056', 'QualityCheckFailed', { check_id: 'check-1', reason: 'two findings', findings: [{ rule: 'no-any' }] }, [started, check], { qualityChecks: { 'check-1': { status: 'failed', findings: [{ rule: 'no-any' }] } } }),
  row('A-057', 'TestRunStarted', { test_run_id: 'tests-1', suite: 'unit' }, [started], { testRuns: { 'tests-1': { status: 'running' } } }),
  row('A-058', 'TestRunCompleted', { test_run_id: 'tests-1', total: 10, passed: 9, failed: 1 }, [started, run], { testRuns: { 'tests-1': { status: 'completed', total: 10, passed: 9, failed: 1 } } }),
  row('A-059', 'TestRunFailed', { test_run_id: 'tests-1', error: { message: 'no' }, failures: [{ test: 'logs in' }] }, [started, run], { testRuns: { 'tests-1': { status: 'failed', failures: [{ test: 'logs in' }] } } }),
  row('A-062', 'ErrorOccurred', { error_id: 'error-1', message: 'disk full' }, [started], { errors: { 'error-1': { status: 'open' } } }),
  row('A-063', 'RecoveryAttempted', { error_id: 'error-1', strategy: 'retry' }, [started, error], { errors: { 'error-1': { status: 'recovering', attempts: [{ outcome: 'pending' }] } } }),
  row('A-064', 'RecoverySucceeded', { error_id: 'error-1' }, [started, error, attempt], { errors: { 'error-1': { status: 'resolved' } } }),
  row('A-065', 'RecoveryFailed', { error_id: 'error-1', error: { message: 'still full' } }, [started, error, attempt], { errors: { 'error-1': { status: 'unrecovered' } } }),
];

/** One event per minute from 10:00 on. */
const logFacts = (store: EventStore, facts: readonly Fact[]): Promise<unknown> => logAll(store, facts.map(([eventType, metadata], index) => fact(`10:0${index}`, eventType, metadata)));

describe.each(engines)('Event types on %s', (engine) => {
  test.each(rows)('$id $eventType is taken and folded', async ({ eventType, metadata, after, state }) => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, [...after, [eventType, metadata]]);
    expect((await store.reconstructState('PROJ-123')).state).toMatchObject({ ...state, anomalies: [] });
    expect((await store.queryEvents({ eventType })).items.at(-1)!.data).toMatchObject(metadata);
  });

  test('A-030 before it started an orchestration is not_started', async () => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, [started]);
    expect((await store.reconstructState('PROJ-123', '2025-12-22T09:59:00Z')).state).toMatchObject({ status: 'not_started', exists: false });
  });

  test.each<[string, readonly Fact[]]>([
    ['never started', []],
    ['paused', [started, ['OrchestrationPaused']]],
    ['failed', [started, ['OrchestrationFailed', { reason: 'x' }]]],
    ['completed', [started, ['OrchestrationCompleted']]],
  ])('A-031 an orchestration that is %s cannot complete', async (_status, before) => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, before);
    expect((await refusalOf(store.logEvent(fact('11:00', 'OrchestrationCompleted')))).code).toBe('ILLEGAL_TRANSITION');
    expect(await everything(store)).toHaveLength(before.length);
  });

  test('A-032 A-034 a paused orchestration can fail, and a failed one goes on', async () => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, [started, ['OrchestrationPaused'], ['OrchestrationFailed', { reason: 'x' }], ['OrchestrationResumed']]);
    expect((await store.reconstructState('PROJ-123')).state).toMatchObject({ status: 'running' });
  });

  test('A-043 an open gap can be resolved without being escalated', async () => {
    const { store } = openRecipeStore(engine);
    await logFacts(store, [started, gap, ['GapResolved', { gap_id: 'gap-1', resolution: 'written' }]]);
    expect((await store.reconstructState('PROJ-123')).state).toMatchObject({ gaps: { 'gap-1': { status: 'resolved' } } });
  });
});

describe('The catalogue', () => {
  const names = [...rows.map(({ eventType }) => eventType), 'CheckpointCreated', 'CheckpointRestored'];

  test('A-066 A-146 K-001 the 36 names of the document are known, among more than fifty', async () => {
    const { store } = openRecipeStore('memory');
    const types = await store.eventTypes();
    expect(new Set(names).size).toBe(36);
    for (const name of names) expect(types.map(({ aliases }) => aliases['jira'])).toContain(name);
    expect(types.length).toBeGreaterThanOrEqual(50);
  });

  test.each([
    ['A-176', 'orchestration', ['OrchestrationStarted', 'OrchestrationCompleted', 'OrchestrationFailed', 'OrchestrationPaused', 'OrchestrationResumed']],
    ['A-177', 'phase', ['PhaseStarted', 'PhaseCompleted', 'PhaseFailed']],
    ['A-178', 'agent_run', ['AgentSpawned', 'AgentCompleted', 'AgentFailed', 'AgentBlocked']],
    ['A-179', 'gap', ['GapIdentified', 'GapResolved', 'GapEscalated']],
    ['A-180', 'git', ['CommitCreated', 'PRCreated', 'PRMerged', 'PRClosed']],
    ['A-181', 'jira', ['IssueTransitioned', 'CommentPosted', 'WorklogAdded']],
    ['A-182', 'documentation', ['DocumentationCreated', 'ConfluencePageCreated']],
    ['A-183', 'quality', ['QualityCheckStarted', 'QualityCheckCompleted', 'QualityCheckFailed']],
    ['A-184 K-005', 'tests', ['TestRunStarted', 'TestRunCompleted', 'TestRunFailed']],
    ['A-185', 'checkpoint', ['CheckpointCreated', 'CheckpointRestored']],
    ['A-186', 'error', ['ErrorOccurred', 'RecoveryAttempted', 'RecoverySucceeded', 'RecoveryFailed']],
  ])('%s the category %s holds its types of the document and is found by its name', async (_row, category, members) => {
    const { store } = openRecipeStore('memory');
    for (const { eventType, metadata, after } of rows.filter(({ eventType: name }) => members.includes(name))) {
      await logAll(store, [...after, [eventType, metadata] as const].map(([name, data]) => fact('10:00', name, data, { issueKey: `PROJ-${names.indexOf(eventType) + 1}` })));
    }
    await logAll(store, [fact('10:00', 'CheckpointCreated', { checkpoint_id: 'cp-1' }), fact('10:01', 'CheckpointRestored', { checkpoint_id: 'cp-1', restored_sequence: 1 })]);
    const { jira } = await store.dialects();
    const found = new Set<string>();
    for await (const event of store.allEvents({ category })) found.add(String(jira.toForeign(event)['event_type']));
    expect([...found].toSorted()).toEqual(members.toSorted());
  });
});
