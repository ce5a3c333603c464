/**
 * Maps inside a state, keyed by what a producer chose: a gap may be called `constructor`, an agent `__proto__`.
 *
 * A state is plain JSON, so these maps are plain objects, read and written through own properties only:
 *  - `getOwn` never sees what objects inherit (`constructor`, `toString`);
 *  - `__proto__`, the one name that canonical JSON and half of JavaScript refuse as a key, is kept with a space after it
 *    (and with one space more when it already ends in spaces, so that two names never meet in one key).
 * So every state survives `structuredClone`, spread, `JSON.parse` and canonical JSON as it is. Dropped: a null prototype
 * (a clone or a parse gives it back) and `Map` (no JSON). `Object.keys/values/entries` and `for ... of` are safe as ever.
 */

/** A new, empty map. */
export const emptyRecord = <V>(): Record<string, V> => ({});

/** The value under a key of the map's own; undefined when there is none. */
export function getOwn<V>(record: { readonly [key: string]: V }, key: string): V | undefined {
  const name = recordKey(key);
  const value = record[name];
  // What a plain object inherits are functions; one look at the map is enough for any other value.
  return typeof value !== 'function' || Object.hasOwn(record, name) ? value : undefined;
}

/** Sets a key of the map's own and returns the value, so that it can be filled in place. */
export function setOwn<V>(record: Record<string, V>, key: string, value: V): V {
  record[recordKey(key)] = value;
  return value;
}

/** Removes a key of the map's own; true when it was there. */
export function removeOwn(record: Record<string, unknown>, key: string): boolean {
  const name = recordKey(key);
  return Object.hasOwn(record, name) && delete record[name];
}

/** The key under which a map keeps a name: the name itself, but for `__proto__`. */
export const recordKey = (name: string): string => (name.charCodeAt(0) === underscore && name.startsWith('__proto__') && name.trimEnd() === '__proto__' ? `${name} ` : name);

/** The first look at a name costs no call; every event of a fold asks a few times. */
const underscore = 0x5f;
