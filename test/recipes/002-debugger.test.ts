/** Document 002, "Event Replay Debugging" and "Event Replay Debugger Troubleshooting"; its REST service is shown in packages/server/test/debug-sessions.test.ts. */
import { EventReplayDebugger, EventStore, eventReplayDebugger, toSnakeNaming } from '@refold/sdk';
import { describe, expect, test } from 'vitest';
import { agentCreated, agentUpdated } from './agent-lightning-events.ts';
import { engines, openRecipeStore, refusalOf } from './recipe-store.ts';
import type { Engine } from './recipe-store.ts';

const withReward = (model: string, reward: number) => agentUpdated(model, { eventData: { model, reward } });

/** Created, deployed, then updated with rewards 0.5 and 0.95 and once without. */
async function seeded(engine: Engine): Promise<{ readonly store: EventStore; readonly replay: EventReplayDebugger }> {
  const { store } = openRecipeStore(engine);
  await store.saveEvents([agentCreated, { ...agentCreated, eventType: 'deployed', eventData: { environment: 'staging', version: '1' } }, withReward('a', 0.5), withReward('b', 0.95), agentUpdated('c')]);
  return { store, replay: new EventReplayDebugger(store) };
}

test('B-058 the class and the instance of the module are there', () => {
  expect(eventReplayDebugger).toBeInstanceOf(EventReplayDebugger);
});

