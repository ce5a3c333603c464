/** The whole system at one instant: one row per stream that lived then. */
import { LogError, createCursorCodec, eventAt, formatStreamAddress, parsePage, reconstruct, summariseState } from '@refold/core';
import type { Place, StreamAddress } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag, pageInput, placeInput } from './inputs.ts';
import { placeOf } from './places.ts';
import { count, instant, revision, streamKey } from './shapes.ts';
import { streamAt } from './streams.ts';
import { travelParts } from './travel-parts.ts';

export const systemRow = z
  .object({
    ...streamKey,
    revision: revision.meta({ description: 'Newest event in the state.' }),
    status: z.string(),
    isLive: z.boolean().meta({ description: 'It had begun, was not deleted, and had not come to an end.' }),
    currentPhase: z.string().nullable(),
    activeAgents: z.array(z.string()),
    since: instant.nullable(),
    lastEvent: z.object({ eventId: z.string(), type: z.string(), at: instant }).nullable(),
    stragglers: count.meta({ description: 'Events in the state that were recorded after one that happened later than the instant.' }),
  })
  .meta({ id: 'SystemRow' });

export type SystemRow = z.infer<typeof systemRow>;

/** Streams that one page looks at, at most: those that had not begun or had ended cost a fold too. */
const streamsPerPageMax = 1_000;

export const systemState = defineOperation({
  name: 'systemState',
  doc: 'All live streams at one instant: where each stood, its last event, and how many events were told late.',
  scope: 'read',
  input: z.object({
    at: placeInput.at,
    recordedAt: placeInput.recordedAt,
    type: z.string().optional().meta({ description: 'Only this kind of stream.' }),
    all: flag.optional().meta({ description: 'true also lists streams that had come to an end.' }),
    limit: pageInput.limit,
    cursor: pageInput.cursor,
  }),
  output: z.object({
    asOf: instant.nullable().meta({ description: 'The instant asked for; null for now.' }),
    items: z.array(systemRow),
    scanned: count.meta({ description: 'Streams looked at for this page.' }),
    stragglers: count.meta({ description: 'Of the rows of this page together.' }),
    nextCursor: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/system/state' },
  run: async (context, { type, all, limit, cursor, ...asked }) => {
    const { log } = context;
    const place = placeOf(asked);
    const page = parsePage({ limit, cursor }, { limits: log.limits });
    const codec = createCursorCodec(log.ports.hasher, log.identity.cursorKey);
    const question = `system ${JSON.stringify([place, type, all])}`;
    const after = page.cursor === null ? null : await streamAt(log, codec.decode(page.cursor, 'forward', question));
    const streams = await log.streams({ prefix: type === undefined ? '' : `${type}/`, limit: streamsPerPageMax + 1, ...(after === null ? {} : { after }) });

    const items: SystemRow[] = [];
    let scanned = 0;
    for (const { stream } of streams.slice(0, streamsPerPageMax)) {
      if (items.length === page.limit) break;
      context.signal?.throwIfAborted();
      const row = await rowAt(context, stream, place);
      scanned++;
      if (row !== null && (row.isLive || all === true)) items.push(row);
    }
    const last = streams[scanned - 1];
    return {
      asOf: place.kind === 'instant' || place.kind === 'known' ? place.at : null,
      items,
      scanned,
      stragglers: items.reduce((sum, { stragglers }) => sum + stragglers, 0),
      nextCursor: last !== undefined && scanned < streams.length ? codec.encode(last.first, 'forward', question) : null,
    };
  },
});

/** null: by then it had not begun. */
async function rowAt(context: OperationContext, stream: string, place: Place): Promise<SystemRow | null> {
  const slash = stream.indexOf('/');
  const address: StreamAddress = { streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1) };
  const parts = travelParts(context);
  try {
    const { state, revision: at, stragglers } = await reconstruct(parts, address, place);
    if (at === 0) return null;
    const { status, currentPhase, activeAgents } = summariseState(state);
    const ended = context.log.registry.aggregate(address.streamType)?.terminal?.includes(status) === true;
    const event = await eventAt(parts.reader, formatStreamAddress(address), at);
    return {
      ...address,
      revision: at,
      status,
      isLive: state.exists && !ended,
      currentPhase,
      activeAgents: [...activeAgents],
      since: state.createdAt,
      lastEvent: event === null ? null : { eventId: event.id, type: event.type, at: event.occurredAt },
      stragglers,
    };
  } catch (error) {
    // One stream that cannot be folded must not hide all others; being stopped is nothing that a stream can help.
    if (!(error instanceof LogError) || context.signal?.aborted === true) throw error;
    return { ...address, revision: 0, status: `unreadable (${error.code})`, isLive: true, currentPhase: null, activeAgents: [], since: null, lastEvent: null, stragglers: 0 };
  }
}
