/** The page's side of the fold worker: questions with answers, in whatever order they come back. */
import type { AnswerOf, Answered, Question, WorkerFailure } from './fold-messages.ts';

export interface FoldClient {
  ask<Q extends Question>(question: Q): Promise<AnswerOf[Q['is']]>;
  close(): void;
}

/** What the worker refused, with the code and the words of the product. */
export class FoldError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: { readonly [name: string]: unknown };

  constructor({ code, message, hint, details = {} }: WorkerFailure) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** True for an answer that nobody waits for any more. */
export const isSuperseded = (error: unknown): boolean => error instanceof FoldError && error.code === 'SUPERSEDED';

export function openFoldClient(address: { readonly streamType: string; readonly streamId: string }): FoldClient {
  const worker = new Worker(new URL('./fold.worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { readonly resolve: (answer: never) => void; readonly reject: (error: unknown) => void }>();
  let number = 0;

  worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => {
    const waiter = waiting.get(data.number);
    waiting.delete(data.number);
    if ('failure' in data) waiter?.reject(new FoldError(data.failure));
    else waiter?.resolve(data.answer as never);
  });
  worker.addEventListener('error', ({ message }) => {
    for (const { reject } of waiting.values()) reject(new FoldError({ code: 'INTERNAL', message: `The fold worker failed: ${message}` }));
    waiting.clear();
  });

  const ask: FoldClient['ask'] = (question) =>
    new Promise((resolve, reject) => {
      waiting.set(++number, { resolve, reject });
      worker.postMessage({ number, question });
    });
  ask({ is: 'open', ...address, url: location.origin }).catch(() => undefined);

  return {
    ask,
    close() {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new FoldError({ code: 'SUPERSEDED', message: 'The page was left.' }));
      waiting.clear();
    },
  };
}
