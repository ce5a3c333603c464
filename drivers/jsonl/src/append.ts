/**
 * The serial section: a batch of independent commits as one write, one sync, one transaction of the sidecar.
 *
 * Per commit, in this order: idempotency, limits, event ids, checks, then its line is made and indexed. The lines of the
 * batch are written and synced before the transaction commits, so that nobody reads what is not durable, and the answers are
 * given after both. When either fails the transaction is rolled back and the lines are cut off again: nobody was told of them.
 */
import { judgeChecks, openMatches, refuseTooLarge } from '@refold/core';
import type { AppendResult, Commit, CommitLimits, Linker, Position, Query, Revision } from '@refold/core';
import type { Connection } from './database.ts';
import { readState } from './index-tables.ts';
import type { Indexer } from './indexer.ts';
import { lineBytesMax } from './line-reader.ts';
import { encodeLine } from './line.ts';
import type { PlacedEvent } from './line.ts';
import type { Names } from './names.ts';
import { openPostingReader } from './postings.ts';
import { createTransactions } from './transactions.ts';
import type { EventRows } from './rows.ts';
import type { SegmentWriter } from './segments.ts';
import { createTails } from './tails.ts';
import type { Tail } from './tails.ts';

export interface AppendParts {
  readonly db: Connection;
  readonly names: Names;
  readonly rows: EventRows;
  readonly indexer: Indexer;
  readonly segments: SegmentWriter;
  readonly origin: string;
  readonly fence: number;
  readonly limits: CommitLimits;
  readonly linker: Linker | undefined;
  readonly nowMs: () => number;
  /** A segment is closed when it has grown to this. */
  readonly segmentBytesMax: number;
  /** A segment is closed with its day (UTC), too. */
  readonly closesDays: boolean;
  /** A segment was closed. */
  closed(): void;
  /** Before a write of so many bytes. @throws LogError LOG_UNAVAILABLE `no_space`. */
  assertRoom(bytes: number): void;
}

type Receipt = Extract<AppendResult, { readonly ok: true }>;

/** What a batch has made so far. */
interface Batch {
  readonly first: Position;
  position: Position;
  readonly recordedMs: number;
  readonly recordedAt: string;
  hash: string;
  bytes: number;
  readonly lines: Buffer[];
}

