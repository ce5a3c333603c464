/** Events of one stream in blocks, the last used ones kept: a debugger goes over the same ground again and again. */
import { LogError } from '../errors.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { StreamReader } from '../travel/stream-reader.ts';

export interface EventBlockLimits {
  /** Events per block. Default 256. */
  readonly blockEvents?: number;
  /** Blocks kept. Default 64. */
  readonly blocksMax?: number;
}

export interface EventBlocks {
  /** The event at a revision. @throws LogError INCOMPLETE_HISTORY when the stream has a hole there (bad-input N5). */
  at(revision: Revision): Promise<EventEnvelope>;
  /** The event at a revision when its block is at hand, without waiting; undefined when it has to be read. */
  held(revision: Revision): EventEnvelope | undefined;
  /** Events from one revision to another, both inclusive, in order. */
  range(from: Revision, to: Revision): Promise<readonly EventEnvelope[]>;
}

/** @param head  Newest revision to be read now; a block that was cut there is read again when the stream has grown. */
export function createEventBlocks(reader: StreamReader, stream: string, head: () => Revision, limits: EventBlockLimits = {}): EventBlocks {
  const { blockEvents = 256, blocksMax = 64 } = limits;
  const blocks = new Map<number, readonly EventEnvelope[]>();
  const numberOf = (revision: Revision): number => Math.floor((revision - 1) / blockEvents);

  async function read(number: number): Promise<readonly EventEnvelope[]> {
    const events: EventEnvelope[] = [];
    for await (const page of reader.pages(stream, { after: number * blockEvents, upTo: Math.min((number + 1) * blockEvents, head()) })) events.push(...page);
    blocks.set(number, events);
    if (blocks.size > blocksMax) blocks.delete(blocks.keys().next().value!);
    return events;
  }

  function held(revision: Revision): EventEnvelope | undefined {
    const number = numberOf(revision);
    const block = blocks.get(number);
    const event = block?.[revision - 1 - number * blockEvents];
    // Most blocks begin where they should; one of an export may begin later, so places are compared.
    return event?.revision === revision ? event : block?.find((other) => other.revision === revision);
  }

  async function at(revision: Revision): Promise<EventEnvelope> {
    const known = held(revision) ?? (await read(numberOf(revision))).find((event) => event.revision === revision);
    if (known === undefined)
      throw new LogError('INCOMPLETE_HISTORY', `Revision ${revision} of ${stream} is missing.`, { details: { stream, expected: revision, found: null }, hint: 'Verify the log; no state is guessed from an incomplete history.' });
    return known;
  }

  return {
    at,
    held,
    async range(from, to) {
      const events: EventEnvelope[] = [];
      for (let revision = from; revision <= to; revision++) events.push(held(revision) ?? (await at(revision)));
      return events;
    },
  };
}
