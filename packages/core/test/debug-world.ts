/** A debugger over a history in memory, for the tests of debug. */
import { createHash, createHmac } from 'node:crypto';
import { createDebugger } from '../src/debug/create-debugger.ts';
import type { Debugger, DebuggerOptions, DebuggerParts } from '../src/debug/debugger.ts';
import { createFold } from '../src/fold/fold.ts';
import type { EventEnvelope } from '../src/log/event.ts';
import { readerOver } from '../src/travel/stream-reader.ts';
import type { StreamReader } from '../src/travel/stream-reader.ts';
import { minute, registry, voyageId } from './voyage.ts';

export const address = { streamType: 'voyage', streamId: voyageId };

/** One second passes whenever somebody looks at the clock. */
function createTickingClock(): DebuggerParts['clock'] & { readonly set: (ms: number) => void } {
  let now = Date.parse(minute(0));
  return { now: () => (now += 1_000), turn: () => new Promise((resolve) => setImmediate(resolve)), set: (ms) => void (now = ms) };
}

export const partsOver = (events: readonly EventEnvelope[], reader: StreamReader = readerOver(events, 16)): DebuggerParts => ({
  reader,
  fold: createFold(registry),
  hasher: {
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()),
  },
  clock: createTickingClock(),
});

export const debug = (events: readonly EventEnvelope[], options: DebuggerOptions = {}): Promise<Debugger> => createDebugger(partsOver(events), address, { id: 'ds_1', ...options });

/** Started at the beginning. */
export async function started(events: readonly EventEnvelope[], options: DebuggerOptions = {}): Promise<Debugger> {
  const session = await debug(events, options);
  await session.start();
  return session;
}
