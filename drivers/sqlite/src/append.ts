/**
 * The serial section: a batch of independent commits in one transaction, one sync for all of them.
 *
 * Per commit, in this order: idempotency, limits, event ids, checks, then the first write. A refusal therefore leaves
 * nothing behind and needs no savepoint, and a retry gets its first receipt even when the checks would fail by now (S11).
 *
 * Event ids are not looked up: the unique index refuses a taken one. The caller then rolls back and runs the batch again
 * with `areIdsLookedUp`, which is rare and finds out which commit it was.
 *
 * Where streams stand is kept in memory between batches, and is true as long as nobody else has written; the head, which is
 * read first, tells.
 */
import { createRecent, refuseTooLarge, unindexedMax } from '@refold/core';
import type { AppendResult, Commit, CommitLimits, Linker, NewEvent, Position, PostingTail, Revision } from '@refold/core';
import { createChecks } from './checks.ts';
import type { Connection } from './database.ts';
import { createNumbering } from './names.ts';
import { createPostingWriter, openUnindexed } from './postings.ts';
import { packRecord, packTags, standingQuery } from './rows.ts';
import type { StandingRow } from './rows.ts';

export interface AppendOptions {
  readonly limits: CommitLimits;
  readonly linker: Linker | undefined;
  readonly nowMs: () => number;
}

export interface Appender {
  /** Inside an immediate transaction of the caller's. */
  append(commits: readonly Commit[], areIdsLookedUp: boolean): readonly AppendResult[];
  /** After a rollback: numbers and tails of this transaction were never given out. */
  forgetAll(): void;
}

type Receipt = Extract<AppendResult, { readonly ok: true }>;

/** Where a stream stands. Owned by the appender and moved in place. */
interface Tail {
  readonly stream: number;
  revision: Revision;
  leaf: Uint8Array | null;
}

/** Streams whose tails are kept in memory. */
const tailsKeptMax = 65_536;

