/**
 * Canonical JSON: RFC 8785 with refusals. Every value has one spelling or none, so what is hashed is what is stored.
 *
 * What it keeps true: parsing the text and writing it again gives the same bytes; nothing is dropped or rounded in silence.
 * `JSON.stringify` leaves out `undefined` and functions, turns NaN into null and a Map into {}; here each is refused, with
 * a pointer to it, before anything is written. One pass over the value, one growing text; the pointer is only put together
 * while a refusal travels up. `canonicalize` 4 (npm) was dropped as the record: slower, and it writes `[1,,2]` for a sparse
 * array. It is an oracle of the tests.
 *
 * Not looked at: symbol keys, non-enumerable properties and extra properties of arrays. They are no part of JSON's model.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import { pointerOf } from './json-pointer.ts';

export type JsonLimits = Pick<Limits, 'jsonDepthMax' | 'jsonKeysMax' | 'jsonKeyBytesMax' | 'eventBytesMax'>;

/** For values that are ours and bounded elsewhere, such as a folded state; the depth stays, because writing is recursive. */
export const stateJsonLimits: JsonLimits = { jsonDepthMax: 512, jsonKeysMax: Infinity, jsonKeyBytesMax: Infinity, eventBytesMax: Infinity };

export interface CanonicalOptions {
  readonly limits?: Partial<JsonLimits>;
  /** Lone surrogates become U+FFFD instead of being refused. */
  readonly sanitize?: boolean;
}

export interface Canonical {
  readonly text: string;
  /** True when `sanitize` changed something; the caller records it as `metadata.sanitized`. */
  readonly sanitized: boolean;
}

/**
 * Writes a value as canonical JSON.
 *
 * @param value  A JSON value: null, booleans, finite numbers, well-formed strings, arrays, plain objects.
 * @throws LogError BAD_JSON (value, not_plain, cycle, sparse, forbidden_key, duplicate_key, depth), BAD_NUMBER (not_finite,
 *         unsafe_integer, bigint), BAD_UTF8 (lone_surrogate), TOO_LARGE (keys, key, event); details name the `pointer`.
 * Source: RFC 8785; TRUST.md section 2.
 */
export function canonicalise(value: unknown, options: CanonicalOptions = {}): Canonical {
  const writer = new Writer(options);
  try {
    writer.write(value);
  } catch (error) {
    throw error instanceof Refusal ? error.toLogError() : error;
  }
  return { text: writer.text, sanitized: writer.sanitized };
}

/** The canonical text; see `canonicalise`. */
export const canonicalText = (value: unknown, options?: CanonicalOptions): string => canonicalise(value, options).text;

/** The canonical text in UTF-8; see `canonicalise`. */
export const canonicalBytes = (value: unknown, options?: CanonicalOptions): Uint8Array => encodeUtf8(canonicalText(value, options));

