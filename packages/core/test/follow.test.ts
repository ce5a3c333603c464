/** Following: however many follow, from wherever, at whatever pace, each sees exactly the log. */
import { createRegistry, defineAggregate, openLog, pair, tagFor } from '@refold/core';
import type { EventInput, EventPage, Log, LogDriver, ReadRequest } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

const counter = defineAggregate<{ n: number }>({ type: 'counter', version: '1', initial: () => ({ n: 0 }), events: { 'counter.counted': { evolve: (draft) => void draft.n++ } } });
const registry = createRegistry({ aggregates: [counter] });
const counted = (id: string): EventInput => ({ type: 'counter.counted', streamType: 'counter', streamId: id, actor: { type: 'system', id: 'test' }, data: {} });

interface Watched {
  readonly log: Log;
  /** What followers asked of the engine, since somebody emptied it. */
  readonly reads: ReadRequest[];
}

/** A log with a small window, so that followers fall out of it, and small pages of the engine. */
async function openWatched(limits: Partial<Log['limits']> = { followPageEventsMax: 3, followWindowEventsMax: 7 }): Promise<Watched> {
  const ports = createTestPorts(1, { isSleepInstant: true });
  const reads: ReadRequest[] = [];
  const watched = (engine: LogDriver): LogDriver =>
    wrapLog(engine, {
      read(request, signal) {
        if (request.limit !== undefined) reads.push(request);
        return engine.read(request, signal);
      },
    });
  const log = await openLog({ open: (linker) => watched(openMemoryLog({ linker, clock: ports.clock, pageEventsMax: 5 })), registry, ports, limits });
  onTestFinished(() => log.close());
  return { log, reads };
}

const append = async (log: Log, ids: readonly string[]): Promise<void> => void (await log.append({ events: ids.map(counted) }));
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

interface Follower {
  readonly seen: number[];
  readonly done: Promise<void>;
  stop(): void;
}

/** Follows until it has seen `last`, resting so many turns of the event loop after each page. */
function follow(log: Log, { after, rest = 0, last, only, tagged = true }: { readonly after: number; readonly rest?: number; readonly last: number; readonly only?: string | undefined; readonly tagged?: boolean }): Follower {
  const stop = new AbortController();
  const seen: number[] = [];
  const query = only === undefined || !tagged ? undefined : { items: [{ tags: [tagFor('entity', pair('counter', only))] }] };
  const residue = only === undefined || tagged ? undefined : { key: only, test: ({ streamId }: { readonly streamId: string }) => streamId === only };
  const run = async (): Promise<void> => {
    if (after >= last) return;
    for await (const { events } of log.follow(after, stop.signal, query, residue)) {
      expect(events.length).toBeGreaterThan(0);
      seen.push(...events.map(({ position }) => position));
      if (seen.at(-1)! >= last) return;
      await turns(rest);
    }
  };
  return { seen, done: run(), stop: () => stop.abort() };
}

/** The positions of one page after another. */
function pagesOf(log: Log, after: number, signal: AbortSignal): () => Promise<readonly number[]> {
  const iterator = log.follow(after, signal)[Symbol.asyncIterator]();
  return async () => ((await iterator.next()).value as EventPage).events.map(({ position }) => position);
}

const stream = fc.constantFrom('a', 'b', 'c');
const followerShape = fc.record({ joins: fc.nat(12), after: fc.nat(40), rest: fc.nat(4), only: fc.option(stream, { nil: undefined }), tagged: fc.boolean() });

