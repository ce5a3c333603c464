/** The events of one stream after a place, then as they come; and an endless read that outlives a log that is away for a while. */
import { compileFilter, formatStreamAddress, isLogError } from '@refold/core';
import type { EventEnvelope, Log, Position, Revision, StreamAddress } from '@refold/core';
import type { OperationContext } from './define.ts';

/** Revision of the newest event of a stream at or below a position. Cost: the places of the events after it. */
export async function revisionAt({ log, signal }: OperationContext, address: StreamAddress, position: Position): Promise<Revision> {
  for await (const page of log.driver.read({ stream: formatStreamAddress(address), direction: 'backward', bodies: false }, signal))
    for (const event of page.events) if (event.position <= position) return event.revision;
  return 0;
}

/** Every event of the stream after a revision, without gap or repeat, until the signal aborts. */
export async function* followedEvents({ log, onListening }: OperationContext, address: StreamAddress, after: Revision, signal: AbortSignal): AsyncGenerator<EventEnvelope> {
  const head = (await log.head()).position;
  for await (const page of log.events({ stream: formatStreamAddress(address), after }, signal))
    for (const event of page.events) {
      // What was appended meanwhile comes with what follows.
      if (event.position > head) break;
      yield event;
    }
  onListening?.();
  const { query } = compileFilter({ entityType: address.streamType, entityId: address.streamId }, log.registry).request;
  for await (const page of log.follow(head, signal, query)) for (const event of page.events) if (event.streamType === address.streamType && event.streamId === address.streamId) yield event;
}

const [pauseMsMin, pauseMsMax] = [250, 5_000];

interface Placed {
  readonly position: Position;
}

/**
 * An endless read that goes on where it was when the log did not answer (D-094). Whoever listens to it notices a pause. A log that
 * was closed here does not come back.
 *
 * @param open  The same read, of items or of batches, from a position on; undefined: from its beginning.
 */
export async function* patiently<T extends Placed | readonly Placed[]>({ log, onListening }: Pick<OperationContext, 'onListening'> & { readonly log: Log }, after: Position | undefined, signal: AbortSignal, open: (after: Position | undefined) => AsyncIterable<T>): AsyncGenerator<T> {
  let [seen, pauseMs] = [after, pauseMsMin];
  while (!signal.aborted)
    try {
      for await (const item of open(seen)) {
        const last: Placed | undefined = 'position' in item ? item : item.at(-1);
        [seen, pauseMs] = [last?.position ?? seen, pauseMsMin];
        yield item;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isLogError(error, 'LOG_UNAVAILABLE') || !error.retryable || error.details.reason === 'closed') throw error;
      onListening?.();
      await log.ports.clock.sleep(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, pauseMsMax);
    }
}

/** What an endless read stops at: the caller's signal. */
export const stopOf = ({ signal }: OperationContext): AbortSignal => signal ?? new AbortController().signal;
