/** Who does things again: one handler per event type, called with the original event and its id as idempotency key. */
import { LogError } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import { defaultLimits } from '../limits.ts';
import type { EventEnvelope, EventInput, Json } from '../log/event.ts';
import type { Clock } from '../ports.ts';
import type { Registry } from '../schema/registry.ts';

export interface ReplayContext {
  readonly replayId: string;
  /** The original event's id. Whoever is asked to do the same thing under the same key must do it once. */
  readonly idempotencyKey: string;
  /** Scratch state before the event; null when several streams are replayed. A copy is not made: do not change it. */
  readonly state: State | null;
  /** Aborts when the replay is cancelled, or the time is up. */
  readonly signal: AbortSignal;
}

/** What came of it: what the report shows, and events that happened, to be appended. */
export interface HandlerOutcome {
  readonly result?: Json;
  /** Of the original event's stream unless they name another. */
  readonly events?: readonly EventInput[];
}

export type ReplayHandler = (event: EventEnvelope, context: ReplayContext) => Promise<HandlerOutcome | void> | HandlerOutcome | void;

export type ReplayHandlers = ReadonlyMap<string, ReplayHandler>;

/**
 * Handlers by canonical type.
 *
 * @param given  By type; any alias will do.
 * @throws LogError BAD_CONFIG `duplicate` when two names are one type.
 */
export function replayHandlers(given: { readonly [type: string]: ReplayHandler }, registry: Registry): ReplayHandlers {
  const handlers = new Map<string, ReplayHandler>();
  for (const [name, handler] of Object.entries(given)) {
    const type = registry.canonicalName(name) ?? name;
    if (handlers.has(type)) throw new LogError('BAD_CONFIG', `Two handlers for ${type}.`, { details: { reason: 'duplicate', name: type }, hint: 'Register one of them.' });
    handlers.set(type, handler);
  }
  return handlers;
}

export interface CallOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Default `limits.replayHandlerTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls a handler, within its time; one that does not listen to its signal is left behind.
 *
 * @throws what the handler throws; LogError QUERY_TIMEOUT `handler` when the time is up or the call is cancelled.
 */
export async function callHandler(handler: ReplayHandler, event: EventEnvelope, context: Omit<ReplayContext, 'signal' | 'idempotencyKey'>, options: CallOptions): Promise<HandlerOutcome> {
  const { clock, signal, timeoutMs = defaultLimits.replayHandlerTimeoutMs } = options;
  const controller = new AbortController();
  const onCancel = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onCancel);
  // As a function of its own, so that a handler that throws at once fails like one that fails later.
  const work = async (): Promise<HandlerOutcome> => (await handler(event, { ...context, idempotencyKey: event.id, signal: controller.signal })) ?? {};
  const timeUp = async (): Promise<never> => {
    await clock.sleep(timeoutMs, controller.signal);
    const isCancelled = signal?.aborted === true;
    throw new LogError('QUERY_TIMEOUT', isCancelled ? `The handler of ${event.type} was cancelled.` : `The handler of ${event.type} took longer than ${timeoutMs} ms.`, {
      details: { reason: isCancelled ? 'cancelled' : 'handler', limit: timeoutMs },
      hint: 'Raise the limit, or make the handler listen to its signal.',
    });
  };
  try {
    return await Promise.race([work(), timeUp()]);
  } finally {
    signal?.removeEventListener('abort', onCancel);
    controller.abort();
  }
}
