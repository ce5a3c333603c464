/** How many streams of answers are open over a log in this process, through whichever door. */
import type { Log } from '@refold/core';

const openOf = new WeakMap<Log, number>();

export const openStreams = (log: Log): number => openOf.get(log) ?? 0;

/** The same items; it counts as open from the first that is asked for until the last one, or until nobody asks any more. */
export async function* countedAsOpen<T>(log: Log, items: AsyncIterable<T>): AsyncGenerator<T> {
  openOf.set(log, openStreams(log) + 1);
  try {
    yield* items;
  } finally {
    openOf.set(log, openStreams(log) - 1);
  }
}