export function createAppender(parts: AppendParts): (commits: readonly Commit[]) => readonly AppendResult[] {
  const { db, names, rows, indexer, segments, origin, fence, limits, linker, nowMs } = parts;
  const transactions = createTransactions(db);
  const openPostings = openPostingReader(db, names);
  const receipts = createReceipts(db);
  const tails = createTails(db, names, rows);
  const hasEvent = db.prepare<[string], number>('SELECT 1 FROM event WHERE id = ?').pluck();
  let lastMs = readState(db).recordedMs ?? 0;
  const countCommits = db.prepare<[number], number>('SELECT count(*) FROM "commit" WHERE first >= ?').pluck();

  function append(commits: readonly Commit[]): readonly AppendResult[] {
    try {
      // The log's time never decreases, whatever the clock does (S6).
      const recordedMs = Math.max(Math.floor(nowMs()), lastMs);
      if (segments.live.end >= parts.segmentBytesMax || (parts.closesDays && segments.live.end > 0 && dayOf(lastMs) < dayOf(recordedMs))) rotate();
      transactions.begin();
      const state = readState(db);
      const batch: Batch = { first: state.head + 1, position: state.head, recordedMs, recordedAt: new Date(recordedMs).toISOString(), hash: segments.live.hash, bytes: 0, lines: [] };
      const results = commits.map((commit) => judge(commit, batch) ?? place(commit, batch));
      if (batch.lines.length === 0) {
        transactions.rollback();
        return results;
      }
      writeLines(batch);
      return results;
    } catch (error) {
      tails.clear();
      transactions.rollback();
      indexer.forgetAll();
      segments.takeBack();
      throw error;
    }
  }

  function writeLines({ lines, bytes, hash, recordedMs }: Batch): void {
    const end = segments.live.end + bytes;
    indexer.settle({ recordedMs, segment: segments.live.first, end, hash });
    parts.assertRoom(bytes);
    segments.write(lines.length === 1 ? lines[0]! : Buffer.concat(lines, bytes));
    transactions.commit();
    segments.settle(end, hash);
    tails.keep();
    lastMs = recordedMs;
  }

  function rotate(): void {
    transactions.begin();
    const { head, recordedMs } = readState(db);
    const closed = segments.rotate(origin, head, countCommits.get(segments.live.first) ?? 0);
    indexer.seal(closed.first, closed.bytes, closed.hash);
    indexer.settle({ recordedMs, segment: segments.live.first, end: 0, hash: segments.live.hash });
    transactions.commit();
    parts.closed();
  }

  /** The answer to a commit that is not written; null when it is to be written. */
  function judge(commit: Commit, batch: Batch): AppendResult | null {
    const known = receipts(commit);
    if (known !== null) return known;
    const tooLarge = refuseTooLarge(commit, limits);
    if (tooLarge !== null) return tooLarge;
    const taken = commit.events.find((event) => hasEvent.get(event.id) !== undefined);
    if (taken !== undefined) return { ok: false, reason: 'event-id-taken', detail: `event ${taken.id} belongs to another commit` };
    if (commit.checks === undefined || commit.checks.length === 0) return null;
    const { position } = batch;
    const failed = judgeChecks(commit.checks, { position, revisionOf: (stream) => tails.find(stream)?.revision ?? 0, firstMatch: (query, after) => firstMatch(query, after, position) });
    return failed.length === 0 ? null : { ok: false, reason: 'conflict', head: position, failed };
  }

  function firstMatch(query: Query, after: Position, head: Position): Position | undefined {
    return openMatches(query, { low: after + 1, high: head }, 'forward', openPostings(indexer.waiting(head))).take(1, Infinity).positions[0];
  }

  function place(commit: Commit, batch: Batch): AppendResult {
    const first = batch.position + 1;
    const moved = new Map<string, Tail>();
    const events = commit.events.map((event, index): PlacedEvent => {
      const tail = moved.get(event.stream) ?? tails.find(event.stream) ?? { revision: 0, leaf: null };
      const revision = tail.revision + 1;
      const { id, stream, type, tags, body } = event;
      const leaf = linker === undefined ? null : linker.link({ id, stream, type, tags, body, position: first + index, revision, commit: commit.id, index, recordedAt: batch.recordedAt }, tail.leaf);
      moved.set(stream, { revision, leaf });
      return { id, stream, type, tags, body, revision, leaf, previousLeaf: leaf === null ? null : tail.leaf, isForgotten: false };
    });
    const line = encodeLine({ origin, position: first, commit: commit.id, digest: commit.digest, recordedAt: batch.recordedAt, fence, batch: batch.first, events }, batch.hash);
    if (line.bytes.length > lineBytesMax) return { ok: false, reason: 'too-large', detail: `a line of ${line.bytes.length} bytes; the limit is ${lineBytesMax}` };
    indexer.add({ position: first, commit: commit.id, digest: commit.digest, recordedMs: batch.recordedMs, events, spans: line.spans, segment: segments.live.first, offset: segments.live.end + batch.bytes });
    for (const [stream, tail] of moved) tails.move(stream, tail);
    batch.position += events.length;
    batch.hash = line.hash;
    batch.bytes += line.bytes.length;
    batch.lines.push(line.bytes);
    const revisions = new Map<string, Revision>(Array.from(moved, ([stream, { revision }]) => [stream, revision]));
    return { ok: true, duplicate: false, first, last: batch.position, recordedAt: batch.recordedAt, revisions };
  }

  return append;
}

const dayOf = (ms: number): number => Math.floor(ms / 86_400_000);

/** The answer to a commit whose id is known: its first receipt, or that the id was used for something else. */
function createReceipts(db: Connection): (commit: Commit) => AppendResult | null {
  const find = db.prepare<[string], [first: number, last: number, recordedMs: number, digest: Buffer]>('SELECT first, last, recorded_ms, digest FROM "commit" WHERE id = ?').raw();
  const revisionsOf = db.prepare<[number, number], [name: string, revision: number]>('SELECT s.name, e.revision FROM event e CROSS JOIN stream s ON s.id = e.stream WHERE e.position BETWEEN ? AND ? ORDER BY e.position').raw();
  return ({ id, digest }) => {
    const found = find.get(id);
    if (found === undefined) return null;
    const [first, last, recordedMs, known] = found;
    if (Buffer.compare(known, digest) !== 0) return { ok: false, reason: 'commit-reused', detail: `commit ${id} was appended before with other content` };
    const receipt: Receipt = { ok: true, duplicate: true, first, last, recordedAt: new Date(recordedMs).toISOString(), revisions: new Map(revisionsOf.all(first, last)) };
    return receipt;
  };
}
