/** Leases: one at a time, handed over in an orderly end, taken over after a kill, given up in time by whoever cannot renew. */
import { LogError, createConsumer, createLease, createRegistry, defineAggregate, openLog } from '@refold/core';
import type { Lease, LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createManualClock, createTestPorts, wrapLog } from '@refold/testing';
import type { ManualClock } from '@refold/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

const leaseMs = 4_000;
const beatMs = leaseMs / 4;

/** A process that works whenever it holds the lease, and can be killed, cut off from the store, and stopped. */
interface Worker {
  readonly isWorking: boolean;
  /** How often it got the lease. */
  readonly turns: number;
  /** What it asks of the store is not heard any more. */
  kill(): void;
  /** What it asks of the store fails, or is not answered. */
  cutOff(how: 'fails' | 'silent' | 'works'): void;
  stop(): Promise<void>;
}

function startWorker(store: LogDriver, clock: ManualClock, holder: string): Worker {
  let reach: 'fails' | 'silent' | 'works' = 'works';
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    if (reach === 'silent') return new Promise<T>(() => {});
    if (reach === 'fails') throw new LogError('LOG_UNAVAILABLE', 'cut off', { details: { reason: 'connection' } });
    return call();
  };
  const driver = wrapLog(store, { kvGet: (key) => ask(() => store.kvGet(key)), kvPut: (key, value, expect) => ask(() => store.kvPut(key, value, expect)) });
  const lease = createLease(driver, { name: 'work', holder, leaseMs, clock });
  const stopped = new AbortController();
  let [isWorking, isKilled, turns] = [false, false, 0];
  const holding = lease.hold(async (held) => {
    isWorking = true;
    turns++;
    await new Promise((resolve) => held.addEventListener('abort', resolve, { once: true }));
    isWorking = false;
  }, stopped.signal);
  onTestFinished(() => stopped.abort());
  return {
    get isWorking() {
      return isWorking && !isKilled;
    },
    get turns() {
      return turns;
    },
    kill() {
      isKilled = true;
      reach = 'silent';
    },
    cutOff: (how) => void (reach = how),
    async stop() {
      stopped.abort();
      await holding;
    },
  };
}

/** Time goes on in small steps, and everybody has his turn after each. */
async function pass(clock: ManualClock, ms: number, look: () => void = () => undefined): Promise<void> {
  for (let passed = 0; passed < ms; passed += beatMs / 4) {
    clock.advance(beatMs / 4);
    for (let turn = 0; turn < 4; turn++) await clock.turn();
    look();
  }
}

function twoWorkers(): { readonly clock: ManualClock; readonly store: LogDriver; readonly workers: readonly [Worker, Worker]; readonly working: () => number } {
  const clock = createManualClock();
  const store = openMemoryLog({ clock });
  const workers = [startWorker(store, clock, 'left'), startWorker(store, clock, 'right')] as const;
  return { clock, store, workers, working: () => workers.filter(({ isWorking }) => isWorking).length };
}

describe('A lease', () => {
  test('D-006 is held by one of two, for as long as it renews it', async () => {
    const { clock, workers: [left, right], working } = twoWorkers();
    await pass(clock, 10 * leaseMs, () => expect(working()).toBe(1));
    expect([left.turns, right.turns]).toEqual([1, 0]);
  });

  test('is handed over at the next look when its holder ends', async () => {
    const { clock, workers: [left, right] } = twoWorkers();
    await pass(clock, beatMs);
    await left.stop();
    await pass(clock, beatMs);
    expect([left.isWorking, right.isWorking]).toEqual([false, true]);
  });

  test('is taken over from a holder that was killed, after its length and not before', async () => {
    const { clock, workers: [left, right] } = twoWorkers();
    await pass(clock, beatMs);
    left.kill();
    await pass(clock, leaseMs - beatMs);
    expect(right.isWorking).toBe(false);
    await pass(clock, 2 * beatMs);
    expect(right.isWorking).toBe(true);
  });

  test.each(['fails', 'silent'] as const)('is given up by a holder whose store %s, before another one takes it', async (how) => {
    const { clock, workers: [left, right], working } = twoWorkers();
    await pass(clock, beatMs);
    left.cutOff(how);
    await pass(clock, leaseMs / 2, () => expect(working()).toBeLessThanOrEqual(1));
    expect([left.isWorking, right.isWorking]).toEqual([false, false]);
    await pass(clock, leaseMs, () => expect(working()).toBeLessThanOrEqual(1));
    expect(right.isWorking).toBe(true);
  });

  test('is gone for again by whoever lost it, and found when the other one ends', async () => {
    const { clock, workers: [left, right] } = twoWorkers();
    await pass(clock, beatMs);
    left.cutOff('fails');
    await pass(clock, 2 * leaseMs);
    left.cutOff('works');
    await right.stop();
    await pass(clock, beatMs);
    expect([left.isWorking, left.turns, right.turns]).toEqual([true, 2, 1]);
  });

  test('ends with work that ends by itself, and leaves nothing behind', async () => {
    const store = openMemoryLog();
    const lease = createLease(store, { name: 'once', holder: 'me', leaseMs, clock: createManualClock() });
    let turns = 0;
    await lease.hold(async () => void turns++, new AbortController().signal);
    await expect(lease.hold(() => Promise.reject(new Error('the work failed')), new AbortController().signal)).rejects.toThrow('the work failed');
    expect([turns, await store.kvList('lease/')]).toEqual([1, []]);
  });

  test('throws what will not pass: a log that is only read', async () => {
    const store = wrapLog(openMemoryLog(), {
      kvPut: async () => {
        throw new LogError('LOG_UNAVAILABLE', 'read only', { details: { reason: 'read_only' } });
      },
    });
    await expect(createLease(store, { name: 'none', holder: 'me', leaseMs, clock: createManualClock() }).hold(async () => {}, new AbortController().signal)).rejects.toMatchObject({ details: { reason: 'read_only' } });
  });
});

test('D-006 two consumers under one lease share a log: each event is handled once, by the one and then by the other', async () => {
  const ports = createTestPorts(1);
  const counter = defineAggregate<{ n: number }>({ type: 'counter', version: '1', initial: () => ({ n: 0 }), events: { 'counter.counted': { evolve: (draft) => void draft.n++ } } });
  const log = await openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock, pageEventsMax: 7 }), registry: createRegistry({ aggregates: [counter] }), ports });
  onTestFinished(() => log.close());
  const append = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await log.append({ events: [{ type: 'counter.counted', streamType: 'counter', streamId: 'a', actor: { type: 'system', id: 'test' }, data: {} }] });
  };
  const handled: (readonly [string, number])[] = [];
  const start = (name: string): AbortController => {
    const stop = new AbortController();
    const lease: Lease = createLease(log.driver, { name: 'mail', holder: name, leaseMs, clock: ports.clock });
    void createConsumer(log.driver, { name: 'mail', lease, handle: async ({ events }) => void handled.push(...events.map(({ position }) => [name, position] as const)) }).run(stop.signal);
    onTestFinished(() => stop.abort());
    return stop;
  };
  const left = start('left');
  start('right');
  await append(20);
  await pass(ports.clock, leaseMs);
  left.abort();
  await append(20);
  await pass(ports.clock, leaseMs);
  expect(handled.map(([, position]) => position)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(handled.map(([name]) => name)).toEqual([...Array.from({ length: 20 }, () => 'left'), ...Array.from({ length: 20 }, () => 'right')]);
});
