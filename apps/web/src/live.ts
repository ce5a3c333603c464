/** Answers that are asked again because the log has grown: a page shows what is, and nobody reloads it. */
import type { CallName, InputOf } from '@refold/client';
import { useEvents } from '@refold/react';
import type { Events } from '@refold/react';
import { useEffect, useRef } from 'react';
import { answers } from './refold.ts';

/** The first event is a reason to ask at once; many after it are one more. */
const askAgainMsMin = 400;

/**
 * @param filter   What has to come for the answers to be out of date; from now on.
 * @param changes  The questions that are asked again, when they are shown.
 */
export function useLogGrowth(filter: InputOf<'tailEvents'>, changes: readonly CallName[]): Events {
  const feed = useEvents(filter, { itemsMax: 1 });
  const newest = feed.events.at(-1)?.position ?? null;
  const names = changes.join(' ');
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const askedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (newest === null || waiting.current !== null) return;
    const ask = (): void => {
      waiting.current = null;
      askedAt.current = performance.now();
      const asked = new Set(names.split(' '));
      void answers.invalidateQueries({ predicate: ({ queryKey: [name] }) => asked.has(String(name)) });
    };
    waiting.current = setTimeout(ask, Math.max(0, askedAt.current + askAgainMsMin - performance.now()));
  }, [newest, names]);
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current);
      waiting.current = null;
    },
    [],
  );
  return feed;
}
