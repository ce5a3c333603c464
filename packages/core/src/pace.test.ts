import { expect, test } from 'vitest';
import { defaultLimits } from './limits.ts';
import { createPace } from './pace.ts';

function worldClock() {
  const clock = { ms: 0, turns: 0, now: () => clock.ms, turn: async () => void clock.turns++ };
  return clock;
}

test('a turn is due when the thread was held for the limit, and then not again until it was held as long', async () => {
  const clock = worldClock();
  const pace = createPace(clock);
  clock.ms = defaultLimits.scanTurnMs - 1;
  expect(pace.isDue()).toBe(false);
  clock.ms++;
  expect(pace.isDue()).toBe(true);
  await pace.turn();
  expect([clock.turns, pace.isDue()]).toEqual([1, false]);
});

test('the time that others took is not counted', async () => {
  const clock = worldClock();
  const pace = createPace({ ...clock, now: clock.now, turn: async () => void (clock.ms += 10_000) });
  await pace.turn();
  expect(pace.isDue()).toBe(false);
});

test('a signal that was aborted during the turn ends the scan with its reason', async () => {
  const stop = new AbortController();
  const pace = createPace({ now: () => 0, turn: async () => stop.abort(new Error('gone')) });
  await expect(pace.turn(stop.signal)).rejects.toThrow('gone');
});

test('without a clock nothing is ever due', () => {
  expect(createPace(undefined).isDue()).toBe(false);
});
