/**
 * An endless read: everything after a position, then whatever comes, in order, without a gap and without a repeat.
 *
 * Followers near the head share one window of the pages read last, so that each event is read, decoded and held against its
 * leaf once, however many follow. Whoever is further back reads the log himself, his query answered by the engine, until he
 * reaches the window. Nobody has a queue: a follower takes a page when he asks for it, and whoever does not ask costs nothing;
 * the window moves on without him, and he is one of those further back.
 */
import type { Position } from './driver.ts';
import type { EventPage } from './event-page.ts';
import { createFollowWindow } from './follow-window.ts';
import type { FollowWindow, FollowWindowParts } from './follow-window.ts';
import { createFollowedPage } from './followed-page.ts';
import type { FollowedPage, Selected, Wanted } from './followed-page.ts';

export interface Followers {
  /** Yields non-empty pages until the signal aborts. Followers with the same wish may be given the same page. */
  follow(after: Position, signal: AbortSignal, wanted?: Wanted): AsyncGenerator<EventPage>;
}

export function createFollowers(parts: FollowWindowParts): Followers {
  const { driver, limits } = parts;
  let window: FollowWindow | null = null;
  let following = 0;

  async function* pagesAfter(after: Position, signal: AbortSignal, wanted: Wanted): AsyncGenerator<EventPage> {
    const { query, ...rest } = wanted;
    const key = JSON.stringify([query, rest.residue?.key]);
    let position = after;
    // The first event says how large they are, so that many who are behind do not hold many large pages.
    let limit = 1;
    while (!signal.aborted) {
      if (window === null || position < window.from) {
        let head = 0;
        for await (const read of driver.read({ after: position, limit, ...(query === undefined ? {} : { query }) }, signal)) {
          const page = createFollowedPage(read, position, parts);
          [position, head] = [page.to, page.head];
          if (page.count > 0) limit = Math.max(1, Math.min(limits.followPageEventsMax, Math.floor((limits.followPageBytesAim * page.count) / page.bytes)));
          yield* shown(await page.select(rest, null), page, 0);
        }
        if (position >= head) window ??= createFollowWindow(head, parts);
        continue;
      }
      const page = window.after(position);
      if (page === null) {
        await window.moved(position, signal);
      } else {
        const seen = position;
        position = page.to;
        yield* shown(await page.select(wanted, key), page, seen);
      }
    }
  }

  return {
    async *follow(after, signal, wanted = {}) {
      following++;
      try {
        for await (const page of pagesAfter(after, signal, wanted)) {
          if (signal.aborted) return;
          yield page;
        }
      } catch (error) {
        // Being stopped is the end of a read without an end, not a failure of it.
        if (!signal.aborted) throw error;
      } finally {
        if (--following === 0) {
          window?.close();
          window = null;
        }
      }
    },
  };
}

/** What is selected of a page after a position, then what stopped the looking. */
function* shown({ events, failure }: Selected, { from, to, head }: FollowedPage, after: Position): Generator<EventPage> {
  const left = after <= from ? events : events.filter(({ position }) => position > after);
  if (left.length > 0) yield { events: left, next: to < head ? to : null, head };
  if (failure !== undefined) throw failure.reason;
}
