/** From what a person types to a place in a stream: bare ids, `latest`, instants in several parameters. */
import { LogError, parseInstant, parsePlaceSuffix } from '@refold/core';
import type { EventEnvelope, Log, Place, StreamInfo, StreamReader } from '@refold/core';
import type { OperationContext } from './define.ts';

export interface PlaceParameters {
  readonly place?: string | undefined;
  readonly at?: string | undefined;
  readonly recordedAt?: string | undefined;
  readonly revision?: number | undefined;
  readonly position?: number | undefined;
}

/** @throws LogError BAD_REQUEST `place` when two places are given; BAD_TIMESTAMP. */
export function placeOf(parameters: PlaceParameters): Place {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  if (given.length > 1)
    throw new LogError('BAD_REQUEST', `A place is one of ${given.map(([name]) => name).join(', ')}, not several.`, { details: { reason: 'place' }, hint: 'Give one of place, at, recordedAt, revision, position.' });
  if (parameters.place !== undefined) return parsePlaceSuffix(parameters.place);
  if (parameters.at !== undefined) return { kind: 'instant', at: parseInstant(parameters.at, '/at') };
  if (parameters.recordedAt !== undefined) return { kind: 'known', at: parseInstant(parameters.recordedAt, '/recordedAt') };
  if (parameters.revision !== undefined) return { kind: 'revision', revision: parameters.revision };
  if (parameters.position !== undefined) return { kind: 'position', position: parameters.position };
  return { kind: 'end' };
}

/**
 * The streams that an id without a type names.
 *
 * @throws LogError NOT_FOUND; AMBIGUOUS_STREAM {candidates} when several kinds of stream have this id.
 */
export async function streamOfId(context: OperationContext, id: string): Promise<string> {
  const candidates: string[] = [];
  for (const { type } of context.log.registry.aggregates()) if ((await context.log.stream(`${type}/${id}`)) !== null) candidates.push(`${type}/${id}`);
  const [only, ...others] = candidates;
  if (only === undefined) throw new LogError('NOT_FOUND', `There is no stream with the id ${id}.`, { details: { reason: 'stream', id }, hint: 'List the streams with refold runs, or write type/id.' });
  if (others.length > 0) throw new LogError('AMBIGUOUS_STREAM', `${id} names ${candidates.length} streams.`, { details: { candidates, types: candidates.map((address) => address.slice(0, address.indexOf('/'))) }, hint: `Write one of ${candidates.join(', ')}.` });
  return only;
}

/** Kinds of stream that are runs, for lists and for `latest`. */
export const runStreamTypes = (log: Log): readonly string[] => log.registry.aggregates().flatMap(({ type, run }) => (run === true ? [type] : []));

const streamsPerPage = 10_000;

/** Every stream whose address begins so, in order of address. @param from  Only those after this address. */
export async function* streamsOf(log: Log, prefix = '', from?: string): AsyncGenerator<StreamInfo> {
  for (let after = from; ; ) {
    const page = await log.streams({ prefix, limit: streamsPerPage, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < streamsPerPage) return;
    after = page.at(-1)!.stream;
  }
}

/** Time travel's reader over a log. */
export const readerOf = (log: Log, signal?: AbortSignal): StreamReader => ({
  async *pages(stream, range = {}): AsyncGenerator<readonly EventEnvelope[]> {
    for await (const page of log.events({ stream, ...range }, signal)) if (page.events.length > 0) yield page.events;
  },
  head: async (stream) => (await log.stream(stream))?.revision ?? 0,
});
