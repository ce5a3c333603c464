/** Hands the way to the log to the hooks below it. */
import type { Client } from '@refold/client';
import { createContext, createElement, useContext, useMemo, useSyncExternalStore } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { createFeeds } from './feeds.ts';
import type { Feeds, Shown, Source } from './feeds.ts';
import { transportOver } from './transport.ts';
import type { Transport } from './transport.ts';

export type RefoldProviderProps = { readonly children?: ReactNode } & (
  | {
      readonly client: Client;
      /** What comes by another way than the client, for example subscriptions of a GraphQL client. Keep it from render to render. */
      readonly transport?: Partial<Transport>;
    }
  | { readonly client?: never; readonly transport: Transport }
);

const FeedsContext = createContext<Feeds | null>(null);

export function RefoldProvider({ client, transport, children }: RefoldProviderProps): ReactElement {
  // The type says that whatever a client does not give is handed in.
  const feeds = useMemo(() => createFeeds({ ...(client === undefined ? {} : transportOver(client)), ...transport } as Transport), [client, transport]);
  return createElement(FeedsContext.Provider, { value: feeds }, children);
}

function useFeeds(): Feeds {
  const feeds = useContext(FeedsContext);
  if (feeds === null) throw new Error('There is no <RefoldProvider> above this component.');
  return feeds;
}

/** What a source shows now. It changes at once with the source. */
export function useSource<S extends Shown>(source: Source<S>): S {
  const feeds = useFeeds();
  const subscribe = useMemo(() => (onChange: () => void) => feeds.join(source, onChange), [feeds, source]);
  return useSyncExternalStore(subscribe, () => feeds.valueOf(source), () => source.initial);
}
