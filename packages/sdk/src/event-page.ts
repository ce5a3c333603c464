/** One page of an answer, and the way to all of it (K-019). */
import type { EventEnvelope } from '@refold/core';

/** Iterates over the events of this page. */
export class EventPage implements Iterable<EventEnvelope> {
  readonly items: readonly EventEnvelope[];
  /** Cursor of the next page; null at the end. */
  readonly nextCursor: string | null;
  /** null unless it was asked for. */
  readonly total: number | null;
  readonly #everything: () => AsyncGenerator<EventEnvelope>;

  constructor(page: { readonly items: readonly EventEnvelope[]; readonly nextCursor: string | null; readonly total: number | null }, everything: () => AsyncGenerator<EventEnvelope>) {
    this.items = page.items;
    this.nextCursor = page.nextCursor;
    this.total = page.total;
    this.#everything = everything;
  }

  [Symbol.iterator](): Iterator<EventEnvelope> {
    return this.items[Symbol.iterator]();
  }

  /** Every event that the question asks for, from its first on, read page by page. */
  all(): AsyncGenerator<EventEnvelope> {
    return this.#everything();
  }
}
