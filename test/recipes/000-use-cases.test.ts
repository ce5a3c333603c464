/** Document 000, "Common Use Cases" and "Troubleshooting", as far as they log, query, fold and travel. */
import { toSnakeNaming } from '@refold/sdk';
import type { EventStore } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { engines, fact, logAll, openRecipeStore, proj123, typesOf } from './recipe-store.ts';

/** A run that fails: an agent meets an error, fails of it, takes its phase and the run with it. Each names its cause. */
async function logFailure(store: EventStore): Promise<void> {
  const on456 = { issueKey: 'PROJ-456', sessionId: 'session-2' };
  await logAll(store, [
    fact('10:00', 'OrchestrationStarted', {}, on456),
    fact('10:01', 'PhaseStarted', { phase: 'CODE' }, on456),
    fact('10:02', 'AgentSpawned', { agent_name: 'coder' }, on456),
  ]);
  const error = await store.logEvent(fact('10:20', 'ErrorOccurred', { error_id: 'e-1', message: 'disk full', agent_name: 'coder' }, on456));
  const agent = await store.logEvent(fact('10:21', 'AgentFailed', { agent_name: 'coder', error: { message: 'disk full' } }, { ...on456, causationId: error }));
  const phase = await store.logEvent(fact('10:22', 'PhaseFailed', { phase: 'CODE', error: { message: 'agent failed' } }, { ...on456, causationId: agent }));
  await store.logEvent(fact('10:23', 'OrchestrationFailed', { reason: 'phase failed' }, { ...on456, causationId: phase }));
}

