/** The worker process that durable drivers are killed in, shown over the simplest log. */
import { LogError } from '@refold/core';
import { appendUntilKnown, createTraffic, receiptOf, startWorker, within } from '@refold/testing';
import type { WorkerProcess } from '@refold/testing';
import { afterEach, describe, expect, it } from 'vitest';

const module = { module: new URL('./memory-worker.ts', import.meta.url).href, argument: (name: string): string => name };
const started: WorkerProcess[] = [];

async function start(): Promise<WorkerProcess> {
  const worker = await startWorker(module, 'epoch of the child');
  started.push(worker);
  return worker;
}

afterEach(async () => {
  for (const worker of started.splice(0)) await worker.kill();
});

describe('a worker process', () => {
  it('opens the log with the argument, appends, and gives the answers whole', async () => {
    const worker = await start();
    const traffic = createTraffic(1);
    const commit = traffic.commit([{ stream: 'a' }, { stream: 'b', body: Uint8Array.from([0, 255]) }]);
    const refused = traffic.commit([{ stream: 'a' }], [{ kind: 'stream', stream: 'a', expect: 'none' }]);
    const [first, conflict, again] = await worker.append([commit, refused, commit]);
    expect(receiptOf(first)).toMatchObject({ duplicate: false, first: 1, last: 2, revisions: new Map([['a', 1], ['b', 1]]) });
    expect(conflict).toEqual({ ok: false, reason: 'conflict', head: 2, failed: [{ check: 0, actual: 1 }] });
    expect(receiptOf(again)).toEqual({ ...receiptOf(first), duplicate: true });
    expect(await worker.head()).toMatchObject({ position: 2, epoch: 'epoch of the child' });
  });

  it('passes errors on with their code', async () => {
    const worker = await start();
    const { events: _events, ...rest } = createTraffic(1).commit();
    await expect(worker.append([{ ...rest, events: [] as never }])).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('tells the first position that a watch yields', async () => {
    const worker = await start();
    const hint = worker.firstWatched(0);
    await worker.append([createTraffic(1).commit()]);
    expect(await hint).toBe(1);
  });

  it('dies before it acknowledges, when told so', async () => {
    const worker = await start();
    await worker.appendThenDie(createTraffic(1).commit());
    await expect(worker.head()).rejects.toBeInstanceOf(LogError);
  });

  it('acknowledges commit after commit under load until it is killed', async () => {
    const worker = await start();
    const counts: number[] = [];
    await within(20_000, 'ten acknowledgements', new Promise<void>((resolve) => {
      worker.load(7, 'load/1', (acknowledged) => {
        counts.push(acknowledged);
        if (acknowledged === 10) resolve();
      });
    }));
    await worker.kill();
    expect(counts.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await expect(appendUntilKnown(worker, createTraffic(1).commit(), 2)).rejects.toThrow('no answer after 2 attempts');
  });

  it('closes in an orderly way', async () => {
    const worker = await start();
    await worker.close();
    await worker.close();
    await expect(worker.head()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });
});
