/**
 * Which of many saved states to keep when only so many may stay. The distance between them doubles as a stream grows, so
 * that every place has a saved state at most one distance before it, and what was kept yesterday is a superset of what is
 * kept tomorrow: the smallest revision of each stretch stays, and a stretch of the next distance begins where one of this did.
 */

/** Stretches `[k * distance, (k + 1) * distance)`; the number of the one a revision stands in. */
const stretchOf = (revision: number, distance: number): number => Math.floor(revision / distance);

/** The smallest revision of each stretch, ascending. */
export function thinOut(revisions: readonly number[], distance: number): readonly number[] {
  const first = new Map<number, number>();
  for (const revision of revisions) {
    const stretch = stretchOf(revision, distance);
    const known = first.get(stretch);
    if (known === undefined || revision < known) first.set(stretch, revision);
  }
  return [...first.values()].toSorted((a, b) => a - b);
}

/**
 * The revisions to keep.
 *
 * @param distance  The smallest distance; it is doubled until at most `countMax` stay.
 */
export function spacedRevisions(revisions: readonly number[], distance: number, countMax: number): { readonly kept: readonly number[]; readonly distance: number } {
  if (countMax < 1) return { kept: [], distance };
  let kept = thinOut(revisions, distance);
  while (kept.length > countMax) {
    distance *= 2;
    kept = thinOut(kept, distance);
  }
  return { kept, distance };
}
