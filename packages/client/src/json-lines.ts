/** The lines of a file, read from a response as they come, in the shape of sent events: a transfer that came to its end says so. */
import { LogError } from '@refold/core';
import { chunksOf } from './server-sent-events.ts';
import type { SentEvent } from './server-sent-events.ts';

/** @throws whatever breaks the transfer off, or BAD_REQUEST `not_resumable` when nothing tells where to go on; a line that is not whole is not given. */
export async function* sentLines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | null = null;
  let hasGiven = false;
  try {
    for await (const chunk of chunksOf(body)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const data of lines) {
        id = placeOf(data);
        hasGiven = true;
        yield { name: 'message', data, id };
      }
    }
  } catch (error) {
    // From its beginning it would be given twice.
    if (hasGiven && id === null) throw new LogError('BAD_REQUEST', 'The transfer broke off, and its lines do not say where they stand.', { details: { reason: 'not_resumable' }, hint: 'Ask for the canonical form, or for CloudEvents.', cause: error });
    throw error;
  }
  yield { name: 'end', data: '', id };
}

/** Where an event stands, in our form or as a CloudEvent; other forms do not tell, and cannot be gone on with. */
function placeOf(line: string): string | null {
  const { position, refoldposition } = JSON.parse(line) as { readonly position?: unknown; readonly refoldposition?: unknown };
  return typeof position === 'number' ? String(position) : typeof refoldposition === 'string' ? refoldposition : null;
}
