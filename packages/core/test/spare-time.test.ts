import { createManualClock } from '@refold/testing';
import type { ManualClock } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { createSpareTime } from '../src/spare-time.ts';

const quietMs = 100;

/** Milliseconds that `work` sleeps; the world goes on in steps of a millisecond, and `eachMs` is called after each. */
async function sleptDuring(clock: ManualClock, work: Promise<void>, eachMs: () => void = () => undefined): Promise<number> {
  const beganMs = clock.now();
  let isDone = false;
  const finished = work.finally(() => void (isDone = true));
  // The work goes to sleep, or ends, before the first step.
  await clock.turn();
  while (!isDone) {
    eachMs();
    clock.advance(1);
    await clock.turn();
  }
  await finished;
  return clock.now() - beganMs;
}

describe('work that nobody waits for', () => {
  test('has a tenth of the time when nobody is there', async () => {
    const clock = createManualClock();
    const spare = createSpareTime(clock, quietMs);
    spare.begin();
    clock.advance(10);
    expect(await sleptDuring(clock, spare.rest())).toBe(90);
    // What is done between two rests counts, without being begun.
    clock.advance(4);
    expect(await sleptDuring(clock, spare.rest())).toBe(36);
  });

  test('has a fiftieth while somebody asks all the time, and never nothing', async () => {
    const clock = createManualClock();
    const spare = createSpareTime(clock, quietMs);
    spare.begin();
    clock.advance(10);
    expect(await sleptDuring(clock, spare.rest(), () => spare.taken())).toBe(490);
  });

  test('goes on when nobody has asked for a while', async () => {
    const clock = createManualClock();
    const spare = createSpareTime(clock, quietMs);
    spare.begin();
    clock.advance(10);
    let askedMs = 0;
    // Somebody asks every 20 ms, the last time after 200 ms.
    expect(await sleptDuring(clock, spare.rest(), () => void (askedMs <= 200 && askedMs % 20 === 0 && spare.taken(), askedMs++))).toBe(200 + quietMs);
  });

  test.each([3_600_000, -3_600_000])('a clock that jumps by %d ms meanwhile does not stop it for long', async (jumpMs) => {
    const clock = createManualClock();
    const spare = createSpareTime(clock, quietMs);
    spare.begin();
    spare.taken();
    clock.set(clock.now() + jumpMs);
    expect(await sleptDuring(clock, spare.rest(), () => spare.taken())).toBeLessThanOrEqual(49_000);
  });

  test('ends with the signal\'s reason', async () => {
    const clock = createManualClock();
    const spare = createSpareTime(clock, quietMs);
    const stop = new AbortController();
    spare.begin();
    clock.advance(10);
    const resting = spare.rest(stop.signal);
    stop.abort(new Error('closed'));
    await expect(resting).rejects.toThrow('closed');
  });
});
