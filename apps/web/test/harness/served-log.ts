/**
 * A real `refold serve` in a process of its own over a log in a temporary folder. It runs from its sources and hands out the app
 * as it is built (built-app.ts). Nothing of the person who runs the tests is read or written.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@refold/client';
import type { Client } from '@refold/client';
import { inRepository } from './paths.ts';

export interface ServedLog {
  readonly url: string;
  /** As the owner of the machine: for what a test puts into the log, and for links. */
  readonly client: Client;
  readonly folder: string;
  readonly isOpen: boolean;
  /** The server goes (as with Ctrl-C), and comes back at the same address over the same log. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** The process dies without a word. */
  kill(): Promise<void>;
  /** Stops it and removes the log. */
  close(): Promise<void>;
}

export interface ServedLogOptions {
  /** Loads the example runs. */
  readonly demo?: boolean;
  /** Nobody has to sign in. */
  readonly isOpen?: boolean;
  /** A log that is there, by its URL; default a new one. */
  readonly store?: string;
}

export async function serveLog({ demo = false, isOpen = false, store }: ServedLogOptions = {}): Promise<ServedLog> {
  const folder = mkdtempSync(join(tmpdir(), 'refold-web-'));
  const where = store === undefined ? [] : ['--store', store];
  const token = store === undefined ? join(folder, '.refold/token') : join(`${store.slice(store.indexOf(':') + 1)}.refold`, 'token');
  let child: ChildProcess | null = null;

  async function launch(port: number, flags: readonly string[]): Promise<string> {
    const started = spawn(process.execPath, ['--import', inRepository('packages/testing/src/source-resolution.ts'), inRepository('packages/cli/src/main.ts'), 'serve', '--json', '--port', String(port), ...(isOpen ? ['--no-auth'] : []), ...flags], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: join(folder, '.cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    return await bannerOf(started);
  }

  const url = await launch(0, [...where, ...(demo ? ['--demo'] : [])]).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });

  async function end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  }

  return {
    url,
    folder,
    isOpen,
    client: createClient({ url, token: isOpen ? null : readFileSync(token, 'utf8').trim() }),
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    start: async () => void (await launch(Number(new URL(url).port), where)),
    async close() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** It prints one JSON document when it listens; until then, what it says on stderr is why it does not. */
function bannerOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let [output, notes] = ['', ''];
  child.stderr!.on('data', (part: Buffer) => (notes += part.toString()));
  child.stdout!.on('data', (part: Buffer) => {
    output += part.toString();
    const url = /"url":\s*"([^"]+)"/.exec(output)?.[1];
    if (url !== undefined && output.trimEnd().endsWith('}')) resolve(url);
  });
  child.once('exit', (code) => reject(new Error(`refold serve ended with ${code}: ${notes}`)));
  return promise;
}
