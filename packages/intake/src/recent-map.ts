/**
 * A map that forgets its oldest entries, so that a file of any size is read in flat memory. What is forgotten is only looked
 * for by records that come more than `recentRecordsMax` later, and then the log still tells a repeat by its commit id.
 */
export interface RecentMap<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): void;
}

const recentRecordsMax = 100_000;

export function createRecentMap<V>(entriesMax: number = recentRecordsMax): RecentMap<V> {
  const entries = new Map<string, V>();
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set(key, value) {
      entries.set(key, value);
      if (entries.size <= entriesMax) return;
      // A Map keeps its keys in the order in which they came.
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
  };
}