describe.each(engines)('Use cases on %s', (engine) => {
  test('A-067 A-068 A-192 debug a failed orchestration in five steps', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    await logFailure(store);

    // 1. Find failure events. 2. Get the failure's timestamp.
    const failures = await store.queryEvents({ issueKey: 'PROJ-456', eventTypes: ['OrchestrationFailed', 'PhaseFailed', 'AgentFailed'] });
    expect(typesOf(failures)).toEqual(['agent_run.failed', 'phase.failed', 'orchestration.failed']);
    const failureTime = failures.items[0]!.occurredAt;
    expect(failureTime).toBe('2025-12-22T10:21:00.000Z');
    // 3. Reconstruct the state at the failure.
    const { state } = await store.reconstructState('PROJ-456', failureTime);
    expect(state).toMatchObject({ status: 'running', currentPhase: 'CODE', activeAgents: [], errors: { 'e-1': { status: 'open', message: 'disk full' } } });
    // 4. View the timeline.
    const { timeline, surroundingEvents } = await store.timeTravelQuery('PROJ-456', failureTime);
    expect(timeline.length).toBeGreaterThan(0);
    expect(typesOf(surroundingEvents)).toContain('error.occurred');
    // 5. Identify the root cause from events.
    const trace = await store.traceCause(failures.items.at(-1)!.id);
    expect(typesOf(trace.causes)).toEqual(['phase.failed', 'agent_run.failed', 'error.occurred']);
    expect(trace.causes.at(-1)!.data).toMatchObject({ message: 'disk full' });
    expect((await store.traceCause(trace.causes.at(-1)!.id)).effects).toMatchObject([{ event: { type: 'agent_run.failed' }, effects: [{ event: { type: 'phase.failed' } }] }]);
  });

  test('K-084 A-085 the same results have the paths of the document in its own form', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const { jira } = await store.dialects();
    const checkpoints = (await store.queryEvents({ issueKey: 'PROJ-123', eventTypes: ['CheckpointCreated'] })).items.map((event) => jira.toForeign(event));
    expect(checkpoints.at(-1)).toMatchObject({ event_type: 'CheckpointCreated', timestamp: '2025-12-22T15:20:00.000Z', event_sequence: 13, metadata: { checkpoint_id: 'cp-2' } });
  });

  test('A-082 A-083 K-018 the last of the found checkpoints is the newest', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const checkpoints = await store.queryEvents({ issueKey: 'PROJ-123', eventTypes: ['CheckpointCreated'] });
    expect(checkpoints.items.map(({ revision, data }) => [revision, data['checkpoint_id']])).toEqual([
      [7, 'cp-1'],
      [13, 'cp-2'],
    ]);
  });

  test('A-069 A-070 A-071 A-072 A-073 A-074 A-075 track agent performance over all issues: the numbers of the document', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [
      fact('10:00', 'AgentSpawned', { agent_name: 'react-component-architect' }),
      fact('10:05', 'AgentSpawned', { agent_name: 'coder' }, { issueKey: 'PROJ-456', sessionId: 'session-2' }),
      fact('10:06', 'PhaseStarted', { phase: 'TEST' }),
      fact('10:15', 'AgentCompleted', { agent_name: 'react-component-architect', quality_score: 92 }),
      fact('10:20', 'AgentSpawned', { agent_name: 'still-there' }),
      fact('10:25', 'AgentFailed', { agent_name: 'coder', error: { message: 'no' } }, { issueKey: 'PROJ-456', sessionId: 'session-2' }),
    ]);
    const agentEvents = await store.queryEvents({ eventTypes: ['AgentSpawned', 'AgentCompleted', 'AgentFailed'] });
    expect(agentEvents.items).toHaveLength(5);
    const metrics = store.projectAgentMetrics(agentEvents);
    expect(Object.keys(metrics)).toEqual(['react-component-architect', 'coder', 'still-there']);
    expect(toSnakeNaming(metrics)).toMatchObject({
      'react-component-architect': { spawned_at: '2025-12-22T10:00:00.000Z', completed_at: '2025-12-22T10:15:00.000Z', duration_seconds: 900, status: 'completed', quality_score: 92 },
      coder: { duration_seconds: 1200, status: 'failed', quality_score: null },
      'still-there': { spawned_at: '2025-12-22T10:20:00.000Z', completed_at: null, duration_seconds: null, status: 'running' },
    });
    expect(await store.agentMetrics()).toEqual(metrics);
  });

  test('K-029 an agent that is spawned again is one record with its last run and the counts of all', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [
      fact('10:00', 'AgentSpawned', { agent_name: 'coder' }),
      fact('10:10', 'AgentFailed', { agent_name: 'coder', error: { message: 'no' } }),
      fact('11:00', 'AgentSpawned', { agent_name: 'coder' }),
      fact('11:05', 'AgentCompleted', { agent_name: 'coder', quality_score: 80 }),
    ]);
    expect((await store.agentMetrics())['coder']).toMatchObject({ runs: 2, failures: 1, status: 'completed', durationSeconds: 300, qualityScore: 80, spawnedAt: '2025-12-22T11:00:00.000Z', completedAt: '2025-12-22T11:05:00.000Z' });
  });

  test('A-061 K-052 recovery: restored to the last checkpoint, the domain state is what it was there, and what happened outside stays', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const { data, revision } = (await store.queryEvents({ issueKey: 'PROJ-123', eventTypes: ['CheckpointCreated'] })).items[0]!;
    const then = (await store.reconstructState('PROJ-123', { revision })).state;
    await store.logEvent(fact('16:00', 'CommitCreated', { sha: 'beef', message: 'later' }));
    await store.logEvent(fact('16:01', 'CheckpointRestored', { checkpoint_id: data['checkpoint_id']!, restored_sequence: revision }));
    const { state } = await store.reconstructState('PROJ-123');
    for (const part of ['status', 'currentPhase', 'activeAgents', 'completedPhases', 'phases', 'agentRuns', 'gaps']) expect([part, state[part]]).toEqual([part, then[part]]);
    expect(state).toMatchObject({ commits: [{ sha: 'a1b2c3d' }, { sha: 'beef' }], restores: [{ checkpointId: 'cp-1', restoredSequence: 7 }] });
  });

  test('B-149 missing events: the doctor says whether the issue is there and has as many events as expected', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const issueCheck = async (options: { issue: string; expect?: number }): Promise<unknown> => (await store.doctor(options)).findings.find(({ check }) => check === 'issue')?.level;
    expect(await issueCheck({ issue: 'PROJ-123', expect: proj123.length })).toBe('ok');
    expect(await issueCheck({ issue: 'PROJ-123', expect: proj123.length + 1 })).toBe('fail');
    expect(await issueCheck({ issue: 'PROJ-999' })).toBe('fail');
  });

  test('A-116 A-152 A-198 state reconstruction from a snapshot is the full fold, and reads less; a broken one falls back to an older one', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [...proj123.slice(0, 4), ...Array.from({ length: 56 }, (_, index) => fact('12:00', 'CommentPosted', { comment_id: `c-${index}`, body: 'x' }))]);
    await store.reconstructState('PROJ-123');
    await logAll(store, Array.from({ length: 50 }, (_, index) => fact('13:00', 'CommentPosted', { comment_id: `d-${index}`, body: 'y' })));
    await store.reconstructState('PROJ-123');
    await store.logEvent(fact('13:30', 'PhaseCompleted', { phase: 'CODE' }));

    const fast = await store.reconstructState('PROJ-123', { useSnapshot: true });
    const whole = await store.reconstructState('PROJ-123', { revision: 111, useSnapshot: false });
    expect(fast.state).toEqual(whole.state);
    expect([whole.eventsFolded, fast.fromSnapshot, fast.eventsFolded]).toEqual([111, 110, 1]);

    const { driver, snapshots } = (await store.opened()).log;
    await snapshots.dropFrom('orchestration/PROJ-123', 111);
    const newest = (await driver.kvList('snapshot/', undefined, 10)).at(-1)!.key;
    const stored = (await driver.kvGet(newest))!;
    await driver.kvPut(newest, stored.value.with(stored.value.length - 5, 33), stored.rev);
    const fallback = await store.reconstructState('PROJ-123');
    expect(fallback.state).toEqual(whole.state);
    expect(fallback).toMatchObject({ fromSnapshot: 60, eventsFolded: 51, warnings: [expect.stringContaining('110')] });
    // The long way round was worth keeping: the next reader starts from a new snapshot.
    expect(await store.verifySnapshots('PROJ-123')).toMatchObject([{ revision: 60, ok: true }, { revision: 110, ok: false, fault: 'format' }, { revision: 111, ok: true }]);
  });
});
