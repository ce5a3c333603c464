import { expect, it } from 'vitest';
import { createSeededIds } from './seeded-ids.ts';
import { createSeededRandom } from './seeded-random.ts';

it('makes the same UUIDs of version 7 from the same seed, sorted as they were made', () => {
  const make = (seed: number): readonly string[] => {
    const ids = createSeededIds(seed);
    return Array.from({ length: 500 }, () => ids.uuid());
  };
  const first = make(1);
  expect(make(1)).toEqual(first);
  expect(make(2)).not.toEqual(first);
  expect(new Set(first).size).toBe(500);
  expect(first.toSorted()).toEqual(first);
  expect(first.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual([]);
  const startMs = Number.parseInt((first[0] ?? '').replace('-', '').slice(0, 12), 16);
  expect(new Date(startMs).toISOString()).toBe('2026-01-01T00:00:00.000Z');
});

it('draws integers from the whole range, both ends included', () => {
  const random = createSeededRandom(3);
  const drawn = new Set(Array.from({ length: 1_000 }, () => random.integer(-2, 3)));
  expect([...drawn].toSorted((left, right) => left - right)).toEqual([-2, -1, 0, 1, 2, 3]);
});

it('gives buffers of their own', () => {
  const random = createSeededRandom(3);
  const [first, second] = [random.bytes(16), random.bytes(16)];
  expect(first).not.toEqual(second);
  expect(first.buffer).not.toBe(second.buffer);
});
