/**
 * What the hooks of a page show, each source once however many components show it: a browser has but six connections to one server. A source
 * runs as long as somebody shows it, and what it showed is forgotten with the last one, so that nobody is ever shown what belongs to
 * other arguments, or to an earlier look.
 */
import { LogError } from '@refold/client';
import { defaultHookLimits } from './limits.ts';
import type { Transport } from './transport.ts';

export interface Shown {
  readonly error: LogError | null;
}

/** What is shown under one key. Two sources of one key are the same. */
export interface Source<S extends Shown> {
  readonly key: string;
  readonly initial: S;
  /** Runs until it is done or the signal aborts; what it throws is shown. */
  run(transport: Transport, feed: Feed<S>): Promise<void>;
}

export interface Feed<S> {
  readonly signal: AbortSignal;
  /** Pure. What changes within one rendering interval is rendered together. */
  change(update: (before: S) => S): void;
}

export interface Feeds {
  readonly transport: Transport;
  valueOf<S extends Shown>(source: Source<S>): S;
  /** @returns how to leave. */
  join<S extends Shown>(source: Source<S>, onChange: () => void): () => void;
}

interface Running {
  readonly listeners: Set<() => void>;
  readonly stop: AbortController;
  /** What is rendered, and what it will be next. */
  shown: Shown;
  next: Shown;
}

export function createFeeds(transport: Transport): Feeds {
  const running = new Map<string, Running>();

  function start<S extends Shown>({ key, initial, run }: Source<S>): Running {
    const feed: Running = { listeners: new Set(), stop: new AbortController(), shown: initial, next: initial };
    const { signal } = feed.stop;
    running.set(key, feed);
    const change = (update: (before: S) => S): void => {
      if (signal.aborted) return;
      const isQuiet = feed.next === feed.shown;
      // Everything under one key is of one type.
      feed.next = update(feed.next as S);
      if (isQuiet && feed.next !== feed.shown) setTimeout(() => render(feed), defaultHookLimits.renderMsMin);
    };
    run(transport, { signal, change }).catch((error: unknown) => change((before) => ({ ...before, error: asLogError(error) })));
    return feed;
  }

  return {
    transport,
    valueOf: <S extends Shown>({ key, initial }: Source<S>) => (running.get(key)?.shown ?? initial) as S,
    join(source, onChange) {
      const feed = running.get(source.key) ?? start(source);
      // One component may show it twice.
      const listener = (): void => onChange();
      feed.listeners.add(listener);
      return () => {
        feed.listeners.delete(listener);
        if (feed.listeners.size > 0) return;
        feed.stop.abort();
        running.delete(source.key);
      };
    },
  };
}

function render(feed: Running): void {
  if (feed.stop.signal.aborted) return;
  feed.shown = feed.next;
  for (const listener of feed.listeners) listener();
}

export const asLogError = (error: unknown): LogError => (error instanceof LogError ? error : new LogError('INTERNAL', error instanceof Error ? error.message : 'Something was thrown that is no error.', { cause: error }));
