import { createCatalogRegistry } from '@refold/catalog';
import { createFold } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { createStretch } from './fold-stretch.ts';
import { recordedRun } from './recorded-run.fixture.ts';

const registry = createCatalogRegistry();
const fold = createFold(registry);
const events = recordedRun(40);
const initial = fold.initial('orchestration', 'PROJ-1');
const stateAt = (revision: number) => fold.foldAll(events.slice(0, revision), { from: initial });

describe('a stretch of a history', () => {
  test('given a stretch, when it is stepped forward, back and anywhere, then each state is the fold of its prefix', () => {
    const stretch = createStretch(fold, initial, events);
    for (const revision of [1, 2, 3, 2, 40, 39, 1, 17, 0]) expect(stretch.at(revision).state).toEqual(stateAt(revision));
  });

  test('given a stretch that begins at a later state, when it is walked, then it answers the same', () => {
    const stretch = createStretch(fold, stateAt(20), events.slice(20));
    expect([stretch.first, stretch.last, stretch.covers(19), stretch.covers(20)]).toEqual([20, 40, false, true]);
    for (const revision of [20, 25, 40, 21]) expect(stretch.at(revision).state).toEqual(stateAt(revision));
    expect(stretch.at(20).patches).toBeNull();
  });

  test('given a step, when it is looked at, then the changes are those of its one event', () => {
    const stretch = createStretch(fold, initial, events);
    const { patches, event } = stretch.at(2);
    expect(event?.type).toBe('phase.started');
    expect(patches?.some(({ path }) => path.startsWith('/phases'))).toBe(true);
  });

  test('given values of a state, when somebody asks who set them, then it is the last event that made them another', () => {
    const stretch = createStretch(fold, initial, events);
    expect(stretch.setBy(40, ['/status', '/revision', '/no/such'])).toEqual([1, 40, null]);
    const later = createStretch(fold, stateAt(20), events.slice(20));
    expect(later.setBy(40, ['/status'])).toEqual([null]);
  });

  test('given a pointer, when its changes are listed, then there is one entry for each event that made it another', () => {
    expect(createStretch(fold, initial, events).changesAt('/revision').length).toBe(40);
    expect(createStretch(fold, initial, events).changesAt('/status')).toEqual([{ revision: 1, value: stateAt(1)['status'] }]);
  });

  test('given an event whose definition throws, when it is reached, then the state before it stands, and one may go on after it', () => {
    const broken: EventEnvelope[] = events.map((event) => (event.revision === 10 ? { ...event, data: new Proxy({}, { get: () => { throw new Error('broken rule'); }, has: () => { throw new Error('broken rule'); } }) } : event));
    const stretch = createStretch(fold, initial, broken);
    for (const revision of [12, 10, 11]) {
      const { state, failure, patches } = stretch.at(revision);
      expect([state.revision, failure?.revision, patches]).toEqual([9, 10, null]);
    }
    expect([stretch.at(9).failure, stretch.at(9).state]).toEqual([null, stateAt(9)]);
    const after = createStretch(fold, initial, broken, new Set([10]));
    expect([after.at(12).state.revision, after.at(12).failure]).toEqual([12, null]);
  });
});
