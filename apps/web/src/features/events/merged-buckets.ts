/** Counts over time in at most so many bars: neighbours are put together, and times without events are there, empty. Pure. */
export interface Bar {
  readonly start: string;
  /** Of the next bar; the newest event stands before it. */
  readonly end: string;
  readonly count: number;
}

export function merged(buckets: readonly { readonly start: string; readonly count: number }[], barsMax: number): readonly Bar[] {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return [];
  const from = Date.parse(first.start);
  const gaps = buckets.slice(1).map(({ start }, index) => Date.parse(start) - Date.parse(buckets[index]!.start));
  const width = Math.max(1_000, Math.min(...gaps, Number.MAX_SAFE_INTEGER) === Number.MAX_SAFE_INTEGER ? 60_000 : Math.min(...gaps));
  const each = Math.ceil((Date.parse(last.start) - from + width) / width / barsMax) * width;
  const counts = Array.from({ length: Math.ceil((Date.parse(last.start) - from + width) / each) }, () => 0);
  for (const { start, count } of buckets) counts[Math.floor((Date.parse(start) - from) / each)]! += count;
  return counts.map((count, index) => ({ start: new Date(from + index * each).toISOString(), end: new Date(from + (index + 1) * each).toISOString(), count }));
}
