/** What time travel needs from a log: one stream, in order, in pages. A log, an export and a list in memory can all give it. */
import { streamNotFound } from '../log/place.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';

export interface StreamRange {
  /** Exclusive lower and inclusive upper bound, as revisions. */
  readonly after?: Revision;
  readonly upTo?: Revision;
  /** Inclusive, against `recordedAt`. */
  readonly upToTime?: Instant;
  /** Default forward. */
  readonly direction?: 'forward' | 'backward';
  /** At most so many events in all. */
  readonly limit?: number;
}

export interface StreamReader {
  /** Events of one stream in revision order, or backward; no page is held once the next is asked for. */
  pages(stream: string, range?: StreamRange): AsyncIterable<readonly EventEnvelope[]>;
  /** Newest revision; 0 = the stream does not exist. */
  head(stream: string): Promise<Revision>;
  /** Where the history begins when its oldest part was deleted by policy; null when it is whole. */
  baseline?(stream: string): Promise<Baseline | null>;
}

export interface Baseline {
  /** The earliest revision whose state is still known. */
  readonly earliestRevision: Revision;
  readonly earliestAt: Instant;
}

/** The one event at a revision; null when the reader has none. */
export async function eventAt(reader: StreamReader, stream: string, revision: Revision): Promise<EventEnvelope | null> {
  for await (const page of reader.pages(stream, { after: revision - 1, upTo: revision, limit: 1 })) if (page[0] !== undefined) return page[0];
  return null;
}

/** A reader over events in memory, ordered by revision within each stream: forks, exports, tests. */
export function readerOver(events: readonly EventEnvelope[], pageSize = 1_000): StreamReader {
  const streams = Map.groupBy(events, ({ streamType, streamId }) => `${streamType}/${streamId}`);
  return {
    async *pages(stream, { after = 0, upTo = Infinity, upToTime, direction = 'forward', limit = Infinity } = {}) {
      const wanted = (streams.get(stream) ?? []).filter(({ revision, recordedAt }) => revision > after && revision <= upTo && (upToTime === undefined || recordedAt <= upToTime));
      const ordered = (direction === 'forward' ? wanted : wanted.toReversed()).slice(0, limit);
      for (let start = 0; start < ordered.length; start += pageSize) yield ordered.slice(start, start + pageSize);
    },
    head: async (stream) => streams.get(stream)?.at(-1)?.revision ?? 0,
  };
}

/** The newest revision of a stream that exists. @throws LogError NOT_FOUND (bad-input B7). */
export async function headOf(reader: StreamReader, stream: string): Promise<Revision> {
  const head = await reader.head(stream);
  if (head === 0) throw streamNotFound(stream);
  return head;
}
