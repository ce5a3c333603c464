/**
 * Edit and fork: another session, over what the history would be with a few edits. The history up to the first edit is read
 * where it was; what follows is held in memory, and nothing is written. The session it came from stays as it is.
 */
import { LogError } from '../errors.ts';
import type { FoldEvent } from '../fold/aggregate.ts';
import { defaultLimits } from '../limits.ts';
import type { EventEnvelope } from '../log/event.ts';
import { zeroHash } from '../log/event.ts';
import type { Edit } from '../travel/edit.ts';
import { fork } from '../travel/fork.ts';
import type { ForkResult } from '../travel/fork.ts';
import { readerOver } from '../travel/stream-reader.ts';
import type { StreamReader } from '../travel/stream-reader.ts';
import { createDebugger } from './create-debugger.ts';
import type { Debugger, DebuggerOptions, DebuggerParts } from './debugger.ts';
import { copyWhatWasSet } from './export.ts';

export interface ForkedSession {
  /** Over the variant, at the same revision, with the same breakpoints and watches. */
  readonly session: Debugger;
  readonly result: ForkResult;
}

export interface ForkSessionOptions extends Omit<DebuggerOptions, 'base'> {
  /** Takes what the rules forbid. Default false: it is told in `result.rejected`. */
  readonly lenient?: boolean;
  /** Events that the variant may hold in memory. Default `limits.replayEventsMax`. */
  readonly eventsMax?: number;
}

/** @throws LogError as `fork`; TOO_LARGE `fork` when too much follows the first edit. */
export async function forkSession(session: Debugger, parts: DebuggerParts, edits: readonly Edit[], options: ForkSessionOptions = {}): Promise<ForkedSession> {
  const { lenient = false, eventsMax = defaultLimits.replayEventsMax, ...rest } = options;
  const variant: EventEnvelope[] = [];
  const result = await fork(parts, session.address, { kind: 'end' }, edits, {
    lenient,
    onEvent(event) {
      if (variant.length >= eventsMax) throw new LogError('TOO_LARGE', `More than ${eventsMax} events follow the first edit.`, { details: { reason: 'fork', limit: eventsMax }, hint: 'Edit a later place, or fork a shorter stretch.' });
      variant.push(asEnvelope(event));
    },
  });
  // What is kept of the base, and events by id, would lie past the first edit.
  const { snapshots: _snapshots, timeIndexes: _timeIndexes, keyframes: _keyframes, columns: _columns, byId: _byId, ...kept } = parts;
  const forked = await createDebugger({ ...kept, reader: variantReader(parts.reader, variant) }, session.address, { id: `${session.id}:what-if`, ...rest });
  await forked.start({ kind: 'revision', revision: Math.min(session.revision, forked.head) });
  copyWhatWasSet(session.info(), forked);
  return { session: forked, result };
}

/** An edit has no place in the log and no hash; it says so by zeros. */
const asEnvelope = (event: FoldEvent): EventEnvelope => ({ position: 0, prevHash: zeroHash, hash: zeroHash, ...event });

function variantReader(base: StreamReader, variant: readonly EventEnvelope[]): StreamReader {
  const [first] = variant;
  if (first === undefined) return base;
  const changed = readerOver(variant);
  const untouched = first.revision - 1;
  return {
    async *pages(stream, range = {}) {
      const { after = 0, upTo = Infinity, direction = 'forward', limit = Infinity } = range;
      let left = limit;
      const parts: readonly { readonly reader: StreamReader; readonly isThere: boolean; readonly range: { after: number; upTo: number } }[] = [
        { reader: base, isThere: after < untouched, range: { after, upTo: Math.min(upTo, untouched) } },
        { reader: changed, isThere: upTo > untouched, range: { after: Math.max(after, untouched), upTo } },
      ];
      for (const part of direction === 'forward' ? parts : parts.toReversed()) {
        if (!part.isThere || left <= 0) continue;
        for await (const page of part.reader.pages(stream, { ...range, ...part.range, limit: left })) {
          left -= page.length;
          yield page;
        }
      }
    },
    head: (stream) => changed.head(stream),
  };
}
