import { describe, expect, test } from 'vitest';
import { actionsOf, changedParameters, durationOf, readValue, writeValue } from './job-view.ts';

describe('a job on the page', () => {
  test('can do what its status allows, and an unknown status nothing', () => {
    expect([actionsOf('pending'), actionsOf('running'), actionsOf('failed'), actionsOf('__proto__x')]).toEqual([['start', 'cancel'], ['pause', 'cancel'], ['rerun'], []]);
  });

  test('takes as long as from its start to its end, or until now', () => {
    const startedAt = '2026-11-20T10:00:00.000Z';
    expect(durationOf({ startedAt, endedAt: '2026-11-20T10:00:02.500Z' }, 0)).toBe(2_500);
    expect(durationOf({ startedAt, endedAt: null }, Date.parse('2026-11-20T10:01:00.000Z'))).toBe(60_000);
    expect(durationOf({ startedAt: null, endedAt: null }, 1)).toBeNull();
  });
});

describe('a parameter that is typed', () => {
  test('is JSON where it is JSON, else text, and comes back as it was', () => {
    expect([readValue('3'), readValue('true'), readValue('{"a":1}'), readValue('small'), readValue('')]).toEqual([3, true, { a: 1 }, 'small', '']);
    for (const value of [3, true, null, 'small', '3', 'true', '', '"quoted"', { a: [1] }]) expect(readValue(writeValue(value))).toEqual(value);
  });

  test('is sent only when it changed; null removes', () => {
    const before = { model: 'small', batch: 20, dry: false };
    expect(changedParameters(before, { model: 'large', batch: '20', dry: null })).toEqual({ model: 'large', dry: null });
    expect(changedParameters(before, { model: 'small', batch: '20', dry: 'false' })).toEqual({});
    expect(changedParameters({}, { constructor: '1', gone: null })).toEqual({ constructor: 1 });
  });
});
