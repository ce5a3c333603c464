/** What was under way at a place. */
import { compareInstants, openWorkOf, reconstruct } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { placeInput } from './inputs.ts';
import { placeOf, readerOf } from './places.ts';
import { count, instant, revision, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const workEvent = z.object({ eventId: z.string(), type: z.string(), revision, at: instant });

export const openAt = defineOperation({
  name: 'openAt',
  doc: 'What was under way at a place: what had begun or waited and had not ended, with the events that say so.',
  scope: 'read',
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
    const place = placeOf(asked);
    const { revision: at, head, asOf, stragglers } = await reconstruct(travelParts(context), { streamType, streamId }, place);
    const events = readerOf(context.log, context.signal).pages(`${streamType}/${streamId}`, { upTo: at });
    // By an instant, exactly what had happened by then: the newest of it may stand behind events that happened later.
    const items = await openWorkOf(events, context.log.registry, place.kind === 'instant' ? (event) => compareInstants(event.occurredAt, place.at) <= 0 : undefined);
    return { streamType, streamId, revision: at, head, asOf, stragglers, items: [...items] };
  },
});
