/**
 * Writes commits into a log, each once for ever. Before writing it asks which commit ids the log has, so a second import, a
 * longer copy of a file, a newer mapping or another time of import never write a record twice; a race between two importers
 * is decided by the log.
 *
 * Appends are kept in flight so that the log can put many commits into one durable write. The order within a stream is the
 * order of the commits: calls are made in order, and a commit that opens a stream or touches several waits for what is in
 * flight on its streams, because a log may load a stream's state before it queues the commit.
 */
import { isLogError } from '@refold/core';
import type { EventEnvelope, EventInput, Json, JsonObject } from '@refold/core';
import type { SourcePosition } from './source-position.ts';
import type { ImplicitStart, IntakeCommit, IntakeEvent } from './source.ts';

/** What the importer needs of a log; `Log` of the core has it all. */
export interface IntakeLog {
  /** Which of these commit ids the log holds. */
  knownCommits(ids: readonly string[]): Promise<ReadonlySet<string>>;
  append(request: {
    readonly events: readonly EventInput[];
    readonly commitId: string;
    readonly expectedRevision: 'any';
    readonly transitions: 'flag';
    readonly validation: 'flag';
    readonly sanitize: true;
    readonly spill: true;
  }): Promise<unknown>;
  /** One event by id; null when the log has none. Needed when two producers tell one fact. */
  event?(id: string): Promise<EventEnvelope | null>;
}

export interface ImportOptions {
  /** UUID of a key; the same function that the translator used. */
  readonly idOf: (key: string) => string;
  /** Commits per question to the log. Default 256. */
  readonly lookupCommits?: number;
  /** Appends that may be under way at once. Default 256. */
  readonly inFlightMax?: number;
  /** Called after every batch of lookups. */
  readonly onProgress?: (result: ImportResult) => void;
  readonly signal?: AbortSignal;
  /** Counts and checks, writes nothing. */
  readonly dryRun?: boolean;
}

/** A commit that the log refused for what it says; the rest is imported. */
export interface RefusedCommit extends SourcePosition {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
}

export interface ImportResult {
  /** Source records written now. */
  readonly new: number;
  readonly alreadyPresent: number;
  readonly eventsWritten: number;
  /** Records whose facts another producer had told; they went in as `record.kept`. */
  readonly corroborating: number;
  readonly refused: readonly RefusedCommit[];
}

/**
 * Writes all commits, in order within each stream.
 *
 * @returns Figures of what was written, found and refused.
 * @throws LogError of the log when it cannot be written (LOG_UNAVAILABLE, OUTCOME_UNKNOWN, ...); what was acknowledged stays,
 *         and running again goes on. The signal's reason when it aborts.
 */
export async function importCommits(log: IntakeLog, commits: AsyncIterable<IntakeCommit> | Iterable<IntakeCommit>, options: ImportOptions): Promise<ImportResult> {
  const { lookupCommits = 256, inFlightMax = 256, dryRun = false, signal } = options;
  const counts = { new: 0, alreadyPresent: 0, eventsWritten: 0, corroborating: 0, refused: [] as RefusedCommit[] };
  const queue = createOrderedQueue(inFlightMax);

  for await (const batch of inBatches(commits, lookupCommits)) {
    signal?.throwIfAborted();
    const known = await log.knownCommits(batch.map(({ commitId }) => commitId));
    for (const commit of batch) {
      if (known.has(commit.commitId)) counts.alreadyPresent++;
      else if (dryRun) counts.new++;
      else await queue.add(streamsOf(commit), async () => note(await writeCommit(log, commit, options.idOf), commit));
      signal?.throwIfAborted();
    }
    options.onProgress?.({ ...counts });
  }
  await queue.finish();
  options.onProgress?.({ ...counts });
  return counts;

  function note(outcome: Outcome, commit: IntakeCommit): void {
    if (outcome.kind === 'present') counts.alreadyPresent++;
    else if (outcome.kind === 'refused') counts.refused.push({ ...commit.source, key: commit.key, code: outcome.code, reason: outcome.reason });
    else {
      counts.new++;
      counts.eventsWritten += outcome.events;
      if (outcome.corroborates) counts.corroborating++;
    }
  }
}

