/** Which runs a list shows, and how many more it would show under another choice. Pure. */
export interface FilterableRun {
  readonly streamType: string;
  readonly streamId: string;
  readonly status: string;
  readonly title: string | null;
  readonly lastFailure: { readonly type: string; readonly summary: string } | null;
}

export interface RunFilter {
  /** Any of them; none given means all. */
  readonly status: readonly string[];
  readonly kind: readonly string[];
  /** Words, each of which has to be in it. */
  readonly text: string;
}

export type Facet = 'status' | 'kind';

const valueOf = { status: (run: FilterableRun) => run.status, kind: (run: FilterableRun) => run.streamType } as const;

export const matchingRuns = <R extends FilterableRun>(runs: readonly R[], filter: RunFilter): readonly R[] => runs.filter((run) => matches(run, filter));

function matches(run: FilterableRun, { status, kind, text }: RunFilter): boolean {
  if (status.length > 0 && !status.includes(run.status)) return false;
  if (kind.length > 0 && !kind.includes(run.streamType)) return false;
  const held = [run.title, run.streamId, run.streamType, run.lastFailure?.type, run.lastFailure?.summary].join('\n').toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => held.includes(word));
}

/** Values of a facet, each with how many runs it would show beside the other filters; what is chosen is listed even when it shows none. */
export function facetCounts(runs: readonly FilterableRun[], filter: RunFilter, facet: Facet): readonly (readonly [value: string, count: number])[] {
  const counts = new Map(filter[facet].map((value) => [value, 0]));
  for (const run of matchingRuns(runs, { ...filter, [facet]: [] })) counts.set(valueOf[facet](run), (counts.get(valueOf[facet](run)) ?? 0) + 1);
  return [...counts].toSorted(([a, more], [b, fewer]) => fewer - more || a.localeCompare(b));
}

/** The one filter whose removal shows most, with how many; null when nothing is filtered. */
export function bestRemoval(runs: readonly FilterableRun[], filter: RunFilter): { readonly without: keyof RunFilter; readonly count: number } | null {
  const removals = (['status', 'kind', 'text'] as const)
    .filter((name) => filter[name].length > 0)
    .map((name) => ({ without: name, count: matchingRuns(runs, { ...filter, [name]: name === 'text' ? '' : [] }).length }));
  return removals.toSorted((a, b) => b.count - a.count)[0] ?? null;
}
