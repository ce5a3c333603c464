/** A process of its own for one side of a measurement, asked to do things by name. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  ask<T>(task: string, input?: object): Promise<T>;
  stop(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** @param name  Of a module of this folder that calls `serveTasks`. */
export function startChild(name: string): Child {
  // Built or not, the module stands beside this one and is called like it.
  const process = fork(fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)), { serialization: 'advanced', execArgv: ['--expose-gc'] });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  process.on('message', (answer) => {
    // Only `serveTasks` speaks here.
    const { id, value, error } = answer as Answer;
    const waiter = waiting.get(id)!;
    waiting.delete(id);
    if (error === undefined) waiter.resolve(value);
    else waiter.reject(new Error(`${name}: ${error}`));
  });
  const gone = new Promise<void>((resolve) =>
    process.once('exit', (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code}`));
      resolve();
    }),
  );
  return {
    ask: <T>(task: string, input: object = {}) =>
      new Promise<T>((resolve, reject) => {
        waiting.set(asked, { resolve: (value) => resolve(value as T), reject });
        process.send({ id: asked++, task, input });
      }),
    async stop() {
      process.kill();
      await gone;
    },
  };
}

export function serveTasks(tasks: { readonly [task: string]: (input: never) => unknown }): void {
  process.on('message', (message) => {
    const { id, task, input } = message as { readonly id: number; readonly task: string; readonly input: never };
    void (async () => await tasks[task]!(input))().then(
      (value) => process.send!({ id, value } satisfies Answer),
      (error: unknown) => process.send!({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer),
    );
  });
}

/** The same clock in every process of this machine, in milliseconds with fractions. */
export const sharedNowMs = (): number => performance.timeOrigin + performance.now();
