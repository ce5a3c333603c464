/**
 * A stream over connections that end: each position once, in order, from where it began. Where the server says that it stands (the
 * id of each item) is kept, and the next connection goes on after it (`Last-Event-ID`). A stream that is complete says so (`end`).
 *
 * A log that was restored from a backup has another epoch: what was read from it may be gone, and the same positions hold other
 * events. Going on as if nothing were would skip some of them, so that ends the stream.
 */
import { LogError, isLogError } from '@refold/core';
import type { ClientLimits } from './limits.ts';
import { isPassing, pause, waitBefore } from './retry.ts';
import type { SentEvent } from './server-sent-events.ts';

/** ended: complete, aborted, left, or refused for good. */
export type FollowState = 'connecting' | 'live' | 'reconnecting' | 'ended';

export interface FollowOptions {
  /** Ends the stream, at once. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of every change; `error` is why the connection was lost, or the stream ended. */
  readonly onState?: ((state: FollowState, error: LogError | null) => void) | undefined;
  /** Form of the events in it: canonical (default), jira, agentLightning, orchestration, job, cloudevents. */
  readonly dialect?: string | undefined;
}

/** An item of a connection: as text, or read already. Empty where it only says where the stream stands. */
export interface Sent extends Omit<SentEvent, 'data'> {
  readonly data: string | object;
}

export interface FollowParts {
  /** One connection, opened; what comes after a position, or for null what the caller asked for. */
  readonly open: (after: number | null, signal: AbortSignal) => Promise<AsyncIterable<Sent>>;
  /** What its data says; default: JSON, and what is an object already. @throws LogError what the server says instead of an item. */
  readonly read?: (data: string) => unknown;
  /** null when the caller may not ask. */
  readonly epoch: (signal: AbortSignal) => Promise<string | null>;
  readonly limits: Pick<ClientLimits, 'backoffMs' | 'backoffMsMax' | 'retryAfterMsMax'>;
}

/**
 * @throws LogError what no waiting helps against: UNAUTHENTICATED, FORBIDDEN, BAD_REQUEST, NOT_FOUND; LOG_ROLLED_BACK when the log is
 *         another one than before.
 */
export async function* follow({ open, read = JSON.parse, epoch, limits }: FollowParts, { signal = new AbortController().signal, onState = () => undefined }: FollowOptions): AsyncGenerator<unknown> {
  let last: number | null = null;
  let known: string | null = null;
  let failures = 0;
  let fault: LogError | null = null;
  onState('connecting', null);
  try {
    for (;;) {
      try {
        const found = await epoch(signal);
        if (known !== null && found !== null && found !== known) throw rolledBack(last);
        known = found;
        const events: AsyncIterable<Sent> = await open(last, signal);
        fault = null;
        onState('live', null);
        for await (const { name, id, data } of events) {
          failures = 0;
          // As GraphQL over SSE calls it.
          if (name === 'end' || name === 'complete') return;
          const position: number | null = id === null ? null : Number(id);
          // What was given before the connection broke is not given twice.
          const isNew: boolean = data !== '' && (last === null || position === null || position > last);
          const item: unknown = isNew ? (typeof data === 'string' ? read(data) : data) : undefined;
          last = position ?? last;
          if (isNew) yield item;
        }
        throw closed();
      } catch (error) {
        if (signal.aborted) return;
        fault = error as LogError;
        if (!isPassing(error)) throw error;
        onState('reconnecting', error);
        await pause(waitBefore(error, failures++, limits) ?? limits.retryAfterMsMax, signal).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
  } finally {
    onState('ended', signal.aborted ? null : fault);
  }
}

/** Who is held to streams of his own may not ask about the log, and goes on without. */
export async function epochOf(info: Promise<{ readonly epoch: string }>): Promise<string | null> {
  try {
    return (await info).epoch;
  } catch (error) {
    if (isLogError(error, 'FORBIDDEN')) return null;
    throw error;
  }
}

const closed = (): LogError => new LogError('LOG_UNAVAILABLE', 'The server ended the stream.', { details: { reason: 'closed' } });

const rolledBack = (position: number | null): LogError =>
  new LogError('LOG_ROLLED_BACK', 'The log behind this server is another one than before; what was read from it may be gone.', { details: { reason: 'epoch', ...(position === null ? {} : { position }) }, hint: 'Drop what was kept of it, and follow from the start.' });
