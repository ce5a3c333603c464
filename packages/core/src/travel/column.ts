/**
 * What stands at one path, at every revision of a prefix of a stream: `state.currentPhase`, `event.data.duration_ms`. Kept are
 * the places where it changes, so a value that rests takes no room: six bytes per change, fourteen where numbers are among
 * them, and each other value once.
 *
 * A pure function of the prefix: it takes the revisions one after the other, from 0 (before the first event), whoever brings
 * them. It keeps what an expression can tell apart: a value without parts, or how far the path reaches when something on the
 * way is missing. What has parts it cannot keep; there, and when there is no room, it ends for good. What it has stays right.
 */
import type { Revision } from '../log/driver.ts';

/** Where a path leads at one place. */
export interface Sight {
  /** Keys that were followed. */
  readonly depth: number;
  /** What stands there: at the end of the path a value without parts; before it, what has no next key. */
  readonly value: unknown;
}

/** Stands for a record that does not have the next key. */
const missing: unique symbol = Symbol('missing');

export interface Column {
  /** Newest revision that it tells of; -1 = none. */
  readonly upTo: Revision;
  readonly bytes: number;
  /** What the path begins at, after a revision; ignored unless it is the next one. */
  add(revision: Revision, root: unknown): void;
  /** Takes nothing more. */
  end(): void;
  /** @param revision  At most `upTo`. */
  cursorAt(revision: Revision): ColumnCursor;
}

export interface ColumnCursor {
  readonly sight: Sight;
  /** Where it became so, and what it was before; null when it was never anything else. */
  readonly since: Revision;
  readonly before: Sight | null;
  /** Where the sight is another one; Infinity when it never is. */
  readonly next: Revision;
  /** Goes there. */
  forward(): void;
}

export interface ColumnOptions {
  /** Told before it grows by so many bytes; false ends it. */
  readonly mayGrow?: (bytes: number) => boolean;
}

const changesAtFirst = 64;
/** Values that are no numbers; their numbers fit in 16 bits, and 0 says that a number stands in `numbers`. */
const distinctMax = 65_535;
const textUnitsMax = 1_024;
/** A text's own header, and its places in the list and in the map. */
const bytesPerValue = 120;

export function createColumn(keys: readonly string[], { mayGrow = () => true }: ColumnOptions = {}): Column {
  const values: Sight[] = [];
  /** Numbers of the values, by depth and value. */
  const numbersOf: readonly Map<unknown, number>[] = Array.from({ length: keys.length + 1 }, () => new Map<unknown, number>());
  let revisions = new Uint32Array(changesAtFirst);
  let codes = new Uint16Array(changesAtFirst);
  /** As long as the others once there is a number. */
  let numbers = new Float64Array(0);
  let [count, upTo, heldBytes] = [0, -1, 0];
  let isEnded = false;
  let [lastDepth, lastValue]: [number, unknown] = [-1, undefined];

  const bytes = (): number => revisions.byteLength + codes.byteLength + numbers.byteLength + heldBytes;

  function hasRoom(isNumber: boolean): boolean {
    const room = count === revisions.length ? revisions.length * 2 : revisions.length;
    const numberRoom = isNumber || numbers.length > 0 ? room : 0;
    const more = (room - revisions.length) * 6 + (numberRoom - numbers.length) * 8;
    if (more > 0 && !mayGrow(more)) return false;
    if (room > revisions.length) [revisions, codes] = [grown(revisions, new Uint32Array(room)), grown(codes, new Uint16Array(room))];
    if (numberRoom > numbers.length) numbers = grown(numbers, new Float64Array(numberRoom));
    return true;
  }

  /** The number of a value that is no number; null when there is no room for it. */
  function codeOf(depth: number, value: unknown): number | null {
    const known = numbersOf[depth]!.get(value);
    if (known !== undefined) return known;
    const size = bytesPerValue + (typeof value === 'string' ? value.length * 2 : 0);
    if (values.length >= distinctMax || (typeof value === 'string' && value.length > textUnitsMax) || !mayGrow(size)) return null;
    heldBytes += size;
    const code = values.push({ depth, value });
    numbersOf[depth]!.set(value, code);
    return code;
  }

  function change(revision: Revision, depth: number, value: unknown): boolean {
    const isNumber = depth === keys.length && typeof value === 'number';
    const code = isNumber ? 0 : codeOf(depth, value);
    if (code === null || !hasRoom(isNumber)) return false;
    revisions[count] = revision;
    codes[count] = code;
    if (isNumber) numbers[count] = value;
    count++;
    [lastDepth, lastValue] = [depth, value];
    return true;
  }

  /** Index of the last change at or before a revision; there is one at 0. */
  function indexAt(revision: Revision): number {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (revisions[middle]! <= revision) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function sightAt(index: number): Sight {
    const code = codes[index]!;
    return code === 0 ? { depth: keys.length, value: numbers[index]! } : values[code - 1]!;
  }

  return {
    get upTo() {
      return upTo;
    },
    get bytes() {
      return bytes();
    },
    add(revision, root) {
      if (isEnded || revision !== upTo + 1) return;
      let depth = 0;
      let value = root;
      // What is no record has no next key: the path stops there, and what stands there is kept.
      while (depth < keys.length && isPlainRecord(value)) {
        if (!Object.hasOwn(value, keys[depth]!)) {
          value = missing;
          break;
        }
        value = value[keys[depth++]!];
      }
      const hasParts = typeof value === 'object' && value !== null;
      if (!hasParts && ((depth === lastDepth && Object.is(value, lastValue)) || change(revision, depth, value))) upTo = revision;
      else isEnded = true;
    },
    end: () => void (isEnded = true),
    cursorAt(revision) {
      let index = indexAt(revision);
      return {
        get sight() {
          return sightAt(index);
        },
        get since() {
          return revisions[index]!;
        },
        get before() {
          return index === 0 ? null : sightAt(index - 1);
        },
        get next() {
          return index + 1 < count ? revisions[index + 1]! : Infinity;
        },
        forward: () => void index++,
      };
    },
  };
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A payload's own key "constructor" makes a record something else to the engine, which asks values for theirs. */
function isPlainRecord(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const maker: unknown = value.constructor;
  return maker === Object || maker === undefined;
}

function grown<T extends Uint32Array | Uint16Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/**
 * Puts what columns saw below one name back into a record of the same shape: for an expression that looks at nothing but
 * these paths it is as good as what it was read from.
 */
export function putSight(names: { [name: string]: unknown }, root: string, keys: readonly string[], { depth, value }: Sight): void {
  let [holder, key] = [names, root];
  for (let index = 0; index < depth; index++) {
    const inner = holder[key];
    holder = isRecord(inner) ? inner : (holder[key] = {});
    key = keys[index]!;
  }
  if (value !== missing) holder[key] = value;
  else if (!isRecord(holder[key])) holder[key] = {};
}
