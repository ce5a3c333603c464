/**
 * Halving a history with a question that only the caller can answer (an outside command): the first revision that is bad,
 * when one is known to be good and a later one to be bad. A probe that cannot tell answers `skip`; then its neighbours are
 * asked, further and further away, and what cannot be told apart in the end is told as candidates, never guessed.
 *
 * Right only for a history that turns bad once. For an expression that changes back, ask `flips`.
 */
import { LogError } from '../errors.ts';
import type { Revision } from '../log/driver.ts';

export type Verdict = 'good' | 'bad' | 'skip';

export interface Probe {
  readonly revision: Revision;
  readonly verdict: Verdict;
}

export interface BisectOptions {
  /** Known to be good; 0 = before the first event. */
  readonly good: Revision;
  /** Known to be bad. */
  readonly bad: Revision;
  /** Looks at both ends first, and refuses when they do not answer as said. Default false. */
  readonly checkEnds?: boolean;
  /** Default 1,000; a search without skips needs about log2(bad - good). */
  readonly probesMax?: number;
  /** Told after every probe; `expected` = probes that are still needed when nothing is skipped. */
  readonly onProbe?: (probe: Probe, expected: number) => void;
  readonly signal?: AbortSignal;
}

export interface BisectResult {
  /** The first bad revision; null when skipped places hide it: it is one of `candidates`. */
  readonly firstBad: Revision | null;
  /** Where the first bad revision may be; one entry when it is known. At most 1,000 are listed. */
  readonly candidates: readonly Revision[];
  /** The newest revision that is good, and the oldest that is bad. */
  readonly good: Revision;
  readonly bad: Revision;
  /** In the order in which they were asked. */
  readonly probes: readonly Probe[];
  readonly skipped: number;
  /** The probes were used up before the place was found. */
  readonly truncated: boolean;
}

const candidatesMax = 1_000;

/**
 * Finds the first bad revision.
 *
 * @throws LogError BAD_REQUEST `range` when good is not before bad, `ends` when an end does not answer as it should; the signal's reason.
 */
export async function bisect(probe: (revision: Revision) => Promise<Verdict>, options: BisectOptions): Promise<BisectResult> {
  const { probesMax = 1_000, signal, onProbe } = options;
  let { good, bad } = options;
  if (!(Number.isSafeInteger(good) && Number.isSafeInteger(bad) && good >= 0 && good < bad))
    throw new LogError('BAD_REQUEST', `A good revision before a bad one is needed, not ${good} and ${bad}.`, { details: { reason: 'range', good, bad }, hint: 'Give the newest place that is known to be good and an older one that is bad after it.' });
  const probes: Probe[] = [];
  const skipped = new Set<Revision>();

  async function ask(revision: Revision): Promise<Verdict> {
    signal?.throwIfAborted();
    const verdict = await probe(revision);
    probes.push({ revision, verdict });
    if (verdict === 'skip') skipped.add(revision);
    else if (verdict === 'good') good = Math.max(good, revision);
    else bad = Math.min(bad, revision);
    onProbe?.({ revision, verdict }, Math.ceil(Math.log2(Math.max(1, bad - good))));
    return verdict;
  }

  if (options.checkEnds === true) await checkEnds(ask, good, bad);
  while (bad - good > 1 && probes.length < probesMax) {
    const next = nearMiddle(good, bad, skipped);
    if (next === null) break;
    await ask(next);
  }
  const candidates = Array.from({ length: Math.min(candidatesMax, bad - good) }, (_, index) => good + 1 + index);
  return { firstBad: bad - good === 1 ? bad : null, candidates, good, bad, probes, skipped: skipped.size, truncated: bad - good > 1 && nearMiddle(good, bad, skipped) !== null };
}

async function checkEnds(ask: (revision: Revision) => Promise<Verdict>, good: Revision, bad: Revision): Promise<void> {
  for (const [revision, expected] of [
    [good, 'good'],
    [bad, 'bad'],
  ] as const) {
    const verdict = await ask(revision);
    if (verdict !== expected)
      throw new LogError('BAD_REQUEST', `Revision ${revision} was said to be ${expected} and answers ${verdict}.`, { details: { reason: 'ends', revision, expected, verdict }, hint: 'Give ends that the command answers as you say.' });
  }
}

/** The place nearest to the middle that nobody skipped. Distances double first: what cannot tell seldom stands alone. */
function nearMiddle(good: Revision, bad: Revision, skipped: ReadonlySet<Revision>): Revision | null {
  const middle = Math.floor((good + bad) / 2);
  const isOpen = (revision: Revision): boolean => revision > good && revision < bad && !skipped.has(revision);
  if (isOpen(middle)) return middle;
  const reach = bad - good;
  for (let distance = 1; distance < reach; distance *= 2) for (const revision of [middle - distance, middle + distance]) if (isOpen(revision)) return revision;
  for (let distance = 1; distance < reach; distance++) for (const revision of [middle - distance, middle + distance]) if (isOpen(revision)) return revision;
  return null;
}
