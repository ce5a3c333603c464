/**
 * What stands at one key of a record, at every revision of a prefix of a stream. Kept are the places where it changes, each as
 * the distance from the one before and the code of the value: two or three bytes. A value that comes again has the same code;
 * of numbers that keep growing, codes say by how much, and what fits neither way is written down beside.
 *
 * It takes the revisions one after the other, from 0, and holds what an expression can tell apart: a value without parts, that
 * a record stands there, or that nothing does. Texts that are long, or of which there are many, it refuses.
 */
import type { Revision } from '../log/driver.ts';

/** Stands where the record has no such key, or where there is no record. */
export const missing: unique symbol = Symbol('missing');
/** Stands where there is a record; what is in it stands in columns of its own. */
export const record: unique symbol = Symbol('record');
/** A map takes 0 and -0 for the same. */
const minusZero: unique symbol = Symbol('-0');

/** Values that are no numbers have codes from -1 down. */
const othersMax = 2_048;
const textUnitsMax = 256;
/** Numbers that are met again have codes from 0 up, and steps from one number to the next those above. */
const [numbersMax, stepsMax] = [12_288, 12_288];
/** The number stands in a list of those that have no code; a value that rests for longer than a byte can tell. */
const [plainCode, restCode] = [32_767, -32_768];
const gapMax = 255;
const [bytesPerColumn, bytesPerText, bytesPerNumber] = [1_000, 120, 40];

export class Column {
  #gaps = new Uint8Array(8);
  #codes: Int8Array | Int16Array = new Int8Array(8);
  #count = 0;
  readonly #others: unknown[] = [missing];
  readonly #otherCodes = new Map<unknown, number>([[missing, -1]]);
  readonly #numbers: number[] = [];
  readonly #numberCodes = new Map<number, number>();
  readonly #steps: number[] = [];
  readonly #stepCodes = new Map<number, number>();
  #plain = new Float64Array(0);
  #plainCount = 0;
  #textUnits = 0;
  #revision = 0;
  #value: unknown = missing;
  #number = 0;

  get bytes(): number {
    const known = this.#others.length * bytesPerText + 2 * this.#textUnits + (this.#numbers.length + this.#numberCodes.size + this.#steps.length + this.#stepCodes.size) * (bytesPerNumber / 2);
    return bytesPerColumn + this.#gaps.byteLength + this.#codes.byteLength + this.#plain.byteLength + known;
  }

  /** False: the value cannot be kept, and the column is of no use from here on. */
  set(revision: Revision, value: unknown): boolean {
    if (Object.is(value, this.#value)) return true;
    const isNumber = typeof value === 'number' && !Object.is(value, -0);
    const code = isNumber ? this.#codeOfNumber(value) : this.#codeOfOther(value);
    if (code === null) return false;
    for (; revision - this.#revision > gapMax; this.#revision += gapMax) this.#push(gapMax, restCode);
    this.#push(revision - this.#revision, code);
    [this.#revision, this.#value] = [revision, value];
    if (isNumber) this.#number = value;
    return true;
  }

  #codeOfNumber(value: number): number {
    const known = this.#numberCodes.get(value) ?? added(this.#numbers, this.#numberCodes, value, numbersMax);
    if (known !== null) return known;
    // Numbers that never came again are not looked for any more.
    if (this.#count < 2 * numbersMax) this.#numberCodes.clear();
    const step = value - this.#number;
    // Beyond these, a sum is not what was added.
    const isExact = Number.isSafeInteger(value) && Number.isSafeInteger(this.#number);
    const stepCode = isExact ? (this.#stepCodes.get(step) ?? added(this.#steps, this.#stepCodes, step, stepsMax)) : null;
    if (stepCode !== null) return numbersMax + stepCode;
    if (this.#plainCount === this.#plain.length) this.#plain = grown(this.#plain, new Float64Array(roomAfter(this.#plainCount)));
    this.#plain[this.#plainCount++] = value;
    return plainCode;
  }

  #codeOfOther(value: unknown): number | null {
    const key = value === 0 ? minusZero : value;
    const known = this.#otherCodes.get(key);
    if (known !== undefined) return known;
    const units = typeof value === 'string' ? value.length : 0;
    if (units > textUnitsMax || this.#others.length >= othersMax) return null;
    this.#textUnits += units;
    const code = -this.#others.push(value);
    this.#otherCodes.set(key, code);
    return code;
  }

  #push(gap: number, code: number): void {
    const isFull = this.#count === this.#gaps.length;
    if (isFull) this.#gaps = grown(this.#gaps, new Uint8Array(roomAfter(this.#count)));
    const isNarrow = this.#codes instanceof Int8Array && code !== (code << 24) >> 24;
    if (isFull || isNarrow) this.#codes = grown(this.#codes, new (isNarrow ? Int16Array : (this.#codes.constructor as Int8ArrayConstructor | Int16ArrayConstructor))(this.#gaps.length));
    this.#gaps[this.#count] = gap;
    this.#codes[this.#count++] = code;
  }

  /** @param revision  Where the cursor stands at first. Cost: a step for every change before it. */
  cursorAt(revision: Revision): ColumnCursor {
    let [index, plainIndex, number, place, code]: [number, number, number, Revision, number] = [0, 0, 0, 0, 0];
    const seek = (): Revision => {
      while (index < this.#count) {
        place += this.#gaps[index]!;
        code = this.#codes[index++]!;
        if (code !== restCode) return place;
      }
      return Infinity;
    };
    const valueHere = (): unknown => {
      if (code < 0) return this.#others[-1 - code];
      number = code === plainCode ? this.#plain[plainIndex++]! : code < numbersMax ? this.#numbers[code]! : number + this.#steps[code - numbersMax]!;
      return number;
    };
    const cursor: { -readonly [K in keyof ColumnCursor]: ColumnCursor[K] } = {
      code: -1,
      value: missing,
      before: missing,
      since: 0,
      next: seek(),
      forward() {
        [cursor.before, cursor.value, cursor.code, cursor.since] = [cursor.value, valueHere(), code < numbersMax ? code : null, cursor.next];
        cursor.next = seek();
      },
    };
    while (cursor.next <= revision) cursor.forward();
    return cursor;
  }
}

/** Walks over the places where a column's value changes. */
export interface ColumnCursor {
  /** 16 bits that stand for the value wherever it is met; null for a number that is not expected again. */
  readonly code: number | null;
  readonly value: unknown;
  /** The value before it became this one, and where it did. */
  readonly before: unknown;
  readonly since: Revision;
  /** Where it becomes another; Infinity when it does not. */
  readonly next: Revision;
  /** Goes there. */
  forward(): void;
}

/** The code of a number that is new; null when there are too many. */
function added(list: number[], codes: Map<number, number>, value: number, max: number): number | null {
  if (list.length >= max) return null;
  const code = list.push(value) - 1;
  codes.set(value, code);
  return code;
}

const roomAfter = (count: number): number => Math.max(8, count + (count >> 1));

function grown<T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from);
  return to;
}
