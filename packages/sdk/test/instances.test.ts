/** Several processes on one log in PostgreSQL: what is done once is done by one of them, and goes on when that one is gone. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { nodeArguments, startPostgres, whyNoPostgres } from '@refold/testing';
import type { PostgresServer } from '@refold/testing';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../src/index.ts';
import type { OpenedStore } from '../src/index.ts';

const reason = whyNoPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (reason === null) server = await startPostgres();
  else console.warn(`NOT RUN: ${reason}`);
}, 60_000);
beforeEach((context) => {
  if (reason !== null) context.skip(reason);
});
afterAll(() => server?.stop(), 30_000);

const leaseMs = 2_000;

interface Instance {
  readonly process: ChildProcess;
  /** Positions it worked on, in its order. */
  readonly worked: number[];
}

async function startInstance(url: string): Promise<Instance> {
  const child = spawn(process.execPath, [...nodeArguments(new URL('./instance-child.ts', import.meta.url)), url, String(leaseMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const worked: number[] = [];
  let rest = '';
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line === 'ready') resolve(); else worked.push(Number(line));
    });
  });
  return { process: child, worked };
}

const receive = async ({ log }: OpenedStore, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) await log.append({ events: [{ type: 'custom.received', streamType: 'custom', streamId: 'inbox', data: { index }, actor: { type: 'user', id: 'ana' } }] });
};

/** Positions of what was received, and of what the mail that was sent for it names. */
async function sentAndReceived({ log }: OpenedStore): Promise<{ readonly received: readonly number[]; readonly sent: readonly number[] }> {
  const [received, sent]: [number[], number[]] = [[], []];
  for await (const { events } of log.events({})) for (const event of events) if (event.streamId === 'inbox') received.push(event.position); else sent.push(event.data['position'] as number);
  return { received, sent };
}

test('D-006 two processes share a consumer: one works, the other goes on when it is killed, and each effect is there once, in order', { timeout: 60_000 }, async () => {
  const url = `${server.url}?log=instances`;
  const store = await openStore(url, { keepSnapshots: 'off' });
  onTestFinished(() => store.close());
  const instances = [await startInstance(url), await startInstance(url)];
  await receive(store, 60);
  await expect.poll(async () => (await sentAndReceived(store)).sent.length, { timeout: 20_000 }).toBe(60);
  const [worker, other] = instances[0]!.worked.length > 0 ? [instances[0]!, instances[1]!] : [instances[1]!, instances[0]!];
  expect([worker.worked.length, other.worked.length]).toEqual([60, 0]);

  // Killed while there is work for it.
  const receiving = receive(store, 60);
  await expect.poll(() => worker.worked.length, { interval: 5 }).toBeGreaterThan(70);
  worker.process.kill('SIGKILL');
  await receiving;
  await expect.poll(async () => (await sentAndReceived(store)).sent.length, { timeout: 20_000 }).toBe(120);
  expect(other.worked.length).toBeGreaterThan(0);
  const { received, sent } = await sentAndReceived(store);
  expect(sent).toEqual(received);
});

test('two stores that keep snapshots for everybody leave it to one of them, and both see them', { timeout: 60_000 }, async () => {
  const url = `${server.url}?log=snapshots`;
  const options = { keepSnapshots: 'all', limits: { leaseMs, snapshotPauseMs: 20 } } as const;
  const [left, right] = [await openStore(url, options), await openStore(url, options)];
  onTestFinished(() => right.close());
  const snapshotted = async (): Promise<number> => (await right.log.driver.kvList('snapshot/')).length;
  const holder = async (): Promise<string> => new TextDecoder().decode((await right.log.driver.kvGet('lease/snapshots'))?.value);
  await receive(left, 100);
  await expect.poll(snapshotted, { timeout: 20_000 }).toBe(2);
  expect(await holder()).toContain('"leaseMs":2000');
  // Ended in order, it hands over.
  await left.close();
  await receive(right, 50);
  await expect.poll(snapshotted, { timeout: 20_000 }).toBe(3);
  expect(right.log.snapshotReport().failures).toBe(0);
});
