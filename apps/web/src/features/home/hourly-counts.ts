/** The last 24 hours, each with its count; an hour without events has none. Pure. */
const hourMs = 3_600_000;

/** @param hour  Beginning of the hour that is now, in milliseconds. */
export function hourlyCounts(buckets: readonly { readonly start: string; readonly count: number }[], hour: number): readonly { readonly start: string; readonly count: number }[] {
  const counts = new Map(buckets.map(({ start, count }) => [Date.parse(start), count]));
  return Array.from({ length: 24 }, (_, index) => {
    const start = hour - (23 - index) * hourMs;
    return { start: new Date(start).toISOString(), count: counts.get(start) ?? 0 };
  });
}
