/** Events as they come: those a filter asks for, by default from now on. */
import type { EventEnvelope, InputOf } from '@refold/client';
import { useMemo } from 'react';
import type { Source } from './feeds.ts';
import { defaultHookLimits } from './limits.ts';
import { keep, notYet, watchOf } from './live.ts';
import type { Live } from './live.ts';
import { useSource } from './refold-provider.ts';

export interface Events extends Live {
  /** Each position once, in order, the newest `itemsMax`. */
  readonly events: readonly EventEnvelope[];
  /** How many went before them. */
  readonly dropped: number;
}

export interface EventsOptions {
  /** Events that are kept, 1 or more; default 500. */
  readonly itemsMax?: number;
}

/** @param filter  `fromStart` or `afterPosition` begin earlier. A new object with the same contents is the same filter. */
export function useEvents(filter: InputOf<'tailEvents'> = {}, { itemsMax = defaultHookLimits.itemsMax }: EventsOptions = {}): Events {
  const asked = JSON.stringify(filter);
  return useSource(useMemo(() => eventSource(asked, itemsMax), [asked, itemsMax]));
}

const eventSource = (filter: string, itemsMax: number): Source<Events> => ({
  key: `events ${itemsMax} ${filter}`,
  initial: { ...notYet, events: [], dropped: 0 },
  async run(transport, feed) {
    for await (const event of transport.events(JSON.parse(filter) as InputOf<'tailEvents'>, watchOf(feed)))
      feed.change((before) => {
        const kept = keep({ items: before.events, dropped: before.dropped }, [event], itemsMax);
        return { ...before, events: kept.items, dropped: kept.dropped };
      });
  },
});
