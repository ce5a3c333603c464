import { expect, it } from 'vitest';
import { createManualClock } from './manual-clock.ts';

it('stands still until it is moved, forward or back', () => {
  const clock = createManualClock({ startMs: 1_000 });
  expect(clock.now()).toBe(1_000);
  clock.advance(50);
  clock.set(10);
  expect(clock.now()).toBe(10);
});

it('wakes sleepers when they are due, in that order', async () => {
  const clock = createManualClock();
  const woken: string[] = [];
  const sleeps = [clock.sleep(30).then(() => woken.push('late')), clock.sleep(10).then(() => woken.push('early')), clock.sleep(99).then(() => woken.push('later'))];
  clock.advance(9);
  await clock.turn();
  expect(woken).toEqual([]);
  clock.advance(21);
  await Promise.all(sleeps.slice(0, 2));
  expect(woken).toEqual(['early', 'late']);
  expect(clock.sleeping).toBe(1);
  clock.set(clock.now() + 1_000);
  await sleeps[2];
  expect(clock.sleeping).toBe(0);
});

it('ends a sleep when the signal aborts', async () => {
  const clock = createManualClock();
  const stop = new AbortController();
  const sleep = clock.sleep(1_000, stop.signal);
  stop.abort();
  await sleep;
  await clock.sleep(1_000, stop.signal);
  expect(clock.sleeping).toBe(0);
});

it('moves by itself through a sleep when sleeps are instant', async () => {
  const clock = createManualClock({ startMs: 0, isSleepInstant: true });
  await clock.sleep(250);
  expect(clock.now()).toBe(250);
});
