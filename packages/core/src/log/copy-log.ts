/**
 * Copies a log into another engine: the same events at the same positions, revisions and times, under the same leaves.
 *
 * No door beside `append` is needed, since everything that an engine adds follows from what it is handed: positions and
 * revisions from the order, `recordedAt` from the clock, which here stands where the commit was recorded, leaves from the
 * linker, the commit's digest from ids and commitments, which a body keeps also when it was erased (TRUST.md 3).
 *
 * What it keeps true: nothing is written whose leaf would differ, since the linker refuses it inside the append transaction.
 * Each commit names the head that it goes behind, so nobody writes in between. A kill leaves whole commits; the next run
 * holds them against the source and goes on behind them. Decision: docs/decisions/0031-a-copy-goes-through-append.md.
 */
import { LogError } from '../errors.ts';
import type { Clock, Hasher } from '../ports.ts';
import { createLinker, commitmentsOf } from '../trust/leaf.ts';
import { isEqual } from '../trust/proof.ts';
import { emptyFrontier, rootOf } from '../trust/tree.ts';
import { refusalOf } from './append-answer.ts';
import { hexOf } from './bytes.ts';
import { commitDigest } from './commit-digest.ts';
import { compareLogs, eventsIn } from './compare-logs.ts';
import type { CompareParts, Difference } from './compare-logs.ts';
import { cursorPrefix } from './consumer.ts';
import type { AppendResult, Commit, Linker, LogDriver, NewEvent, Position, Recorded } from './driver.ts';
import { identityKey, parseIdentity } from './identity.ts';
import { instantMs } from './instant.ts';
import { leasePrefix } from './lease.ts';

/** What the target is opened with. */
export interface CopyTarget {
  readonly linker: Linker;
  readonly clock: Pick<Clock, 'now'>;
}

export interface CopyOptions {
  readonly hasher: Hasher;
  readonly clock: Pick<Clock, 'turn'>;
  /** Compares what is there, and writes nothing. */
  readonly isDryRun?: boolean;
  readonly signal?: AbortSignal;
  /** `done` of `total` positions. */
  readonly onProgress?: (progress: CopyProgress) => void;
}

export interface CopyProgress {
  readonly step: 'compare' | 'copy' | 'verify';
  readonly done: number;
  readonly total: number;
}

export interface CopyReport {
  /** Positions of the source when it was looked at. */
  readonly events: number;
  /** Of those, how many the target had, and how many it got now; the rest of a dry run. */
  readonly present: number;
  readonly copied: number;
  /** Payloads that were erased in the source since the last copy, and are now in the target. */
  readonly erased: number;
  /** Blobs, keys of callers, snapshots and the like that were written. */
  readonly values: number;
  /** Hex: root of the Merkle tree over the leaves that were found equal. */
  readonly root: string;
}

/** Commits of one write; they share a time, as a write has one. */
const writeCommitsMax = 256;
const writeBytesMax = 1_048_576;
const valuesPage = 1_000;

/**
 * @param openTarget  Null, for a dry run alone: there is no log yet. It is closed at the end.
 * @throws LogError NOT_FOUND `identity`; PRECONDITION_FAILED `other_log`, `not_a_prefix` {position, field} when the target holds something else;
 *         REVISION_CONFLICT when somebody else writes to it; INTEGRITY_VIOLATION {position, field} when what is read back is not what was read.
 */
export async function copyLog(source: LogDriver, openTarget: (parts: CopyTarget) => Promise<LogDriver | null>, options: CopyOptions): Promise<CopyReport> {
  const identity = await source.kvGet(identityKey);
  if (identity === null) throw new LogError('NOT_FOUND', 'There is no log of Refold to copy.', { details: { reason: 'identity' }, hint: 'Check the URL; a log gets its name when refold first opens it.' });
  const stamps = createStamps(options.hasher, parseIdentity(identity.value).origin);
  const target = await openTarget(stamps);
  try {
    return await copyInto(source, target, { identity: identity.value, stamps, options });
  } finally {
    await target?.close();
  }
}

interface CopyParts {
  readonly identity: Uint8Array;
  readonly stamps: Stamps;
  readonly options: CopyOptions;
}

async function copyInto(source: LogDriver, target: LogDriver | null, { identity, stamps, options }: CopyParts): Promise<CopyReport> {
  const { hasher, clock, signal, isDryRun = false } = options;
  const events = (await source.head()).position;
  const parts = (step: CopyProgress['step']): CompareParts => ({ hasher, clock, signal, onProgress: (done) => options.onProgress?.({ step, done, total: events }) });

  const present = target === null ? 0 : (await target.head()).position;
  if (target !== null) await settleIdentity(target, { identity, present, isDryRun });
  if (present > events) throw notAPrefix({ position: events + 1, field: 'position' });
  const before = target === null ? { difference: null, tree: emptyFrontier, unerased: [] } : await compareLogs(source, target, { after: 0, upTo: present }, emptyFrontier, parts('compare'));
  if (before.difference !== null) throw notAPrefix(before.difference);
  if (target === null || isDryRun) return { events, present, copied: 0, erased: 0, values: 0, root: hexOf(rootOf(hasher, before.tree)) };

  if (before.unerased.length > 0) await target.forget(before.unerased, erasedBefore);
  for await (const commits of writesOf(eventsIn(source, { after: present, upTo: events }, parts('copy')))) {
    await write(target, commits, stamps, hasher);
    parts('copy').onProgress(lastOf(commits).position);
  }
  const values = await copyValues(source, target);

  const after = await compareLogs(source, target, { after: present, upTo: events }, before.tree, parts('verify'));
  if (after.difference !== null) throw notTheSame(after.difference);
  return { events, present, copied: events - present, erased: before.unerased.length, values, root: hexOf(rootOf(hasher, after.tree)) };
}

