/**
 * Hints that the head moved. Commits of this process raise the signal at once; whoever only reads beside a writer looks at
 * the sidecar while somebody watches.
 */
import { createWatchSignal } from '@refold/core';
import type { Position } from '@refold/core';

export interface HeadWatch {
  raise(position: Position): void;
  watch(after: Position, signal: AbortSignal): AsyncIterable<Position>;
  close(): void;
}

/** @param look  Gives the head, for a log that another process may write; null when nobody else can. */
export function createHeadWatch(look: (() => Position) | null, pollMs: number): HeadWatch {
  const signal = createWatchSignal();
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;

  const poll = (): void => {
    try {
      signal.raise(look?.() ?? 0);
    } catch {
      // A poll that failed says nothing; the next one may, and a reader meets the error where it can be answered.
    }
  };
  async function* watch(after: Position, abort: AbortSignal): AsyncGenerator<Position> {
    watchers += 1;
    if (look !== null) timer ??= setInterval(poll, pollMs);
    poll();
    try {
      yield* signal.watch(after, abort);
    } finally {
      watchers -= 1;
      if (watchers === 0) stop();
    }
  }
  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }
  return {
    raise: (position) => signal.raise(position),
    watch,
    close() {
      stop();
      signal.close();
    },
  };
}
