/** A store in memory with the built-in catalogue, and time travel over it: what these tests have in common. */
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import type { EventEnvelope, EventInput, StreamAddress, TravelParts } from '@refold/core';

export interface OpenedTravel {
  readonly store: OpenedStore;
  readonly parts: TravelParts;
  /** Appends one event a commit and says its id. */
  append(stream: string, event: Omit<EventInput, 'streamType' | 'streamId'>): Promise<string>;
  events(stream: string): Promise<readonly EventEnvelope[]>;
}

export const addressOf = (stream: string): StreamAddress => ({ streamType: stream.slice(0, stream.indexOf('/')), streamId: stream.slice(stream.indexOf('/') + 1) });

export async function openTravel(): Promise<OpenedTravel> {
  const store = await openStore('memory:');
  const { log } = store;
  async function* pages(request: Parameters<typeof log.events>[0]): AsyncGenerator<readonly EventEnvelope[]> {
    for await (const { events } of log.events(request)) if (events.length > 0) yield events;
  }
  return {
    store,
    parts: { fold: log.fold, hasher: log.ports.hasher, reader: { pages: (stream, range) => pages({ stream, ...range }), head: async (stream) => (await log.stream(stream))?.revision ?? 0 } },
    async append(stream, event) {
      const { events } = await log.append({ events: [{ ...event, ...addressOf(stream) }] });
      return events[0]!.id;
    },
    async events(stream) {
      const found: EventEnvelope[] = [];
      for await (const page of pages({ stream })) found.push(...page);
      return found;
    },
  };
}
