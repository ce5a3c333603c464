/** A question that takes long shares the thread: a driver in the same process answers at once, so nothing else would wait for it. */
import { addBreakpoint, blameOf, flipsOf, queryEvents, resumeDebugSession, startDebugSession, stats } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { noted, openWorld } from './world.ts';
import type { World } from './world.ts';

const pages = 20;
const key = { streamType: 'flight', streamId: '1' };

/** A log of 1,000 events that is read in pages of 50, each of which takes 10 ms. */
async function slowWorld(queryTimeoutMs = 60_000): Promise<World> {
  let isSlow = false;
  const world = await openWorld({
    limits: { queryTimeoutMs },
    pageEventsMax: 50,
    wrap: (driver) =>
      wrapLog(driver, {
        async *read(request, signal) {
          for await (const page of driver.read(request, signal)) {
            yield page;
            if (isSlow) world.clock.advance(10);
          }
        },
      }),
  });
  for (let commit = 0; commit < pages; commit++) await world.append(...Array.from({ length: 50 }, () => noted('flight/1', { data: { tons: commit } })));
  isSlow = true;
  return world;
}

/** Turns that others had meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const others = (async () => {
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
  })();
  await work();
  isDone = true;
  await others;
  return turns;
}

describe('others get their turn on the way', () => {
  test.each([
    ['of flips', (world: World) => world.call(flipsOf, { ...key, expression: 'event.data.tons == 7' })],
    ['of blame by an expectation', (world: World) => world.call(blameOf, { ...key, expect: 'event.data.tons < 1000' })],
    ['of a query with an expression that holds nowhere', (world: World) => world.call(queryEvents, { expression: 'event.data.tons == -1' })],
    ['of statistics', (world: World) => world.call(stats, {})],
  ])('%s', async (_, ask) => {
    const world = await slowWorld();
    expect(await turnsDuring(() => ask(world))).toBeGreaterThanOrEqual(pages - 2);
  });
});

describe('the run of a debug session', () => {
  test.each([
    ['a condition', { condition: 'event.data.tons == 1000' }],
    ['a flip that is looked for before anything moves', { flip: 'event.data.tons == 1000' }],
  ])('with %s pauses when it takes longer than a question may, and goes on from there', async (_, breakpoint) => {
    const world = await slowWorld(100);
    const { sessionId } = await world.call(startDebugSession, { aggregateId: 'flight/1' });
    await world.call(addBreakpoint, { id: sessionId, ...breakpoint });
    const first = await world.call(resumeDebugSession, { id: sessionId });
    expect(first).toMatchObject({ state: 'paused', reason: 'paused' });
    expect(first.revision).toBeLessThan(1_000);
    if ('flip' in breakpoint) return;
    let last = first;
    while (last.reason === 'paused') last = await world.call(resumeDebugSession, { id: sessionId });
    expect(last).toMatchObject({ state: 'completed', reason: 'end', revision: 1_000 });
  });

  test('pauses when its caller has gone', async () => {
    const world = await slowWorld();
    const { sessionId } = await world.call(startDebugSession, { aggregateId: 'flight/1' });
    const gone = new AbortController();
    const resumed = world.call(resumeDebugSession, { id: sessionId }, { signal: gone.signal });
    gone.abort();
    expect(await resumed).toMatchObject({ state: 'paused', reason: 'paused' });
    expect(world.clock.sleeping).toBe(0);
  });
});
