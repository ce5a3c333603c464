import { describe, expect, test } from 'vitest';
import { bucketsPerTile, durationText, mergeMarks, panned, showing, spanOf, tickText, ticksOf, tilesOf, valueAtX, xOf, zoomed } from './scrubber-geometry.ts';

const run = { from: 1, to: 1_000_000 };
const width = 1_392;

describe('the scrubber', () => {
  test('given a place, when its pixel is clicked, then it is that place, as far as pixels tell', () => {
    for (const value of [1, 48_213, 1_000_000]) expect(Math.abs(valueAtX(run, width, xOf(run, width, value)) - value)).toBeLessThanOrEqual(1);
    expect([valueAtX(run, width, -50), valueAtX(run, width, 99_999)]).toEqual([1, 1_000_000]);
  });

  test('given a pointer over a place, when the wheel zooms, then the place stays under it', () => {
    const x = 500;
    let window = run;
    for (let turn = 0; turn < 12; turn++) {
      const before = valueAtX(window, width, x);
      window = zoomed(window, run, width, x, 0.5);
      expect(Math.abs(valueAtX(window, width, x) - before)).toBeLessThanOrEqual(Math.ceil(spanOf(window) / width) + 1);
    }
    expect(spanOf(zoomed({ from: 10, to: 40 }, run, width, x, 0.01))).toBe(16);
    expect(zoomed(window, run, width, x, 1e9)).toEqual(run);
  });

  test('given a window at an edge, when it is moved on, then it stays within the run', () => {
    expect(panned({ from: 1, to: 100 }, run, -1)).toEqual({ from: 1, to: 100 });
    expect(panned({ from: 999_901, to: 1_000_000 }, run, 3)).toEqual({ from: 999_901, to: 1_000_000 });
    expect(showing({ from: 1, to: 100 }, run, 50)).toEqual({ from: 1, to: 100 });
    expect(showing({ from: 1, to: 100 }, run, 5_000)).toEqual({ from: 4_950, to: 5_049 });
  });

  test.each([
    ['revision', run],
    ['revision', { from: 1, to: 9 }],
    ['time', { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1, 0, 0, 3) }],
    ['time', { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 5, 1) }],
    ['active', { from: 0, to: 9_000_000 }],
  ] as const)('given an axis of %s, when its ticks are set, then they are at least 64 pixels apart and say different things', (axis, window) => {
    const { step, ticks } = ticksOf(axis, window, width);
    for (let index = 1; index < ticks.length; index++) expect(ticks[index]!.x - ticks[index - 1]!.x).toBeGreaterThanOrEqual(63.9);
    const texts = ticks.map(({ value }) => tickText(axis, value, step));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('given a window, when its tiles are asked for, then they cover it, and who moves within them asks for no other', () => {
    const window = { from: 400_000, to: 600_000 };
    const tiles = tilesOf('revision', window, run, width);
    const level = tiles[0]!.level;
    expect(tiles.every((tile) => tile.to - tile.from + 1 === bucketsPerTile * 2 ** level)).toBe(true);
    expect([tiles.some((tile) => tile.from <= window.from), tiles.some((tile) => tile.to >= window.to)]).toEqual([true, true]);
    const known = new Set(tiles.map(({ key }) => key));
    expect(tilesOf('revision', { from: 400_100, to: 600_100 }, run, width).slice(0, 2).every(({ key }) => known.has(key))).toBe(true);
    expect(tilesOf('revision', run, run, width).every((tile) => tile.from < run.to)).toBe(true);
  });

  test('given marks that stand too close, when they are merged, then a badge counts them and looks like the gravest', () => {
    const badges = mergeMarks([{ x: 5, mark: 1 }, { x: 100, mark: 2 }, { x: 12, mark: 9 }, { x: 15, mark: 3 }], (mark) => mark);
    expect(badges.map(({ x, mark, marks }) => [x, mark, marks.length])).toEqual([[5, 9, 2], [15, 3, 1], [100, 2, 1]]);
  });

  test.each([[12, '12 ms'], [1_400, '1.4 s'], [90_000, '1 min 30 s'], [3_660_000, '1 h 1 min'], [200_000_000, '2 d 7 h'], [-5_000, '-5.0 s']])('%d ms read as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
