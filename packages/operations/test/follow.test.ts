/** A job, its lines, a state, a replay and counts, followed: every event once, in order, from any position. */
import { createCatalogRegistry } from '@refold/catalog';
import { LogError } from '@refold/core';
import type { EventEnvelope, EventInput } from '@refold/core';
import { followJob, followJobLogs, followReplay, followState, followStats, replayEvents, runStream, tailEvents } from '@refold/operations';
import type { JobUpdate, StreamOperation } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const kinds = createCatalogRegistry();
const actor = { type: 'user', id: 'ana' } as const;
const event = (type: string, data: EventInput['data'] = {}, id = '42'): EventInput => ({ type, streamType: 'job', streamId: id, actor, data });
const line = (message: string): EventInput => ({ type: 'job.log_appended', streamType: 'job_log', streamId: '42', actor, data: { level: 'INFO', message } });

const append = async (world: World, ...events: readonly EventInput[]): Promise<void> => void (await world.log.append({ events }));

function following<I, T>(world: World, operation: StreamOperation<I, T>, input: object): { next(): Promise<T | 'over'> } {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const items = runStream(operation, { ...world.context, signal: stop.signal }, input)[Symbol.asyncIterator]();
  return { next: async () => await items.next().then(({ done, value }) => (done === true ? 'over' : value)) };
}

/** A log that can be away. */
async function openLosable(): Promise<{ readonly world: World; readonly isAway: (isAway: boolean) => void; /** Somebody has seen everything and waits for more. */ readonly isWatched: () => boolean }> {
  let [isAway, isWatched] = [false, false];
  const answer = <T>(give: () => T): T => {
    if (isAway) throw new LogError('LOG_UNAVAILABLE', 'The log is away.', { details: { reason: 'test' } });
    return give();
  };
  const world = await openWorld({
    kinds,
    wrap: (driver) =>
      wrapLog(driver, {
        read: (request, signal) => answer(() => driver.read(request, signal)),
        head: async () => await answer(() => driver.head()),
        watch(after, signal) {
          isWatched = true;
          return driver.watch(after, signal);
        },
      }),
  });
  return { world, isAway: (now) => void (isAway = now), isWatched: () => isWatched };
}

/** The second time that it is asked again. */
async function comesBack(world: World, { isAway }: Pick<Awaited<ReturnType<typeof openLosable>>, 'isAway'>): Promise<void> {
  for (const pause of [250, 500]) {
    await expect.poll(() => world.clock.sleeping).toBe(1);
    isAway(pause === 250);
    world.clock.advance(pause);
  }
}

const shown = (update: JobUpdate | 'over'): unknown => (update === 'over' ? update : [update.status, update.currentStep, update.progress, update.events.map(({ type, revision }) => `${type}@${revision}`), update.position]);

