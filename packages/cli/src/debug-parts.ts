/**
 * What the debugger works with, over a connection: the same events whether this process opened the log or a server did, read
 * in pages and folded here.
 */
import { createFold, isLogError } from '@refold/core';
import type { DebuggerParts, StreamReader, StreamRange } from '@refold/core';
import { getEvent, getStream, streamEvents } from '@refold/operations';
import { nodeHasher, systemClock } from '@refold/sdk';
import type { Connection } from './connection.ts';
import type { World } from './world.ts';

const pageEvents = 1_000;

export function debugParts(connection: Connection, { ports }: World): DebuggerParts {
  return {
    reader: readerOver(connection),
    fold: createFold(connection.registry),
    hasher: ports?.hasher ?? nodeHasher,
    clock: ports?.clock ?? systemClock,
    byId: (id) => orNull(connection.call(getEvent, { id })),
  };
}

function readerOver(connection: Connection): StreamReader {
  return {
    async *pages(stream, range = {}) {
      let left = range.limit ?? Infinity;
      let cursor: string | undefined;
      while (left > 0) {
        const page = await connection.call(streamEvents, { ...rangeInput(stream, range), limit: Math.min(pageEvents, left), ...(cursor === undefined ? {} : { cursor }) });
        const events = page.items.filter(({ recordedAt }) => range.upToTime === undefined || recordedAt <= range.upToTime);
        if (events.length > 0) yield events;
        left -= events.length;
        if (page.nextCursor === null) return;
        cursor = page.nextCursor;
      }
    },
    head: async (stream) => (await orNull(connection.call(getStream, addressIn(stream))))?.revision ?? 0,
  };
}

const rangeInput = (stream: string, { after, upTo, direction }: StreamRange): object => ({
  ...addressIn(stream),
  ...(after === undefined ? {} : { fromRevision: after + 1 }),
  ...(upTo === undefined ? {} : { toRevision: upTo }),
  ...(direction === 'backward' ? { order: 'desc' } : {}),
});

function addressIn(stream: string): { readonly streamType: string; readonly streamId: string } {
  const slash = stream.indexOf('/');
  return { streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1) };
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isLogError(error, 'NOT_FOUND')) return null;
    throw error;
  }
}
