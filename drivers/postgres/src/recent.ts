/**
 * A map that keeps the entries used lately. Two generations: when the young one is full it becomes the old one, and what is
 * asked for again moves over. (Deleting the oldest entry of one Map, one by one, makes finding the next oldest ever slower.)
 */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): Value;
  clear(): void;
}

/** Keeps at least the last `entriesMax / 2` entries used and at most `entriesMax`. */
export function createRecent<Key, Value>(entriesMax: number): Recent<Key, Value> {
  const generationMax = entriesMax / 2;
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();

  const set = (key: Key, value: Value): Value => {
    if (young.size >= generationMax) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
    return value;
  };

  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      return older === undefined ? undefined : set(key, older);
    },
    set,
    clear() {
      young = new Map();
      old = new Map();
    },
  };
}