describe('A job that is followed', () => {
  test('D-041 D-049 D-079 begins with how it stands and tells every change with the event that made it, once', async () => {
    const world = await openWorld({ kinds });
    await append(world, event('JobCreated', { steps: [{ name: 'build' }, { name: 'test' }] }), event('JobCreated', {}, 'other'), event('JobStarted'));
    const job = following(world, followJob, { id: '42' });
    expect(shown(await job.next())).toEqual(['running', 'build', 0, ['job.started@2'], 3]);
    await append(world, event('JobStarted', {}, 'other'), event('JobStepCompleted', { step: 'build' }), event('JobPaused'));
    expect(shown(await job.next())).toEqual(['running', 'test', 0.5, ['job.step_completed@3'], 5]);
    expect(shown(await job.next())).toEqual(['paused', 'test', 0.5, ['job.paused@4'], 6]);
  });

  test('goes on after any position without gap or repeat', async () => {
    const world = await openWorld({ kinds });
    await append(world, event('JobCreated'), event('JobStarted'), event('JobPaused'), event('JobResumed'), event('JobCompleted'));
    const all = ['pending', 'running', 'paused', 'running', 'completed'];
    for (let after = 0; after < all.length; after++) {
      const job = following(world, followJob, { id: '42', afterPosition: after });
      for (const [index, status] of all.entries()) if (index >= after) expect(await job.next()).toMatchObject({ status, position: index + 1 });
    }
  });

  test('ends some seconds after the job, unless it is resumed', async () => {
    const world = await openWorld({ kinds });
    await append(world, event('JobCreated'), event('JobStarted'), event('JobFailed', { error: { message: 'x' } }));
    const job = following(world, followJob, { id: '42' });
    expect(await job.next()).toMatchObject({ status: 'failed' });
    const next = job.next();
    await expect.poll(() => world.clock.sleeping).toBe(1);
    world.clock.advance(4_999);
    await append(world, event('JobResumed'), event('JobCompleted'));
    expect(await next).toMatchObject({ status: 'running' });
    expect(await job.next()).toMatchObject({ status: 'completed' });
    const end = job.next();
    await expect.poll(() => world.clock.sleeping).toBe(1);
    world.clock.advance(5_000);
    expect(await end).toBe('over');
  });

  test('is not found when there is none', async () => {
    const world = await openWorld({ kinds });
    await expect(following(world, followJob, { id: '42' }).next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(following(world, followJobLogs, { id: '42' }).next()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('D-094 goes on where it was when the log was away for a while', async () => {
    const { world, ...store } = await openLosable();
    await append(world, event('JobCreated'));
    const job = following(world, followJob, { id: '42' });
    expect(await job.next()).toMatchObject({ status: 'pending' });
    await append(world, event('JobStarted'), event('JobPaused'));
    store.isAway(true);
    const next = job.next();
    await comesBack(world, store);
    expect([await next, await job.next()]).toMatchObject([{ status: 'running' }, { status: 'paused' }]);
  });
});

describe('The lines of a job that are followed', () => {
  test('D-042 come in order, from the first or after a line or a position', async () => {
    const world = await openWorld({ kinds });
    await append(world, event('JobCreated'), line('a'), line('b'));
    const lines = following(world, followJobLogs, { id: '42' });
    expect([await lines.next(), await lines.next()]).toMatchObject([{ jobId: '42', line: 1, message: 'a', position: 2 }, { line: 2, message: 'b', position: 3 }]);
    await append(world, line('c'));
    expect(await lines.next()).toMatchObject({ line: 3, message: 'c', position: 4 });
    expect(await following(world, followJobLogs, { id: '42', afterLine: 2 }).next()).toMatchObject({ line: 3 });
    expect(await following(world, followJobLogs, { id: '42', afterPosition: 2 }).next()).toMatchObject({ line: 2 });
  });
});

test('A state that is followed is told after every event of its stream', async () => {
  const world = await openWorld({ kinds });
  await append(world, event('JobCreated'));
  const state = following(world, followState, { streamType: 'job', streamId: '42' });
  expect(await state.next()).toMatchObject({ revision: 1, position: 1, state: { status: 'pending' } });
  await append(world, event('JobCreated', {}, 'other'), event('JobStarted'));
  expect(await state.next()).toMatchObject({ revision: 2, position: 3, state: { status: 'running' } });
});

test('A replay that is followed is told to its end', async () => {
  const world = await openWorld({ kinds });
  await append(world, event('JobCreated'), event('JobStarted'));
  const { replayId } = await world.call(replayEvents, { streamType: 'job', streamId: '42', dryRun: false, confirm: 'job/42', actor });
  const replay = following(world, followReplay, { id: replayId });
  expect(await replay.next()).toMatchObject({ replayId, status: 'completed' });
  expect(await replay.next()).toBe('over');
});

describe('The events that are followed', () => {
  const positions = async (events: { next(): Promise<EventEnvelope | 'over'> }, count: number): Promise<unknown[]> => {
    const seen: unknown[] = [];
    while (seen.length < count) seen.push(await events.next().then((one) => (one === 'over' ? one : one.position)));
    return seen;
  };

  test.each([{ afterPosition: 0 }, { afterPosition: 0, streamType: 'job' }, {}])('D-094 go on where they were when the log was away for a while: %j', async (input: { readonly afterPosition?: number; readonly streamType?: string }) => {
    const { world, ...store } = await openLosable();
    await append(world, event('JobCreated'));
    const events = following(world, tailEvents, { ...input });
    const first = events.next();
    if (!('afterPosition' in input)) await expect.poll(store.isWatched).toBe(true);
    await append(world, event('JobStarted'));
    const { position } = (await first) as EventEnvelope;
    await append(world, event('JobPaused'), event('JobResumed'));
    store.isAway(true);
    const next = positions(events, 2);
    await comesBack(world, store);
    expect([position, ...(await next)]).toEqual('afterPosition' in input ? [1, 2, 3] : [2, 3, 4]);
  });

  test('are refused at once when the log is away as they are asked for, and end with a log that is closed', async () => {
    const { world, ...store } = await openLosable();
    store.isAway(true);
    await expect(following(world, tailEvents, {}).next()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    store.isAway(false);
    const next = following(world, tailEvents, {}).next();
    await expect.poll(store.isWatched).toBe(true);
    await world.log.close();
    await expect(next).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
  });
});

test('D-094 counts that are followed go on when the log was away for a while', async () => {
  const { world, ...store } = await openLosable();
  await append(world, event('JobCreated'));
  const counts = following(world, followStats, {});
  expect(await counts.next()).toMatchObject({ total: 1, position: 1 });
  await append(world, event('JobStarted'));
  store.isAway(true);
  const next = counts.next();
  await expect.poll(() => world.clock.sleeping).toBe(1);
  world.clock.advance(1_000);
  await comesBack(world, store);
  expect(await next).toMatchObject({ total: 2, position: 2 });
});

test('Counts that are followed are told when the log has grown, at most once a second', async () => {
  const world = await openWorld({ kinds });
  await append(world, event('JobCreated'));
  const counts = following(world, followStats, { streamType: 'job' });
  expect(await counts.next()).toMatchObject({ total: 1, position: 1 });
  const next = counts.next();
  await append(world, event('JobStarted'));
  await expect.poll(() => world.clock.sleeping).toBe(1);
  world.clock.advance(1_000);
  expect(await next).toMatchObject({ total: 2, position: 2 });
});
