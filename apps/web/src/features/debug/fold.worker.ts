/** The worker that folds: no fold, and no value of a state, ever holds up what is painted. */
import { createCatalogRegistry } from '@refold/catalog';
import { createClient } from '@refold/client';
import { LogError } from '@refold/core';
import { createFoldDesk } from './fold-desk.ts';
import type { FoldDesk } from './fold-desk.ts';
import type { Answered, Asked, Question, WorkerFailure } from './fold-messages.ts';

let desk: FoldDesk | null = null;
/** Only the newest place is waited for: whoever scrubs is not interested in where he was. */
let placing: AbortController | null = null;

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  void answer(data.question).then(
    (given) => postMessage({ number: data.number, answer: given } satisfies Answered),
    (error: unknown) => postMessage({ number: data.number, failure: failureOf(error) } satisfies Answered),
  );
});

async function answer(question: Question): Promise<unknown> {
  if (question.is === 'open') {
    desk = createFoldDesk(createClient({ url: question.url, limits: { retriesMax: 1 } }), createCatalogRegistry(), { streamType: question.streamType, streamId: question.streamId });
    return null;
  }
  if (desk === null) throw new Error('The fold worker was asked before it was opened.');
  const { signal } = placing ?? (placing = new AbortController());
  switch (question.is) {
    case 'head':
      desk.setHead(question.head);
      return null;
    case 'place': {
      placing.abort();
      placing = new AbortController();
      return await desk.place(question.place, placing.signal);
    }
    case 'setters':
      return await desk.setters(question.revision, question.pointers, signal);
    case 'value':
      return await desk.value(question.revision, question.pointer, signal);
    case 'evaluate':
      return await desk.evaluate(question.revision, question.expression, new AbortController().signal);
    case 'skip':
      desk.skip(question.revision);
      return null;
  }
}

function failureOf(error: unknown): WorkerFailure {
  if (error instanceof LogError) {
    // What a refusal carries may be a state; the page needs the words.
    const { state: _state, ...details } = error.details as { readonly [name: string]: unknown };
    return { code: error.code, message: error.message, hint: error.hint, details: JSON.parse(JSON.stringify(details)) as WorkerFailure['details'] & object };
  }
  if (error instanceof DOMException && error.name === 'AbortError') return { code: 'SUPERSEDED', message: 'Another place was asked for.' };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
