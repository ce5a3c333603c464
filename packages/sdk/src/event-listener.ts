/**
 * Handlers that are called as events come, by type: document 003's listener. Events come in the order of the log, each once, one
 * after the other: the next waits until every handler of the last is done.
 */
import { LogError, compileFilter } from '@refold/core';
import type { EventEnvelope, Position } from '@refold/core';
import type { EventFilter } from './event-filter.ts';
import type { EventStore } from './event-store.ts';

export type EventHandler = (event: EventEnvelope) => unknown;

export interface EventListenerOptions {
  /** Which events are listened to at all; default: every one. */
  readonly filter?: EventFilter;
  /** Everything after this position comes first; default: only what comes from the start on. */
  readonly afterPosition?: Position;
  /** Told when a handler throws; the listener goes on. Without it such a failure ends the listener, and `stop` throws it. */
  readonly onError?: (error: unknown, event: EventEnvelope) => void;
}

export class EventListener {
  readonly #store: EventStore;
  readonly #options: EventListenerOptions;
  readonly #handlers = new Map<string, Set<EventHandler>>();
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;
  #position: Position | null;

  constructor(store: EventStore, options: EventListenerOptions = {}) {
    this.#store = store;
    this.#options = options;
    this.#position = options.afterPosition ?? null;
  }

  /** Place of the event that was handled last: who keeps it goes on there (`afterPosition`). null before anything was. */
  get position(): Position | null {
    return this.#position;
  }

  /** @param type  A canonical name, any document's spelling, or a glob: `task.completed`, `TaskCompleted`, `task.*`, `*`. */
  on(type: string, handler: EventHandler): this {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return this;
  }

  off(type: string, handler: EventHandler): this {
    this.#handlers.get(type)?.delete(handler);
    return this;
  }

  /**
   * Resolves when it listens: whatever is appended from now on comes. After a stop it goes on where it was.
   *
   * @throws LogError BAD_REQUEST `listening` when it does already; of the engine.
   */
  async start(): Promise<void> {
    if (this.#running !== null) throw new LogError('BAD_REQUEST', 'The listener listens already.', { details: { reason: 'listening' }, hint: 'Stop it first, or make another.' });
    const stop = new AbortController();
    const standing = Promise.withResolvers<Position>();
    const done = standing.promise.then((position) => this.#listen(position, stop.signal));
    // Whoever stops it hears of it.
    done.catch(() => undefined);
    this.#running = { stop, done };
    try {
      standing.resolve((this.#position ??= (await (await this.#store.opened()).log.head()).position));
    } catch (error) {
      this.#running = null;
      standing.reject(error);
      throw error;
    }
  }

  /** Resolves when no handler is at work any more. @throws what ended it before. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.stop.abort();
    try {
      await running?.done;
    } finally {
      this.#running = null;
    }
  }

  async #listen(afterPosition: Position, signal: AbortSignal): Promise<void> {
    const { registry } = (await this.#store.opened()).log;
    for await (const event of this.#store.subscribe(this.#options.filter, { afterPosition, signal })) {
      for (const [type, handlers] of this.#handlers) if (compileFilter({ types: [type] }, registry).whole(event)) for (const handler of handlers) await this.#call(handler, event);
      this.#position = event.position;
      if (signal.aborted) return;
    }
  }

  async #call(handler: EventHandler, event: EventEnvelope): Promise<void> {
    const { onError } = this.#options;
    try {
      await handler(event);
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error, event);
    }
  }
}
