/** Producers' times (INTAKE.md section 1): UTC, floored, with what is finer beside them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantAt, readInstant } from './instant.ts';

test.each([
  ['2026-02-11T20:31:53.375Z', '2026-02-11T20:31:53.375Z', 0, false],
  ['2026-02-11T20:31:53Z', '2026-02-11T20:31:53.000Z', 0, false],
  ['2026-02-11T20:31:53.999999999Z', '2026-02-11T20:31:53.999Z', 999_999, false],
  ['2021-01-25T11:09:27.985+0800', '2021-01-25T03:09:27.985Z', 0, false],
  ['2026-02-11T00:00:00-05:30', '2026-02-11T05:30:00.000Z', 0, false],
  ['2019/11/03 01:11:19.000000', '2019-11-03T01:11:19.000Z', 0, true],
  ['2026-02-11 20:31', '2026-02-11T20:31:00.000Z', 0, true],
  ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', 0, false],
])('%s is %s', (text, at, nanos, zoneAssumed) => {
  expect(readInstant(text)).toMatchObject({ at, nanos, zoneAssumed });
});

test.each(['', 'yesterday', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '2026-02-11T25:00:00Z', '2026-02-11', '1763632800'])('%j is no time', (text) => {
  expect(readInstant(text)).toBeNull();
});

test('a time without a zone is taken in the assumed zone', () => {
  expect(readInstant('2026-02-11T20:00:00', 120)!.at).toBe('2026-02-11T18:00:00.000Z');
  expect(readInstant('2026-02-11T20:00:00Z', 120)!.at).toBe('2026-02-11T20:00:00.000Z');
});

test('every instant of the log is read as itself', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
      expect(readInstant(date.toISOString())).toEqual(instantAt(date.getTime()));
    }),
  );
});
