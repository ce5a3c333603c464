/** A state: as it stands now and after every event, or as it was at a place. */
import type { OutputOf } from '@refold/client';
import { useMemo } from 'react';
import type { Source } from './feeds.ts';
import { notYet, watchOf } from './live.ts';
import type { Live } from './live.ts';
import { useSource } from './refold-provider.ts';

type StateView = OutputOf<'stateAt'>;

export interface StateAt extends Live {
  /** null until it is there; never that of another stream or place. */
  readonly state: StateView['state'] | null;
  /** The same with where it stands: revision, instant, hash. */
  readonly view: StateView | null;
  readonly isLoading: boolean;
}

/**
 * @param stream  `type/id`, for example `job/42`.
 * @param place   A revision, an instant, `start`, or `~n`. Default: now, and it goes on; a state at a place stays as it is.
 */
export const useStateAt = (stream: string, place?: string | number): StateAt => useSource(useMemo(() => (place === undefined ? newestState(stream) : stateThere(stream, String(place))), [stream, place]));

const loading: StateAt = { ...notYet, state: null, view: null, isLoading: true };

const newestState = (stream: string): Source<StateAt> => ({
  key: `state ${stream}`,
  initial: loading,
  async run(transport, feed) {
    try {
      for await (const view of transport.stateUpdated(addressOf(stream), watchOf(feed))) feed.change((before) => ({ ...before, state: view.state, view, isLoading: false }));
    } finally {
      feed.change((before) => ({ ...before, isLoading: false }));
    }
  },
});

const stateThere = (stream: string, place: string): Source<StateAt> => ({
  key: `state ${stream}@${place}`,
  initial: loading,
  async run(transport, { signal, change }) {
    try {
      const view = await transport.ask('stateAt', { ...addressOf(stream), place }, { signal });
      change((before) => ({ ...before, state: view.state, view }));
    } finally {
      change((before) => ({ ...before, isLoading: false, connection: 'ended' }));
    }
  },
});

function addressOf(stream: string): { readonly streamType: string; readonly streamId: string } {
  const slash = stream.indexOf('/');
  return { streamType: stream.slice(0, Math.max(0, slash)), streamId: stream.slice(slash + 1) };
}
