/** The server is killed under its subscribers and started again: each goes on where it was. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeArguments } from '@refold/testing';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

interface Running {
  readonly url: string;
  kill(): Promise<void>;
}

async function start(path: string, seed: number, port = 0): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [...nodeArguments(new URL('./serve-file.ts', import.meta.url)), path, String(port), String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`The server ended with ${code}.`);
  });
  const [line] = (await Promise.race([once(child.stdout!, 'data'), gone])) as [Buffer];
  gone.catch(() => undefined);
  return {
    url: String(line).trim(),
    async kill() {
      child.kill('SIGKILL');
      await gone.catch(() => undefined);
    },
  };
}

/** Listens as a page would: after a break it subscribes again, after the position of the last answer. */
async function listen(url: string, until: number): Promise<readonly number[]> {
  const positions: number[] = [];
  while (positions.at(-1) !== until) {
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
    try {
      for await (const { extensions } of client.iterate({ query: 'subscription { eventAppended { position } }', extensions: { afterPosition: positions.at(-1) ?? 0 } })) {
        positions.push((extensions as { readonly position: number }).position);
        if (positions.at(-1) === until) break;
      }
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await client.dispose();
  }
  return positions;
}

test('D-094 D-110 every subscriber ends with each position once, in order, and nothing that was acknowledged is lost', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'refold-graphql-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [path, total, kills] = [join(folder, 'log.db'), 60, [20, 40]];
  let server = await start(path, 1);
  const { url } = server;
  const followers = Array.from({ length: 12 }, () => listen(url, total));
  for (let count = 1; count <= total; count++) {
    const answer = await fetch(`${url}/api/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `commit-${count}` }, body: JSON.stringify([{ type: 'custom.noted', streamType: 'custom', streamId: 'n', actor: { type: 'user', id: 'ana' }, data: { count } }]) });
    expect([count, answer.status]).toEqual([count, 201]);
    if (!kills.includes(count)) continue;
    await server.kill();
    server = await start(path, count, Number(new URL(url).port));
  }
  const everything = Array.from({ length: total }, (_, index) => index + 1);
  for (const follower of followers) expect(await follower).toEqual(everything);
});
