/** An endless read: everything after a position, then whatever comes, in order, without a gap and without a repeat. */
import type { LogDriver, Page, Position, ReadRequest } from './driver.ts';

/** Yields non-empty pages until the signal aborts. Order: position. Cost between pages: one hint from the driver. */
export async function* follow(driver: Pick<LogDriver, 'read' | 'watch'>, after: Position, signal: AbortSignal, request: Pick<ReadRequest, 'query'> = {}): AsyncGenerator<Page> {
  let position = after;
  const readOn = async function* (): AsyncGenerator<Page> {
    for await (const page of untilAborted(driver.read({ ...request, after: position }, signal), signal)) {
      // With a query the page's head is complete for what matches; without events there is still progress.
      position = Math.max(position, page.next === null ? page.head : (page.events.at(-1)?.position ?? position));
      if (page.events.length > 0) yield page;
    }
  };
  yield* readOn();
  for await (const hint of untilAborted(driver.watch(position, signal), signal)) if (hint > position) yield* readOn();
}

/** Being stopped is the end of a read without an end, not a failure of it. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  try {
    for await (const item of source) {
      if (signal.aborted) return;
      yield item;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
