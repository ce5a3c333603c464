/** The listener of listen.mjs, and everybody else who keeps his place, at a server that is killed again and again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { listen } from './listen.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
// Packages lead to sources, as they do in this process.
const command = ['--import', join(root, 'packages/testing/src/source-resolution.ts'), join(root, 'packages/cli/src/main.ts')];

interface ServeOptions {
  readonly port: number;
  readonly flags?: readonly string[];
}

let folder: string;
const children = new Set<ChildProcess>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refold-listen-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([...children].map(gone));
  children.clear();
  rmSync(folder, { recursive: true, force: true });
});

const gone = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** A real `refold serve` over the SQLite file of the folder. */
async function serve({ port, flags = [] }: ServeOptions): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...command, 'serve', '--port', String(port), '--json', ...flags], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder }, stdio: ['ignore', 'pipe', 'ignore'] });
  children.add(child);
  let banner = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part: Buffer) => (banner += part.toString()).includes('"pid"') && resolve());
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Appends one event, again and again under one key until it is acknowledged; answers its position. */
async function append(port: number, key: string, headers: Record<string, string> = {}): Promise<number> {
  const body = JSON.stringify({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { key } });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers }, body }).catch(() => null);
    if (answer !== null && answer.status < 300) return ((await answer.json()) as { last: number }).last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Follows the server-sent events, coming back with the last id whenever the connection breaks. */
function follow(port: number, seen: number[], signal: AbortSignal): void {
  let last = 0;
  const once = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/events/stream`, { headers: { 'last-event-id': String(last) }, signal });
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const frames = (rest + chunk).split('\n\n');
      rest = frames.pop()!;
      for (const frame of frames) {
        if (!frame.includes('\ndata: ')) continue;
        last = Number(/^id: (\d+)$/m.exec(frame)![1]);
        seen.push(last);
      }
    }
  };
  const again = async (): Promise<void> => {
    while (!signal.aborted) {
      await once().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  void again();
}

const listeners = 25;

describe('a listener that keeps its place', () => {
  test('C-058 C-059 D-094: hears every acknowledged event once, in order, over WebSocket and as server-sent events, though the server is killed under fifty of them', { timeout: 120_000 }, async () => {
    const port = await freePort();
    let server = await serve({ port, flags: ['--no-auth'] });
    const stop = new AbortController();
    const heard = Array.from({ length: 2 * listeners }, (): number[] => []);
    for (const seen of heard.slice(0, listeners)) {
      const listener = listen({ url: `ws://127.0.0.1:${port}/ws`, channel: 'orchestration.*', afterPosition: 0, onEvent: (_event, position) => void seen.push(position) });
      stop.signal.addEventListener('abort', () => listener.stop());
    }
    for (const seen of heard.slice(listeners)) follow(port, seen, stop.signal);
    onTestFinished(() => stop.abort());

    const acknowledged: number[] = [];
    let isDone = false;
    const writing = Promise.all(
      Array.from({ length: 4 }, async (_, writer) => {
        for (let index = 0; !isDone; index++) acknowledged.push(await append(port, `${writer}-${index}`));
      }),
    );
    for (let kill = 1; kill <= 3; kill++) {
      await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(kill * 60);
      server.kill('SIGKILL');
      await gone(server);
      server = await serve({ port, flags: ['--no-auth'] });
    }
    isDone = true;
    await writing;

    const last = Math.max(...acknowledged);
    const all = Array.from({ length: last }, (_, index) => index + 1);
    expect(acknowledged.toSorted((a, b) => a - b)).toEqual(all);
    await expect.poll(() => heard.every((seen) => seen.at(-1)! >= last), { timeout: 30_000 }).toBe(true);
    for (const seen of heard) expect(seen).toEqual(all);
  });

  test('signs in with its first message, and is told when the server will not have it', { timeout: 60_000 }, async () => {
    const port = await freePort();
    await serve({ port });
    const token = readFileSync(join(folder, '.refold/token'), 'utf8').trim();
    const event = new Promise<{ readonly type: string }>((resolve) => {
      const listener = listen({ url: `ws://127.0.0.1:${port}/ws`, channel: 'stream.custom.n1', token, afterPosition: 0, onEvent: resolve });
      onTestFinished(() => listener.stop());
    });
    await append(port, 'a', { authorization: `Bearer ${token}` });
    expect(await event).toMatchObject({ type: 'custom.noted', data: { key: 'a' } });
    const refused = new Promise((resolve) => listen({ url: `ws://127.0.0.1:${port}/ws`, channel: 'orchestration.*', token: 'wrong', onEvent: () => undefined, onRefused: resolve }));
    expect(await refused).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('as a command it prints what happens, a line per event', { timeout: 60_000 }, async () => {
    const port = await freePort();
    await serve({ port, flags: ['--no-auth'] });
    const child = spawn(process.execPath, [join(root, 'examples/listen.mjs'), `ws://127.0.0.1:${port}/ws`, 'stream.custom.n1']);
    children.add(child);
    const line = once(child.stdout, 'data');
    // It hears what comes after it began; until then there is nothing to wait for.
    const writing = (async () => {
      for (let index = 0; child.exitCode === null && child.stdout.readableLength === 0 && index < 100; index++) await append(port, String(index));
    })();
    expect(String((await line)[0])).toMatch(/^@\d+ {2}custom\.noted {2}custom\/n1\n/);
    child.kill();
    await writing;
  });
});
