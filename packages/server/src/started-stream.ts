/** The beginning of an endless read, for doors that say that it has begun. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface StartedStream<T> {
  readonly iterator: AsyncIterator<T>;
  readonly first: Promise<IteratorResult<T>>;
}

/**
 * Asks for the first item. A refusal comes at once or not at all, so a quiet log does not keep back the answer that it is listened to.
 *
 * @throws what the stream throws before it waits for anything.
 */
export async function started<T>(items: AsyncIterable<T>): Promise<StartedStream<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined);
  await Promise.race([first, nextTurn()]);
  return { iterator, first };
}
