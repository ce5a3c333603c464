/**
 * Hints that the head moved. Commits of this driver raise the signal at once; those of others are notified by the database. While
 * somebody watches, the head is also looked at now and then: behind a pooler of transactions nothing is heard, and a notification may be
 * lost with its connection.
 */
import { createWatchSignal } from '@refold/core';
import type { Position } from '@refold/core';
import type { Hear } from './listener.ts';

export interface HeadWatch {
  /** This process has committed up to `position`. */
  raise(position: Position): void;
  watch(after: Position, signal: AbortSignal): AsyncIterable<Position>;
  close(): void;
}

export interface HeadWatchParts {
  listen(hear: Hear): () => void;
  readHead(): Promise<Position>;
  readonly pollMs: number;
}

export function createHeadWatch({ listen, readHead, pollMs }: HeadWatchParts): HeadWatch {
  const signal = createWatchSignal();
  let watchers = 0;
  let isLooking = false;
  let stop: () => void = () => {};

  const hear: Hear = (payload) => {
    const position = Number(payload ?? Number.NaN);
    if (Number.isSafeInteger(position)) signal.raise(position);
    else void look();
  };

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      signal.raise(await readHead());
    } catch {
      // A look that failed says nothing; the next one may, and a reader meets the error where it can be answered.
    } finally {
      isLooking = false;
    }
  }

  function start(): void {
    const leave = listen(hear);
    const timer = setInterval(() => void look(), pollMs);
    timer.unref();
    stop = () => {
      clearInterval(timer);
      leave();
    };
  }

  async function* watch(after: Position, abort: AbortSignal): AsyncGenerator<Position> {
    watchers += 1;
    if (watchers === 1) start();
    void look();
    try {
      yield* signal.watch(after, abort);
    } finally {
      watchers -= 1;
      if (watchers === 0) stop();
    }
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
