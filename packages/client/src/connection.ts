/** One connection to a stream: what it sends until it ends, breaks, or says nothing for too long. */
import { LogError } from '@refold/core';
import type { Http } from './http.ts';
import { errorOf } from './problem.ts';
import type { Problem } from './problem.ts';
import type { HttpRequest } from './request.ts';
import { sentLines } from './json-lines.ts';
import { sentEvents } from './server-sent-events.ts';
import type { SentEvent } from './server-sent-events.ts';

export interface ConnectionOptions {
  readonly signal: AbortSignal | undefined;
  readonly silenceMsMax: number;
  /** Lines of a file: between two of them the server may search for long without a word. */
  readonly form: 'events' | 'lines';
}

/**
 * Resolves when the server has begun to answer.
 *
 * @throws LogError what it refuses with, now or as an event of the stream; LOG_UNAVAILABLE `unreachable`, `connection`, `silent`.
 */
export async function openConnection(http: Http, request: HttpRequest, { signal, silenceMsMax, form }: ConnectionOptions): Promise<AsyncGenerator<SentEvent>> {
  const silent = new AbortController();
  const onSilence = (): void => silent.abort(new LogError('LOG_UNAVAILABLE', `${http.url} has fallen silent.`, { details: { reason: 'silent' } }));
  const timer = form === 'lines' ? undefined : setTimeout(onSilence, silenceMsMax);
  const stop = signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]);
  const { body } = await http.send({ ...request, headers: { accept: mediaTypes[form], ...request.headers } }, { signal: stop, isWrite: false }).finally(() => clearTimeout(timer));
  return eventsOf(form === 'lines' ? sentLines(body) : sentEvents(body, { silenceMsMax, onSilence }), http.url, signal);
}

const mediaTypes = { events: 'text/event-stream', lines: 'application/x-ndjson' } as const;

async function* eventsOf(events: AsyncIterable<SentEvent>, url: string, signal: AbortSignal | undefined): AsyncGenerator<SentEvent> {
  try {
    for await (const event of events) {
      if (event.name === 'error') throw errorOf(JSON.parse(event.data) as Problem, url);
      yield event;
    }
  } catch (error) {
    if (error instanceof LogError || signal?.aborted === true) throw error;
    throw new LogError('LOG_UNAVAILABLE', `The connection to ${url} broke.`, { details: { reason: 'connection' }, cause: error });
  }
}
