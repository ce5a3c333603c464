import { describe, expect, test } from 'vitest';
import { merged } from './merged-buckets.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();

describe('bars over time', () => {
  test('lose no event, keep empty times, and are at most so many', () => {
    const bars = merged([{ start: at(0), count: 2 }, { start: at(1), count: 3 }, { start: at(9), count: 1 }], 5);
    expect(bars.map(({ count }) => count)).toEqual([5, 0, 0, 0, 1]);
    expect([bars[0]!.start, bars[0]!.end, bars.at(-1)!.start]).toEqual([at(0), at(2), at(8)]);
  });

  test('are there for one time, and not for none', () => {
    expect(merged([{ start: at(0), count: 7 }], 5)).toEqual([{ start: at(0), end: at(1), count: 7 }]);
    expect(merged([], 5)).toEqual([]);
  });
});