describe.each(engines)('The debugger on %s', (engine) => {
  test('B-005 the document as it is written: start, breakpoints, watches, control, what was seen', async () => {
    const { replay } = await seeded(engine);

    // Start debugging session
    await replay.startReplay('agent-123', { fromVersion: 1 });

    // Add breakpoints
    replay.addBreakpoint({ eventType: 'agent.updated' });
    replay.addBreakpoint({ condition: "event_data.get('reward', 0) > 0.8" });

    // Add watch expressions
    replay.addWatch("event_data.get('reward', 0)");
    replay.addWatch('event_type');

    // Control replay
    await replay.pauseReplay();
    await replay.stepReplay();
    await replay.resumeReplay();
    await replay.stopReplay();

    // Get debug information
    const debugInfo = replay.getDebugInfo();
    const timeline = await replay.getExecutionTimeline();
    const watchedValues = replay.getWatchedValues();
    const sessionData = await replay.exportDebugSession();

    expect(debugInfo).toMatchObject({ state: 'stopped', revision: 3 });
    expect(timeline.entries.map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect([...watchedValues]).toEqual([["event_data.get('reward', 0)", 0.5], ['event_type', 'agent.updated']]);
    expect(sessionData.info.sessionId).toBe(debugInfo.sessionId);
  });

  test('B-059 a replay waits at revision 1 before anything is applied, or where it is told to begin', async () => {
    const { replay } = await seeded(engine);
    expect(await replay.startReplay('agent-123')).toMatchObject({ state: 'paused', revision: 1, currentState: { exists: false } });
    expect(await replay.startReplay('agent/agent-123', { fromRevision: 3 })).toMatchObject({ state: 'paused', revision: 3, currentEvent: { type: 'agent.updated' } });
    expect(await refusalOf(replay.startReplay('agent-999'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(replay.getDebugInfo()).toMatchObject({ revision: 3 });
  });

  test('B-060 a breakpoint on a type stops before the event is applied', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    replay.addBreakpoint({ eventType: 'agent.updated' });
    expect(await replay.resumeReplay()).toMatchObject({ reason: 'breakpoint', revision: 3 });
    expect(replay.getDebugInfo()).toMatchObject({ currentEvent: { data: { model: 'a' } }, currentState: { model: 'gpt-4' } });
  });

  test('B-061 a condition in the words of the document stops at a reward of 0.95, not at 0.5', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    replay.addBreakpoint({ condition: "event_data.get('reward', 0) > 0.8" });
    expect(await replay.resumeReplay()).toMatchObject({ revision: 4, event: { data: { reward: 0.95 } } });
    expect(await replay.resumeReplay()).toMatchObject({ state: 'completed', reason: 'end' });
  });

  test('B-062 B-068 the timeline keeps what the watches showed at each step, with wall time and hits', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    const { id } = replay.addBreakpoint({ eventType: 'agent.deployed' });
    replay.addWatch("event_data.get('reward', 0)");
    replay.addWatch('event_type');
    await replay.stepReplay(3);
    const { entries, total } = await replay.getExecutionTimeline();
    expect(entries.at(-1)).toMatchObject({ revision: 4, eventType: 'agent.updated', visitedAt: expect.stringMatching(/^2025-12-22T18:/) as string, watches: { "event_data.get('reward', 0)": 0.95, event_type: 'agent.updated' } });
    expect(total).toBe(entries.length);
    await replay.seek(1);
    expect(await replay.resumeReplay()).toMatchObject({ revision: 2, breakpointIds: [id] });
    expect((await replay.getExecutionTimeline({ from: total })).entries.at(-1)).toMatchObject({ revision: 2, breakpointIds: [id] });
  });

  test('B-063 B-064 B-065 pause stays, step applies exactly one event, resume runs on', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123', { fromVersion: 3 });
    expect(await replay.pauseReplay()).toMatchObject({ state: 'paused', revision: 3, moved: false });
    const before = replay.getDebugInfo().currentState;
    expect(await replay.stepReplay()).toMatchObject({ state: 'paused', revision: 4 });
    expect([before, replay.getDebugInfo().currentState]).toMatchObject([{ model: 'gpt-4' }, { model: 'a' }]);
    expect(await replay.stepReplay(-1)).toMatchObject({ revision: 3 });
    expect(replay.getDebugInfo().currentState).toEqual(before);
    expect(await replay.resumeReplay()).toMatchObject({ state: 'completed', revision: 5 });
  });

  test('B-066 bad-input N2: after stop no control is taken, and before start there is none', async () => {
    const { replay } = await seeded(engine);
    expect(await refusalOf(replay.stepReplay())).toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'idle', allowed: ['start', 'stop'] } });
    await replay.startReplay('agent-123');
    expect(await replay.stopReplay()).toMatchObject({ state: 'stopped' });
    for (const control of [replay.stepReplay(), replay.resumeReplay(), replay.pauseReplay(), replay.seek('end'), replay.stopReplay()]) expect(await refusalOf(control)).toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'stopped', allowed: [] } });
    await replay.startReplay('agent-123');
    await replay.resumeReplay();
    expect(await refusalOf(replay.resumeReplay())).toMatchObject({ code: 'BAD_DEBUG_STATE', details: { state: 'completed' } });
  });

  test('B-067 B-153 the info has state, current event, revision, breakpoints and watches, in either spelling', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    replay.addWatch('event_type');
    expect(replay.getDebugInfo()).toMatchObject({ state: 'paused', currentEvent: { type: 'agent.created' }, revision: 1, breakpoints: [], watches: [{ value: 'agent.created' }] });
    const debugInfo = toSnakeNaming(replay.getDebugInfo());
    expect([debugInfo.state, debugInfo.current_event?.type]).toEqual(['paused', 'agent.created']);
  });

  test('B-154 breakpoints are listed with id, type and condition, and a removed one stops nothing', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    const { id } = replay.addBreakpoint({ eventType: 'agent.updated' });
    replay.addBreakpoint({ condition: "event_data.get('reward', 0) > 0.8" });
    expect(toSnakeNaming(replay.getBreakpoints())).toMatchObject([{ id, event_type: 'agent.updated', condition: null }, { id: '2', event_type: null, condition: "event_data.get('reward', 0) > 0.8" }]);
    replay.removeBreakpoint(id);
    expect(await replay.resumeReplay()).toMatchObject({ revision: 4 });
    expect(() => replay.removeBreakpoint(id)).toThrow(`There is no breakpoint ${id}.`);
  });

  test('B-069 B-155 watched values are a map that can be gone through; a removed watch is not in it', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123', { fromVersion: 4 });
    const { id } = replay.addWatch('event_type');
    replay.addWatch("event_data.get('reward', 0)");
    replay.removeWatch(id);
    const lines: string[] = [];
    for (const [expression, value] of replay.getWatchedValues()) lines.push(`${expression} = ${String(value)}`);
    expect(lines).toEqual(["event_data.get('reward', 0) = 0.95"]);
  });

  test('B-070 B-156 an export opens in a store that has no such stream, with the same timeline', async () => {
    const { replay } = await seeded(engine);
    await replay.startReplay('agent-123');
    replay.addBreakpoint({ eventType: 'agent.updated' });
    replay.addWatch('event_type');
    await replay.resumeReplay();
    const file = JSON.stringify(await replay.exportDebugSession());

    const elsewhere = new EventReplayDebugger(openRecipeStore(engine).store);
    expect(await elsewhere.importDebugSession(JSON.parse(file))).toMatchObject({ revision: 3, breakpoints: [{ eventType: 'agent.updated' }], watches: [{ value: 'agent.updated' }] });
    const { entries } = await replay.getExecutionTimeline();
    expect((await elsewhere.getExecutionTimeline({ limit: entries.length })).entries).toEqual(JSON.parse(JSON.stringify(entries)));
    expect(await refusalOf(elsewhere.importDebugSession({ format: 'other' }))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'debug_export', pointer: '/format' } });
  });
});
