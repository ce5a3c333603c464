/** What was under way at a place. */
import { cutAt, eventsOf, openWorkOf } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { placeInput } from './inputs.ts';
import { placeOf } from './places.ts';
import { aboutOneStream, count, instant, revision, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const workEvent = z.object({ eventId: z.string(), type: z.string(), revision, at: instant });

export const openAt = defineOperation({
  name: 'openAt',
  doc: 'What was under way at a place: what had begun or waited and had not ended, with the events that say so.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, ...placeInput }),
  output: z.object({
    ...streamKey,
    revision,
    head: revision,
    asOf: instant.nullable(),
    stragglers: count,
    items: z.array(z.object({ lane: z.string(), label: z.string(), status: z.string(), since: instant, begunBy: workEvent, setBy: workEvent })),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/open' },
  run: async (context, { streamType, streamId, ...asked }) => {
    const { reader, timeIndexes } = travelParts(context);
    const cut = await cutAt(reader, `${streamType}/${streamId}`, placeOf(asked), timeIndexes);
    const read = { count: 0, last: null as EventEnvelope | null };
    async function* counted(): AsyncGenerator<readonly EventEnvelope[]> {
      for await (const page of eventsOf(reader, { streamType, streamId }, cut)) {
        read.count += page.length;
        read.last = page.at(-1) ?? read.last;
        yield page;
      }
    }
    const items = await openWorkOf(counted(), context.log.registry);
    return { streamType, streamId, revision: read.last?.revision ?? 0, head: cut.head, asOf: cut.asOf ?? read.last?.occurredAt ?? null, stragglers: read.count - cut.prefix, items: [...items] };
  },
});
