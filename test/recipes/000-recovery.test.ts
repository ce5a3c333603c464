/** Document 000, "Event Replay" and "Recovery from Failure"; document 003's replay service; document 004's reruns. */
import { ReplayService, toSnakeNaming, withContext } from '@refold/sdk';
import type { EventStore } from '@refold/sdk';
import type { ReplayHandler } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { engines, everything, fact, logAll, openRecipeStore, orchestrator, proj123, refusalOf, typesOf } from './recipe-store.ts';

/** Sixty events: a run with a comment, and agents that were spawned and completed. */
const longRun = [...proj123.slice(0, 8), fact('13:10', 'CommentPosted', { comment_id: 'c-1', body: 'half way' }), ...Array.from({ length: 50 }, (_, index) => fact(`13:${String(10 + index).slice(-2)}`, 'QualityCheckStarted', { check_id: `q-${index}`, check_name: 'lint' }))].slice(0, 59);

function tripwires(store: EventStore): string[] {
  const calls: string[] = [];
  const call: ReplayHandler = ({ type }, { idempotencyKey }) => void calls.push(`${type} ${idempotencyKey}`);
  for (const type of ['QualityCheckStarted', 'PhaseStarted', 'CommentPosted', 'AgentSpawned']) store.registerReplayHandler(type, call);
  return calls;
}

