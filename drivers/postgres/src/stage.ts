/**
 * Judges a batch of independent commits and places what is to be written, without touching the database. Per commit, in this order:
 * idempotency, limits, event ids, checks; so a retry gets its first receipt even when the checks would fail by now (S11), and a
 * refusal leaves nothing behind.
 */
import { matchesQuery, refuseTooLarge } from '@refold/core';
import type { AppendResult, Check, Commit, CommitLimits, FailedCheck, Linker, NewEvent, Position, Revision } from '@refold/core';
import type { HeadRow, KnownCommit, Standing, Tail } from './standing.ts';

export interface StageOptions {
  readonly limits: CommitLimits;
  readonly linker: Linker | undefined;
  readonly nowMs: () => number;
}

export interface StagedEvent {
  readonly event: NewEvent;
  readonly commit: string;
  readonly place: number;
  readonly stream: number;
  readonly revision: Revision;
  readonly leaf: Uint8Array | null;
  readonly previousLeaf: Uint8Array | null;
}

export interface StagedCommit {
  readonly id: string;
  readonly digest: Uint8Array;
  readonly first: Position;
  readonly last: Position;
}

export interface Staged {
  readonly results: readonly AppendResult[];
  readonly commits: readonly StagedCommit[];
  readonly events: readonly StagedEvent[];
  /** Streams that begin with this batch, by name. */
  readonly newStreams: ReadonlyMap<string, number>;
  readonly recordedMs: number;
  /** The head and the tails of the streams written, once this is stored. */
  readonly head: HeadRow;
  readonly tails: ReadonlyMap<string, Tail>;
}

export function stage(commits: readonly Commit[], standing: Standing, { limits, linker, nowMs }: StageOptions): Staged {
  // The log's time never decreases, whatever the clock does (S6).
  const recordedMs = Math.max(Math.floor(nowMs()), standing.head.recordedMs ?? 0);
  const recordedAt = new Date(recordedMs).toISOString();
  const known = new Map<string, KnownCommit>(standing.commits);
  const ids = new Set(standing.takenIds);
  const tails = new Map<string, Tail>();
  const newStreams = new Map<string, number>();
  const stagedCommits: StagedCommit[] = [];
  const events: StagedEvent[] = [];
  const head: HeadRow = { ...standing.head };

  const tailOf = (stream: string): Tail | undefined => tails.get(stream) ?? standing.tails.get(stream);

  /** The stream's tail as this batch's own; a new stream gets its number. */
  function openTail(stream: string): Tail {
    const own = tails.get(stream);
    if (own !== undefined) return own;
    const stored = standing.tails.get(stream);
    const tail = stored === undefined ? { stream: (head.streams += 1), revision: 0, leaf: null } : { ...stored };
    if (stored === undefined) newStreams.set(stream, tail.stream);
    tails.set(stream, tail);
    return tail;
  }

  function judge(commit: Commit): AppendResult | null {
    const earlier = known.get(commit.id);
    if (earlier !== undefined) return answerOf(commit, earlier);
    const tooLarge = refuseTooLarge(commit, limits);
    if (tooLarge !== null) return tooLarge;
    const taken = commit.events.find((event) => ids.has(event.id));
    if (taken !== undefined) return { ok: false, reason: 'event-id-taken', detail: `event ${taken.id} belongs to another commit` };
    const failed = (commit.checks ?? []).flatMap((check, index): FailedCheck[] => {
      const failure = judgeCheck(check);
      return failure === null ? [] : [{ check: index, ...failure }];
    });
    return failed.length === 0 ? null : { ok: false, reason: 'conflict', head: head.position, failed };
  }

  /** Null when the check holds, else what was found instead. */
  function judgeCheck(check: Check): Omit<FailedCheck, 'check'> | null {
    switch (check.kind) {
      case 'stream': {
        const actual = tailOf(check.stream)?.revision ?? 0;
        return isExpected(actual, check.expect) ? null : { actual };
      }
      case 'query': {
        const match = standing.matchOf(check.query, check.after) ?? matchInBatch(check);
        return match === undefined ? null : { match };
      }
      case 'head':
        return head.position === check.at ? null : { actual: head.position };
    }
  }

  function matchInBatch({ query, after }: Extract<Check, { readonly kind: 'query' }>): Position | undefined {
    const first = standing.head.position + 1;
    const found = events.findIndex(({ event }, index) => first + index > after && matchesQuery(query, event));
    return found < 0 ? undefined : first + found;
  }

  function write(commit: Commit): AppendResult {
    const first = head.position + 1;
    const revisions = new Map<string, Revision>();
    commit.events.forEach((event, place) => {
      head.position += 1;
      const tail = openTail(event.stream);
      const previousLeaf = tail.leaf;
      tail.revision += 1;
      tail.leaf = linker?.link({ ...event, position: head.position, revision: tail.revision, commit: commit.id, index: place, recordedAt }, previousLeaf) ?? null;
      events.push({ event, commit: commit.id, place, stream: tail.stream, revision: tail.revision, leaf: tail.leaf, previousLeaf: tail.leaf === null ? null : previousLeaf });
      revisions.set(event.stream, tail.revision);
      ids.add(event.id);
    });
    stagedCommits.push({ id: commit.id, digest: commit.digest, first, last: head.position });
    known.set(commit.id, { first, last: head.position, digest: commit.digest, recordedMs, revisions });
    return { ok: true, duplicate: false, first, last: head.position, recordedAt, revisions };
  }

  const results = commits.map((commit) => judge(commit) ?? write(commit));
  if (events.length > 0) head.recordedMs = recordedMs;
  return { results, commits: stagedCommits, events, newStreams, recordedMs, head, tails };
}

function answerOf(commit: Commit, { first, last, digest, recordedMs, revisions }: KnownCommit): AppendResult {
  if (Buffer.compare(digest, commit.digest) !== 0) return { ok: false, reason: 'commit-reused', detail: `commit ${commit.id} was appended before with other content` };
  return { ok: true, duplicate: true, first, last, recordedAt: new Date(recordedMs).toISOString(), revisions: new Map(revisions) };
}

function isExpected(actual: Revision, expect: Revision | 'none' | 'exists'): boolean {
  if (expect === 'none') return actual === 0;
  if (expect === 'exists') return actual > 0;
  return actual === expect;
}