// What JSON escapes, and surrogates: a string without them is its own spelling.
// oxlint-disable-next-line no-control-regex
const needsCare = /["\\\u0000-\u001f\ud800-\udfff]/;
const plainHint = 'Convert it to plain objects, arrays, strings and numbers first.';

class Writer {
  text = '';
  sanitized = false;
  private readonly limits: JsonLimits;
  private readonly sanitize: boolean;
  private readonly ancestors: object[] = [];
  private keys = 0;

  constructor({ limits, sanitize = false }: CanonicalOptions) {
    const { jsonDepthMax, jsonKeysMax, jsonKeyBytesMax, eventBytesMax } = defaultLimits;
    this.limits = limits === undefined ? defaultLimits : { jsonDepthMax: limits.jsonDepthMax ?? jsonDepthMax, jsonKeysMax: limits.jsonKeysMax ?? jsonKeysMax, jsonKeyBytesMax: limits.jsonKeyBytesMax ?? jsonKeyBytesMax, eventBytesMax: limits.eventBytesMax ?? eventBytesMax };
    this.sanitize = sanitize;
  }

  write(value: unknown): void {
    if (typeof value === 'string') this.writeText(value);
    else if (typeof value === 'number') this.text += numeral(value);
    else if (value === null) this.text += 'null';
    else if (typeof value === 'object') this.writeContainer(value);
    else if (typeof value === 'boolean') this.text += value ? 'true' : 'false';
    else if (typeof value === 'bigint') throw new Refusal('BAD_NUMBER', 'bigint', 'a bigint has no JSON form', 'Write it as a string.');
    else throw new Refusal('BAD_JSON', 'value', `${typeof value} has no JSON form`, 'Leave the key out, or use null.');
  }

  private writeContainer(value: object): void {
    const { ancestors, limits } = this;
    if (ancestors.length >= limits.jsonDepthMax) throw tooDeep(value, ancestors, limits.jsonDepthMax);
    ancestors.push(value);
    if (Array.isArray(value)) this.writeArray(value);
    else this.writeObject(value as Members);
    ancestors.pop();
    // A small graph of shared objects can stand for a text without end, so the size is judged while it grows.
    const size = this.text.length;
    if (size > limits.eventBytesMax * 4) throw new Refusal('TOO_LARGE', 'event', `more than ${limits.eventBytesMax} bytes`, 'Move large values to blobs.', { limit: limits.eventBytesMax, size });
  }

  private writeArray(values: readonly unknown[]): void {
    if (!isPlainArray(values)) throw notPlain(values);
    this.text += '[';
    let index = 0;
    try {
      for (; index < values.length; index++) {
        if (index > 0) this.text += ',';
        const value = values[index];
        if (value === undefined && !(index in values)) throw new Refusal('BAD_JSON', 'sparse', 'the array has a hole', 'Fill it with null.');
        this.write(value);
      }
    } catch (error) {
      throw placed(error, index);
    }
    this.text += ']';
  }

  private writeObject(given: Members): void {
    if (!isPlainObject(given)) throw notPlain(given);
    const object = this.sanitize ? this.withCleanKeys(given) : given;
    const { jsonKeysMax, jsonKeyBytesMax } = this.limits;
    const keys = sorted(Object.keys(object));
    this.keys += keys.length;
    if (this.keys > jsonKeysMax) throw new Refusal('TOO_LARGE', 'keys', `more than ${jsonKeysMax} keys`, 'Move large values to blobs.', { limit: jsonKeysMax });
    let key = '';
    this.text += '{';
    try {
      for (key of keys) {
        if (key === '__proto__') throw new Refusal('BAD_JSON', 'forbidden_key', 'the key __proto__ is forbidden', 'Rename the key.');
        if (key.length * 3 > jsonKeyBytesMax) refuseLongKey(key, jsonKeyBytesMax);
        if (key !== keys[0]) this.text += ',';
        this.writeText(key);
        this.text += ':';
        // One read per member, so that a getter cannot show two faces.
        const value = object[key];
        if (typeof value === 'function' && key === 'toJSON') throw new Refusal('BAD_JSON', 'not_plain', 'the object wants to write itself (toJSON)', plainHint);
        this.write(value);
      }
    } catch (error) {
      throw placed(error, key);
    }
    this.text += '}';
  }

  private writeText(text: string): void {
    this.text += needsCare.test(text) ? this.escaped(text) : `"${text}"`;
  }

  private escaped(text: string): string {
    if (text.isWellFormed()) return JSON.stringify(text);
    if (!this.sanitize) throw new Refusal('BAD_UTF8', 'lone_surrogate', 'the string holds half a character (a lone surrogate)', 'Cut strings between characters, or append with sanitize.');
    this.sanitized = true;
    return JSON.stringify(text.toWellFormed());
  }

  /** The object itself, unless a key holds a lone surrogate; order and duplicates are those of the keys that are stored. */
  private withCleanKeys(object: Members): Members {
    if (Object.keys(object).every((key) => key.isWellFormed())) return object;
    const clean: { [key: string]: unknown } = Object.create(null);
    for (const [key, value] of Object.entries(object)) {
      const cleanKey = key.toWellFormed();
      if (cleanKey in clean) throw new Refusal('BAD_JSON', 'duplicate_key', 'two keys are equal once lone surrogates are replaced', 'Rename one of them.');
      clean[cleanKey] = value;
    }
    this.sanitized = true;
    return clean;
  }
}

type Members = { readonly [key: string]: unknown };

/**
 * By UTF-16 code units (RFC 8785, section 3.2.3), which is how JavaScript compares strings. Objects are small and often in
 * order already: insertion takes half the time of `sort` there (measured).
 */
export function sorted(keys: string[]): string[] {
  if (keys.length > 24) return keys.sort();
  for (let end = 1; end < keys.length; end++) {
    const key = keys[end]!;
    let place = end;
    for (; place > 0 && keys[place - 1]! > key; place--) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}

function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new Refusal('BAD_NUMBER', 'not_finite', `${value} has no JSON form`, 'Use null or a string.');
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new Refusal('BAD_NUMBER', 'unsafe_integer', 'the integer is beyond 2^53-1, where doubles skip integers', 'Write it as a string.');
  // ECMAScript's Number::toString is the form RFC 8785 asks for; it writes -0 as 0.
  return String(value);
}

/** A prototype without one of its own is `Object.prototype` of some realm; a class's prototype always has one. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'));
}

/** `Array.prototype` of any realm is itself an array with `flatMap` of its own; the prototype of a subclass has none. */
export function isPlainArray(values: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(values);
  return prototype === Array.prototype || (Array.isArray(prototype) && Object.hasOwn(prototype, 'flatMap'));
}

function refuseLongKey(key: string, limit: number): void {
  const size = encodeUtf8(key).length;
  if (size > limit) throw new Refusal('TOO_LARGE', 'key', `a key of ${size} bytes`, 'Move the long text into a value.', { limit, size });
}

function tooDeep(value: object, ancestors: readonly object[], limit: number): Refusal {
  if (ancestors.includes(value)) return new Refusal('BAD_JSON', 'cycle', 'the value contains itself', 'Refer to it by an id.');
  return new Refusal('BAD_JSON', 'depth', `more than ${limit} levels`, 'Flatten the value, or move it to a blob.', { limit });
}

function notPlain(value: object): Refusal {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return new Refusal('BAD_JSON', 'not_plain', `${kind === 'Object' ? 'a class instance' : kind} is not plain JSON`, plainHint);
}

/** Adds the segment a refusal passes on its way up. Anything else that was thrown came from a getter or a proxy. */
function placed(error: unknown, segment: string | number): Refusal {
  const refusal = error instanceof Refusal ? error : new Refusal('BAD_JSON', 'not_plain', 'reading a member failed', plainHint, {}, error);
  refusal.path.unshift(segment);
  return refusal;
}

/** A refusal on its way up, gathering its place; it leaves this file as a LogError. */
class Refusal extends Error {
  readonly path: (string | number)[] = [];
  private readonly code: ErrorCode;
  private readonly reason: string;
  private readonly hint: string;
  private readonly more: { readonly [detail: string]: unknown };

  constructor(code: ErrorCode, reason: string, what: string, hint: string, more: { readonly [detail: string]: unknown } = {}, cause?: unknown) {
    super(what, { cause });
    this.code = code;
    this.reason = reason;
    this.hint = hint;
    this.more = more;
  }

  toLogError(): LogError {
    const pointer = pointerOf(this.path);
    const details = { reason: this.reason, pointer, ...this.more };
    return new LogError(this.code, `No canonical JSON at ${pointer === '' ? 'the root' : pointer}: ${this.message}.`, { details, hint: this.hint, cause: this.cause });
  }
}
