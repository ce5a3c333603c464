import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../log/event.ts';
import { mergeParameters, setParameters } from './rerun.ts';

describe('parameters of a rerun', () => {
  it('D-056 merge maps key by key, remove what is null, and say what changed', () => {
    const old = { model: 'a', limits: { tokens: 5, time: 1 }, tags: ['x'] };
    expect(mergeParameters(old, { model: 'b', limits: { time: null, cost: 2 }, tags: ['y', 'z'] })).toEqual({
      params: { model: 'b', limits: { tokens: 5, cost: 2 }, tags: ['y', 'z'] },
      changes: expect.arrayContaining([{ op: 'replace', path: '/model', before: 'a', after: 'b' }, { op: 'remove', path: '/limits/time', before: 1, after: null }, { op: 'add', path: '/limits/cost', before: null, after: 2 }]),
    });
    expect(old).toEqual({ model: 'a', limits: { tokens: 5, time: 1 }, tags: ['x'] });
  });

  it('D-056 set by pointer, making maps on the way', () => {
    expect(setParameters({ list: [1, 2] }, { '/model': 'b', '/deep/er/x': 1, '/list/0': 9 }).params).toEqual({ list: [9, 2], model: 'b', deep: { er: { x: 1 } } });
    for (const pointer of ['', 'model', '/__proto__/x', '/list/x/y']) expect(() => setParameters({ list: [1] }, { [pointer]: 1 })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: expect.objectContaining({ reason: 'path' }) }));
  });

  it('an own key named __proto__ stays a key (bad-input A19)', () => {
    const { params } = mergeParameters({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as JsonObject);
    expect(Object.keys(params)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('merging nothing changes nothing; merging all of it gives all of it', () => {
    const value = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(true))) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(value, (params) => {
        expect(mergeParameters(params, {})).toEqual({ params, changes: [] });
        expect(mergeParameters({}, params).params).toEqual(params);
      }),
    );
  });
});
