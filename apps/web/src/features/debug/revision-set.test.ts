import { base64Of } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { revisionSetOf } from './revision-set.ts';

const setOf = (revisions: readonly number[], head: number) => {
  const bytes = new Uint8Array(Math.ceil(head / 8));
  for (const revision of revisions) bytes[(revision - 1) >> 3]! |= 1 << ((revision - 1) & 7);
  return revisionSetOf(base64Of(bytes));
};

describe('a set of revisions', () => {
  const revisions = Array.from({ length: 5_000 }, (_, index) => 1 + index * 3 + (index % 2)).filter((revision) => revision % 7 !== 0);
  const found = setOf(revisions, 20_000);

  test('given a bitmap, when it is read as a list, then each has its place, both ways', () => {
    expect(found.count).toBe(revisions.length);
    expect(revisions.map((_, index) => found.at(index))).toEqual(revisions);
    expect(revisions.map((revision) => found.placeOf(revision))).toEqual(revisions.map((_, index) => index));
    expect([found.at(-1), found.at(revisions.length)]).toEqual([null, null]);
  });

  test('given a place that is not in it, when its neighbours are asked for, then they are the next ones on both sides', () => {
    for (const place of [0, 1, 7, 1_000, 4_097, 14_999, 20_000, 30_000]) {
      expect([place, found.next(place), found.previous(place)]).toEqual([place, revisions.find((revision) => revision > place) ?? null, revisions.findLast((revision) => revision < place) ?? null]);
      expect(found.has(place)).toBe(revisions.includes(place));
    }
  });

  test('given nothing found, when it is asked, then it answers nothing', () => {
    const none = setOf([], 0);
    expect([none.count, none.at(0), none.next(0), none.previous(5), none.placeOf(9)]).toEqual([0, null, null, null, 0]);
  });
});
