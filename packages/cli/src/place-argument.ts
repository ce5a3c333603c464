/**
 * What a person types for a stream or a place: `type/id@place`, a bare id, an issue key, `latest`, `latest:failed`,
 * `latest:job`. The grammar after the `@` is the core's; here only the stream is found.
 */
import { LogError, parsePlaceSuffix, parseStreamAddress } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { blameOf, getEvent, listRuns, resolveStream, stateAt, streamEvents } from '@refold/operations';
import type { Connection } from './connection.ts';
import { bareDate, instantArgument } from './place-input.ts';

export interface StreamArgument {
  readonly streamType: string;
  readonly streamId: string;
}

export interface PlaceArgument extends StreamArgument {
  /** What stood after the `@`; undefined = the newest event. */
  readonly place: string | undefined;
}

const issueKey = /^[A-Z][A-Z0-9_]+-\d+$/;
const eventId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws LogError BAD_STREAM_ADDRESS, BAD_TIMESTAMP, NOT_FOUND, AMBIGUOUS_STREAM {candidates}. */
export async function placeArgument(connection: Connection, text: string): Promise<PlaceArgument> {
  const at = text.indexOf('@');
  const suffix = at < 0 ? undefined : text.slice(at + 1);
  // A bare date is the end of that UTC day.
  const place = suffix !== undefined && bareDate.test(suffix) ? instantArgument(suffix) : suffix;
  if (place !== undefined && place !== 'first-bad') parsePlaceSuffix(place);
  if (at === 0) throw new LogError('BAD_STREAM_ADDRESS', `No stream stands before ${text}.`, { details: { reason: 'missing' }, hint: `Write the stream first, for example PROJ-123${text}; refold runs lists them.` });
  const stream = await streamNamed(connection, unescaped(at < 0 ? text : text.slice(0, at)));
  return { ...stream, place: place === undefined ? undefined : await suffixIn(connection, stream, place) };
}

/** A place of the grammar as it is; `first-bad` as the revision that it stands for. @throws LogError NOT_FOUND `first_bad`. */
export async function suffixIn(connection: Connection, { streamType, streamId }: StreamArgument, place: string): Promise<string> {
  if (place !== 'first-bad') return place;
  const stream = { streamType, streamId };
  const { suspects } = await connection.call(blameOf, stream);
  // The definition asks for recorded edges, and a place is in its own stream.
  const first = suspects.find(({ basis, event }) => basis === 'recorded' && event.stream === addressOf(stream));
  if (first !== undefined) return String(first.event.revision);
  throw new LogError('NOT_FOUND', `Nothing is bad in ${addressOf(stream)}.`, { details: { reason: 'first_bad', stream: addressOf(stream) }, hint: `Name a revision, or compare with a run that worked: refold blame ${addressOf(stream)} --against STREAM` });
}

/** @throws LogError as `placeArgument`; BAD_STREAM_ADDRESS also for a place where a whole stream is meant. */
export async function streamArgument(connection: Connection, text: string): Promise<StreamArgument> {
  const { place, ...stream } = await placeArgument(connection, text);
  if (place === undefined) return stream;
  throw new LogError('BAD_STREAM_ADDRESS', `"${text}" is a place; a whole stream is meant here.`, { details: { reason: 'place' }, hint: 'Leave out the @ and what follows it; write @ inside an id as %40.' });
}

async function streamNamed(connection: Connection, name: string): Promise<StreamArgument> {
  if (name === 'latest' || name.startsWith('latest:')) return await latestRun(connection, name.slice('latest:'.length));
  if (name.includes('/')) return parseStreamAddress(name);
  if (issueKey.test(name)) return { streamType: 'orchestration', streamId: name };
  return await connection.call(resolveStream, { id: name });
}

async function latestRun(connection: Connection, kind: string): Promise<StreamArgument> {
  const { items } = await connection.call(listRuns, { limit: 1, ...(kind === 'failed' ? { status: 'failed' } : kind === '' ? {} : { type: kind }) });
  const [run] = items;
  if (run === undefined) throw new LogError('NOT_FOUND', `There is no ${kind === '' ? '' : `${kind} `}run in this log.`, { details: { reason: 'run' }, hint: 'refold runs lists what there is.' });
  return { streamType: run.streamType, streamId: run.streamId };
}

function unescaped(text: string): string {
  if (/%(?!40|25)/.test(text)) throw new LogError('BAD_STREAM_ADDRESS', `"${text}" holds a bare %.`, { details: { reason: 'escape' }, hint: 'Inside a place, write % as %25 and @ as %40.' });
  return text.replaceAll('%40', '@').replaceAll('%25', '%');
}

/** One event, by its id or by where it stands. */
export async function eventArgument(connection: Connection, text: string): Promise<EventEnvelope> {
  if (eventId.test(text)) return await connection.call(getEvent, { id: text });
  const { place, ...stream } = await placeArgument(connection, text);
  const revision = await revisionAt(connection, stream, place);
  const { items } = await connection.call(streamEvents, { ...stream, fromRevision: revision, toRevision: revision });
  const [event] = items;
  if (event === undefined) throw new LogError('NOT_FOUND', `There is no event at ${text}.`, { details: { reason: 'revision', revision }, hint: `refold history ${stream.streamType}/${stream.streamId} shows what is there.` });
  return event;
}

/** The revision that a place of a stream stands for; a number is taken at its word. */
export async function revisionAt(connection: Connection, stream: StreamArgument, place: string | undefined): Promise<number> {
  if (place !== undefined && /^\d+$/.test(place)) return Number(place);
  return (await connection.call(stateAt, { ...stream, ...(place === undefined ? {} : { place }) })).revision;
}

/** `orchestration/PROJ-123@12` */
export const addressOf = ({ streamType, streamId }: StreamArgument, revision?: number): string =>
  revision === undefined ? `${streamType}/${streamId}` : `${streamType}/${streamId}`.replaceAll('%', '%25').replaceAll('@', '%40') + `@${revision}`;
