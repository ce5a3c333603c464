import { describe, expect, test } from 'vitest';
import { rowAfterKey, rowsInView, rowsPerPage, scrollTopOf, topRowAfterWheel, topRowAt, topRowMax, topRowShowing, trackHeightMax, trackHeightOf } from './scaled-scroll.ts';

const million = { rowCount: 1_000_000, rowHeight: 24, viewHeight: 600 };
const short = { rowCount: 100, rowHeight: 24, viewHeight: 600 };

describe('a scaled scrollbar', () => {
  test('given a million rows, when the track is measured, then it is no taller than every browser allows', () => {
    expect([trackHeightOf(million), trackHeightOf(short), trackHeightOf({ ...short, rowCount: 3 })]).toEqual([trackHeightMax, 2_400, 600]);
  });

  test('given a million rows, when the scrollbar stands at its ends, then the first and the last row are seen', () => {
    expect(topRowAt(million, 0)).toBe(0);
    expect(topRowAt(million, trackHeightOf(million) - million.viewHeight)).toBe(topRowMax(million));
    expect(rowsInView(million, topRowMax(million)).to).toBe(1_000_000);
  });

  test.each([0, 1, 17.25, 48_213, 500_000.5, 999_975])('given the top row %d, when the scrollbar follows and is read again, then it is the same row', (row) => {
    expect(topRowAt(million, scrollTopOf(million, row))).toBeCloseTo(row, 6);
  });

  test('given a list that fits its track, when it is scrolled, then a pixel is a pixel', () => {
    expect(topRowAt(short, 240)).toBeCloseTo(10, 9);
  });

  test('given a million rows, when the wheel moves by a notch, then three rows pass, as in a short list', () => {
    for (const frame of [million, short]) {
      expect(topRowAfterWheel(frame, 10, { deltaY: 100, deltaMode: 0 })).toBe(13);
      expect(topRowAfterWheel(frame, 10, { deltaY: -3, deltaMode: 1 })).toBe(7);
    }
    expect(topRowAfterWheel(million, 1, { deltaY: -1_000, deltaMode: 0 })).toBe(0);
  });

  test('given a million rows, when paging keys are pressed, then they move by exactly what is seen', () => {
    expect(rowsPerPage(million)).toBe(25);
    expect((['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'] as const).map((key) => rowAfterKey(million, 500_000, key))).toEqual([500_001, 499_999, 500_025, 499_975, 0, 999_999]);
    expect([rowAfterKey(million, 999_990, 'PageDown'), rowAfterKey(million, 3, 'PageUp'), rowAfterKey({ ...million, rowCount: 0 }, 0, 'End')]).toEqual([999_999, 0, 0]);
  });

  test('given a row out of sight, when it is to be shown, then the list moves no further than it has to', () => {
    expect([topRowShowing(million, 100, 110), topRowShowing(million, 100, 99), topRowShowing(million, 100, 130), topRowShowing(million, 100, 999_999)]).toEqual([100, 97, 108, topRowMax(million)]);
  });
});