describe.each(engines)('Recovery on %s', (engine) => {
  test('A-024 A-141 replay_events(issue_key, from_sequence=50, dry_run=True): lists what would run, and nothing does', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, longRun);
    const calls = tripwires(store);
    const report = await store.replayEvents({ issueKey: 'PROJ-123', fromSequence: 50, dryRun: true });
    expect(report).toMatchObject({ mode: 'dry_run', fromSequence: 50, toSequence: 59, replayed: 10, skipped: 0, summary: [{ action: 'would_execute', type: 'quality_check.started', count: 10 }] });
    expect(report.steps).toHaveLength(10);
    expect(calls).toEqual([]);
    expect((await everything(store)).filter(({ streamType }) => streamType === 'orchestration')).toHaveLength(59);
  });

  test('A-025 A-026 K-048 dry_run=False, or nothing said: each handler is called once, in order, and never for a comment', async () => {
    for (const said of [{ dryRun: false }, {}]) {
      const { store } = openRecipeStore(engine);
      const events = await logAll(store, longRun);
      const calls = tripwires(store);
      const report = await store.replayEvents({ issueKey: 'PROJ-123', ...said });
      expect(report).toMatchObject({ mode: 'execute', status: 'completed', purpose: 'recovery', failed: 0 });
      expect(calls).toEqual(events.filter(({ type }) => type === 'phase.started' || type === 'quality_check.started').map(({ type, id }) => `${type} ${id}`));
      expect(report.summary).toContainEqual({ action: 'skipped', reason: 'non_repeatable', effect: 'non-repeatable', type: 'jira.comment_posted', count: 1 });
    }
  });

  test('A-082 A-083 A-084 A-085 A-086 find the last checkpoint, restore it, replay what came after: as the document writes it', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [...proj123, fact('15:40', 'PhaseStarted', { phase: 'TEST' }), fact('15:41', 'OrchestrationFailed', { reason: 'disk full' })]);
    const calls = tripwires(store);
    const { jira } = await store.dialects();

    // 1. Find last good checkpoint
    const checkpoints = (await store.queryEvents({ issueKey: 'PROJ-123', eventTypes: ['CheckpointCreated'] })).items.map((event) => jira.toForeign(event) as unknown as { metadata: { checkpoint_id: string }; event_sequence: number });
    const lastCheckpoint = checkpoints.at(-1)!;
    const { state: then } = await store.reconstructState('PROJ-123', { revision: lastCheckpoint.event_sequence });
    // 2. Restore to checkpoint
    const restored = await store.restoreCheckpoint({ issueKey: 'PROJ-123', checkpointId: lastCheckpoint.metadata.checkpoint_id });
    const { state: now } = await store.reconstructState('PROJ-123');
    for (const part of ['status', 'currentPhase', 'activeAgents', 'completedPhases', 'phases', 'agentRuns', 'gaps']) expect([part, now[part]]).toEqual([part, then[part]]);
    // 3. Replay events after checkpoint
    const report = await store.replayEvents({ issueKey: 'PROJ-123', fromSequence: lastCheckpoint.event_sequence + 1 });
    expect(report).toMatchObject({ status: 'completed', fromSequence: 14, toSequence: 17, failed: 0 });
    expect(calls).toEqual([expect.stringMatching(/^phase\.started /)]);
    expect(report.finalState).toEqual((await store.reconstructState('PROJ-123')).state);
    expect(await store.getEvent(restored.event!.id)).toMatchObject({ type: 'checkpoint.restored', revision: 17, sessionId: 'session-1' });
  });

  test('A-060 K-027 a checkpoint made here is listed with its pinned snapshot, and its state hash is what a replay begins from', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const made = await withContext({ actor: orchestrator, sessionId: 'session-1' }, () => store.createCheckpoint({ issueKey: 'PROJ-123', checkpointId: 'cp-3', label: 'code done' }));
    expect((await store.listCheckpoints('PROJ-123')).map(({ id, sequence, hasSnapshot }) => [id, sequence, hasSnapshot])).toEqual([['cp-1', 7, false], ['cp-2', 13, false], ['cp-3', 15, true]]);
    expect((await store.listSnapshots('PROJ-123')).map(({ revision, pinned }) => [revision, pinned])).toEqual([[15, true]]);
    await store.logEvent(fact('16:00', 'PhaseStarted', { phase: 'TEST' }));
    const { preconditions } = await store.replayEvents({ stream: 'orchestration/PROJ-123', fromSequence: made.sequence + 1, dryRun: true });
    expect(preconditions).toContainEqual({ name: 'state_matches', ok: true, detail: null });
    expect(toSnakeNaming(made)).toMatchObject({ id: 'cp-3', sequence: 15 });
  });

  test('A-149 D-080 one replay for debugging and one for recovery, each on record with its purpose', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    await store.replayEvents({ issueKey: 'PROJ-123', purpose: 'debugging', dryRun: true });
    await store.replayEvents({ issueKey: 'PROJ-123' });
    expect((await store.queryEvents({ eventTypes: ['replay.started'] })).items.map(({ data }) => [data['mode'], data['purpose']])).toEqual([['dry_run', 'debugging'], ['execute', 'recovery']]);
  });

  test('A-203 a crash in phase CODE is recovered: what can be done again is, under the same key, and its outcome is on record', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [...proj123.slice(0, 4), fact('10:40', 'QualityCheckStarted', { check_id: 'lint', check_name: 'lint' })]);
    const report = await store.replayEvents({
      issueKey: 'PROJ-123',
      filter: { types: ['quality_check.*'] },
      handlers: { QualityCheckStarted: () => ({ result: 'passed', events: [{ type: 'quality_check.completed', data: { check_id: 'lint', passed: true, score: 1 } }] }) },
    });
    expect(report).toMatchObject({ status: 'completed', failed: 0 });
    expect((await store.reconstructState('PROJ-123')).state).toMatchObject({ qualityChecks: { lint: { status: 'completed', passed: true } } });
    expect((await store.queryEvents({ eventTypes: ['quality_check.completed'] })).items).toMatchObject([{ metadata: { replayId: report.replayId, replayOf: expect.any(String) } }]);
  });

  test('A-203 left off by the program, it goes on under its id, and each effect was done once', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, longRun);
    const calls = tripwires(store);
    const stop = new AbortController();
    await expect(store.replayEvents({ issueKey: 'PROJ-123', replayId: 'r-1', signal: stop.signal, onStep: ({ action }) => void (action === 'executed' && stop.abort('enough')) })).rejects.toBe('enough');
    expect(calls).toHaveLength(1);
    expect(await store.replayEvents({ issueKey: 'PROJ-123', replayId: 'r-1' })).toMatchObject({ status: 'completed', failed: 0 });
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls).toHaveLength(52);
  });

  test('C-047 C-048 C-049 C-050 C-073 the replay service of document 003: a chain, a state, a check', async () => {
    const { store } = openRecipeStore(engine);
    const events = await logAll(store, proj123);
    const service = new ReplayService(store);
    const chain = events[0]!.correlationId;
    const report = await service.replayEvents(chain, { dryRun: true });
    expect(report).toMatchObject({ mode: 'dry_run', target: { type: 'correlation', id: chain }, stepsTotal: proj123.length });
    expect(report.steps.map(({ event: { position } }) => position)).toEqual(events.map(({ position }) => position));
    expect((await service.reconstructState('orchestration', 'PROJ-123', '2025-12-22T14:00:00Z')).state).toMatchObject({ currentPhase: 'CODE' });
    expect(await service.validateEventChain(chain)).toMatchObject({ ok: true });
  });

  test('bad-input N7: a condition that does not hold stops it before any effect', async () => {
    const { store } = openRecipeStore(engine);
    const before = (await logAll(store, longRun)).length;
    const calls = tripwires(store);
    expect(await refusalOf(store.replayEvents({ issueKey: 'PROJ-123', preconditions: ['state.currentPhase == "TEST"'] }))).toMatchObject({ code: 'PRECONDITION_FAILED', details: { name: 'state.currentPhase == "TEST"' } });
    expect([calls, (await everything(store)).length]).toEqual([[], before]);
  });

  test('D-056 D-058 D-088 a failed job is run again with other parameters, ends completed, and both stand side by side', async () => {
    const { store } = openRecipeStore(engine);
    const log = async (jobId: string, ...events: readonly (readonly [type: string, data?: object])[]): Promise<void> => void (await store.append(`job/${jobId}`, events.map(([type, data = {}]) => ({ type, actor: orchestrator, data: data as never }))));
    await log('42', ['JobCreated', { params: { model: 'gpt-4' }, steps: [{ name: 'build' }, { name: 'test' }] }], ['JobStarted'], ['JobStepCompleted', { step: 'build', duration_ms: 100 }], ['JobFailed', { error: { message: 'flaky' } }]);
    const { jobId, stepsKept } = await store.rerunJob({ jobId: '42', params: { model: 'claude-x' }, fromStep: 'test' });
    expect([jobId, stepsKept]).toEqual(['43', ['build']]);
    await log(jobId, ['JobStarted'], ['JobStepCompleted', { step: 'test', duration_ms: 200 }], ['JobCompleted', { result: 'ok' }]);
    const compared = await store.compareRuns('42');
    expect(compared.runs.map(({ status }) => status)).toEqual(['failed', 'completed']);
    expect(compared).toMatchObject({ parameters: [{ path: '/model', values: ['gpt-4', 'claude-x'] }], steps: [{ name: 'build' }, { name: 'test', runs: [{ status: 'pending' }, { status: 'completed', durationMs: 200 }] }], results: 'differ' });
  });

  test('a handler that was registered again, under any name of the type, is the last one', async () => {
    const { store } = openRecipeStore(engine, { handlers: { PhaseStarted: () => ({ result: 'first' }) } });
    await logAll(store, proj123.slice(0, 2));
    store.registerReplayHandler('phase.started', () => ({ result: 'second' }));
    store.registerReplayHandler('PhaseStarted', () => ({ result: 'third' }));
    const { steps } = await store.replayEvents({ issueKey: 'PROJ-123' });
    expect(steps.flatMap(({ result }) => result ?? [])).toEqual(['third']);
    expect(typesOf(steps.map(({ event }) => event))).toEqual(['orchestration.started', 'phase.started']);
  });
});
