/** The three timelines: of what a filter asks for, of one stream around an instant, of what a debug session has visited. */
import { createCatalogRegistry } from '@refold/catalog';
import { debugTimeline, resumeDebugSession, startDebugSession, timeline, travelTo } from '@refold/operations';
import { expect, test } from 'vitest';
import { timelineRow } from '../src/shapes.ts';
import { at, openWorld } from './world.ts';

const address = { streamType: 'orchestration', streamId: 'PROJ-1' };

test('K-028 a filter and time travel draw the same rows in one shape; a debug session lists the same events as it visited them', async () => {
  const world = await openWorld({ kinds: createCatalogRegistry() });
  world.clock.advance(3_600_000);
  const run = { ...address, issueKey: 'PROJ-1', sessionId: 's-1', actor: { type: 'agent' as const, id: 'planner' } };
  const events = [['orchestration.started', {}], ['phase.started', { phase: 'CODE' }], ['agent_run.spawned', { agent_name: 'coder' }], ['agent_run.completed', { agent_name: 'coder' }], ['phase.completed', { phase: 'CODE' }], ['decision.recorded', { decision: 'ship' }]] as const;
  await world.append(...events.map(([type, data], index) => ({ ...run, type, data: { ...data }, occurredAt: at(index) })));
  await world.append({ ...run, streamId: 'PROJ-2', issueKey: 'PROJ-2', type: 'orchestration.started', data: {}, occurredAt: at(9) });

  const asked = (await world.call(timeline, address)).rows;
  const travelled = await world.call(travelTo, { ...address, at: at(3) });
  expect(travelled.timeline).toEqual(asked);
  expect(asked.map((row) => [row.kind, row.at, row.until, timelineRow.strict().safeParse(row).success])).toEqual(
    expect.arrayContaining([['span', at(0), null, true], ['span', at(1), at(4), true], ['span', at(2), at(3), true], ['point', at(5), null, true]]),
  );
  expect((await world.call(timeline, {})).rows).toHaveLength(asked.length + 1);

  const { sessionId: id } = await world.call(startDebugSession, { aggregateId: 'PROJ-1' });
  await world.call(resumeDebugSession, { id });
  const { entries } = await world.call(debugTimeline, { id });
  // It waited before the first event, and came by it again.
  expect(entries.map(({ eventType, revision }) => [eventType, revision])).toEqual([[events[0][0], 1], ...events.map(([type], index) => [type, index + 1])]);
  // Where a row begins and ends, the session has been.
  const visited = new Set(entries.map(({ eventId }) => eventId));
  for (const { eventId, endEventId } of asked) expect([visited.has(eventId), endEventId === null || visited.has(endEventId)]).toEqual([true, true]);
});