export function createAppender(db: Connection, options: AppendOptions): Appender {
  const { limits, linker, nowMs } = options;
  const numbering = createNumbering(db);
  const postings = createPostingWriter(db, numbering);
  const unindexed = openUnindexed(db);
  const failedChecks = createChecks(db, numbering);
  const receipts = createReceipts(db);
  const tails = createTails(db, numbering);

  const readStanding = db.prepare<[], StandingRow>(standingQuery).raw();
  const moveIndexed = db.prepare<[number]>('UPDATE log SET indexed = ? WHERE one = 1');
  const hasEvent = db.prepare<[string], number>('SELECT 1 FROM event WHERE id = ?').pluck();
  const insertCommit = db.prepare<[string, number, number, Uint8Array]>('INSERT INTO "commit" (id, first, last, digest) VALUES (?, ?, ?, ?)');
  const insertEvent = db.prepare<[number, number, string | null, number | null, number, number, string, number, string, string, Uint8Array]>(
    'INSERT INTO event (position, place, commit_id, recorded_ms, stream, revision, type, hashes, id, tags, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );

  let position: Position = 0;
  let recordedMs = 0;
  let recordedAt = '';
  /** The head after our last batch; another one means that another process has written since. */
  let headLeft: Position = -1;
  let pending: PostingTail = unindexed.upTo(0, 0);

  function append(commits: readonly Commit[], areIdsLookedUp: boolean): readonly AppendResult[] {
    const [head, lastMs, indexed] = readStanding.get() ?? [0, null, 0];
    if (head !== headLeft) tails.clear();
    pending = unindexed.upTo(indexed, head);
    position = head;
    // The log's time never decreases, whatever the clock does (S6).
    recordedMs = Math.max(Math.floor(nowMs()), lastMs ?? 0);
    recordedAt = new Date(recordedMs).toISOString();
    const results = commits.map((commit) => judge(commit, areIdsLookedUp) ?? write(commit));
    unindexed.reached(position);
    if (position - indexed >= unindexedMax) bringIndexUp();
    headLeft = position;
    return results;
  }

  /** Moves what has gathered to the index, now that it is enough to be worth it. */
  function bringIndexUp(): void {
    postings.write(pending);
    moveIndexed.run(position);
  }

  /** The answer to a commit that is not written; null when it is to be written. */
  function judge(commit: Commit, areIdsLookedUp: boolean): AppendResult | null {
    const known = receipts.find(commit);
    if (known !== null) return known;
    const tooLarge = refuseTooLarge(commit, limits);
    if (tooLarge !== null) return tooLarge;
    if (areIdsLookedUp) {
      const taken = takenId(commit);
      if (taken !== null) return taken;
    }
    if (commit.checks === undefined || commit.checks.length === 0) return null;
    const failed = failedChecks(commit.checks, { position, tail: pending, revisionOf: (stream) => tails.find(stream)?.revision ?? 0 });
    if (failed.length === 0) return null;
    // A commit that is not written does not meet the index, and a taken id is the weightier answer.
    return takenId(commit) ?? { ok: false, reason: 'conflict', head: position, failed };
  }

  function takenId(commit: Commit): AppendResult | null {
    const taken = commit.events.find((event) => hasEvent.get(event.id) !== undefined);
    return taken === undefined ? null : { ok: false, reason: 'event-id-taken', detail: `event ${taken.id} belongs to another commit` };
  }

  function write(commit: Commit): Receipt {
    const first = position + 1;
    const revisions = new Map<string, Revision>();
    insertCommit.run(commit.id, first, position + commit.events.length, commit.digest);
    for (let place = 0; place < commit.events.length; place += 1) {
      // Within the bounds of the array.
      const event = commit.events[place] as NewEvent;
      position += 1;
      revisions.set(event.stream, writeEvent(event, commit.id, place));
    }
    return { ok: true, duplicate: false, first, last: position, recordedAt, revisions };
  }

  function writeEvent(event: NewEvent, commit: string, index: number): Revision {
    const { id, stream, type, tags, body } = event;
    const tail = tails.open(stream);
    const revision = tail.revision + 1;
    const leaf = linker === undefined ? null : linker.link({ id, stream, type, tags, body, position, revision, commit, index, recordedAt }, tail.leaf);
    const hashes = leaf === null ? 0 : tail.leaf === null ? 1 : 2;
    // Time and commit are the same for all events of a commit, so only the first keeps them.
    const isFirst = index === 0;
    insertEvent.run(position, index, isFirst ? commit : null, isFirst ? recordedMs : null, tail.stream, revision, type, hashes, id, packTags(tags), packRecord(leaf, tail.leaf, body));
    pending.add(position, type, tags);
    tail.revision = revision;
    tail.leaf = leaf;
    return revision;
  }

  return {
    append,
    forgetAll() {
      tails.clear();
      numbering.forgetAll();
      unindexed.clear();
      headLeft = -1;
    },
  };
}

interface Receipts {
  /** The answer to a commit whose id is known: its first receipt, or that the id was used for something else. */
  find(commit: Commit): AppendResult | null;
}

function createReceipts(db: Connection): Receipts {
  const findCommit = db.prepare<[string], [first: number, last: number, recordedMs: number, digest: Buffer]>('SELECT first, last, (SELECT recorded_ms FROM event WHERE position = first), digest FROM "commit" WHERE id = ?').raw();
  const revisionsOf = db.prepare<[number, number], [name: string, revision: number]>('SELECT s.name, e.revision FROM event e CROSS JOIN stream s ON s.id = e.stream WHERE e.position BETWEEN ? AND ? ORDER BY e.position').raw();
  return {
    find({ id, digest }) {
      const found = findCommit.get(id);
      if (found === undefined) return null;
      const [first, last, recordedMs, knownDigest] = found;
      if (Buffer.compare(knownDigest, digest) !== 0) return { ok: false, reason: 'commit-reused', detail: `commit ${id} was appended before with other content` };
      return { ok: true, duplicate: true, first, last, recordedAt: new Date(recordedMs).toISOString(), revisions: new Map(revisionsOf.all(first, last)) };
    },
  };
}

interface Tails {
  /** Null when the stream has no events. */
  find(stream: string): Tail | null;
  /** The stream's tail; a new stream gets its number. */
  open(stream: string): Tail;
  clear(): void;
}

function createTails(db: Connection, numbering: ReturnType<typeof createNumbering>): Tails {
  const tails = createRecent<string, Tail>(tailsKeptMax);
  const findLast = db
    .prepare<[number], [revision: number, leaf: Buffer | null]>('SELECT revision, CASE WHEN hashes > 0 THEN substr(record, 1, 32) END FROM event WHERE stream = ? ORDER BY revision DESC LIMIT 1')
    .raw();

  const find = (name: string): Tail | null => {
    const known = tails.get(name);
    if (known !== undefined) return known;
    const stream = numbering.streamOf(name);
    if (stream === null) return null;
    const last = findLast.get(stream);
    return last === undefined ? null : tails.set(name, { stream, revision: last[0], leaf: last[1] });
  };

  return {
    find,
    open: (name) => find(name) ?? tails.set(name, { stream: numbering.addStream(name), revision: 0, leaf: null }),
    clear: () => tails.clear(),
  };
}
