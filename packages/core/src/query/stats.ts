/** Counts of the events a filter asks for, in one pass. Source: the unified model, results (Stats). */
import { LogError } from '../errors.ts';
import type { Instant } from '../log/driver.ts';
import { pair } from '../log/tags.ts';
import type { EventTest } from './match.ts';
import type { EventPages } from './page.ts';

export type Bucket = 'minute' | 'hour' | 'day';

export interface Stats {
  readonly total: number;
  /** First and last `occurredAt` counted. */
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly byType: Readonly<Record<string, number>>;
  /** By `type/id` of the actor. */
  readonly byActor: Readonly<Record<string, number>>;
  readonly byStreamType: Readonly<Record<string, number>>;
  readonly byPriority: Readonly<Record<string, number>>;
  /** By UTC day of `occurredAt`. */
  readonly byDate: Readonly<Record<string, number>>;
  /** Only buckets that hold something, in order of time. */
  readonly buckets: readonly { readonly start: Instant; readonly count: number }[];
}

export interface StatsOptions {
  /** Default "hour". */
  readonly bucket?: Bucket;
  readonly residue?: EventTest | null;
  /** Default 10,000. */
  readonly bucketsMax?: number;
}

/** @throws LogError BAD_REQUEST `bucket` when the events fall into more buckets than an answer may hold. */
export async function statsOf(events: EventPages, { bucket = 'hour', residue = null, bucketsMax = 10_000 }: StatsOptions = {}): Promise<Stats> {
  const [types, actors, streamTypes, priorities, dates, buckets] = Array.from({ length: 6 }, () => new Map<string, number>()) as [Tally, Tally, Tally, Tally, Tally, Tally];
  let total = 0;
  let from: Instant | null = null;
  let to: Instant | null = null;
  for await (const batch of events)
    for (const event of batch) {
      if (residue !== null && !residue(event)) continue;
      total++;
      if (from === null || event.occurredAt < from) from = event.occurredAt;
      if (to === null || event.occurredAt > to) to = event.occurredAt;
      count(types, event.type);
      count(actors, pair(event.actor.type, event.actor.id));
      count(streamTypes, event.streamType);
      count(priorities, event.priority);
      count(dates, event.occurredAt.slice(0, 10));
      count(buckets, bucketStart(event.occurredAt, bucket));
      if (buckets.size > bucketsMax) throw tooManyBuckets(bucket, bucketsMax);
    }
  return {
    total,
    from,
    to,
    byType: table(types),
    byActor: table(actors),
    byStreamType: table(streamTypes),
    byPriority: table(priorities),
    byDate: table(dates),
    buckets: sorted(buckets).map(([start, number]) => ({ start, count: number })),
  };
}

type Tally = Map<string, number>;

const count = (tally: Tally, key: string): void => void tally.set(key, (tally.get(key) ?? 0) + 1);
const sorted = (tally: Tally): [string, number][] => [...tally].sort(([a], [b]) => (a < b ? -1 : 1));
const table = (tally: Tally): Readonly<Record<string, number>> => Object.fromEntries(sorted(tally));

const bucketEnds: Readonly<Record<Bucket, readonly [kept: number, rest: string]>> = { minute: [16, ':00.000Z'], hour: [13, ':00:00.000Z'], day: [10, 'T00:00:00.000Z'] };

/** Start of the bucket an instant falls into; instants are normal text, so this cuts and calculates nothing. */
function bucketStart(instant: Instant, bucket: Bucket): Instant {
  const [kept, rest] = bucketEnds[bucket];
  return instant.slice(0, kept) + rest;
}

const tooManyBuckets = (bucket: Bucket, limit: number): LogError =>
  new LogError('BAD_REQUEST', `The events fall into more than ${limit} buckets.`, { details: { reason: 'bucket', bucket, limit, pointer: '/bucket' }, hint: 'Take larger buckets or a shorter time.' });