const erasedBefore = 'erased in the log that this is a copy of';

/** The name comes first: leaves are made with it, and what was begun is recognised by it. */
async function settleIdentity(target: LogDriver, { identity, present, isDryRun }: { readonly identity: Uint8Array; readonly present: Position; readonly isDryRun: boolean }): Promise<void> {
  const own = await target.kvGet(identityKey);
  if (own !== null && isEqual(own.value, identity)) return;
  if (own !== null || present > 0) throw new LogError('PRECONDITION_FAILED', 'The target is a log of its own.', { details: { reason: 'other_log' }, hint: 'Give a target that does not exist yet, or one that an earlier run began.' });
  if (!isDryRun) await target.kvPut(identityKey, identity, 'absent');
}

interface Stamps extends CopyTarget {
  /** What is linked from here on was recorded then, and has these leaves. */
  expect(commits: readonly RecordedCommit[]): void;
}

function createStamps(hasher: Hasher, origin: string): Stamps {
  const linker = createLinker({ origin, hasher });
  let nowMs = 0;
  let leaves = new Map<Position, Uint8Array | undefined>();
  return {
    clock: { now: () => nowMs },
    linker: {
      link(event, previousLeaf) {
        const leaf = linker.link(event, previousLeaf);
        const expected = leaves.get(event.position);
        if (expected === undefined || !isEqual(leaf, expected)) throw notTheSame({ position: event.position, field: 'leaf' });
        return leaf;
      },
      remainder: (event) => linker.remainder(event),
    },
    expect(commits) {
      nowMs = instantMs(commits[0]![0].recordedAt)!;
      leaves = new Map(commits.flat().map(({ position, leaf }) => [position, leaf]));
    },
  };
}

type RecordedCommit = readonly [Recorded, ...Recorded[]];

async function write(target: LogDriver, commits: readonly RecordedCommit[], stamps: Stamps, hasher: Hasher): Promise<void> {
  stamps.expect(commits);
  const results = await target.append(commits.map((events) => commitOf(events, hasher)));
  results.forEach((result, index) => assertWritten(result, commits[index]![0]));
  const erased = commits.flat().filter(({ forgotten }) => forgotten === true);
  if (erased.length > 0) await target.forget(erased.map(({ position }) => position), erasedBefore);
}

/** As it was handed to the source, and that it goes behind everything before it. */
function commitOf(events: RecordedCommit, hasher: Hasher): Commit {
  const [{ commit: id, position }] = events;
  const digest = commitDigest(hasher, events.map((event) => ({ event, commitments: commitmentsOf(hasher, event.body) })));
  const [first, ...rest] = events.map(({ id, stream, type, tags, body }): NewEvent => ({ id, stream, type, tags, body })) as [NewEvent, ...NewEvent[]];
  return { id, digest, events: [first, ...rest], checks: [{ kind: 'head', at: position - 1 }] };
}

function assertWritten(result: AppendResult, { commit, position }: Recorded): void {
  if (result.ok) return;
  if (result.reason !== 'conflict') throw refusalOf(result, commit);
  throw new LogError('REVISION_CONFLICT', `Somebody else writes to the target: its head is ${result.head}, not ${position - 1}.`, { details: { reason: 'target_in_use', head: result.head, expected: position - 1 }, hint: 'Stop whoever has it open, and begin with a target that does not exist yet.' });
}

/** Whole commits, in writes of one time and bounded size. */
async function* writesOf(events: AsyncIterable<Recorded>): AsyncGenerator<readonly RecordedCommit[]> {
  let commits: [Recorded, ...Recorded[]][] = [];
  let bytes = 0;
  for await (const event of events) {
    const commit = commits.at(-1);
    if (event.index > 0 && commit !== undefined) {
      commit.push(event);
    } else {
      if (commit !== undefined && (commit[0].recordedAt !== event.recordedAt || commits.length === writeCommitsMax || bytes >= writeBytesMax)) {
        yield commits;
        [commits, bytes] = [[], 0];
      }
      commits.push([event]);
    }
    bytes += event.body.length;
  }
  if (commits.length > 0) yield commits;
}

/** There is a last one in what is written. */
const lastOf = (commits: readonly RecordedCommit[]): Recorded => commits.at(-1)!.at(-1)!;

/** Everything kept beside the events but leases, and cursors: they are bound to the engine's epoch, and what was derived there is not here. */
async function copyValues(source: LogDriver, target: LogDriver): Promise<number> {
  let written = 0;
  for (let after: string | undefined; ; ) {
    const page = await source.kvList('', after, valuesPage);
    for (const { key } of page.filter((entry) => !entry.key.startsWith(cursorPrefix) && !entry.key.startsWith(leasePrefix))) {
      const [value, own] = [await source.kvGet(key), await target.kvGet(key)];
      if (value === null || (own !== null && isEqual(own.value, value.value))) continue;
      await target.kvPut(key, value.value, own?.rev ?? 'absent');
      written++;
    }
    if (page.length < valuesPage) return written;
    after = page.at(-1)!.key;
  }
}

const notAPrefix = ({ position, field }: Difference): LogError =>
  new LogError('PRECONDITION_FAILED', `The target is no beginning of the source: from position ${position} on it is another history.`, {
    details: { reason: 'not_a_prefix', position, field },
    hint: 'It was written to since it was copied, or the other way round. Give a target that does not exist yet.',
  });

const notTheSame = ({ position, field }: Difference): LogError =>
  new LogError('INTEGRITY_VIOLATION', `The event at position ${position} is not what the source says it is.`, { details: { reason: 'copy', position, field }, hint: 'Run refold verify on the source. Do not use the target.' });
