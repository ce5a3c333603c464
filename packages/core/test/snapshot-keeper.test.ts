/** Snapshots that nobody asks for: made behind the writers, never in their way, and never silently missing. */
import { createRegistry, defineAggregate, openLog, stateHash } from '@refold/core';
import type { EventInput, Log, LogDriver, LogOptions } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { nodeGzip } from '@refold/sdk';
import { createTestPorts, wrapLog } from '@refold/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

let isBroken = false;
const counter = defineAggregate<{ n: number; text: string }>({
  type: 'counter',
  version: '1',
  initial: () => ({ n: 0, text: 'the same words again and again '.repeat(40) }),
  events: {
    'counter.counted': {
      evolve(draft, { streamId }) {
        if (isBroken && streamId === 'broken') throw new Error('a broken definition');
        draft.n++;
      },
    },
    'failure.kept': { policy: 'tolerate' },
  },
});
const registry = createRegistry({ aggregates: [counter] });
const counted = (id: string): EventInput => ({ type: 'counter.counted', streamType: 'counter', streamId: id, actor: { type: 'system', id: 'test' }, data: {} });

interface Opened {
  readonly log: Log;
  readonly driver: LogDriver;
}

async function openCounters(options: Partial<LogOptions> = {}, wrap: (driver: LogDriver) => LogDriver = (driver) => driver, shared?: LogDriver): Promise<Opened> {
  const ports = { ...createTestPorts(1, { isSleepInstant: true }), gzip: nodeGzip };
  let driver = shared;
  const log = await openLog({ open: (linker) => wrap((driver ??= openMemoryLog({ linker, clock: ports.clock, pageEventsMax: 70 }))), registry, ports, keepSnapshots: 'own', ...options });
  onTestFinished(() => log.close());
  return { log, driver: driver! };
}

const countTimes = async (log: Log, times: number, id = 'a'): Promise<void> => {
  for (let time = 0; time < times; time++) await log.append({ events: [counted(id)] });
};
const revisionsOf = async (log: Log, id = 'a'): Promise<readonly number[]> => (await log.snapshots.list(`counter/${id}`)).map(({ revision }) => revision);

