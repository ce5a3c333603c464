/** The parent's side of a worker (worker.ts): real processes, so that SIGKILL and file locks are real. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LogError, errorCodes } from '@refold/core';
import type { Commit, Head, LogDriver } from '@refold/core';
import type { WorkerModule } from './conformance/fixture.ts';
import { nodeArguments } from './node-arguments.ts';
import { packCommit, unpackResult } from './wire.ts';
import type { WireResult, WorkerReply, WorkerRequest } from './wire.ts';

export interface WorkerProcess extends Pick<LogDriver, 'append' | 'head'> {
  /** Resolves when the process is gone; the acknowledgement never comes. */
  appendThenDie(commit: Commit): Promise<void>;
  /** Loads the log with `createTraffic(seed)` commits until the process dies; `onAck` gets the number acknowledged so far. */
  load(seed: number, stream: string, onAck: (acknowledged: number) => void): void;
  /** The first position that a watch in that process yields. */
  firstWatched(after: number): Promise<number>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Closes the log in an orderly way and ends the process. */
  close(): Promise<void>;
}

interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
  progress(value: unknown): void;
}

/** Beside this file, in the same form: source or built. */
const workerModule = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export async function startWorker(module: WorkerModule, argument: string): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [...nodeArguments(workerModule), module.module, argument], { stdio: ['pipe', 'pipe', 'pipe'] });
  const calls = new Calls(child);
  const gone = once(child, 'exit').then(() => calls.failAll());
  // A write to a process that was just killed is an expected end, not a crash of the test.
  child.stdin.on('error', () => calls.failAll());
  await calls.ready;

  return {
    async append(commits) {
      const results = (await calls.call({ do: 'append', commits: commits.map(packCommit) })) as readonly WireResult[];
      return results.map(unpackResult);
    },
    head: () => calls.call({ do: 'head' }) as Promise<Head>,
    async appendThenDie(commit) {
      calls.call({ do: 'append-then-die', commits: [packCommit(commit)] }).catch(ignoreDeath);
      await gone;
    },
    load(seed, stream, onAck) {
      let acknowledged = 0;
      const count = (results: unknown): void => {
        acknowledged += (results as readonly WireResult[]).filter((result) => result.ok).length;
        onAck(acknowledged);
      };
      calls.call({ do: 'load', seed, stream }, count).catch(ignoreDeath);
    },
    firstWatched: (after) => calls.call({ do: 'watch', after }) as Promise<number>,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      calls.call({ do: 'close' }).catch(ignoreDeath);
      await gone;
    },
  };
}

/** Requests in flight, by number; a reply finds its caller, and the death of the process fails them all. */
class Calls {
  readonly ready: Promise<unknown>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiter>();
  #count = 0;
  #complaints = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.ready = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject, progress: () => {} }));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#receive(line));
  }

  call(request: WorkerRequest, progress: (value: unknown) => void = () => {}): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    if (this.isGone) return Promise.reject(this.#goneError());
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, progress });
      this.#child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  failAll(): void {
    for (const waiter of this.#waiting.values()) waiter.reject(this.#goneError());
    this.#waiting.clear();
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #goneError(): LogError {
    return new LogError('OUTCOME_UNKNOWN', `the worker process is gone ${this.#complaints}`.trim());
  }

  #receive(line: string): void {
    let message: WorkerReply;
    try {
      message = JSON.parse(line) as WorkerReply;
    } catch {
      // A line that the kill cut short acknowledges nothing.
      return;
    }
    this.#deliver(message);
  }

  #deliver(message: WorkerReply): void {
    const waiter = this.#waiting.get(message.id);
    if (waiter === undefined) return;
    if ('progress' in message) return waiter.progress(message.progress);
    this.#waiting.delete(message.id);
    if ('ok' in message) waiter.resolve(message.ok);
    else waiter.reject(errorFrom(message.error));
  }
}

/** The child's error, of the same kind, so that a retry rule sees an unknown outcome as one. */
function errorFrom({ code, message }: { readonly code: string; readonly message: string }): Error {
  const known = errorCodes.find((other) => other === code);
  return known === undefined ? new Error(`${code}: ${message}`) : new LogError(known, message);
}

/** The process was meant to die; who needs the outcome asks the log. */
function ignoreDeath(): void {}
