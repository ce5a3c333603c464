/**
 * The serial section from the side of the process. What hangs on the order (positions, revisions, leaves) is made in JavaScript between
 * the lock and the write, so a batch has two ways to the database:
 *
 * - One round trip, for a process that is alone: it stages on what it remembers of the last batch and sends `append_batch` with the head
 *   it believes in. The database takes the lock, and writes only when the head still stands there and no unique index objects. Whatever
 *   is not plain (an unknown stream, a query, a check that fails) goes the other way.
 * - Two round trips: BEGIN, lock and every question in one, `append_batch` and COMMIT in the other.
 *
 * One batch of a log is in flight at a time; those behind it wait here, not with a connection each at the lock.
 *
 * When the connection breaks after something was sent that may have committed, the outcome is unknown, and is said so: the same commit sent
 * again gets its receipt (S12). Before that nothing was written.
 */
import { createRecent } from '@refold/core';
import type { AppendResult, Check, Commit, Position } from '@refold/core';
import { packBatch } from './batch.ts';
import type { Connection, Connections, Row } from './connections.ts';
import { stateOf } from './engine-error.ts';
import { outcomeKnown } from './outcome.ts';
import { labelsOf } from './query-labels.ts';
import type { LogSql } from './sql.ts';
import { stage } from './stage.ts';
import type { StageOptions, Staged } from './stage.ts';
import type { HeadRow, KnownCommit, Standing, Tail } from './standing.ts';

export interface Appender {
  append(commits: readonly Commit[]): Promise<readonly AppendResult[]>;
  /** Waits for what is in flight. */
  settle(): Promise<void>;
}

export interface AppenderParts extends StageOptions {
  readonly connections: Connections;
  readonly sql: LogSql;
  readonly channel: string;
}

/** Streams and labels that are kept in memory. */
const tailsKeptMax = 65_536;
const labelsKeptMax = 131_072;
/** Batches that go the long way after somebody else was seen to write. */
const cautiousBatches = 8;

