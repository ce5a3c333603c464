/**
 * A child process that holds a log open and does what its parent says over stdin and stdout: the other process in
 * concurrency cases, and the one that gets killed in durability cases.
 *
 * Started as `node worker.ts <module URL> <argument>`; the module exports `openForWorker(argument): Promise<LogDriver>`.
 */
import { createInterface } from 'node:readline';
import type { LogDriver } from '@refold/core';
import { createTraffic } from './conformance/traffic.ts';
import { packResult, unpackCommit } from './wire.ts';
import type { WorkerReply, WorkerRequest } from './wire.ts';

const [moduleUrl = '', argument = ''] = process.argv.slice(2);
const { openForWorker } = (await import(moduleUrl)) as { openForWorker(argument: string): Promise<LogDriver> };
const driver = await openForWorker(argument);

reply({ id: 0, ok: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...request } = JSON.parse(line) as WorkerRequest & { id: number };
  // Not awaited: several calls may be in flight, as on a pipelined connection.
  void answer(id, request);
}

async function answer(id: number, request: WorkerRequest): Promise<void> {
  try {
    reply({ id, ok: (await perform(id, request)) ?? null });
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as Error & { code?: string };
    reply({ id, error: { code, message } });
  }
  if (request.do === 'close') process.exit(0);
}

async function perform(id: number, request: WorkerRequest): Promise<unknown> {
  switch (request.do) {
    case 'append':
      return (await driver.append(request.commits.map(unpackCommit))).map(packResult);
    case 'append-then-die':
      await driver.append(request.commits.map(unpackCommit));
      process.kill(process.pid, 'SIGKILL');
      return null;
    case 'load':
      return load(id, request.seed, request.stream);
    case 'head':
      return driver.head();
    case 'watch': {
      for await (const position of driver.watch(request.after, new AbortController().signal)) return position;
      throw new Error('the watch ended');
    }
    case 'close':
      return driver.close();
  }
}

async function load(id: number, seed: number, stream: string): Promise<never> {
  const traffic = createTraffic(seed);
  for (;;) {
    const commit = traffic.commit([{ stream }, { stream: `${stream}/part` }]);
    const results = await driver.append([commit]);
    reply({ id, progress: results.map(packResult) });
  }
}

function reply(message: WorkerReply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
