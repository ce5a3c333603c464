/**
 * The hint that the head moved, for any number of watchers (S17).
 *
 * It keeps the last head it was told, so there is no moment between reading and watching in which a move could be missed:
 * a watcher that comes late with an `after` below the head is woken at once. Moves that happen while a watcher is busy
 * coalesce into one. A driver calls `raise` after a commit is visible, and from its poll of other processes.
 */
import { LogError } from '../errors.ts';
import type { Position } from './driver.ts';

export interface WatchSignal {
  /** The head stands at `position` (or further): wakes whoever waits below it. Lower positions are ignored. */
  raise(position: Position): void;
  /** Yields heads above `after`, rising. Ends when the signal aborts; throws LOG_UNAVAILABLE when the driver closes. */
  watch(after: Position, signal: AbortSignal): AsyncIterable<Position>;
  /** Number of watchers that are waiting now. */
  readonly waiting: number;
  /** Ends every watcher with an error, since a watch never ends silently. */
  close(): void;
}

export function createWatchSignal(start: Position = 0): WatchSignal {
  const sleepers = new Set<() => void>();
  let head = start;
  let isClosed = false;

  const wakeAll = (): void => {
    const woken = [...sleepers];
    sleepers.clear();
    for (const wake of woken) wake();
  };

  async function* watch(after: Position, signal: AbortSignal): AsyncGenerator<Position> {
    let seen = after;
    while (!signal.aborted) {
      if (isClosed) throw closedWhileWatched();
      if (head > seen) {
        seen = head;
        yield seen;
      } else {
        await sleepUntilWoken(sleepers, signal);
      }
    }
  }

  return {
    watch,
    raise(position) {
      if (position <= head) return;
      head = position;
      wakeAll();
    },
    get waiting() {
      return sleepers.size;
    },
    close() {
      isClosed = true;
      wakeAll();
    },
  };
}

function sleepUntilWoken(sleepers: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      sleepers.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    sleepers.add(wake);
    signal.addEventListener('abort', wake);
  });
}

function closedWhileWatched(): LogError {
  return new LogError('LOG_UNAVAILABLE', 'the log was closed while it was watched', { details: { reason: 'closed' }, hint: 'Open the log again and go on from the last position.' });
}
