/** Consumers: nothing lost, nothing skipped, wherever they are killed. */
import { LogError, createRegistry, createSnapshotConsumer, createConsumer, defineAggregate, openLog, stateHash } from '@refold/core';
import type { EventInput, Fold, Log, LogDriver, Page } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const counter = defineAggregate<{ n: number }>({ type: 'counter', version: '1', initial: () => ({ n: 0 }), events: { 'counter.counted': { evolve: (draft) => void draft.n++ } } });
const registry = createRegistry({ aggregates: [counter] });
const counted = (id: string): EventInput => ({ type: 'counter.counted', streamType: 'counter', streamId: id, actor: { type: 'system', id: 'test' }, data: {} });

async function openCounters(): Promise<Log> {
  const ports = createTestPorts(1, { isSleepInstant: true });
  return await openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock, pageEventsMax: 7 }), registry, ports });
}

const countTimes = async (log: Log, times: number, id = 'a'): Promise<void> => {
  for (let time = 0; time < times; time++) await log.append({ events: [counted(id)] });
};

describe('a consumer', () => {
  test('works through the log once and goes on from its cursor', async () => {
    const log = await openCounters();
    await countTimes(log, 20);
    const seen: number[] = [];
    const consumer = createConsumer(log.driver, { name: 'seen', handle: async (page) => void seen.push(...page.events.map(({ position }) => position)) });
    expect(await consumer.catchUp()).toBe(20);
    expect(await consumer.catchUp()).toBe(20);
    await countTimes(log, 3);
    await consumer.catchUp();
    expect(seen).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
  });

  test('killed before its cursor is saved repeats the page and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.boolean()), async (events, deaths) => {
        const log = await openCounters();
        await countTimes(log, events);
        const seen = new Set<number>();
        let turns = 0;
        for (let cursor = 0; cursor < events && turns < 200; turns++) {
          // A handler that dies after its work and before the cursor moves.
          const consumer = createConsumer(log.driver, {
            name: 'mortal',
            handle: async (page) => {
              for (const { position } of page.events) seen.add(position);
              if (turns < 100 && deaths.next().value === true) throw new Error('killed');
            },
          });
          cursor = await consumer.catchUp().catch(() => 0);
        }
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: events }, (_, index) => index + 1));
      }),
      { numRuns: 30 },
    );
  });

  test('stopped in the middle of a long read it ends, as does whoever follows', async () => {
    const log = await openCounters();
    await countTimes(log, 20);
    const stop = new AbortController();
    await createConsumer(log.driver, { name: 'stopped', handle: async () => stop.abort() }).run(stop.signal);
    const stopFollowing = new AbortController();
    const seen: number[] = [];
    for await (const { events } of log.follow(0, stopFollowing.signal)) {
      seen.push(events.length);
      stopFollowing.abort();
    }
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeLessThan(20);
  });

  test('follows a growing log until it is stopped', async () => {
    const log = await openCounters();
    const stop = new AbortController();
    let seen = 0;
    const consumer = createConsumer(log.driver, {
      name: 'follower',
      handle: async (page) => {
        seen += page.events.length;
        if (seen === 12) stop.abort();
      },
    });
    const running = consumer.run(stop.signal);
    await countTimes(log, 12);
    await running;
    expect(seen).toBe(12);
  });

  test('bad-input N16: stops when the log was rolled back under it, and does not skip', async () => {
    const log = await openCounters();
    await countTimes(log, 5);
    const handle = async (): Promise<void> => {};
    await createConsumer(log.driver, { name: 'careful', handle }).catchUp();
    const restored: LogDriver = wrapLog(log.driver, { head: async () => ({ ...(await log.driver.head()), epoch: 'restored' }) });
    await expect(createConsumer(restored, { name: 'careful', handle }).catchUp()).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' });
  });

  test('bad-input N16: so it does when the head stands before what it has seen, and it begins nothing anew', async () => {
    const log = await openCounters();
    await countTimes(log, 5);
    const handled: number[] = [];
    const handle = async ({ events }: Page): Promise<void> => void handled.push(...events.map(({ position }) => position));
    await createConsumer(log.driver, { name: 'careful', handle }).catchUp();
    const shorter: LogDriver = wrapLog(log.driver, { head: async () => ({ ...(await log.driver.head()), position: 3 }) });
    await expect(createConsumer(shorter, { name: 'careful', handle }).catchUp()).rejects.toMatchObject({ code: 'LOG_ROLLED_BACK' });
    expect(handled).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('the snapshot consumer (A-214, A-218)', () => {
  test('saves a snapshot every so many events, keeps the newest, and the state is the same with and without it', async () => {
    const log = await openCounters();
    const consumer = createSnapshotConsumer(log);
    for (let round = 0; round < 8; round++) {
      await countTimes(log, 60);
      await countTimes(log, 3, 'b');
      await consumer.catchUp();
    }
    const kept = await log.snapshots.list('counter/a');
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThanOrEqual(log.limits.snapshotsKeptPerStream);
    expect(await log.snapshots.list('counter/b')).toEqual([]);

    const snapshot = (await log.snapshots.load('counter/a', Number.MAX_SAFE_INTEGER))!;
    let folded = log.fold.initial('counter', 'a');
    for await (const page of log.events({ stream: 'counter/a', upTo: snapshot.revision })) for (const event of page.events) folded = log.fold.evolveDraft(folded, event);
    expect(stateHash(snapshot.state, log.ports.hasher)).toBe(stateHash(folded, log.ports.hasher));
  });

  test('killed in the middle it goes on and the snapshots are the same', async () => {
    const log = await openCounters();
    await countTimes(log, 200);
    const failing = wrapLog(log.driver, { kvPut: async () => Promise.reject(new Error('killed')) });
    await expect(createSnapshotConsumer({ ...log, driver: failing }).catchUp()).rejects.toThrow('killed');
    await createSnapshotConsumer(log).catchUp();
    expect((await log.snapshots.verify('counter/a')).every(({ ok }) => ok)).toBe(true);
    expect((await log.snapshots.list('counter/a')).length).toBeGreaterThan(0);
  });

  test('a stream that cannot be folded keeps no other stream from its snapshot', async () => {
    const log = await openCounters();
    await countTimes(log, 60, 'broken');
    await countTimes(log, 60, 'whole');
    const fold: Fold = {
      ...log.fold,
      evolveDraft(draft, event) {
        if (event.streamId === 'broken') throw new LogError('FOLD_FAILED', 'a broken definition');
        return log.fold.evolveDraft(draft, event);
      },
    };
    await createSnapshotConsumer({ ...log, fold }).catchUp();
    expect(await log.snapshots.list('counter/broken')).toEqual([]);
    expect(await log.snapshots.list('counter/whole')).toHaveLength(1);
  });
});
