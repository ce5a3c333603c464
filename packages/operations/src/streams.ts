/** Streams: which there are, where each stands. */
import { createCursorCodec, parsePage, reconstruct, streamNotFound } from '@refold/core';
import type { Log, Position, StreamInfo } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { listEvents } from './events.ts';
import { pageInput, wholeNumber } from './inputs.ts';
import { streamOfId } from './places.ts';
import { aboutOneStream, count, event, pageOf, revision, state, streamInfo, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const rowOf = ({ stream, ...rest }: StreamInfo): { streamType: string; streamId: string } & Omit<StreamInfo, 'stream'> => {
  const slash = stream.indexOf('/');
  return { streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1), ...rest };
};

export const listStreams = defineOperation({
  name: 'listStreams',
  doc: 'Lists streams by address, with the revision each stands at.',
  scope: 'read',
  input: z.object({ type: z.string().optional(), prefix: z.string().optional(), limit: pageInput.limit, cursor: pageInput.cursor }),
  output: pageOf(streamInfo),
  http: { method: 'GET', path: '/streams' },
  run: async ({ log }, { type, prefix, ...paging }) => {
    const page = parsePage(paging, { limits: log.limits });
    const wanted = type === undefined ? (prefix ?? '') : `${type}/${prefix ?? ''}`;
    const codec = createCursorCodec(log.ports.hasher, log.identity.cursorKey);
    const question = `streams ${wanted}`;
    const after = page.cursor === null ? null : await streamAt(log, codec.decode(page.cursor, 'forward', question));
    const rows = await log.streams({ prefix: wanted, limit: page.limit + 1, ...(after === null ? {} : { after }) });
    const items = rows.slice(0, page.limit);
    return { items: items.map(rowOf), nextCursor: rows.length > page.limit ? codec.encode(items.at(-1)!.first, 'forward', question) : null, total: null };
  },
});

/** A cursor holds a number, and a stream is named by the position of its first event, for ever. */
export async function streamAt(log: Log, position: Position): Promise<string | null> {
  for await (const page of log.driver.read({ after: position - 1, upTo: position, bodies: false })) return page.events[0]?.stream ?? null;
  return null;
}

export const getStream = defineOperation({
  name: 'getStream',
  doc: 'One stream: its newest revision, its number of events, and its state.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object(streamKey),
  output: streamInfo.extend({ version: revision, events: count, state }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}', aliases: ['/api/v1/orchestrations/{streamId}?streamType=orchestration'] },
  run: async (context, { streamType, streamId }) => {
    const info = await context.log.stream(`${streamType}/${streamId}`);
    if (info === null) throw streamNotFound(`${streamType}/${streamId}`);
    const view = await reconstruct(travelParts(context), { streamType, streamId }, { kind: 'end' });
    return { ...rowOf(info), version: info.revision, events: info.revision, state: view.state };
  },
});

export const streamEvents = defineOperation({
  name: 'streamEvents',
  doc: 'The events of one stream, by revision.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, fromRevision: wholeNumber.optional(), toRevision: wholeNumber.optional(), ...pageInput }),
  output: pageOf(event),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/events', aliases: ['/api/v1/jobs/{streamId}/events?streamType=job'] },
  run: async (context, input) => {
    const address = `${input.streamType}/${input.streamId}`;
    if ((await context.log.stream(address)) === null) throw streamNotFound(address);
    return await listEvents(context, input);
  },
});

export const resolveStream = defineOperation({
  name: 'resolveStream',
  doc: 'Finds the stream that an id without a type names.',
  scope: 'read',
  input: z.object({ id: z.string().min(1) }),
  output: z.object(streamKey),
  http: { method: 'GET', path: '/aggregates/{id}/address' },
  run: async (context, { id }) => {
    const address = await streamOfId(context, id);
    return { streamType: address.slice(0, address.indexOf('/')), streamId: id };
  },
});

/** The same by an id alone, where it names one stream only. */
export const getAggregate = defineOperation({
  name: 'getAggregate',
  doc: 'One stream by its id alone: its newest revision, its number of events, and its state.',
  scope: 'read',
  input: resolveStream.input,
  output: getStream.output,
  http: { method: 'GET', path: '/aggregates/{id}' },
  run: async (context, input) => await getStream.run(context, await resolveStream.run(context, input)),
});

export const aggregateEvents = defineOperation({
  name: 'aggregateEvents',
  doc: 'The events of one stream by its id alone, by revision.',
  scope: 'read',
  input: z.object({ id: z.string().min(1), fromRevision: wholeNumber.optional(), toRevision: wholeNumber.optional(), ...pageInput }),
  output: streamEvents.output,
  http: { method: 'GET', path: '/aggregates/{id}/events' },
  run: async (context, { id, ...input }) => await streamEvents.run(context, { ...(await resolveStream.run(context, { id })), ...input }),
});
