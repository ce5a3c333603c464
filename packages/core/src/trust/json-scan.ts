/** The strict scan of a JSON text: the whole grammar of RFC 8259 and the rules beyond it, iterative, one pass. */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { defaultLimits } from '../limits.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import type { Json } from '../log/event.ts';
import type { JsonLimits } from './canonical.ts';
import { pointerOf } from './json-pointer.ts';
import { parseEscapedKeys } from './parse-json.ts';

export interface StrictJsonOptions {
  readonly limits?: Partial<Pick<JsonLimits, 'jsonDepthMax' | 'jsonKeysMax' | 'jsonKeyBytesMax'>>;
  /** Numbers that a double cannot hold (`1763632800123456789`, `1e400`, `1e-400`) become strings with every digit. */
  readonly bigNumbersAsText?: boolean;
  /** Lone surrogates become U+FFFD instead of being refused. */
  readonly sanitize?: boolean;
}

/** One open array or object on the way down. `keys` is null in an array. */
interface Level {
  readonly keys: Set<string> | null;
  /** Key or index of the member that is being read. */
  at: string | number;
}

const control = /[\u0000-\u001f]/; // oxlint-disable-line no-control-regex
const numeral = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const hex4 = /[0-9a-fA-F]{4}/y;

/** `run` once, then `parse` gives the value. */
export class JsonScan {
  sanitized = false;
  numbersAsText = 0;
  private readonly text: string;
  private readonly options: StrictJsonOptions;
  private readonly limits: Pick<JsonLimits, 'jsonDepthMax' | 'jsonKeysMax' | 'jsonKeyBytesMax'>;
  private readonly levels: Level[] = [];
  private readonly patches: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  private place = 0;
  private keyCount = 0;
  private hasEscapedKeys = false;
  /** Place of the first backslash at or after `place`, once looked for: most strings have none, and `indexOf` is quick. */
  private backslash = -1;
  /** Look for raw control characters too. They are rare and JSON.parse refuses them, so only their place costs a second scan. */
  private isCareful = false;

  constructor(text: string, options: StrictJsonOptions) {
    this.text = text;
    this.options = options;
    this.limits = options.limits === undefined ? defaultLimits : { ...defaultLimits, ...options.limits };
  }

  /** Reads one value and the space around it. Each turn of the loop reads a value, then closes what ends with it. */
  run(): void {
    for (;;) {
      const opened = this.readValueStart();
      if (opened) continue;
      if (this.closeLevels()) return;
    }
  }

  /** The value of a text that was scanned. */
  parse(): Json {
    try {
      return this.hasEscapedKeys ? parseEscapedKeys(this.patched()) : (JSON.parse(this.patched()) as Json);
    } catch (error) {
      this.place = 0;
      this.backslash = -1;
      this.keyCount = 0;
      this.isCareful = true;
      this.run();
      throw error;
    }
  }

  /** The text with what the options replace replaced. */
  private patched(): string {
    if (this.patches.length === 0) return this.text;
    let patched = '';
    let from = 0;
    for (const patch of this.patches) {
      patched += this.text.slice(from, patch.from) + patch.text;
      from = patch.to;
    }
    return patched + this.text.slice(from);
  }

  /** Reads a scalar, an empty container, or the opening of one with a member; true in the last case: a value comes next. */
  private readValueStart(): boolean {
    switch (this.skipSpace()) {
      case 0x7b:
        return this.openObject();
      case 0x5b:
        return this.openArray();
      case 0x22:
        this.readString();
        return false;
      case 0x74:
        return this.readWord('true');
      case 0x66:
        return this.readWord('false');
      case 0x6e:
        return this.readWord('null');
      default:
        return this.readNumber();
    }
  }

  /** After a value: commas lead to the next member, brackets close levels. True when the whole text is read. */
  private closeLevels(): boolean {
    for (;;) {
      const level = this.levels.at(-1);
      const code = this.skipSpace();
      if (level === undefined) {
        if (this.place < this.text.length) this.refuseSyntax();
        return true;
      }
      if (code === 0x2c) {
        this.place++;
        if (level.keys === null) level.at = (level.at as number) + 1;
        else this.readKey(level);
        return false;
      }
      if (code !== (level.keys === null ? 0x5d : 0x7d)) this.refuseSyntax();
      this.place++;
      this.levels.pop();
    }
  }

