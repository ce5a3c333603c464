/**
 * Hints that the head moved. Commits of this process raise the signal at once; those of other processes are seen by
 * `PRAGMA data_version`, which changes when any other connection has committed and costs a look at shared memory. The poll
 * runs only while somebody watches.
 */
import { createWatchSignal } from '@refold/core';
import type { Position } from '@refold/core';
import type { Connection } from './database.ts';

export interface HeadWatch {
  /** This process has committed up to `position`. */
  raise(position: Position): void;
  watch(after: Position, signal: AbortSignal): AsyncIterable<Position>;
  close(): void;
}

export function createHeadWatch(db: Connection, pollMs: number): HeadWatch {
  const signal = createWatchSignal();
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
  const head = db.prepare<[], number>('SELECT ifnull(max(position), 0) FROM event').pluck();
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;
  let lastVersion: number | undefined;

  const look = (): void => {
    try {
      const version = dataVersion.get();
      if (version === lastVersion) return;
      lastVersion = version;
      signal.raise(head.get() ?? 0);
    } catch {
      // A poll that failed says nothing; the next one may, and a reader meets the error where it can be answered.
      lastVersion = undefined;
    }
  };

  async function* watch(after: Position, abort: AbortSignal): AsyncGenerator<Position> {
    watchers += 1;
    timer ??= setInterval(look, pollMs);
    look();
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
