/** Micro-batching: writers who are ready together share one durable write; nobody's answer gets lost or mixed up. */
import { createRegistry, defineAggregate, openLog } from '@refold/core';
import type { EventInput, Limits, Log, LogDriver } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';

const note = defineAggregate<object>({ type: 'note', version: '1', initial: () => ({}), events: { 'note.written': {} } });
const written = (id: string, text = ''): EventInput => ({ type: 'note.written', streamType: 'note', streamId: id, actor: { type: 'system', id: 'test' }, data: { text } });

/** A log that tells how many commits each durable write had. */
async function openCounting(limits: Partial<Limits> = {}): Promise<{ log: Log; writes: number[] }> {
  const ports = createTestPorts(1, { isSleepInstant: true });
  const writes: number[] = [];
  const counting = (driver: LogDriver): LogDriver =>
    wrapLog(driver, {
      append: async (commits) => {
        writes.push(commits.length);
        return await driver.append(commits);
      },
    });
  const log = await openLog({ open: (linker) => counting(openMemoryLog({ linker, clock: ports.clock })), registry: createRegistry({ aggregates: [note] }), ports, limits });
  return { log, writes };
}

describe('batching', () => {
  test('a lone writer waits for nobody', async () => {
    const { log, writes } = await openCounting();
    await log.append({ events: [written('a')] });
    await log.append({ events: [written('a')] });
    expect(writes).toEqual([1, 1]);
  });

  test('64 writers share a write, each gets his own answer', async () => {
    const { log, writes } = await openCounting();
    const receipts = await Promise.all(Array.from({ length: 64 }, (_, index) => log.append({ events: [written(`n${index}`)] })));
    expect(writes).toEqual([64]);
    expect(receipts.map(({ events }) => events[0]!.streamId)).toEqual(Array.from({ length: 64 }, (_, index) => `n${index}`));
    expect(new Set(receipts.map(({ first }) => first)).size).toBe(64);
  });

  test('writers who come back together travel together again', async () => {
    const { log, writes } = await openCounting();
    const writer = async (id: string): Promise<void> => {
      for (let time = 0; time < 5; time++) await log.append({ events: [written(id)] });
    };
    await Promise.all(Array.from({ length: 16 }, (_, index) => writer(`n${index}`)));
    expect(writes).toEqual([16, 16, 16, 16, 16]);
  });

  test('a batch is bounded in commits and in bytes', async () => {
    const byCount = await openCounting({ batchCommitsMax: 10 });
    await Promise.all(Array.from({ length: 25 }, (_, index) => byCount.log.append({ events: [written(`n${index}`)] })));
    expect(byCount.writes).toEqual([10, 10, 5]);

    const byBytes = await openCounting({ batchBytesMax: 5_000 });
    await Promise.all(Array.from({ length: 6 }, (_, index) => byBytes.log.append({ events: [written(`n${index}`, 'x'.repeat(2_000))] })));
    expect(byBytes.writes).toEqual([2, 2, 2]);
  });

  test('a commit that is refused takes nobody with it', async () => {
    const { log } = await openCounting();
    const answers = await Promise.allSettled([log.append({ events: [written('a')], expectedRevision: 0 }), log.append({ events: [written('a')], expectedRevision: 0 }), log.append({ events: [written('b')] })]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await log.head()).position).toBe(2);
  });

  test('closing waits for what is in flight', async () => {
    const { log } = await openCounting();
    const appended = log.append({ events: [written('a')] });
    await new Promise((resolve) => setImmediate(resolve));
    await log.close();
    expect(await appended).toMatchObject({ first: 1 });
  });
});
