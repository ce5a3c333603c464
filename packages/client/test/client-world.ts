/** A real server over a SQLite file, which can go and come back at the same address; and a wire to it that can be cut. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer as createNetServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { createServer, createSignIn, listen } from '@refold/server';
import type { ServerOptions } from '@refold/server';
import { onTestFinished } from 'vitest';

export interface World {
  readonly url: string;
  /** Another way to it. */
  readonly wire: Wire;
  stop(): Promise<void>;
  /** At the same address; over another log when a file is given. */
  start(file?: string): Promise<void>;
}

export interface WorldOptions extends Partial<Pick<ServerOptions, 'limits' | 'rates' | 'operations' | 'allowedOrigins' | 'requestLog'>> {
  /** Who does not show this does not come in; default: everybody does. */
  readonly token?: string;
}

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'refold-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export async function startWorld({ token, ...options }: WorldOptions = {}): Promise<World> {
  const folder = temporaryFolder();
  const wire = await startWire(() => port);
  const running = await run('log.db', 0);
  const { port } = running;
  let stop: (() => Promise<void>) | null = running.stop;
  onTestFinished(async () => await stop?.());

  async function run(file: string, wanted: number): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
    const { log, search, installation, close } = await openStore(`sqlite:${join(folder, file)}`);
    const app = createServer({ log, search, installation, operations, allowedHosts: [new URL(wire.url).host], ...options, ...(token === undefined ? {} : { signIn: createSignIn({ log, localToken: token }) }) });
    const server = await listen(app, { port: wanted, drainMs: 100 });
    const stopped = async (): Promise<void> => {
      await server.close();
      await close();
    };
    return { port: server.port, stop: stopped };
  }

  return {
    url: `http://127.0.0.1:${port}`,
    wire,
    async stop() {
      await stop?.();
      stop = null;
    },
    async start(file = 'log.db') {
      ({ stop } = await run(file, port));
    },
  };
}

/** What the wire does with the next connections. */
type Fault = 'none' | 'swallow the answer' | 'cut' | 'stall';

export interface Wire {
  readonly url: string;
  /** From now on, for so many connections; then the wire is whole again. */
  fail(fault: Fault, connections?: number): void;
  /** Cuts every connection that stands. */
  cut(): void;
  /** Lets every connection that stands be, and carries nothing over it any more. */
  stall(): void;
  /** Connections that were made so far. */
  readonly connections: number;
}

/**
 * Carries bytes to a server and back. `cut` ends a connection before anything passes; `swallow the answer` lets the request through and
 * ends the connection instead of answering; `stall` carries what is asked, and nothing back.
 */
async function startWire(port: () => number): Promise<Wire> {
  const open = new Set<Socket>();
  const stalled = new WeakSet<Socket>();
  let [fault, left, connections] = ['none' as Fault, 0, 0];
  const relay = createNetServer((near) => {
    connections++;
    const failing = left > 0 ? fault : 'none';
    left = Math.max(0, left - 1);
    if (failing === 'cut') return void near.destroy();
    const far = connect(port(), '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (bytes) => {
      if (failing === 'swallow the answer') near.destroy();
      else if (failing === 'none' && !stalled.has(near)) near.write(bytes);
    });
  });
  const cut = (): void => open.forEach((socket) => socket.destroy());
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => relay.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    fail: (next, count = 1) => void ([fault, left] = [next, count]),
    cut,
    stall: () => open.forEach((socket) => stalled.add(socket)),
    get connections() {
      return connections;
    },
  };
}

const ada = { type: 'user', id: 'ada' } as const;
export const note = (text: string, streamId = 'n1'): { type: string; streamType: string; streamId: string; actor: typeof ada; data: { text: string } } => ({ type: 'custom.noted', streamType: 'custom', streamId, actor: ada, data: { text } });
