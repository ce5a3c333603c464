/** Document 000, "State Reconstruction" and "Time-Travel Debugging". */
import { toSnakeNaming } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { engines, everything, fact, idsOf, logAll, openRecipeStore, proj123 } from './recipe-store.ts';

describe.each(engines)('State on %s', (engine) => {
  test('A-013 A-139 B-004 the current state is what a fold kept live, event by event, has become', async () => {
    const { store } = openRecipeStore(engine);
    let live = await store.initialState('orchestration', 'PROJ-123');
    for (const event of proj123) {
      const id = await store.logEvent(event);
      live = await store.applyEvent(live, (await store.getEvent(id))!);
      expect((await store.reconstructState('PROJ-123')).state).toEqual(live);
    }
    expect(live).toMatchObject({ status: 'running', completedPhases: ['PLAN', 'CODE'], eventCount: proj123.length });
  });

  test('A-014 A-147 A-110 K-016 the state at any event is the fold, by revision, of exactly what had happened by then, ties and latecomers included', async () => {
    const { store } = openRecipeStore(engine);
    const unordered = [...proj123.slice(0, 6), fact('10:45', 'DecisionRecorded', { decision: 'use a modal' }), fact('11:00', 'CommentPosted', { comment_id: 'c-1', body: 'nice' }), ...proj123.slice(6)];
    const events = await logAll(store, unordered);
    const { fold } = (await store.opened()).log;
    for (const { occurredAt } of events) {
      const happened = events.filter((event) => event.occurredAt <= occurredAt);
      const view = await store.reconstructState('PROJ-123', { atTimestamp: occurredAt });
      expect(view.state).toEqual(fold.foldAll(happened, { cut: true }));
      expect(view.asOf).toBe(occurredAt);
    }
  });

  test('A-015 the instant as second argument, as a Date, or by name gives one answer', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const at = '2025-12-22T14:00:00Z';
    const positional = await store.reconstructState('PROJ-123', at);
    expect(positional.state).toMatchObject({ currentPhase: 'CODE', gaps: { 'gap-1': { status: 'open' } } });
    for (const other of [new Date(at), { at }, { atTimestamp: at }, { atTimestamp: new Date(at) }]) expect(await store.reconstructState('PROJ-123', other)).toEqual(positional);
  });

  test('A-199 before the first event there is nothing, after the last one there is the current state', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    expect((await store.reconstructState('PROJ-123', '2025-12-22T09:59:59.999Z')).state).toMatchObject({ exists: false, revision: 0, status: 'not_started' });
    expect((await store.reconstructState('PROJ-123', '2025-12-22T17:00:00Z')).state).toEqual((await store.reconstructState('PROJ-123')).state);
  });

  test('X-020 X-021 as it happened, as known then, at a revision, at a position', async () => {
    const { store, clock } = openRecipeStore(engine, { now: '2025-12-22T10:00:00.000Z' });
    await store.logEvent(fact('10:00', 'OrchestrationStarted'));
    await store.logEvent(fact('10:00', 'OrchestrationStarted', {}, { issueKey: 'PROJ-456' }));
    clock.advance(60 * 60_000);
    await store.logEvent(fact('10:50', 'PhaseStarted', { phase: 'CODE' }));
    clock.advance(60 * 60_000);
    await store.logEvent(fact('10:40', 'CommitCreated', { sha: 'f00', message: 'told late' }));

    const happened = await store.reconstructState('PROJ-123', { at: '2025-12-22T10:45:00Z' });
    expect(happened).toMatchObject({ revision: 3, stragglers: 1, state: { currentPhase: null, commits: [{ sha: 'f00' }], eventCount: 2 } });
    const known = await store.reconstructState('PROJ-123', { recordedAt: '2025-12-22T11:30:00Z' });
    expect(known).toMatchObject({ revision: 2, stragglers: 0, state: { currentPhase: 'CODE', commits: [], eventCount: 2 } });
    expect((await store.reconstructState('PROJ-123', { revision: 2 })).state).toEqual(known.state);
    expect((await store.reconstructState('PROJ-123', { position: 3 })).state).toEqual(known.state);
  });
});

describe.each(engines)('Time travel on %s', (engine) => {
  const atTwo = '2025-12-22T14:00:00Z';

  test('A-016 A-017 A-018 A-020 A-021 A-022 A-140 what happened at 2 PM, in the words of the document', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const debugInfo = toSnakeNaming(await store.timeTravelQuery({ issueKey: 'PROJ-123', queryTimestamp: atTwo }));
    expect(debugInfo).toMatchObject({
      query_timestamp: '2025-12-22T14:00:00.000Z',
      state: expect.any(Object),
      surrounding_events: expect.any(Array),
      state_summary: { current_phase: 'CODE', active_agents: ['react-component-architect', 'test-writer-fixer'], completed_phases: ['PLAN'] },
    });
    expect((await store.timeTravelQuery('PROJ-123', atTwo)).state).toEqual((await store.reconstructState('PROJ-123', atTwo)).state);
  });

  test.each([
    ['before the start', '09:00', null, [], []],
    ['between two phases', '10:30', null, [], ['PLAN']],
    ['with one agent', '15:05', 'CODE', ['test-writer-fixer'], ['PLAN']],
    ['at the end', '17:00', null, [], ['PLAN', 'CODE']],
  ])('A-020 A-021 A-022 the summary %s', async (_when, time, currentPhase, activeAgents, completedPhases) => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    expect((await store.timeTravelQuery('PROJ-123', `2025-12-22T${time}:00Z`)).stateSummary).toMatchObject({ currentPhase, activeAgents, completedPhases });
  });

  test('A-021 a blocked agent is still active, one that failed is not', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, [...proj123.slice(0, 8), fact('13:10', 'AgentBlocked', { agent_name: 'react-component-architect', reason: 'no design' }), fact('13:20', 'AgentFailed', { agent_name: 'test-writer-fixer', error: { message: 'timeout' } })]);
    expect((await store.timeTravelQuery('PROJ-123', '2025-12-22T13:30:00Z')).stateSummary.activeAgents).toEqual(['react-component-architect']);
  });

  test('A-019 five events before the instant and five after it, the cut told by revision', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logAll(store, proj123);
    const view = await store.timeTravelQuery('PROJ-123', atTwo);
    expect(view).toMatchObject({ revision: 9, before: 5, after: 5 });
    expect(idsOf(view.surroundingEvents)).toEqual(idsOf(all.slice(4, 14)));
    const narrow = await store.timeTravelQuery('PROJ-123', atTwo, { window: 1 });
    expect(idsOf(narrow.surroundingEvents)).toEqual(idsOf(all.slice(8, 10)));
  });

  test('A-023 the positional form brings a timeline', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    const { timeline } = await store.timeTravelQuery('PROJ-123', atTwo);
    expect(timeline).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'span', at: '2025-12-22T10:31:00.000Z', until: '2025-12-22T15:30:00.000Z', status: 'completed' })]));
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
  });

  test('A-018 A-199 looking changes nothing: the log is as long as before', async () => {
    const { store } = openRecipeStore(engine);
    const before = await logAll(store, proj123);
    await store.timeTravelQuery('PROJ-123', atTwo);
    await store.timeTravelQuery('PROJ-123', '2025-12-22T09:00:00Z');
    expect(await everything(store)).toEqual(before);
  });
});
