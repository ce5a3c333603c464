/**
 * The pages of the log that were read last, for everybody who follows it near its head. It moves when somebody has seen all of
 * it and asks for more, one page at a time, so its pace is that of the fastest follower and nothing is read for nobody.
 */
import type { Limits } from '../limits.ts';
import type { LogDriver, Position } from './driver.ts';
import { createFollowedPage } from './followed-page.ts';
import type { FollowedPage, FollowedPageParts } from './followed-page.ts';

export interface FollowWindow {
  /** Everything after this position, up to the window's end, is in it. */
  readonly from: Position;
  /** The page that goes on after a position at or past `from`; null when the window ends there. */
  after(position: Position): FollowedPage | null;
  /**
   * Resolves when the window has moved, or the signal aborts.
   *
   * @param position  Where the one who waits stands.
   * @throws what the engine throws, to everybody who waits.
   */
  moved(position: Position, signal: AbortSignal): Promise<void>;
  /** Ends the wait for what comes. */
  close(): void;
}

export interface FollowWindowParts extends FollowedPageParts {
  readonly driver: Pick<LogDriver, 'read' | 'watch' | 'head'>;
  readonly limits: Pick<Limits, 'followPageEventsMax' | 'followPageBytesAim' | 'followWindowEventsMax' | 'followWindowBytesMax'>;
}

interface Sleeper {
  wake(): void;
  fail(reason: unknown): void;
}

/** @param start  At most the head. */
export function createFollowWindow(start: Position, parts: FollowWindowParts): FollowWindow {
  const { driver, clock, limits } = parts;
  const pages: FollowedPage[] = [];
  const sleepers = new Set<Sleeper>();
  const stop = new AbortController();
  let [from, to, events, bytes] = [start, start, 0, 0];
  let isMoving = false;

  function add(page: FollowedPage): void {
    pages.push(page);
    to = page.to;
    events += page.count;
    bytes += page.bytes;
    while (pages.length > 1 && (events > limits.followWindowEventsMax || bytes > limits.followWindowBytesMax)) {
      const oldest = pages.shift()!;
      from = oldest.to;
      events -= oldest.count;
      bytes -= oldest.bytes;
    }
  }

  /** Nobody has pulled for long while the log grew: whoever comes from its head is not led through all of that. */
  async function leap(position: Position): Promise<void> {
    if (position <= to + limits.followWindowEventsMax || position > (await driver.head()).position) return;
    pages.length = 0;
    [from, to, events, bytes] = [position, position, 0, 0];
  }

  async function move(position: Position): Promise<void> {
    await leap(position);
    for await (const hint of driver.watch(to, stop.signal)) {
      if (hint <= to) continue;
      // Commits that arrive together go out together; the busier the thread, the more they are.
      await clock.turn();
      for await (const page of driver.read({ after: to, limit: limits.followPageEventsMax }, stop.signal)) {
        if (page.events.length === 0) break;
        return add(createFollowedPage(page, to, parts));
      }
    }
  }

  function startMoving(position: Position): void {
    if (isMoving) return;
    isMoving = true;
    const settle = (tell: (sleeper: Sleeper) => void): void => {
      isMoving = false;
      const woken = [...sleepers];
      sleepers.clear();
      for (const sleeper of woken) tell(sleeper);
    };
    move(position).then(
      () => settle((sleeper) => sleeper.wake()),
      (reason: unknown) => settle((sleeper) => sleeper.fail(reason)),
    );
  }

  return {
    get from() {
      return from;
    },
    after(position) {
      // The first page that ends past the position.
      let [low, high] = [0, pages.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (pages[middle]!.to > position) high = middle;
        else low = middle + 1;
      }
      return pages[low] ?? null;
    },
    moved(position, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { wake: resolve, fail: reject };
      const gone = (): void => {
        sleepers.delete(sleeper);
        resolve();
      };
      signal.addEventListener('abort', gone, { once: true });
      sleepers.add(sleeper);
      startMoving(position);
      return promise.finally(() => signal.removeEventListener('abort', gone));
    },
    close: () => stop.abort(),
  };
}
