import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { address, partsOver, started } from '../../test/debug-world.ts';
import { event, history } from '../../test/voyage.ts';
import type { Fact } from '../../test/voyage.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createDebugger } from './create-debugger.ts';
import type { Debugger } from './debugger.ts';

const cause = (revision: number) => ({ causationId: event(revision, 'note.added').id });
const cargo = (id: string) => ({ entityType: 'cargo', entityId: id });
const facts: readonly Fact[] = [
  ['voyage.planned', { ship: 'Beagle' }, { agent: 'planner', phase: 'PORT' }],
  ['cargo.loaded', { id: 'tea' }, { agent: 'crane', phase: 'PORT', ...cargo('tea'), ...cause(1) }],
  ['cargo.loaded', { id: 'silk' }, { agent: 'crane', phase: 'PORT', ...cargo('silk') }],
  ['note.added', { text: 'a' }, {}],
  ['voyage.departed', {}, { agent: 'crane', phase: 'SEA' }],
  ['cargo.unloaded', { id: 'tea' }, { agent: 'crane', phase: 'SEA', ...cargo('tea'), ...cause(2) }],
  ['crew.joined', { id: 'a' }, { agent: 'planner', phase: 'SEA', ...cause(99) }],
  ['voyage.arrived', {}, { agent: 'planner', phase: 'PORT', ...cause(2) }],
];
const voyage = history(...facts);

async function walked(session: Debugger, grain: string, direction: 'step' | 'stepBack'): Promise<readonly number[]> {
  const places: number[] = [];
  for (let stop = await session[direction]({ grain }); stop.moved; stop = await session[direction]({ grain })) places.push(stop.revision);
  return places;
}

const at = (revision: number) => ({ kind: 'revision' as const, revision });

describe('steps', () => {
  it.each<readonly [string, readonly number[]]>([
    ['agent', [1, 2, 7]],
    ['phase', [1, 5, 8]],
    ['field:phase', [1, 5, 8]],
    ['part:cargo', [2, 3, 6]],
    ['part:voyage', [1, 2, 3, 4, 5, 6, 7, 8].filter((revision) => voyage[revision - 1]!.entityType === 'voyage')],
  ])('by %s go to the same places both ways', async (grain, expected) => {
    const session = await started(voyage);
    expect(await walked(session, grain, 'step')).toEqual(expected);
    await session.goTo({ kind: 'end' });
    expect(await walked(session, grain, 'stepBack')).toEqual(expected.toReversed().filter((revision) => revision < 8));
  });

  it('by event take several at once, and stop at the ends', async () => {
    const session = await started(voyage);
    expect(await session.step({ count: 3 })).toMatchObject({ revision: 3, reason: 'step' });
    expect(await session.stepBack({ count: 2 })).toMatchObject({ revision: 1, reason: 'step' });
    expect(await session.stepBack({ count: 5 })).toMatchObject({ revision: 0, reason: 'start' });
    expect(await session.stepBack()).toMatchObject({ revision: 0, reason: 'start', moved: false });
    expect(await session.step({ count: 99 })).toMatchObject({ revision: 8, reason: 'end', state: 'completed' });
  });

  it('by cause go back from the last event when a run has ended there', async () => {
    const session = await started(voyage);
    expect(await session.resume()).toMatchObject({ state: 'completed', revision: 8 });
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 2, reason: 'step', state: 'paused' });
  });

  it('by cause go back to the recorded cause and forward to the first effect', async () => {
    const session = await started(voyage);
    await session.goTo(at(6));
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 2, reason: 'step' });
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 1, reason: 'step' });
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 1, reason: 'no_cause', moved: false });
    expect(await session.step({ grain: 'cause', count: 2 })).toMatchObject({ revision: 6 });
    expect(await session.step({ grain: 'cause' })).toMatchObject({ revision: 6, reason: 'no_effect' });
    await session.goTo(at(7));
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 7, reason: 'other_stream', outsideEventId: event(99, 'note.added').id });
  });

  it('by cause find the cause through the log, where it can look events up', async () => {
    const elsewhere = event(2, 'note.added', { text: '' }, { streamId: 'other' });
    const byId = async (id: string): Promise<EventEnvelope | null> => (id === event(99, 'note.added').id ? elsewhere : (voyage.find((one) => one.id === id) ?? null));
    const session = await createDebugger({ ...partsOver(voyage), byId }, address);
    await session.start(at(6));
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 2 });
    await session.goTo(at(7));
    expect(await session.stepBack({ grain: 'cause' })).toMatchObject({ revision: 7, reason: 'other_stream' });
  });

  it('that find nothing are no visit', async () => {
    const session = await started(voyage);
    await session.goTo(at(1));
    const { total } = await session.timeline();
    await session.stepBack({ grain: 'cause' });
    expect((await session.timeline()).total).toBe(total);
  });

  it('of no known size are refused, with the sizes there are', async () => {
    const session = await started(voyage);
    await expect(session.step({ grain: 'mile' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'grain', known: expect.arrayContaining(['call', 'agent']) } });
    await expect(session.step({ count: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'count' } });
    expect(session.state).toBe('paused');
  });

  it('by any size lead back: a step and a step back by the same size are where a walk of that size was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ agent: fc.constantFrom('a', 'b', undefined), entityType: fc.constantFrom('cargo', 'voyage') }), { minLength: 1, maxLength: 20 }), fc.constantFrom('agent', 'part:cargo'), async (shapes, grain) => {
        const events = shapes.map(({ agent, entityType }, index) => event(index + 1, 'note.added', { text: '' }, { entityType, ...(agent === undefined ? {} : { agent }) }));
        const session = await started(events);
        const forward = await walked(session, grain, 'step');
        for (const [index, place] of forward.entries()) {
          await session.goTo(at(place));
          const stop = await session.stepBack({ grain });
          expect(stop.moved ? stop.revision : null).toBe(forward[index - 1] ?? null);
        }
      }),
      { numRuns: 50 },
    );
  });
});