type Outcome =
  | { readonly kind: 'written'; readonly events: number; readonly corroborates: boolean }
  | { readonly kind: 'present' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** The log's own troubles end the import; what it refuses about one commit does not. */
const troubles: ReadonlySet<string> = new Set(['LOG_UNAVAILABLE', 'LOG_LOCKED', 'LOG_CORRUPT', 'LOG_ROLLED_BACK', 'OUTCOME_UNKNOWN', 'INTERNAL', 'UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'QUERY_TIMEOUT', 'REVISION_CONFLICT', 'INTEGRITY_VIOLATION']);

async function writeCommit(log: IntakeLog, commit: IntakeCommit, idOf: (key: string) => string): Promise<Outcome> {
  const complete = await withStarts(log, commit);
  try {
    return await appendOnce(log, commit, complete, false);
  } catch (error) {
    if (!isLogError(error) || troubles.has(error.code)) throw error;
    if (error.code !== 'DUPLICATE_ID') return { kind: 'refused', code: error.code, reason: error.details.reason ?? error.message };
    if (error.details.reason !== 'event') return { kind: 'present' };
    return await appendOnce(log, commit, await corroborated(log, commit, complete, idOf), true);
  }
}

async function appendOnce(log: IntakeLog, commit: IntakeCommit, events: readonly EventInput[], corroborates: boolean): Promise<Outcome> {
  const receipt = await log.append({ events, commitId: commit.commitId, expectedRevision: commit.expected, transitions: commit.transitions, validation: 'flag', sanitize: true, spill: true });
  const isDuplicate = typeof receipt === 'object' && receipt !== null && 'duplicate' in receipt && receipt.duplicate === true;
  return isDuplicate ? { kind: 'present' } : { kind: 'written', events: events.length, corroborates };
}

/** A start that the source did not show is written unless the log has it from somebody else. */
async function withStarts(log: IntakeLog, commit: IntakeCommit): Promise<readonly IntakeEvent[]> {
  if (commit.implicitStarts === undefined) return commit.events;
  const missing: ImplicitStart[] = [];
  for (const start of commit.implicitStarts) if (log.event === undefined || (await log.event(start.event.id)) === null) missing.push(start);
  return commit.events.flatMap((event, index) => [...missing.filter(({ before }) => before === index).map((start) => start.event), event]);
}

/** What another producer told first is not told again: this record says that it saw the same, and where it differs. */
async function corroborated(log: IntakeLog, commit: IntakeCommit, events: readonly IntakeEvent[], idOf: (key: string) => string): Promise<readonly IntakeEvent[]> {
  return Promise.all(
    events.map(async (event, index) => {
      const told = log.event === undefined ? undefined : await log.event(event.id);
      if (told === null) return event;
      const data: JsonObject = {
        source_type: event.type,
        reason: 'corroborates',
        refers_to: event.id,
        raw: event.data,
        ...(told === undefined ? {} : { differs: differingPaths(told.data, event.data) }),
      };
      const { entityType: _type, entityId: _id, ...kept } = event;
      return { ...kept, id: idOf(`${commit.key}|corroborates ${index}`), type: 'record.kept', data, causationId: event.id };
    }),
  );
}

/** Pointers (RFC 6901) to the values that are not the same on both sides. */
function differingPaths(told: Json, here: Json, path = ''): readonly string[] {
  if (told === here) return [];
  if (typeof told !== 'object' || typeof here !== 'object' || told === null || here === null || Array.isArray(told) !== Array.isArray(here)) return [path];
  const [left, right] = [told as { readonly [key: string]: Json }, here as { readonly [key: string]: Json }];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return Object.hasOwn(left, key) && Object.hasOwn(right, key) ? differingPaths(left[key]!, right[key]!, at) : [at];
  });
}

const streamsOf = (commit: IntakeCommit): readonly string[] => [...new Set(commit.events.map((event) => `${event.streamType}/${event.streamId}`))];

interface OrderedQueue {
  /** Starts the work as soon as order and the bound allow; throws what earlier work threw. */
  add(streams: readonly string[], work: () => Promise<void>): Promise<void>;
  finish(): Promise<void>;
}

function createOrderedQueue(inFlightMax: number): OrderedQueue {
  const running = new Set<Promise<void>>();
  const lastOn = new Map<string, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const settle = async (): Promise<void> => {
    await Promise.all(running);
    if (failure !== undefined) throw failure.error;
  };

  return {
    async add(streams, work) {
      const isAlone = streams.length > 1 || !lastOn.has(streams[0]!);
      if (isAlone) await Promise.all(streams.flatMap((stream) => lastOn.get(stream) ?? []));
      while (running.size >= inFlightMax) await Promise.race(running);
      if (failure !== undefined) return settle();
      const done = work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(done));
      running.add(done);
      for (const stream of streams) lastOn.set(stream, done);
      if (isAlone) await done;
    },
    finish: settle,
  };
}

async function* inBatches<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
