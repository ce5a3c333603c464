/** What was under way at a place: the place is resolved as a state's is, without folding one. */
import { createCatalogRegistry } from '@refold/catalog';
import type { EventInput } from '@refold/core';
import { openAt, stateAt } from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { at, openWorld } from './world.ts';
import type { World } from './world.ts';

const stream = { streamType: 'orchestration', streamId: 'PROJ-1' };
const event = (type: string, minute: number, data: EventInput['data']): EventInput => ({ type, ...stream, occurredAt: at(minute), issueKey: 'PROJ-1', sessionId: 's1', actor: { type: 'agent', id: 'coder' }, data });
let world: World;

beforeEach(async () => {
  world = await openWorld({ kinds: createCatalogRegistry() });
  world.clock.advance(86_400_000);
  const told = [event('OrchestrationStarted', 1, { goal: 'fix' }), event('PhaseStarted', 2, { phase: 'PLAN' }), event('PhaseCompleted', 30, { phase: 'PLAN' }), event('CommitCreated', 3, { sha: 'a1', message: 'told late' })];
  await world.log.append({ events: told });
});

describe('what is open', () => {
  test.each<[string, object, readonly string[]]>([
    ['before the first event', { revision: 0 }, []],
    ['at the start', { place: 'start' }, ['orchestration.started']],
    ['within a phase', { revision: 2 }, ['orchestration.started', 'phase.started']],
    ['at the end', {}, ['orchestration.started']],
    ['by an instant, exactly what had happened, told late or not', { at: at(5) }, ['orchestration.started', 'phase.started']],
    ['by an instant when nothing had happened', { at: at(0) }, []],
    ['as known before anything was recorded', { recordedAt: '2020-01-01T00:00:00.000Z' }, []],
  ])('stands where the state of that place stands: %s', async (_name, place, open) => {
    const { items, ...where } = await world.call(openAt, { ...stream, ...place });
    const { revision, head, asOf, stragglers } = await world.call(stateAt, { ...stream, ...place });
    expect(where).toEqual({ ...stream, revision, head, asOf, stragglers });
    expect(items.map(({ begunBy }) => begunBy.type)).toEqual(open);
  });

  test('a stream that is not there is not found', async () => {
    await expect(world.call(openAt, { ...stream, streamId: 'PROJ-2' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