describe('Snapshots in the background', () => {
  test('A-096 A-105 A-214 after 100 events, appended one by one or in one commit, there are those of 50 and of 100', async () => {
    const { log } = await openCounters();
    await countTimes(log, 100);
    await log.append({ events: Array.from({ length: 100 }, () => counted('b')) });
    for (const id of ['a', 'b']) await vi.waitFor(async () => expect(await revisionsOf(log, id)).toEqual([50, 100]));
    const { state } = (await log.snapshots.load('counter/b', 100))!;
    expect(state).toMatchObject({ n: 100, revision: 100 });
    expect((await log.snapshots.verify('counter/b')).every(({ ok }) => ok)).toBe(true);
  });

  test('A-226 what is kept is the fold of the events up to it', async () => {
    const { log } = await openCounters();
    await countTimes(log, 101);
    await vi.waitFor(async () => expect(await revisionsOf(log)).toEqual([50, 100]));
    let folded = log.fold.initial('counter', 'a');
    for await (const page of log.events({ stream: 'counter/a', upTo: 100 })) for (const event of page.events) folded = log.fold.evolveDraft(folded, event);
    expect(stateHash((await log.snapshots.load('counter/a', 101))!.state, log.ports.hasher)).toBe(stateHash(folded, log.ports.hasher));
  });

  test.each(['off', 'own', 'all'] as const)('kept "%s", what another process appends is snapshotted when all is', async (keepSnapshots) => {
    const { log, driver } = await openCounters({ keepSnapshots });
    const other = await openCounters({ keepSnapshots: 'off' }, undefined, wrapLog(driver, { close: async () => {} }));
    await countTimes(other.log, 60);
    if (keepSnapshots === 'all') await vi.waitFor(async () => expect(await revisionsOf(log)).toEqual([50]));
    expect(await driver.kvGet('cursor/snapshots')).toEqual(keepSnapshots === 'all' ? expect.anything() : null);
    expect(log.snapshotReport()).toEqual({ keeping: keepSnapshots, failures: 0, lastFailure: null });
  });

  test('steps back while somebody asks or appends, and gets done all the same', async () => {
    const ask = { nothing: async () => undefined, read: async (log: Log) => void (await log.event('none')), append: (log: Log) => countTimes(log, 1, 'c') };
    /** Milliseconds from the first snapshot to the second, each of which takes 10. */
    async function distance(what: keyof typeof ask): Promise<number> {
      const ports = createTestPorts(1);
      const savedMs: number[] = [];
      const { log } = await openCounters({ ports }, (driver) =>
        wrapLog(driver, {
          kvPut(...put) {
            if (put[0].startsWith('snapshot/')) {
              savedMs.push(ports.clock.now());
              ports.clock.advance(10);
            }
            return driver.kvPut(...put);
          },
        }),
      );
      await log.append({ events: ['a', 'b'].flatMap((id) => Array.from({ length: 60 }, () => counted(id))) });
      while (savedMs.length < 2) {
        await ask[what](log);
        ports.clock.advance(1);
        for (let turn = 0; turn < 5; turn++) await ports.clock.turn();
      }
      return savedMs[1]! - savedMs[0]!;
    }
    const [nobody, reader, writer] = [await distance('nothing'), await distance('read'), await distance('append')];
    for (const somebody of [reader, writer]) expect(somebody).toBeGreaterThanOrEqual(4 * nobody);
  });

  test('two processes that keep one log do not hurt each other', async () => {
    const { log, driver } = await openCounters({ keepSnapshots: 'all' });
    const other = await openCounters({ keepSnapshots: 'all' }, undefined, wrapLog(driver, { close: async () => {} }));
    await Promise.all([countTimes(log, 120, 'a'), countTimes(other.log, 120, 'b')]);
    for (const id of ['a', 'b']) await vi.waitFor(async () => expect(await revisionsOf(log, id)).toEqual([50, 100]));
    await other.log.close();
    await countTimes(log, 40, 'a');
    await vi.waitFor(async () => expect(await revisionsOf(log)).toEqual([50, 100, 150]));
    for (const id of ['a', 'b']) expect((await log.snapshots.verify(`counter/${id}`)).every(({ ok }) => ok)).toBe(true);
    expect([log, other.log].map((each) => each.snapshotReport().failures)).toEqual([0, 0]);
  });

  test('B-141 a store that takes no snapshots takes appends; the failures are counted, and made good when it does', async () => {
    let isFull = true;
    const { log } = await openCounters({}, (driver) => wrapLog(driver, { kvPut: async (...put) => (isFull && put[0].startsWith('snapshot/') ? Promise.reject(new Error('full')) : driver.kvPut(...put)) }));
    await log.append({ events: Array.from({ length: 50 }, () => counted('a')) });
    await vi.waitFor(() => expect(log.snapshotReport()).toMatchObject({ failures: 1, lastFailure: { stream: null, code: 'INTERNAL', message: 'Error: full' } }));
    expect(await revisionsOf(log)).toEqual([]);
    isFull = false;
    await countTimes(log, 1);
    await vi.waitFor(async () => expect(await revisionsOf(log)).toEqual([50]));
    expect(log.snapshotReport().failures).toBe(1);
  });

  test('B-141 a stream that cannot be folded is counted and put on record once, and no other stream waits for it', async () => {
    const emitSnapshotFailed: LogOptions['emitSnapshotFailed'] = ({ stream, revision, error }) => ({ ...counted('failures'), type: 'failure.kept', data: { stream, revision, code: error.code } });
    const { log, driver } = await openCounters({ keepSnapshots: 'off' });
    await countTimes(log, 60, 'broken');
    await countTimes(log, 60, 'whole');
    isBroken = true;
    onTestFinished(() => void (isBroken = false));
    const again = wrapLog(driver, { close: async () => {} });
    for (const keeper of [await openCounters({ keepSnapshots: 'all', emitSnapshotFailed }, undefined, again), await openCounters({ keepSnapshots: 'all', emitSnapshotFailed }, undefined, again)]) {
      await vi.waitFor(async () => expect(await revisionsOf(keeper.log, 'whole')).toEqual([50]));
      // Closing waits for what is under way, the record included.
      await keeper.log.close();
      // A cursor that is lost makes the next one do everything again.
      const cursor = await driver.kvGet('cursor/snapshots');
      if (cursor !== null) await driver.kvPut('cursor/snapshots', null, cursor.rev);
    }
    const kept: unknown[] = [];
    for await (const page of log.events({ stream: 'counter/failures' })) kept.push(...page.events.map(({ data }) => data));
    expect(kept).toEqual([{ stream: 'counter/broken', revision: 50, code: 'FOLD_FAILED' }]);
  });

  test('closing ends it in the middle, and nothing is written afterwards', async () => {
    const puts: string[] = [];
    const { log } = await openCounters({}, (driver) =>
      wrapLog(driver, {
        kvPut(...put) {
          puts.push(put[0]);
          return driver.kvPut(...put);
        },
      }),
    );
    await countTimes(log, 200);
    await log.close();
    const atClose = puts.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(puts.length).toBe(atClose);
  });

  test('A-215 is stored as gzip and read back; without gzip at hand it is left aside, and with compression off it is plain', async () => {
    const packed = await openCounters({ keepSnapshots: 'off' });
    await countTimes(packed.log, 3);
    const opened: Log[] = [packed.log];
    const again = wrapLog(packed.driver, { close: async () => {} });
    opened.push((await openCounters({ keepSnapshots: 'off', compressSnapshots: false }, undefined, again)).log);
    opened.push((await openCounters({ keepSnapshots: 'off', ports: createTestPorts(1) }, undefined, again)).log);
    const [gzip, plain, without] = opened as [Log, Log, Log];
    let folded = gzip.fold.initial('counter', 'a');
    for await (const page of gzip.events({ stream: 'counter/a' })) for (const event of page.events) folded = gzip.fold.evolveDraft(folded, event);

    const small = (await gzip.snapshots.save(folded))!;
    const stored = async (): Promise<Uint8Array> => (await packed.driver.kvGet((await packed.driver.kvList('snapshot/'))[0]!.key))!.value;
    const value = await stored();
    expect([...value.subarray(value.indexOf(0x0a) + 1).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    for (const reader of [gzip, plain]) expect((await reader.snapshots.load('counter/a', 3))!.state).toEqual(folded);
    const ignored: unknown[] = [];
    expect(await without.snapshots.load('counter/a', 3, ({ fault }) => ignored.push(fault))).toBeNull();
    expect(ignored).toEqual(['format']);

    const large = (await plain.snapshots.save(folded))!;
    expect(small.bytes * 3).toBeLessThan(large.bytes);
    expect((await without.snapshots.load('counter/a', 3))!.state).toEqual(folded);
  });
});
