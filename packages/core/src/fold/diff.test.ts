import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryHistory, deepFreeze, registry, voyageId } from '../../test/voyage.ts';
import { LogError } from '../errors.ts';
import { applyPatches, diff } from './diff.ts';
import { createFold } from './fold.ts';
import { absent, changeAt, parsePointer, valueAt } from './pointer.ts';

const fold = createFold(registry);
const codeOf = (work: () => unknown): readonly [string, unknown] => {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return [error.code, error.details.reason];
    throw error;
  }
  return ['nothing', undefined];
};

describe('diff', () => {
  it('tells what was added, removed and replaced, with what stood there before', () => {
    expect(diff({ a: 1, b: { c: 2 }, d: null }, { b: { c: 3 }, d: [], e: 'x' })).toEqual([
      { op: 'remove', path: '/a', before: 1, after: null },
      { op: 'replace', path: '/b/c', before: 2, after: 3 },
      { op: 'replace', path: '/d', before: null, after: [] },
      { op: 'add', path: '/e', before: null, after: 'x' },
    ]);
    expect(diff(1, 2)).toEqual([{ op: 'replace', path: '', before: 1, after: 2 }]);
  });

  it('follows an entity in an array by its name, not by its place', () => {
    const before = [{ id: 'a', status: 'open' }, { id: 'b', status: 'open' }, { id: 'c', status: 'open' }];
    const after = [{ id: 'b', status: 'open' }, { id: 'c', status: 'done' }, { id: 'd', status: 'open' }];
    expect(diff(before, after)).toEqual([
      { op: 'remove', path: '/0', before: before[0], after: null },
      { op: 'add', path: '/2', before: null, after: after[2] },
      { op: 'replace', path: '/1/status', before: 'open', after: 'done' },
    ]);
  });

  it('says one removal for one name that leaves a list', () => {
    expect(diff(['planner', 'coder', 'critic'], ['planner', 'critic'])).toEqual([{ op: 'remove', path: '/1', before: 'coder', after: null }]);
  });

  it('escapes keys as RFC 6901 says', () => {
    expect(diff({ 'a/b': { '~': 1 } }, { 'a/b': { '~': 2 } })[0]?.path).toBe('/a~1b/~0');
  });

  it('gives the same patches whatever order keys were made in', () => {
    expect(diff({ a: 1, b: 2 }, { c: 3, a: 2 })).toEqual(diff({ b: 2, a: 1 }, { a: 2, c: 3 }));
  });

  it('leads from the one to the other when applied, and is empty between equals', () => {
    const value = fc.jsonValue({ maxDepth: 4 }).map((json) => JSON.parse(JSON.stringify(json).replaceAll('__proto__', 'proto')) as unknown);
    const entities = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), at: fc.nat(2), inner: fc.array(fc.nat(3), { maxLength: 3 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(value, value), fc.tuple(entities, entities)), ([before, after]: readonly [unknown, unknown]) => {
        deepFreeze(before);
        deepFreeze(after);
        expect(applyPatches(before, diff(before, after))).toEqual(after);
        expect(diff(after, after)).toEqual([]);
      }),
    );
  });

  it('leads from any state of a history to any other (A-200)', () => {
    fc.assert(
      fc.property(arbitraryHistory(20), fc.nat(20), fc.nat(20), (events, a, b) => {
        const [before, after] = [a, b].map((count) => fold.foldAll(events.slice(0, count), { from: fold.initial('voyage', voyageId) }));
        expect(applyPatches(before, diff(before, after))).toEqual(after);
      }),
    );
  });
});

describe('pointers into a state', () => {
  it('finds values of its own and nothing inherited (bad-input A19)', () => {
    const document = { a: [{ b: null }], constructor: 1 };
    expect(valueAt(document, '/a/0/b')).toBeNull();
    expect(valueAt(document, '/constructor')).toBe(1);
    for (const pointer of ['/toString', '/a/length', '/a/01', '/a/-', '/a/0/b/c', '/x']) expect(valueAt(document, pointer)).toBe(absent);
  });

  it('refuses a path that leads to a prototype or nowhere, and changes no prototype (bad-input A19)', () => {
    for (const path of ['/__proto__/x', '/a/__proto__', '/constructor/prototype/x', '/missing/x', 'a', '/~2', '/list/9', '/list/x'])
      expect(codeOf(() => changeAt({ a: {}, list: [] }, path, { op: 'add', value: 1 }))).toEqual(['BAD_REQUEST', 'path']);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(codeOf(() => changeAt({}, '/a', { op: 'replace', value: 1 }))).toEqual(['BAD_REQUEST', 'path']);
    expect(codeOf(() => parsePointer('/a/~'))).toEqual(['BAD_REQUEST', 'path']);
  });

  it('adds, replaces and removes in objects and arrays', () => {
    const document = { list: [1, 2], name: 'x' };
    changeAt(document, '/list/0', { op: 'add', value: 0 });
    changeAt(document, '/list/-', { op: 'add', value: 3 });
    changeAt(document, '/list/1', { op: 'remove' });
    changeAt(document, '/name', { op: 'replace', value: 'y' });
    expect(document).toEqual({ list: [0, 2, 3], name: 'y' });
    expect(changeAt(document, '', { op: 'replace', value: 7 })).toBe(7);
  });
});
