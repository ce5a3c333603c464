import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOver } from '../../test/debug-world.ts';
import { event } from '../../test/voyage.ts';
import { createDebugger } from '../debug/create-debugger.ts';
import { reconstruct } from '../travel/reconstruct.ts';
import { createRegistry } from '../schema/registry.ts';
import { defineAggregate } from './aggregate.ts';
import type { FoldEvent } from './aggregate.ts';
import { createFold } from './fold.ts';
import { createKeyframeIndex } from './keyframe-index.ts';
import { createKeyframes } from './keyframes.ts';

interface Diary {
  lines: { text: string }[];
  /** By name, `__proto__` and names like numbers among them. */
  pages: Record<string, { at: number; copy: { lines: { text: string }[] } | string }>;
}

/** Lines that go on changing, and pages that keep copies of them for ever. */
const diary = defineAggregate<Diary>({
  type: 'voyage',
  version: '1.0.0',
  initial: () => ({ lines: [], pages: {} }),
  settled: [['pages', '*', 'copy']],
  events: {
    'line.written': { evolve: (draft, { data }) => void draft.lines.push({ text: String(data['text']) }) },
    'line.changed': { evolve: ({ lines }, { data }) => void (lines[0] !== undefined && (lines[0].text = String(data['text']))) },
    'page.kept': { evolve: (draft, { data, revision }) => void Object.assign(draft.pages, { [String(data['name'])]: { at: revision, copy: data['name'] === 'torn' ? 'torn' : { lines: structuredClone(draft.lines) } } }) },
    'page.opened': { evolve: (draft, { data }) => void (Object.hasOwn(draft.pages, String(data['name'])) && (draft.pages[String(data['name'])]!.at = 0)) },
  },
});

const fold = createFold(createRegistry({ aggregates: [diary] }));
const address = { streamType: 'voyage', streamId: 'V-1' };
const empty = () => fold.initial('voyage', 'V-1');

const arbitraryDiary = fc
  .array(fc.record({ type: fc.constantFrom('line.written', 'line.changed', 'page.kept', 'page.opened'), data: fc.record({ text: fc.string({ maxLength: 4 }), name: fc.constantFrom('a', 'b', '7', 'torn', 'constructor') }) }), { maxLength: 40 })
  .map((facts) => facts.map(({ type, data }, index) => event(index + 1, type, data)));

const naive = (events: readonly FoldEvent[], count: number) => {
  let state = empty();
  for (const next of events.slice(0, count)) state = fold.evolveDraft(state, next);
  return state;
};

describe('what is settled in a state', () => {
  it('is shared between copies and frozen; the rest of a copy is its own', () => {
    const state = naive([event(1, 'line.written', { text: 'x' }), event(2, 'page.kept', { name: 'a' })], 2) as ReturnType<typeof empty> & Diary;
    const copy = fold.copy(state) as typeof state;
    expect(copy).toEqual(state);
    expect(copy.pages['a']!.copy).toBe(state.pages['a']!.copy);
    copy.lines[0]!.text = 'y';
    copy.pages['a']!.at = 9;
    expect(state).toMatchObject({ lines: [{ text: 'x' }], pages: { a: { at: 2, copy: { lines: [{ text: 'x' }] } } } });
    expect(() => (copy.pages['a']!.copy as { lines: unknown[] }).lines.push('z')).toThrow(TypeError);
  });

  it('says how large a copy is without what it shares', () => {
    const [small, large] = [{ values: 0 }, { values: 0 }];
    const lines = Array.from({ length: 50 }, (_, index) => event(index + 1, 'line.written', { text: 'x' }));
    const before = naive(lines, 50);
    fold.copy(before, small);
    fold.copy(fold.evolveDraft(before, event(51, 'page.kept', { name: 'a' })), large);
    expect(large.values - small.values).toBe(3);
  });

  it('A-061 changes no state: keyframes, a debugger and jumps give at every place, in any order, the naive fold', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDiary, fc.array(fc.nat(40), { minLength: 1, maxLength: 10 }), fc.integer({ min: 1, max: 6 }), async (events, wanted, every) => {
        fc.pre(events.length > 0);
        const places = wanted.map((place) => Math.min(place, events.length));
        const keyframes = createKeyframeIndex({ limits: { keyframeEveryEvents: every, keyframesHeldPerStreamMax: 4 }, settled: fold.settled });
        const parts = { ...partsOver(events), fold, keyframes };
        const session = await createDebugger(parts, address, { frameDistance: 2 });
        await session.start();
        for (const revision of places) {
          expect((await reconstruct(parts, address, { kind: 'revision', revision })).state).toEqual(naive(events, revision));
          await session.goTo({ kind: 'revision', revision });
          expect([session.revision, session.info().currentState]).toEqual([revision, naive(events, revision)]);
          if (revision === 0) continue;
          await session.stepBack();
          expect(session.info().currentState).toEqual(naive(events, revision - 1));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is kept once for all keyframes, and counts as long as one of them holds it', () => {
    const keyframes = createKeyframes({ distance: 1, settled: fold.settled('voyage') });
    const alone = createKeyframes({ distance: 1 });
    const events = [...Array.from({ length: 40 }, (_, index) => event(index + 1, 'line.written', { text: 'a line of some length' })), event(41, 'page.kept', { name: 'a' }), ...Array.from({ length: 20 }, (_, index) => event(index + 42, 'line.changed', { text: String(index) }))];
    let state = empty();
    for (const next of events) {
      state = fold.evolveDraft(state, next);
      keyframes.offer(state);
      alone.offer(state);
    }
    expect(keyframes.count).toBe(alone.count);
    expect(keyframes.bytes).toBeLessThan(0.8 * alone.bytes);
    expect(keyframes.nearest(61)).toEqual(alone.nearest(61));
    keyframes.clear();
    expect(keyframes.bytes).toBe(0);
  });
});