  private openObject(): boolean {
    this.openLevel({ keys: new Set(), at: '' });
    if (this.skipSpace() === 0x7d) return this.closeEmpty();
    this.readKey(this.levels.at(-1)!);
    return true;
  }

  private openArray(): boolean {
    this.openLevel({ keys: null, at: 0 });
    return this.skipSpace() === 0x5d ? this.closeEmpty() : true;
  }

  private openLevel(level: Level): void {
    const { jsonDepthMax } = this.limits;
    if (this.levels.length >= jsonDepthMax) this.refuse('BAD_JSON', 'depth', `more than ${jsonDepthMax} levels`, 'Flatten the value, or move it to a blob.', { limit: jsonDepthMax });
    this.levels.push(level);
    this.place++;
  }

  private closeEmpty(): boolean {
    this.place++;
    this.levels.pop();
    return false;
  }

  private readKey(level: Level): void {
    if (this.skipSpace() !== 0x22) this.refuseSyntax();
    const from = this.place;
    const isPlain = this.readString();
    if (!isPlain) this.hasEscapedKeys = true;
    const key = isPlain ? this.text.slice(from + 1, this.place - 1) : this.unescaped(from).toWellFormed();
    const keys = level.keys!;
    level.at = key;
    if (key === '__proto__') this.refuse('BAD_JSON', 'forbidden_key', 'the key __proto__ is forbidden', 'Rename the key.');
    if (keys.size === keys.add(key).size) this.refuse('BAD_JSON', 'duplicate_key', 'the key stands twice in one object', 'Keep one of them.');
    this.countKey(key);
    if (this.skipSpace() !== 0x3a) this.refuseSyntax();
    this.place++;
  }

  /** The string that was just read. A raw control character in it is the one fault that reading passes over. */
  private unescaped(from: number): string {
    const end = this.place;
    try {
      return JSON.parse(this.text.slice(from, end)) as string;
    } catch {
      this.place = from;
      while (this.place < end && this.text.charCodeAt(this.place) >= 0x20) this.place++;
      return this.refuseSyntax();
    }
  }

  private countKey(key: string): void {
    const { jsonKeysMax, jsonKeyBytesMax } = this.limits;
    if (++this.keyCount > jsonKeysMax) this.refuse('TOO_LARGE', 'keys', `more than ${jsonKeysMax} keys`, 'Move large values to blobs.', { limit: jsonKeysMax });
    if (key.length * 3 <= jsonKeyBytesMax) return;
    const size = encodeUtf8(key).length;
    if (size <= jsonKeyBytesMax) return;
    this.levels.pop();
    this.refuse('TOO_LARGE', 'key', `a key of ${size} bytes`, 'Move the long text into a value.', { limit: jsonKeyBytesMax, size });
  }

  /** True when the string holds no escape, so that it is its own text. */
  private readString(): boolean {
    const { text } = this;
    const from = this.place++;
    let isPlain = true;
    for (;;) {
      if (this.backslash < this.place) this.backslash = indexAfter(text, '\\', this.place);
      const end = indexAfter(text, '"', this.place);
      if (end < this.backslash) {
        this.place = end + 1;
        break;
      }
      if (this.backslash === Infinity) this.refuseSyntax(text.length);
      this.place = this.backslash;
      isPlain = false;
      this.readEscape();
    }
    if (this.isCareful) this.refuseControl(from);
    return isPlain;
  }

  private refuseControl(from: number): void {
    const offset = this.text.slice(from, this.place).search(control);
    if (offset >= 0) this.refuseSyntax(from + offset);
  }

  private readEscape(): void {
    const { text, place } = this;
    if ('"\\/bfnrt'.includes(text.charAt(place + 1)) && place + 1 < text.length) {
      this.place += 2;
      return;
    }
    const unit = this.escapedUnit(place);
    if (unit === null) this.refuseSyntax(place + 1);
    this.place += 6;
    if ((unit & 0xf800) !== 0xd800) return;
    const low = unit < 0xdc00 ? this.escapedUnit(this.place) : null;
    if (low !== null && (low & 0xfc00) === 0xdc00) {
      this.place += 6;
      return;
    }
    if (this.options.sanitize !== true) throw loneSurrogate(this.pointer());
    this.patches.push({ from: place, to: place + 6, text: '\ufffd' });
    this.sanitized = true;
  }

