/**
 * Where in a stream the producer's clock stood. Time never orders events, so "everything that happened by T" is not a prefix,
 * and finding it would need every event. The index keeps the earliest and the latest `occurredAt` of each stretch of
 * revisions; most stretches lie wholly before or after T, and only the few around it are read.
 *
 * It is learnt by one read of the stream, grows with its head, and may be forgotten at any time. Bounded: when a stream has
 * too many stretches, neighbours are joined and the stretch doubles.
 */
import type { Instant, Revision } from '../log/driver.ts';
import { compareInstants } from '../log/instant.ts';
import type { StreamReader } from './stream-reader.ts';

/** Events `from` to `to`, both inclusive. */
export interface Stretch {
  readonly from: Revision;
  readonly to: Revision;
  readonly earliest: Instant;
  readonly latest: Instant;
}

export interface TimeIndexes {
  /** The stretches that cover revisions 1 to `head`, in order; reads what is not known yet. */
  stretches(stream: string, head: Revision): Promise<readonly Stretch[]>;
  /** Forgets a stream (an erasure may have changed what its events tell). */
  forget(stream: string): void;
}

export interface TimeIndexLimits {
  /** Events per stretch at first. Default 64. */
  readonly stretchEvents?: number;
  readonly stretchesMax?: number;
  readonly streamsMax?: number;
}

interface KnownStream {
  stretches: Stretch[];
  stretchEvents: number;
}

export function createTimeIndexes(reader: StreamReader, limits: TimeIndexLimits = {}): TimeIndexes {
  const { stretchEvents = 64, stretchesMax = 1_024, streamsMax = 256 } = limits;
  const known = new Map<string, KnownStream>();
  const learning = new Map<string, Promise<unknown>>();

  async function learn(stream: string, head: Revision): Promise<KnownStream> {
    const index = known.get(stream) ?? { stretches: [], stretchEvents };
    // The newest stretch may not be full yet; it is read again rather than patched.
    const last = index.stretches.at(-1);
    if (last !== undefined && last.to < head && last.to - last.from + 1 < index.stretchEvents) index.stretches.pop();
    const after = index.stretches.at(-1)?.to ?? 0;
    if (after < head) for await (const page of reader.pages(stream, { after, upTo: head })) for (const { revision, occurredAt } of page) addEvent(index, revision, occurredAt, stretchesMax);
    remember(stream, index);
    return index;
  }

  function remember(stream: string, index: KnownStream): void {
    known.delete(stream);
    known.set(stream, index);
    if (known.size > streamsMax) known.delete(known.keys().next().value!);
  }

  return {
    async stretches(stream, head) {
      // One at a time per stream: two learners would add the same events twice.
      const turn = (learning.get(stream) ?? Promise.resolve()).then(
        () => learn(stream, head),
        () => learn(stream, head),
      );
      learning.set(stream, turn);
      try {
        return (await turn).stretches.filter(({ from }) => from <= head);
      } finally {
        if (learning.get(stream) === turn) learning.delete(stream);
      }
    },
    forget: (stream) => void known.delete(stream),
  };
}

function addEvent(index: KnownStream, revision: Revision, occurredAt: Instant, stretchesMax: number): void {
  const last = index.stretches.at(-1);
  if (last === undefined || last.to - last.from + 1 >= index.stretchEvents) {
    index.stretches.push({ from: revision, to: revision, earliest: occurredAt, latest: occurredAt });
    if (index.stretches.length > stretchesMax) joinNeighbours(index);
    return;
  }
  index.stretches[index.stretches.length - 1] = joined(last, { from: revision, to: revision, earliest: occurredAt, latest: occurredAt });
}

function joinNeighbours(index: KnownStream): void {
  const { stretches } = index;
  index.stretches = stretches.flatMap((stretch, place) => (place % 2 === 1 ? [] : stretches[place + 1] === undefined ? [stretch] : [joined(stretch, stretches[place + 1]!)]));
  index.stretchEvents *= 2;
}

const joined = (a: Stretch, b: Stretch): Stretch => ({
  from: a.from,
  to: b.to,
  earliest: compareInstants(a.earliest, b.earliest) <= 0 ? a.earliest : b.earliest,
  latest: compareInstants(a.latest, b.latest) >= 0 ? a.latest : b.latest,
});
