/** Streams asked for by what else they are called (K-069). */
import { LogError, isLogError, parseStreamAddress } from '@refold/core';
import type { StreamAddress } from '@refold/core';
import { otherNameTag } from '@refold/catalog';
import type { OperationContext } from './define.ts';

/**
 * Asks about a stream; where there is none of this address, about the one that was created under this other name.
 *
 * @throws LogError as `ask`; AMBIGUOUS_STREAM {candidates} when several were.
 */
export async function byAnyName<T>(context: OperationContext, address: StreamAddress, ask: (address: StreamAddress) => Promise<T>): Promise<T> {
  try {
    return await ask(address);
  } catch (error) {
    if (!isLogError(error, 'NOT_FOUND') || error.details.reason !== 'stream') throw error;
    const found = await namedSo(context, address);
    if (found === null) throw error;
    return await ask(found);
  }
}

async function namedSo({ log, access, signal }: OperationContext, { streamType, streamId }: StreamAddress): Promise<StreamAddress | null> {
  // Who is held to his own streams names them by their address: a number may lead to somebody else's.
  if (access?.streamPrefix !== undefined) return null;
  const streams = new Set<string>();
  for await (const page of log.driver.read({ query: { items: [{ types: [`${streamType}.created`], tags: [otherNameTag(streamType, streamId)] }] }, bodies: false }, signal)) for (const { stream } of page.events) streams.add(stream);
  const [only, ...others] = streams;
  if (only === undefined) return null;
  if (others.length > 0) throw new LogError('AMBIGUOUS_STREAM', `${streamType}/${streamId} names ${streams.size} streams.`, { details: { candidates: [...streams], types: [streamType] }, hint: `Write one of ${[...streams].join(', ')}.` });
  return parseStreamAddress(only);
}