  /** The UTF-16 unit of a `\uXXXX` at `place`; null when there is none. */
  private escapedUnit(place: number): number | null {
    if (this.text.charCodeAt(place) !== 0x5c || this.text.charCodeAt(place + 1) !== 0x75) return null;
    hex4.lastIndex = place + 2;
    return hex4.test(this.text) ? Number.parseInt(this.text.slice(place + 2, place + 6), 16) : null;
  }

  private readWord(word: string): false {
    if (!this.text.startsWith(word, this.place)) this.refuseSyntax();
    this.place += word.length;
    return false;
  }

  private readNumber(): false {
    const from = this.place;
    numeral.lastIndex = from;
    if (!numeral.test(this.text)) this.refuseSyntax();
    this.place = numeral.lastIndex;
    // Up to 15 characters of digits and sign are always exact; only longer or scaled literals can go wrong.
    if (this.place - from > 15 || this.holdsExponent(from)) this.judgeNumber(from);
    return false;
  }

  private holdsExponent(from: number): boolean {
    for (let place = from; place < this.place; place++) if ((this.text.charCodeAt(place) | 0x20) === 0x65) return true;
    return false;
  }

  private judgeNumber(from: number): void {
    const literal = this.text.slice(from, this.place);
    const reason = lossOf(literal);
    if (reason === null) return;
    if (this.options.bigNumbersAsText !== true) this.refuse('BAD_NUMBER', reason, lossText[reason], 'Write it as a string.');
    this.patches.push({ from, to: this.place, text: `"${literal}"` });
    this.numbersAsText++;
  }

  /** Moves to the next character that is no space and gives its code; NaN at the end. */
  private skipSpace(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.place);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.place++;
    }
  }

  private pointer(): string {
    return pointerOf(this.levels.map((level) => level.at));
  }

  private refuseSyntax(place = this.place): never {
    const byte = encodeUtf8(this.text.slice(0, place)).length;
    const found = place < this.text.length ? `unexpected ${JSON.stringify(String.fromCodePoint(this.text.codePointAt(place)!))}` : 'the text ends too early';
    throw new LogError('BAD_JSON', `Not JSON: ${found} at byte ${byte}.`, { details: { reason: 'syntax', byte, pointer: this.pointer() }, hint: 'Send one JSON value (RFC 8259).' });
  }

  private refuse(code: ErrorCode, reason: string, what: string, hint: string, more: { readonly [detail: string]: unknown } = {}): never {
    const pointer = this.pointer();
    throw new LogError(code, `Refused JSON at ${pointer === '' ? 'the root' : pointer}: ${what}.`, { details: { reason, pointer, ...more }, hint });
  }
}

/** `indexOf`, with Infinity for "nowhere". */
function indexAfter(text: string, sought: string, from: number): number {
  const place = text.indexOf(sought, from);
  return place === -1 ? Infinity : place;
}

const lossText = {
  not_finite: 'the number is beyond the range of doubles',
  unsafe_integer: 'the integer is beyond 2^53-1, where doubles skip integers',
  underflow: 'the number is not zero but would become zero',
} as const;

/** What a double would lose of a literal; null when it only rounds a fraction, or loses nothing. */
function lossOf(literal: string): keyof typeof lossText | null {
  const value = Number(literal);
  if (!Number.isFinite(value)) return 'not_finite';
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return 'unsafe_integer';
  if (value === 0 && /[1-9]/.test(literal.split(/[eE]/, 1)[0]!)) return 'underflow';
  return null;
}

export const loneSurrogate = (pointer: string): LogError =>
  new LogError('BAD_UTF8', 'A string holds half a character (a lone surrogate).', {
    details: { reason: 'lone_surrogate', pointer },
    hint: 'Cut strings between characters, or import with sanitize.',
  });
