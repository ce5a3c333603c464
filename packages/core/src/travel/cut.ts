/**
 * Which events of a stream a place stands for. By revision, position or the log's own clock it is a prefix. By the
 * producer's clock it is the longest clean prefix (no event in it happened later) plus the stragglers: events recorded after
 * it that say they had happened by then. Source: DESIGN.md section 2, the unified model 3.4.11, X-021.
 */
import { LogError } from '../errors.ts';
import type { Instant, Position, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { compareInstants } from '../log/instant.ts';
import type { Place } from '../log/place.ts';
import { eventAt, headOf } from './stream-reader.ts';
import type { StreamReader } from './stream-reader.ts';
import { createTimeIndexes } from './time-index.ts';
import type { Stretch, TimeIndexes } from './time-index.ts';

export interface Cut {
  /** Newest revision of the stream when the place was resolved. */
  readonly head: Revision;
  /** Every event up to here; 0 = none. */
  readonly prefix: Revision;
  /** Where after the prefix stragglers may stand, ascending; read them with `stragglerPages`. */
  readonly ranges: readonly RevisionRange[];
  /** The instant that was asked for; null for a place by number. */
  readonly asOf: Instant | null;
}

/** Exclusive lower, inclusive upper bound. */
export interface RevisionRange {
  readonly after: Revision;
  readonly upTo: Revision;
}

/**
 * Resolves a place.
 *
 * @throws LogError NOT_FOUND {head} for an unknown stream or a revision above the head (bad-input B6); HISTORY_DELETED
 *         {earliestRevision, earliestAt} before the baseline of a deleted range (bad-input N4).
 */
export async function cutAt(reader: StreamReader, stream: string, place: Place, indexes: TimeIndexes = createTimeIndexes(reader)): Promise<Cut> {
  const head = await headOf(reader, stream);
  const cut = await resolve(reader, stream, place, head, indexes);
  const baseline = (await reader.baseline?.(stream)) ?? null;
  if (baseline !== null && cut.prefix < baseline.earliestRevision)
    throw new LogError('HISTORY_DELETED', `The history of ${stream} before revision ${baseline.earliestRevision} was deleted by policy.`, {
      details: { stream, earliestRevision: baseline.earliestRevision, earliestAt: baseline.earliestAt },
      hint: `Ask for revision ${baseline.earliestRevision} or later.`,
    });
  return cut;
}

async function resolve(reader: StreamReader, stream: string, place: Place, head: Revision, indexes: TimeIndexes): Promise<Cut> {
  const prefixTo = (prefix: Revision, asOf: Instant | null = null): Cut => ({ head, prefix, ranges: [], asOf });
  switch (place.kind) {
    case 'start':
      return prefixTo(1);
    case 'end':
      return prefixTo(head);
    case 'back':
      return prefixTo(Math.max(0, head - place.count));
    case 'revision':
      return prefixTo(existing(stream, place.revision, head));
    case 'position':
      return prefixTo(await revisionAtPosition(reader, stream, place.position, head));
    case 'known':
      return prefixTo(await revisionKnownAt(reader, stream, place.at), place.at);
    case 'instant':
      return { head, asOf: place.at, ...(await cutByTime(reader, stream, place.at, head, indexes)) };
  }
}

function existing(stream: string, revision: Revision, head: Revision): Revision {
  if (revision <= head) return revision;
  throw new LogError('NOT_FOUND', `${stream} has no revision ${revision}; it stands at ${head}.`, { details: { reason: 'revision', stream, head }, hint: `Ask for a revision up to ${head}.` });
}

/** Positions rise with revisions, so the last event at or below one is found by halving. */
async function revisionAtPosition(reader: StreamReader, stream: string, position: Position, head: Revision): Promise<Revision> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const event = await eventAt(reader, stream, middle);
    if (event !== null && event.position <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function revisionKnownAt(reader: StreamReader, stream: string, at: Instant): Promise<Revision> {
  for await (const [newest] of reader.pages(stream, { upToTime: at, direction: 'backward', limit: 1 })) if (newest !== undefined) return newest.revision;
  return 0;
}

async function cutByTime(reader: StreamReader, stream: string, at: Instant, head: Revision, indexes: TimeIndexes): Promise<Pick<Cut, 'prefix' | 'ranges'>> {
  const stretches = await indexes.stretches(stream, head);
  const first = stretches.findIndex(({ latest }) => compareInstants(latest, at) > 0);
  if (first < 0) return { prefix: head, ranges: [] };
  const prefix = await prefixWithin(reader, stream, at, head, stretches[first]!);
  const ranges: RevisionRange[] = [];
  for (const { from, to, earliest } of stretches.slice(first)) {
    if (compareInstants(earliest, at) > 0 || to <= prefix) continue;
    const range = { after: Math.max(from - 1, prefix), upTo: Math.min(to, head) };
    const last = ranges.at(-1);
    if (last?.upTo === range.after) ranges[ranges.length - 1] = { after: last.after, upTo: range.upTo };
    else ranges.push(range);
  }
  return { prefix, ranges };
}

/** The revision before the first event of a stretch that happened later. */
async function prefixWithin(reader: StreamReader, stream: string, at: Instant, head: Revision, { from, to, earliest }: Stretch): Promise<Revision> {
  if (compareInstants(earliest, at) > 0) return from - 1;
  const last = Math.min(to, head);
  for await (const page of reader.pages(stream, { after: from - 1, upTo: last }))
    for (const event of page) if (compareInstants(event.occurredAt, at) > 0) return event.revision - 1;
  return last;
}

/** The events after the prefix that had happened by the instant, in revision order; at most one page of the reader in memory. */
export async function* stragglerPages(reader: StreamReader, stream: string, { ranges, asOf }: Cut): AsyncGenerator<readonly EventEnvelope[]> {
  for (const range of ranges)
    for await (const page of reader.pages(stream, range)) {
      const stragglers = page.filter(({ occurredAt }) => compareInstants(occurredAt, asOf!) <= 0);
      if (stragglers.length > 0) yield stragglers;
    }
}
