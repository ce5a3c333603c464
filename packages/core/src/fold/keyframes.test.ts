import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryHistory, event, history, registry, voyageId } from '../../test/voyage.ts';
import { createFold } from './fold.ts';
import { createKeyframes } from './keyframes.ts';
import { spacedRevisions, thinOut } from './spacing.ts';
import { createStepper } from './stepper.ts';

const fold = createFold(registry);
const empty = () => fold.initial('voyage', voyageId);

describe('spacing', () => {
  it('keeps the first of each stretch and doubles the stretch until few enough stay', () => {
    const revisions = Array.from({ length: 100 }, (_, index) => (index + 1) * 10);
    const { kept, distance } = spacedRevisions(revisions, 10, 16);
    expect(distance).toBe(80);
    expect(kept).toEqual([10, 80, 160, 240, 320, 400, 480, 560, 640, 720, 800, 880, 960]);
    expect(spacedRevisions(revisions, 10, 0).kept).toEqual([]);
  });

  it('only ever drops as a stream grows: what stays was kept before', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (revisions, countMax) => {
        const { kept, distance } = spacedRevisions(revisions, 10, countMax);
        expect(kept.length).toBeLessThanOrEqual(countMax);
        expect(kept).toEqual(thinOut(revisions, distance));
        expect(thinOut(kept, distance * 2)).toEqual(thinOut(revisions, distance * 2));
      }),
    );
  });
});

describe('keyframes', () => {
  it('stay within count and bytes, and leave no place far from one', () => {
    const keyframes = createKeyframes({ distance: 2, countMax: 8 });
    let state = empty();
    for (let revision = 1; revision <= 500; revision++) {
      state = fold.evolveDraft(state, event(revision, 'speed.changed', { before: 0, after: revision }));
      keyframes.offer(state);
      expect(keyframes.count).toBeLessThanOrEqual(8);
    }
    for (let revision = keyframes.distance; revision <= 500; revision++) expect(revision - keyframes.revisionNear(revision)).toBeLessThan(2 * keyframes.distance);

    const small = createKeyframes({ distance: 1, bytesMax: 4_000 });
    state = empty();
    for (let revision = 1; revision <= 50; revision++) {
      state = fold.evolveDraft(state, event(revision, 'note.added', { text: 'a note of some length' }));
      small.offer(state);
      expect(small.bytes).toBeLessThanOrEqual(4_000);
    }
    expect(small.count).toBeGreaterThan(0);
    small.clear();
    expect([small.count, small.bytes, small.nearest(50)]).toEqual([0, 0, null]);
  });

  it('give copies that nobody can reach back through', () => {
    const keyframes = createKeyframes({ distance: 1 });
    const state = fold.apply(empty(), event(1, 'note.added', { text: 'x' }));
    keyframes.offer(state);
    (state['log'] as string[]).push('changed later');
    (keyframes.nearest(1)!['log'] as string[]).push('changed as well');
    expect(keyframes.nearest(1)).toMatchObject({ log: ['x'], revision: 1 });
  });
});

describe('stepping through a history', () => {
  it('gives at every place, in any order, the state of a full fold', () => {
    fc.assert(
      fc.property(arbitraryHistory(30), fc.array(fc.nat(30), { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (events, places, distance) => {
        const stepper = createStepper(fold, events, { from: empty(), distance, countMax: 3 });
        for (const place of places.map((wanted) => Math.min(wanted, events.length))) expect(stepper.stateAfter(place)).toEqual(fold.foldAll(events.slice(0, place), { from: empty() }));
      }),
    );
  });

  it('stops before a definition that fails, and can go on anywhere before it (bad-input B16)', () => {
    const events = history(['note.added', { text: 'a' }], ['note.added', { text: 'b' }], ['voyage.wrecked'], ['note.added', { text: 'c' }]);
    const stepper = createStepper(fold, events, { from: empty(), distance: 1 });
    expect(() => stepper.stateAfter(4)).toThrow(expect.objectContaining({ code: 'FOLD_FAILED', details: expect.objectContaining({ revision: 3, state: expect.objectContaining({ log: ['a', 'b'], revision: 2 }) }) }));
    expect(stepper.stateAfter(2)).toMatchObject({ log: ['a', 'b'], revision: 2 });
    expect(stepper.stateAfter(1)).toMatchObject({ log: ['a'] });
    expect(() => stepper.stateAfter(5)).toThrow(expect.objectContaining({ code: 'NOT_FOUND', details: { head: 4 } }));
  });
});
