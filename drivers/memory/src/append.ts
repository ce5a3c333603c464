/**
 * The serial section. A commit is judged and staged before the first write, so a refusal (or a linker that throws) leaves
 * nothing behind and takes no position.
 *
 * Order of judgement: idempotency, limits, event ids, checks. A retry therefore gets its first receipt even when the
 * checks would fail by now, or when the limits have been lowered since (S11).
 */
import { assertCommit, refuseTooLarge } from '@refold/core';
import type { AppendResult, Commit, CommitLimits, Linker, NewEvent, Recorded } from '@refold/core';
import { failedChecks } from './checks.ts';
import { eventAt, headOf } from './state.ts';
import type { LogState, Receipt } from './state.ts';

export interface AppendContext {
  readonly limits: CommitLimits;
  readonly nowMs: () => number;
  readonly linker: Linker | undefined;
}

/** Appends independent commits; later ones see earlier ones (S2). Never awaits: the whole call is one transaction. */
export function appendCommits(state: LogState, commits: readonly Commit[], context: AppendContext): readonly AppendResult[] {
  for (const commit of commits) assertCommit(commit);
  return commits.map((commit) => appendCommit(state, commit, context));
}

function appendCommit(state: LogState, commit: Commit, context: AppendContext): AppendResult {
  const known = state.commits.get(commit.id);
  if (known !== undefined) {
    return isSame(known.digest, commit.digest)
      ? { ...known.receipt, duplicate: true, revisions: new Map(known.receipt.revisions) }
      : { ok: false, reason: 'commit-reused', detail: `commit ${commit.id} was appended before with other content` };
  }
  const refusal = refuseTooLarge(commit, context.limits);
  if (refusal !== null) return refusal;
  const taken = commit.events.find((event) => state.eventPositions.has(event.id));
  if (taken !== undefined) return { ok: false, reason: 'event-id-taken', detail: `event ${taken.id} belongs to another commit` };
  const failed = failedChecks(state, commit.checks ?? []);
  if (failed.length > 0) return { ok: false, reason: 'conflict', head: headOf(state), failed };
  return write(state, commit, context);
}

function write(state: LogState, commit: Commit, context: AppendContext): Receipt {
  // The log's time never decreases, whatever the clock does (S6); one reading per commit.
  const recordedMs = Math.max(Math.floor(context.nowMs()), state.lastRecordedMs ?? -Infinity);
  const recordedAt = new Date(recordedMs).toISOString();
  const staged = stage(state, commit, recordedAt, context.linker);

  state.lastRecordedMs = recordedMs;
  for (const event of staged) {
    state.events.push(event);
    state.eventPositions.set(event.id, event.position);
    const positions = state.streams.get(event.stream);
    if (positions === undefined) state.streams.set(event.stream, [event.position]);
    else positions.push(event.position);
  }
  const last = headOf(state);
  const revisions = new Map(staged.map((event) => [event.stream, event.revision]));
  const receipt: Receipt = { ok: true, duplicate: false, first: last - staged.length + 1, last, recordedAt, revisions };
  state.commits.set(commit.id, { digest: commit.digest.slice(), receipt });
  return { ...receipt, revisions: new Map(revisions) };
}

/** The events at their final places, linked where the log links, and sharing nothing with the caller. */
function stage(state: LogState, commit: Commit, recordedAt: string, linker: Linker | undefined): readonly Recorded[] {
  const tips = new Map<string, { readonly revision: number; readonly leaf: Uint8Array | null }>();
  return commit.events.map((given, index) => {
    const tip = tips.get(given.stream) ?? tipOf(state, given.stream);
    const placed = {
      ...ownCopy(given),
      position: headOf(state) + index + 1,
      revision: tip.revision + 1,
      commit: commit.id,
      index,
      recordedAt,
    };
    const leaf = linker?.link(placed, tip.leaf) ?? null;
    tips.set(given.stream, { revision: placed.revision, leaf });
    return { ...placed, ...(leaf !== null && { leaf }), ...(leaf !== null && tip.leaf !== null && { previousLeaf: tip.leaf }) };
  });
}

function tipOf(state: LogState, stream: string): { readonly revision: number; readonly leaf: Uint8Array | null } {
  const positions = state.streams.get(stream) ?? [];
  const last = positions.at(-1);
  return { revision: positions.length, leaf: last === undefined ? null : (eventAt(state, last).leaf ?? null) };
}

function ownCopy(event: NewEvent): NewEvent {
  return { id: event.id, stream: event.stream, type: event.type, tags: Object.freeze([...event.tags]), body: event.body.slice() };
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
