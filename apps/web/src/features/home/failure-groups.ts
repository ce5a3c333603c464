/**
 * Failed runs that failed alike, as one row: the same kind of run, the same event, the same words but for their numbers, ids and
 * paths. Pure.
 */
export interface FailedRun {
  readonly streamType: string;
  readonly streamId: string;
  readonly status: string;
  readonly title: string | null;
  readonly lastEventAt: string | null;
  readonly lastFailure: { readonly type: string; readonly revision: number; readonly summary: string } | null;
}

export interface FailureGroup<R extends FailedRun = FailedRun> {
  /** The same for failures that are alike, on every machine and every day. */
  readonly fingerprint: string;
  readonly kind: string;
  readonly type: string | null;
  /** What the newest of them said. */
  readonly says: string;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** Newest first. */
  readonly runs: readonly [R, ...R[]];
}

/** Newest first. */
export function failureGroups<R extends FailedRun>(runs: readonly R[]): readonly FailureGroup<R>[] {
  const groups = new Map<string, [R, ...R[]]>();
  for (const run of runs) {
    const fingerprint = fingerprintOf(run);
    const group = groups.get(fingerprint);
    if (group === undefined) groups.set(fingerprint, [run]);
    else group.push(run);
  }
  return [...groups]
    .map(([fingerprint, alike]): FailureGroup<R> => {
      const sorted = alike.toSorted((a, b) => timeOf(b) - timeOf(a)) as [R, ...R[]];
      const [newest] = sorted;
      return { fingerprint, kind: newest.streamType, type: newest.lastFailure?.type ?? null, says: newest.lastFailure?.summary ?? newest.status, firstSeen: sorted.at(-1)!.lastEventAt, lastSeen: newest.lastEventAt, runs: sorted };
    })
    .toSorted((a, b) => timeOf(b.runs[0]) - timeOf(a.runs[0]));
}

export const fingerprintOf = ({ streamType, lastFailure }: FailedRun): string => [streamType, lastFailure?.type ?? '', patternOf(lastFailure?.summary ?? '')].join(' | ');

/** Ids, numbers, paths and quoted texts are what differs from one failure to the next of its kind. */
const patternOf = (text: string): string =>
  text
    .slice(0, 400)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b/gi, '#')
    .replaceAll(/(?:\/[\w.@-]+){2,}/g, '/…')
    .replaceAll(/(["'`])[^"'`]{1,80}\1/g, '"…"')
    .replaceAll(/\d+/g, '#')
    .toLowerCase();

const timeOf = ({ lastEventAt }: FailedRun): number => (lastEventAt === null ? 0 : Date.parse(lastEventAt));