export function createAppender({ connections, sql, channel, ...options }: AppenderParts): Appender {
  const tails = createRecent<string, Tail>(tailsKeptMax);
  const labels = createRecent<string, number>(labelsKeptMax);
  /** The head after our last batch, as long as nothing speaks against it. */
  let believed: HeadRow | null = null;
  let cautious = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function appendNow(commits: readonly Commit[]): Promise<readonly AppendResult[]> {
    if (commits.length === 0) return [];
    try {
      return (await tryAlone(commits)) ?? (await appendLocked(commits));
    } catch (error) {
      forgetBeliefs();
      // Behind a connection that broke there may be another server by now.
      labels.clear();
      throw error;
    }
  }

  /** Null when it did not work out; nothing was written then. */
  async function tryAlone(commits: readonly Commit[]): Promise<readonly AppendResult[] | null> {
    if (believed === null || cautious > 0) return null;
    const known = knownTails(commits);
    if (known === null) return null;
    const staged = stage(commits, { head: believed, commits: new Map(), takenIds: new Set(), tails: known, matchOf: () => undefined }, options);
    if (staged.results.some((result) => !result.ok || result.duplicate)) return null;
    const batch = packBatch(staged, labels, { expectedHead: believed.position, channel });
    try {
      const [rows] = await connections.withConnection((connection) => outcomeKnown(() => connection.send([sql.statement('appendBatch', batch.values)])));
      const numbers = rows?.[0]?.[0] as readonly number[] | null;
      if (numbers === null) return notAlone();
      remember(staged, batch.newLabels, numbers);
      return staged.results;
    } catch (error) {
      // A commit or an event that is there already, or a stream: the long way finds out which.
      if (stateOf(error) !== uniqueViolation) throw error;
      forgetBeliefs();
      return null;
    }
  }

  function notAlone(): null {
    forgetBeliefs();
    cautious = cautiousBatches;
    return null;
  }

  /** Where the streams of the batch stand, when that is known of all of them and nothing else has to be asked. */
  function knownTails(commits: readonly Commit[]): ReadonlyMap<string, Tail> | null {
    const known = new Map<string, Tail>();
    for (const { events, checks = [] } of commits) {
      if (checks.some((check) => check.kind === 'query')) return null;
      const begins = new Set(checks.flatMap((check) => (check.kind === 'stream' && (check.expect === 'none' || check.expect === 0) ? [check.stream] : [])));
      for (const stream of [...events.map((event) => event.stream), ...checks.flatMap((check) => (check.kind === 'stream' ? [check.stream] : []))]) {
        const tail = known.get(stream) ?? tails.get(stream);
        if (tail !== undefined) known.set(stream, tail);
        // A stream that is meant to begin here is taken at its word; the index over names objects if it is there.
        else if (!begins.has(stream) || !events.some((event) => event.stream === stream)) return null;
      }
    }
    return known;
  }

  async function appendLocked(commits: readonly Commit[]): Promise<readonly AppendResult[]> {
    return connections.withConnection(async (connection) => {
      const standing = await lock(connection, commits);
      const staged = stage(commits, standing, options);
      if (believed !== null && believed.position !== standing.head.position) notAlone();
      else if (cautious > 0) cautious -= 1;
      if (staged.events.length === 0) {
        await connection.send([{ text: 'ROLLBACK' }]);
        believed = standing.head;
        return staged.results;
      }
      const batch = packBatch(staged, labels, { expectedHead: null, channel });
      const [rows] = await outcomeKnown(() => connection.send([sql.statement('appendBatch', batch.values), { text: 'COMMIT' }]));
      remember(staged, batch.newLabels, rows?.[0]?.[0] as readonly number[]);
      return staged.results;
    });
  }

  /** Locks the head and asks everything that the batch is judged on. */
  async function lock(connection: Connection, commits: readonly Commit[]): Promise<Standing> {
    const queries = commits.flatMap(({ checks = [] }) => checks.filter((check): check is QueryCheck => check.kind === 'query' && labelsOf(check.query) !== null));
    const streams = new Set(commits.flatMap(({ events, checks = [] }) => [...events.map((event) => event.stream), ...checks.flatMap((check) => (check.kind === 'stream' ? [check.stream] : []))]));
    const [, head, commitRows, takenRows, tailRows, ...matchRows] = await connection.send([
      { text: 'BEGIN' },
      sql.statement('lockHead', []),
      sql.statement('knownCommits', [commits.map(({ id }) => id)]),
      sql.statement('takenIds', [`{${commits.flatMap(({ events }) => events.map(({ id }) => id)).join(',')}}`]),
      sql.statement('tails', [[...streams]]),
      ...queries.map(({ query, after }) => sql.statement('matches', [...labelsOf(query)!, after + 1, Number.MAX_SAFE_INTEGER, 1, stepsWithoutEnd])),
    ]);
    const [position, recordedMs, streamCount] = head![0] as [number, number | null, number];
    return {
      head: { position, recordedMs, streams: streamCount },
      commits: new Map(await Promise.all(commitRows!.map((row) => knownCommit(connection, row)))),
      takenIds: new Set(takenRows!.map(([id]) => id as string)),
      tails: new Map((tailRows as readonly [string, number, number, Uint8Array | null][]).map(([name, stream, revision, leaf]) => [name, { stream, revision, leaf }])),
      matchOf(query, after) {
        if (labelsOf(query) === null) return position > after ? after + 1 : undefined;
        const index = queries.findIndex((check) => check.query === query && check.after === after);
        return (matchRows[index]?.[0]?.[0] as readonly Position[] | undefined)?.[0];
      },
    };
  }

  async function knownCommit(connection: Connection, row: Row): Promise<[string, KnownCommit]> {
    const [id, first, last, digest, recordedMs] = row as [string, number, number, Uint8Array, number];
    const [rows] = await connection.send([sql.statement('revisionsOf', [first, last])]);
    return [id, { first, last, digest, recordedMs, revisions: new Map(rows as unknown as [string, number][]) }];
  }

  function remember(staged: Staged, newLabels: readonly string[], numbers: readonly number[]): void {
    believed = staged.head;
    for (const [name, tail] of staged.tails) tails.set(name, tail);
    newLabels.forEach((key, index) => labels.set(key, numbers[index]!));
  }

  function forgetBeliefs(): void {
    believed = null;
    tails.clear();
  }

  return {
    append(commits) {
      const appending = last.then(() => appendNow(commits));
      last = appending.catch(() => {});
      return appending;
    },
    settle: async () => void (await last),
  };
}

type QueryCheck = Extract<Check, { readonly kind: 'query' }>;

const uniqueViolation = '23505';
const stepsWithoutEnd = 2_147_483_647;
