/** A kind of gap: how many there are, and the first of them as examples. */
export interface Gaps<T> {
  readonly count: number;
  readonly items: readonly T[];
}

export interface GapList<T> {
  add(item: T): void;
  report(): Gaps<T>;
}

/** Counts all, keeps the first `itemsMax`. */
export function createGapList<T>(itemsMax: number): GapList<T> {
  const items: T[] = [];
  let count = 0;
  return {
    add(item) {
      count++;
      if (items.length < itemsMax) items.push(item);
    },
    report: () => ({ count, items }),
  };
}