describe('followers', () => {
  test('C-028, whenever they join, wherever they start, at any pace and with any filter, see exactly what the log holds after it, in order (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(stream, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 12 }), fc.array(followerShape, { minLength: 1, maxLength: 6 }), async (commits, shapes) => {
        const { log } = await openWatched();
        const streams = commits.flat();
        const wanted = shapes.map(({ after, only }) => streams.flatMap((id, index) => (index + 1 > after && (only === undefined || id === only) ? [index + 1] : [])));
        const started: (Follower | undefined)[] = shapes.map(() => undefined);
        const join = (round: number): void => shapes.forEach((shape, index) => {
          if (shape.joins === round) started[index] = follow(log, { ...shape, last: wanted[index]!.at(-1) ?? 0 });
        });
        for (const [round, ids] of commits.entries()) {
          join(round);
          await append(log, ids);
          if (round % 3 === 0) await turns(2);
        }
        for (let round = commits.length; round <= 12; round++) join(round);
        await Promise.all(started.map((follower) => follower!.done));
        expect(started.map((follower) => follower!.seen)).toEqual(wanted);
      }),
      { numRuns: 150 },
    );
  });

  test('near the head are given one page, decoded once', async () => {
    const { log, reads } = await openWatched();
    const stop = new AbortController();
    const iterators = Array.from({ length: 50 }, () => log.follow(0, stop.signal)[Symbol.asyncIterator]());
    const first = iterators.map((iterator) => iterator.next());
    await turns(3);
    reads.splice(0);
    await append(log, ['a', 'b']);
    const pages = (await Promise.all(first)).map(({ value }) => value as { readonly events: readonly unknown[] });
    expect(pages[0]!.events).toHaveLength(2);
    expect(pages.every(({ events }) => events === pages[0]!.events)).toBe(true);
    expect(reads).toHaveLength(1);
    stop.abort();
  });

  test('with the same filter are given one answer', async () => {
    const { log } = await openWatched();
    const stop = new AbortController();
    let tested = 0;
    const residue = { key: 'b', test: ({ streamId }: { readonly streamId: string }) => ++tested > 0 && streamId === 'b' };
    const first = Array.from({ length: 20 }, () => log.follow(0, stop.signal, undefined, residue)[Symbol.asyncIterator]().next());
    await turns(3);
    await append(log, ['a', 'b']);
    for (const { value } of await Promise.all(first)) expect((value as { events: readonly { position: number }[] }).events.map(({ position }) => position)).toEqual([2]);
    expect(tested).toBe(2);
    stop.abort();
  });

  test('who do not ask are not read for: the log is read again when they go on', async () => {
    const { log, reads } = await openWatched();
    const stop = new AbortController();
    const next = pagesOf(log, 0, stop.signal);
    await append(log, ['a']);
    expect(await next()).toEqual([1]);
    reads.splice(0);
    for (let round = 0; round < 20; round++) await append(log, ['a', 'b', 'c']);
    await turns(5);
    expect(reads).toEqual([]);
    const seen: number[] = [];
    while (seen.length < 60) seen.push(...(await next()));
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
    stop.abort();
  });

  test('who come from the head are not led through what nobody wanted to see', async () => {
    const { log, reads } = await openWatched();
    const stop = new AbortController();
    const stalled = log.follow(0, stop.signal)[Symbol.asyncIterator]();
    await append(log, ['a']);
    await stalled.next();
    for (let round = 0; round < 30; round++) await append(log, ['a', 'b', 'c']);
    reads.splice(0);
    const fresh = pagesOf(log, 91, stop.signal)();
    await turns(3);
    await append(log, ['c']);
    expect(await fresh).toEqual([92]);
    expect(reads.filter(({ after = 0 }) => after < 91)).toEqual([]);
    stop.abort();
  });

  test('who wait past the head get what comes past their place, and keep nobody else from it', async () => {
    const { log } = await openWatched();
    const [far, near] = [follow(log, { after: 5, last: 6 }), follow(log, { after: 0, last: 6 })];
    for (const id of ['a', 'b', 'c', 'a', 'b', 'c']) await append(log, [id]);
    await Promise.all([far.done, near.done]);
    expect([far.seen, near.seen]).toEqual([[6], [1, 2, 3, 4, 5, 6]]);
  });
});

describe('the end of following', () => {
  test('comes at once when the signal aborts, waiting or not, and leaves no watcher behind', async () => {
    const { log } = await openWatched();
    const followers = Array.from({ length: 10 }, () => follow(log, { after: 0, last: Infinity }));
    await turns(2);
    for (const follower of followers) follower.stop();
    await Promise.all(followers.map(({ done }) => done));
    const again = follow(log, { after: 0, last: 2 });
    await append(log, ['a', 'b']);
    await again.done;
    expect(again.seen).toEqual([1, 2]);
  });

  test('is an error for everybody when the log is closed meanwhile', async () => {
    const { log } = await openWatched();
    const followers = Array.from({ length: 3 }, () => follow(log, { after: 0, last: Infinity }));
    await turns(2);
    await log.close();
    for (const { done } of followers) await expect(done).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
  });
});
