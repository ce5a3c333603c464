/** The ways in which cases speak to a log, with the assertions that every such call deserves. */
import assert from 'node:assert/strict';
import type { AppendResult, Commit, LogDriver, Page, Position, ReadRequest, Recorded } from '@refold/core';

export type Writer = Pick<LogDriver, 'append'>;
export type Receipt = Extract<AppendResult, { readonly ok: true }>;
export type Conflict = Extract<AppendResult, { readonly reason: 'conflict' }>;
export type RefusalReason = Extract<AppendResult, { readonly ok: false }>['reason'];

/** Most pages that any reading of the suite may take: a reading is finite (S15). */
const pagesMax = 100_000;

export async function append(writer: Writer, commit: Commit): Promise<AppendResult> {
  const results = await writer.append([commit]);
  assert.equal(results.length, 1, 'one commit gets one result');
  return results[0] ?? assert.fail('the result is empty');
}

/** Appends and expects a first receipt. */
export async function accept(writer: Writer, commit: Commit): Promise<Receipt> {
  const receipt = receiptOf(await append(writer, commit));
  assert.equal(receipt.duplicate, false, 'a new commit is not a duplicate');
  assert.equal(receipt.last - receipt.first + 1, commit.events.length, 'a receipt spans the events of its commit');
  return receipt;
}

export async function acceptAll(writer: Writer, commits: readonly Commit[]): Promise<readonly Receipt[]> {
  const results = await writer.append(commits);
  assert.equal(results.length, commits.length, 'every commit gets a result');
  return results.map(receiptOf);
}

export function receiptOf(result: AppendResult | undefined): Receipt {
  if (result?.ok !== true) assert.fail(`expected a receipt, got ${JSON.stringify(result)}`);
  return result;
}

export async function conflictOf(writer: Writer, commit: Commit): Promise<Conflict> {
  const result = await append(writer, commit);
  if (result.ok || result.reason !== 'conflict') assert.fail(`expected a conflict, got ${JSON.stringify(result)}`);
  return result;
}

export async function refuse(writer: Writer, commit: Commit, reason: RefusalReason): Promise<void> {
  const result = await append(writer, commit);
  assert.equal(result.ok ? 'accepted' : result.reason, reason);
}

export interface Reading {
  readonly events: readonly Recorded[];
  readonly pages: readonly Page[];
  /** Head of the last page. */
  readonly head: Position;
}

/** Reads to the end. A page always comes, and pages of one reading never name an earlier head. */
export async function readAll(driver: LogDriver, request: ReadRequest = {}): Promise<Reading> {
  const pages: Page[] = [];
  for await (const page of driver.read(request)) {
    pages.push(page);
    assert.ok(pages.length <= pagesMax, 'a reading is finite');
    assert.ok(page.head >= (pages.at(-2)?.head ?? 0), 'the head does not go back between pages');
  }
  const last = pages.at(-1) ?? assert.fail('a reading gives at least one page');
  return { events: pages.flatMap((page) => page.events), pages, head: last.head };
}

export const positionsOf = (events: readonly Recorded[]): readonly number[] => events.map((event) => event.position);
export const idsOf = (events: readonly { readonly id: string }[]): readonly string[] => events.map((event) => event.id);

/** `from`, `from + 1`, ... `to`. */
export const range = (from: number, to: number): readonly number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/**
 * The whole log, checked against the rules that always hold (S3, S5, S6): positions 1..head without a gap, revisions dense
 * per stream, commits contiguous with indexes from 0, times that never decrease and are one per commit.
 */
export async function readSound(driver: LogDriver): Promise<readonly Recorded[]> {
  const { events, head } = await readAll(driver);
  assert.deepEqual(positionsOf(events), range(1, head), 'positions are gapless up to the head');
  assert.equal(new Set(idsOf(events)).size, events.length, 'an event stands once in the log');
  const revisions = new Map<string, number>();
  const seenCommits = new Set<string>();
  let previous: Recorded | undefined;
  for (const event of events) {
    const revision = (revisions.get(event.stream) ?? 0) + 1;
    assert.equal(event.revision, revision, `revisions of ${event.stream} are dense`);
    revisions.set(event.stream, revision);
    const continues = previous?.commit === event.commit;
    assert.equal(event.index, continues ? (previous?.index ?? 0) + 1 : 0, 'indexes count the events of a commit');
    if (!continues) assert.ok(!seenCommits.has(event.commit), 'a commit is contiguous');
    seenCommits.add(event.commit);
    if (previous !== undefined) assert.ok(event.recordedAt >= previous.recordedAt, 'recordedAt never decreases');
    if (continues) assert.equal(event.recordedAt, previous?.recordedAt, 'recordedAt is one per commit');
    previous = event;
  }
  return events;
}

/** Asserts that the log holds exactly the events of these commits, in this order, bit for bit. */
export async function expectExactly(driver: LogDriver, commits: readonly Commit[]): Promise<void> {
  const stored = await readSound(driver);
  const wanted = commits.flatMap((commit) => commit.events.map((event) => ({ ...event, commit: commit.id })));
  assert.deepEqual(
    stored.map(({ id, stream, type, tags, body, commit }) => ({ id, stream, type, tags: [...tags], body: Buffer.from(body).toString('hex'), commit })),
    wanted.map(({ id, stream, type, tags, body, commit }) => ({ id, stream, type, tags: [...tags], body: Buffer.from(body).toString('hex'), commit })),
  );
}

/** Rejects when the promise has not settled in time: every wait of the suite is bounded. */
export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface Alongside<T> {
  readonly isDone: boolean;
  /** Waits for the work; its failure surfaces here, never as an unhandled rejection. */
  join(): Promise<T>;
}

/** Work that goes on beside the case. */
export function alongside<T>(work: () => Promise<T>): Alongside<T> {
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  working.catch(() => {});
  return {
    get isDone() {
      return isDone;
    },
    join: () => working,
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
