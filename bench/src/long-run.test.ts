import type { EventInput } from '@refold/core';
import { openStore } from '@refold/sdk';
import { expect, test } from 'vitest';
import { longRun } from './long-run.ts';

const take = (count: number, seed?: number): readonly EventInput[] => {
  const run = longRun(seed === undefined ? {} : { seed });
  return Array.from({ length: count }, () => run.next().value);
};

test('a long run is legal in the catalogue: a strict log takes every event, and the fold finds nothing odd', async () => {
  const store = await openStore('memory:');
  try {
    const events = take(6_000);
    for (let from = 0; from < events.length; from += 500) await store.log.append({ events: events.slice(from, from + 500) });
    const { fold } = store.log;
    let state = fold.initial('orchestration', 'LONG-1');
    for await (const page of store.log.events({ stream: 'orchestration/LONG-1' })) for (const event of page.events) state = fold.evolveDraft(state, event);
    expect([state.revision, state.anomalies]).toEqual([6_000, []]);
    expect(events.filter(({ causationId }) => causationId === undefined)).toHaveLength(1);
  } finally {
    await store.close();
  }
}, 120_000);

test('D-090: a long run is the same for the same seed, has every kind of event, and tells some late', () => {
  const events = take(60_000);
  expect(events.slice(0, 2_000)).toEqual(take(2_000));
  expect(take(50, 2)).not.toEqual(take(50));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(25);
  const late = events.filter(({ occurredAt }, index) => index > 0 && occurredAt! < events[index - 1]!.occurredAt!);
  expect(late.length / events.length).toBeGreaterThan(0.01);
});
