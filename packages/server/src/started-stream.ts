/** The beginning of an endless read, for doors that say that it has begun. */

export interface StartedStream<T> {
  readonly iterator: AsyncIterator<T>;
  readonly first: Promise<IteratorResult<T>>;
}

/** An operation that says neither yes nor no is taken to have begun by then. */
const beginsWithinMs = 1_000;

/**
 * Asks for the first item, and waits until it is there, refused, or waited for: a quiet log does not keep back the answer that it is
 * listened to, and an engine that takes its time over a refusal is not taken to have none.
 *
 * @param listening  Resolves when the operation has judged the call and waits for the log (`OperationContext.onListening`).
 * @throws what the stream throws before that.
 */
export async function started<T>(items: AsyncIterable<T>, listening: Promise<void>): Promise<StartedStream<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined);
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, beginsWithinMs);
  try {
    await Promise.race([first, listening, late.promise]);
  } finally {
    clearTimeout(timer);
  }
  return { iterator, first };
}
