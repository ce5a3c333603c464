import { describe, expect, it } from 'vitest';
import { address, partsOver, started } from '../../test/debug-world.ts';
import { event, registry, voyageId } from '../../test/voyage.ts';
import { createFold } from '../fold/fold.ts';
import type { Fold } from '../fold/fold.ts';
import type { EventEnvelope } from '../log/event.ts';
import { readerOver } from '../travel/stream-reader.ts';
import type { StreamReader } from '../travel/stream-reader.ts';
import { createDebugger } from './create-debugger.ts';
import { createKeyframeIndex } from '../fold/keyframe-index.ts';
import { createColumnIndex } from '../travel/column-index.ts';
import { reconstruct } from '../travel/reconstruct.ts';
import { forkSession } from './fork-session.ts';
import { createWalk } from './walk.ts';

const long = (count: number): readonly EventEnvelope[] => Array.from({ length: count }, (_, index) => event(index + 1, 'speed.changed', { before: index, after: index + 1 }));
const at = (revision: number) => ({ kind: 'revision' as const, revision });

/** Counts what a walk costs: events folded, events read. */
function counted(events: readonly EventEnvelope[]) {
  const cost = { folded: 0, read: 0 };
  const fold = createFold(registry);
  const base = readerOver(events, 500);
  const reader: StreamReader = {
    async *pages(...range) {
      for await (const page of base.pages(...range)) {
        cost.read += page.length;
        yield page;
      }
    },
    head: base.head,
  };
  const counting: Fold = {
    ...fold,
    evolveDraft(...step) {
      cost.folded++;
      return fold.evolveDraft(...step);
    },
  };
  return { cost, parts: { ...partsOver(events, reader), fold: counting } };
}

describe('walking a long stream', () => {
  it('a step back costs a short fold, not the history', async () => {
    const { cost, parts } = counted(long(40_000));
    const session = await createDebugger(parts, address);
    await session.start({ kind: 'end' });
    Object.assign(cost, { folded: 0, read: 0 });
    const steps = 5_000;
    for (let step = 0; step < steps; step++) await session.stepBack();
    expect(session.stateHere('/knots')).toBe(35_000);
    // Each step folds at most one close distance; each stretch between keyframes is folded and read once.
    expect(cost.folded / steps).toBeLessThan(64);
    expect(cost.read / steps).toBeLessThan(8);
  });

  it('a step forward costs two events folded and one read', async () => {
    const { cost, parts } = counted(long(20_000));
    const session = await createDebugger(parts, address);
    await session.start(at(10_000));
    Object.assign(cost, { folded: 0, read: 0 });
    for (let step = 0; step < 1_000; step++) await session.step();
    expect(cost.folded).toBe(2_000);
    expect(cost.read).toBeLessThan(2_000);
  });

  it('uses a snapshot for a far jump, and shows the same state', async () => {
    const events = long(5_000);
    const { cost, parts } = counted(events);
    const snapshot = createFold(registry).foldAll(events.slice(0, 4_000), { from: createFold(registry).initial('voyage', voyageId) });
    const asked: number[] = [];
    const walk = await createWalk({ ...parts, snapshots: { load: async (_stream, upTo) => (asked.push(upTo), { state: structuredClone(snapshot) }) as never } }, address);
    expect((await walk.stateAt(4_500))['knots']).toBe(4_500);
    expect([cost.folded, asked]).toEqual([500, [4_500]]);
  });

  it('tells of a hole in the history and guesses nothing (bad-input N5)', async () => {
    const holey = long(20).filter(({ revision }) => revision !== 7);
    const session = await started(holey);
    await expect(session.goTo(at(10))).rejects.toMatchObject({ code: 'INCOMPLETE_HISTORY', details: { expected: 7 } });
    expect(session.info()).toMatchObject({ state: 'error', revision: 0 });
    expect(await session.goTo(at(6))).toMatchObject({ state: 'paused', revision: 6 });
  });
});

describe('edit and fork', () => {
  const voyage = [event(1, 'voyage.planned', { ship: 'Beagle' }), event(2, 'voyage.departed'), event(3, 'speed.changed', { before: 0, after: 5 }), event(4, 'note.added', { text: 'a' }), event(5, 'voyage.arrived')];

  it('opens a session over the variant, and leaves the one it came from alone', async () => {
    const parts = partsOver(voyage);
    const session = await createDebugger(parts, address);
    await session.start(at(4));
    session.addWatch('state.knots');
    session.addBreakpoint({ eventType: 'voyage.*' });
    const { session: forked, result } = await forkSession(session, parts, [
      { op: 'set', at: 3, pointer: '/after', value: 8 },
      { op: 'insert', after: 4, event: { type: 'note.added', data: { text: 'b' } } },
      { op: 'insert', after: 4, event: { type: 'voyage.departed', data: {} } },
    ]);
    expect(result.rejected).toMatchObject([{ index: 2, code: 'ILLEGAL_TRANSITION' }]);
    expect(forked.info()).toMatchObject({ sessionId: 'voyage/V-1:what-if', revision: 4, total: 6, watches: [{ expression: 'state.knots', value: 8 }] });
    expect(session.info()).toMatchObject({ revision: 4, total: 5, watches: [{ value: 5 }] });
    expect(await forked.resume()).toMatchObject({ reason: 'breakpoint', revision: 6 });
    expect(forked.stateHere('/log')).toEqual(['a', 'b']);
    expect(await forked.goTo(at(2))).toMatchObject({ revision: 2, event: { id: voyage[1]!.id } });
    expect(await forked.reverse()).toMatchObject({ reason: 'breakpoint', revision: 1 });
    expect((await forked.events(1, 6)).map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('shares nothing that is kept of the base: neither its keyframes nor its columns', async () => {
    const parts = { ...partsOver(voyage), keyframes: createKeyframeIndex({ limits: { keyframeEveryEvents: 1 } }), columns: createColumnIndex() };
    const session = await createDebugger(parts, address);
    await session.start(at(1));
    session.addBreakpoint({ flip: 'state.knots > 6' });
    expect(await session.resume()).toMatchObject({ reason: 'end' });
    await session.goTo(at(1));
    const { session: forked } = await forkSession(session, parts, [{ op: 'set', at: 3, pointer: '/after', value: 8 }]);
    expect(await forked.resume()).toMatchObject({ reason: 'breakpoint', revision: 3 });
    expect(forked.stateHere('/knots')).toBe(8);
    expect((await reconstruct(parts, address, at(4))).state).toMatchObject({ knots: 5 });
  });

  it('with no edits shows the base, and is bounded in memory', async () => {
    const parts = partsOver(voyage);
    const session = await createDebugger(parts, address);
    await session.start(at(3));
    const { session: forked } = await forkSession(session, parts, []);
    for (const revision of [1, 3, 5]) {
      await forked.goTo(at(revision));
      await session.goTo(at(revision));
      expect(forked.stateHere()).toEqual(session.stateHere());
    }
    await expect(forkSession(session, parts, [{ op: 'omit', at: 2 }], { eventsMax: 2 })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { reason: 'fork' } });
  });
});
