/** A server that is killed under many clients, and comes back: the promise of the whole (TRUST.md, F2). */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@refold/client';
import type { AppendReceipt, Client } from '@refold/client';
import { createClient as createGraphqlClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { note, temporaryFolder } from './client-world.ts';

const clientCount = 50;
const appendsEach = 30;
const kills = 2;

test('F2 D-094 D-110: killed twice under 50 clients that append and listen over SSE, GraphQL and WebSocket, nothing acknowledged is lost or doubled, and every listener has each position once, in order', async () => {
  const server = await startServer();
  const enough = new AbortController();
  onTestFinished(() => enough.abort());
  const limits = { retriesMax: 1_000, backoffMs: 20, backoffMsMax: 200 };
  const receipts: AppendReceipt[] = [];
  const clients = Array.from({ length: clientCount }, (_, index) => ({ index, client: createClient({ url: server.url, limits, signal: enough.signal }) }));

  const heard: number[][] = [];
  const listening = clients.flatMap(({ client }) =>
    [overEvents(client), overGraphql(server.url), overChannel(server.url)].map(async (listen) => {
      const positions: number[] = [];
      heard.push(positions);
      await listen(positions, enough.signal);
    }),
  );
  const appending = clients.map(async ({ index, client }) => {
    for (let count = 0; count < appendsEach; count++) receipts.push(await client.appendEvents({ events: [note(`${index} ${count}`, `n${index}`)] }));
  });

  const total = clientCount * appendsEach;
  for (let kill = 1; kill <= kills; kill++) {
    await expect.poll(() => receipts.length, { interval: 2, timeout: 60_000 }).toBeGreaterThan((total * kill) / (kills + 2));
    await server.kill();
    const before = receipts.length;
    expect(before).toBeLessThan(total);
    await server.start();
  }
  await Promise.all(appending);

  const expected = Array.from({ length: total }, (_, index) => index + 1);
  await expect.poll(() => heard.map((positions) => positions.length), { timeout: 60_000 }).toEqual(listening.map(() => total));
  enough.abort();
  await Promise.all(listening);
  for (const positions of heard) expect(positions).toEqual(expected);

  // The log itself: every commit that was acknowledged, where its receipt says, and nothing beside them.
  const reader = createClient({ url: server.url });
  expect(receipts.map(({ first: position }) => position).toSorted((a, b) => a - b)).toEqual(expected);
  for (let index = 0; index < clientCount; index++) {
    const { items } = await reader.queryEvents({ streamType: 'custom', streamId: `n${index}`, limit: 1_000 });
    expect(items.map(({ data }) => data['text'])).toEqual(Array.from({ length: appendsEach }, (_, count) => `${index} ${count}`));
  }
  expect(await reader.verifyLog()).toMatchObject({ ok: true });
}, 180_000);

/** Notes each position that comes, until the signal aborts, whatever becomes of the connection. */
type Listen = (positions: number[], signal: AbortSignal) => Promise<void>;

const overEvents = (client: Client): Listen => async (positions, signal) => {
  for await (const { position } of client.tailEvents({ fromStart: true }, { signal })) positions.push(position);
};

/** As a page would: a client of the protocol, which subscribes again after the last position that came. */
const overGraphql = (url: string): Listen => async (positions, signal) => {
  while (!signal.aborted) {
    const socket = createGraphqlClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
    const dispose = (): void => void socket.dispose();
    signal.addEventListener('abort', dispose);
    try {
      for await (const { extensions } of socket.iterate({ query: 'subscription { eventAppended { position } }', extensions: { afterPosition: positions.at(-1) ?? 0 } })) positions.push((extensions as { readonly position: number }).position);
    } catch {
      // The server was killed, and may not be back yet.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    signal.removeEventListener('abort', dispose);
    dispose();
  }
};

const overChannel = (url: string): Listen => async (positions, signal) => {
  while (!signal.aborted) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    const close = (): void => socket.close();
    signal.addEventListener('abort', close);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ op: 'subscribe', channel: 'orchestration.*', afterPosition: positions.at(-1) ?? 0 })));
    socket.addEventListener('message', ({ data }) => {
      const { op, position } = JSON.parse(String(data)) as { readonly op: string; readonly position: number };
      if (op === 'event') positions.push(position);
    });
    await new Promise<void>((resolve) => socket.addEventListener('close', () => resolve()));
    signal.removeEventListener('abort', close);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

interface Served {
  readonly url: string;
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** `refold serve` from its sources, over SQLite as it is by default, always at the same address. */
async function startServer(): Promise<Served> {
  const folder = temporaryFolder();
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, ['--import', path('../../testing/src/source-resolution.ts'), path('../../cli/src/main.ts'), 'serve', '--port', String(port), '--no-auth', '--store', `sqlite:${join(folder, 'log.db')}`], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    let shown = '';
    for await (const bytes of started.stdout as AsyncIterable<Buffer>) if ((shown += bytes.toString()).includes('Ctrl-C')) return;
    throw new Error(`serve did not start: ${shown}`);
  };
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  await start();
  return { url: `http://127.0.0.1:${port}`, kill, start };
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
