/** The one way an operation is called: within its time, told when to stop, leaving nothing behind. */
import { LogError } from '@refold/core';
import { defineOperation, listRuns, verifyLog } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventOf, noted, openWorld } from './world.ts';

const never = defineOperation({ name: 'never', doc: 'Does not answer and does not listen.', scope: 'read', input: z.object({}), output: z.null(), run: () => new Promise<null>(() => undefined) });
const answer = defineOperation({ name: 'answer', doc: 'Answers.', scope: 'read', input: z.object({}), output: z.number(), run: async () => 42 });

const someTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the time limit of a question', () => {
  test('is told to the caller in time, also when the work itself does not listen', async () => {
    const world = await openWorld({ limits: { queryTimeoutMs: 100 } });
    const asked = world.call(never, {}).catch((error: unknown) => error);
    await someTurns();
    world.clock.advance(100);
    expect(await asked).toMatchObject({ code: 'QUERY_TIMEOUT', details: { limit: 100 }, retryable: true });
  });

  test('leaves no sleeper behind, whether it was answered or not', async () => {
    const world = await openWorld();
    expect(await world.call(answer, {})).toBe(42);
    await expect(world.call(defineOperation({ ...answer, name: 'fails', run: () => Promise.reject(new LogError('NOT_FOUND', 'no')) }), {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await someTurns();
    expect(world.clock.sleeping).toBe(0);
  });

  test('ends a list of runs; a run that was not read in time is not told as unreadable', async () => {
    let isSlow = false;
    const world = await openWorld({
      limits: { queryTimeoutMs: 100 },
      wrap: (driver) =>
        wrapLog(driver, {
          async *read(request, signal) {
            if (isSlow) world.clock.advance(60);
            yield* driver.read(request, signal);
          },
        }),
    });
    for (let run = 0; run < 5; run++) await world.append(eventOf('flight.started', `flight/${run}`));
    isSlow = true;
    await expect(world.call(listRuns, {})).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  });

  test('does not hold for the verification of a whole log, which takes as long as the log is long', async () => {
    const world = await openWorld({
      limits: { queryTimeoutMs: 100 },
      wrap: (driver) =>
        wrapLog(driver, {
          async *read(request, signal) {
            world.clock.advance(1_000);
            await someTurns();
            yield* driver.read(request, signal);
          },
        }),
    });
    await world.append(noted('flight/1'));
    expect(await world.call(verifyLog, {})).toMatchObject({ ok: true, checked: 1 });
    const gone = new AbortController();
    gone.abort();
    await expect(world.call(verifyLog, {}, { signal: gone.signal })).rejects.toThrow();
  });
});
