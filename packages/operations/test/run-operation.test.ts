/** The one way an operation is called: within its time, told when to stop, leaving nothing behind. */
import { LogError } from '@refold/core';
import { defineOperation, listRuns, operations, verifyLog } from '@refold/operations';
import type { Operation } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openNames } from '../src/audit/watched.ts';
import { kindOfOperation, reconstructing } from '../src/question-kind.ts';
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

describe('when nobody waits for the answer any more', () => {
  const signalOf = (name: string, more: Pick<Operation<{ dryRun?: boolean | undefined }, boolean>, 'kind' | 'dryRun'>) =>
    defineOperation({ name, doc: 'Tells whether it was called off.', scope: 'append', ...more, input: z.object({ dryRun: z.boolean().optional() }), output: z.boolean(), run: async ({ signal }) => signal?.aborted ?? false });
  const question = signalOf('question', {});
  const long = signalOf('long', { kind: 'long' });
  const write = signalOf('write', { kind: 'write', dryRun: { scope: 'read', isAsked: ({ dryRun }) => dryRun === true } });
  const gone = AbortSignal.abort();

  test('what only reads is called off, and so is a dry run; a write is finished', async () => {
    const world = await openWorld();
    const asked = [world.call(question, {}, { gone }), world.call(long, {}, { gone }), world.call(write, { dryRun: true }, { gone }), world.call(write, {}, { gone })];
    expect(await Promise.all(asked)).toEqual([true, true, true, false]);
  });

  test('a caller who asks for the end gets it of anything', async () => {
    const world = await openWorld();
    expect(await Promise.all([question, long, write].map((operation) => world.call(operation, {}, { signal: gone })))).toEqual([true, true, true]);
  });
});

describe('the time limit goes by what a call does, not by what it needs', () => {
  const slow = defineOperation({ name: 'slow', doc: 'Takes long.', scope: 'append', kind: 'write', dryRun: { scope: 'read', isAsked: ({ dryRun }) => dryRun }, input: z.object({ dryRun: z.boolean() }), output: z.string(), run: ({ log }) => log.ports.clock.sleep(1_000).then(() => 'done') });

  test.each([[true, { code: 'QUERY_TIMEOUT' }], [false, 'done']])('dryRun %s', async (dryRun, expected) => {
    const world = await openWorld({ limits: { queryTimeoutMs: 100 } });
    const asked = world.call(slow, { dryRun }).catch((error: unknown) => error);
    await someTurns();
    world.clock.advance(100);
    await someTurns();
    world.clock.advance(1_000);
    const answer = await asked;
    if (typeof expected === 'string') expect(answer).toBe(expected);
    else expect(answer).toMatchObject(expected);
  });
});

test('every operation that appends is a write, and no question is', () => {
  const named = (kind: Operation['kind']) => operations.filter((operation) => (operation.kind ?? 'question') === kind);
  expect(named('write').filter(({ scope }) => !['append', 'keys', 'config', 'replay:execute'].includes(scope))).toEqual([]);
  expect(operations.filter(({ scope, kind }) => scope === 'append' && kind !== 'write')).toEqual([]);
  expect(named('question').filter(({ scope }) => !['read', 'none', 'keys', 'audit'].includes(scope)).map(({ name }) => name)).toEqual([]);
});

test('what is timed, traced or put on record by name is there under that name', () => {
  const names = new Set(operations.map(({ name }) => name));
  expect([...Object.keys(kindOfOperation), ...reconstructing, ...openNames].filter((name) => !names.has(name))).toEqual([]);
});
