import { describe, expect, test } from 'vitest';
import { ago, amount, brief, bytes, duration, shortTime, wholeTime } from './times.ts';

const now = Date.parse('2025-12-22T15:00:00Z');

test.each([
  ['2025-12-22T14:02:11.482Z', '14:02:11'],
  ['2025-12-21T14:02:11Z', '12-21 14:02'],
  ['2024-12-22T14:02:11Z', '2024-12-22 14:02'],
  [null, '–'],
  ['not a time', '–'],
])('%s is short: %s', (instant, text) => {
  expect(shortTime(instant, { clock: 'utc', now })).toBe(text);
});

test('the whole of a time names its zone', () => {
  expect(wholeTime('2025-12-22T14:02:11.482Z', 'utc')).toBe('2025-12-22 14:02:11.482 UTC');
  expect(wholeTime('soon', 'utc')).toBe('soon');
});

describe('Durations', () => {
  test.each([[0, '0 ms'], [820, '820 ms'], [4_200, '4.2 s'], [59_700, '1 min'], [192_000, '3 min 12 s'], [7_500_000, '2 h 5 min'], [273_600_000, '3 d 4 h'], [-5_000, '-5.0 s'], [null, '–']])('%s ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

test('how long ago, and ahead where a clock is', () => {
  expect(['2025-12-22T14:59:58Z', '2025-12-22T14:56:00Z', '2025-12-20T15:00:00Z', '2025-12-22T15:01:00Z'].map((at) => ago(at, now))).toEqual(['just now', '4 min ago', '2 d ago', 'in 1 min']);
});

test('amounts', () => {
  expect([0, 999, 48_213, 1_000_000].map(amount)).toEqual(['0', '999', '48,213', '1,000,000']);
  expect([9_999, 12_400, 120_000, 999_600, 3_100_000].map(brief)).toEqual(['9,999', '12.4k', '120k', '1M', '3.1M']);
  expect([12, 2_048, 5_242_880].map(bytes)).toEqual(['12 B', '2.0 KiB', '5.0 MiB']);
});
