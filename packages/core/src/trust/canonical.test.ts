import { readdirSync, readFileSync } from 'node:fs';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/refusal.ts';
import { canonicalBytes, canonicalise, canonicalText, stateJsonLimits } from './canonical.ts';
import { parseStrictJson } from './strict-json.ts';

const vectors = new URL('../../test/fixtures/rfc8785/', import.meta.url);

const nested = (levels: number): unknown => Array.from({ length: levels - 1 }).reduce<unknown>((inner) => [inner], []);
const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));

describe('canonical JSON', () => {
  const names = readdirSync(new URL('input/', vectors));

  it('has the six vectors of RFC 8785', () => {
    expect(names).toHaveLength(6);
  });

  it.each(names.filter((name) => name !== 'values.json'))('writes %s of RFC 8785 byte for byte', (name) => {
    const value = JSON.parse(readFileSync(new URL(`input/${name}`, vectors), 'utf8')) as unknown;
    const hex = readFileSync(new URL(`outhex/${name.replace('.json', '.txt')}`, vectors), 'utf8').replaceAll(/\s+/g, '');
    expect(Buffer.from(canonicalBytes(value)).toString('hex')).toBe(hex);
  });

  it('refuses values.json of RFC 8785, because 1E30 is no exact integer', () => {
    const value = JSON.parse(readFileSync(new URL('input/values.json', vectors), 'utf8')) as unknown;
    expect(refusalOf(() => canonicalBytes(value))).toMatchObject({ code: 'BAD_NUMBER', details: { reason: 'unsafe_integer', pointer: '/numbers/1' } });
  });

  it('orders keys by UTF-16 code units, whatever their number (bad-input A35)', () => {
    expect(canonicalText({ '10': 1, '9': 2, a: 3, '\u{1f600}': 4, '\ufb33': 5 })).toBe('{"10":1,"9":2,"a":3,"\u{1f600}":4,"\ufb33":5}');
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${(index * 37) % 60}`, index]));
    expect(Object.keys(JSON.parse(canonicalText(many)) as object)).toEqual(Object.keys(many).sort());
  });

  it.each([
    [1.0, '1'],
    [1e2, '100'],
    [-0, '0'],
    [0.1000000000000000055, '0.1'],
    [1e-7, '1e-7'],
    [9_007_199_254_740_991, '9007199254740991'],
    [-9_007_199_254_740_991, '-9007199254740991'],
  ])('writes the number %s in its shortest form (bad-input A37)', (value, text) => {
    expect(canonicalText(value)).toBe(text);
  });

  it.each([
    ['NaN', Number.NaN, 'BAD_NUMBER', 'not_finite'],
    ['Infinity', Number.POSITIVE_INFINITY, 'BAD_NUMBER', 'not_finite'],
    ['a bigint', 10n, 'BAD_NUMBER', 'bigint'],
    ['2^53', 2 ** 53, 'BAD_NUMBER', 'unsafe_integer'],
    ['1e30', 1e30, 'BAD_NUMBER', 'unsafe_integer'],
    ['undefined', undefined, 'BAD_JSON', 'value'],
    ['a function', () => 1, 'BAD_JSON', 'value'],
    ['a symbol', Symbol('s'), 'BAD_JSON', 'value'],
  ])('refuses %s with a pointer to it (bad-input A25)', (_name, value, code, reason) => {
    expect(refusalOf(() => canonicalText({ a: [0, { 'b/c': value }] }))).toMatchObject({ code, details: { reason, pointer: '/a/1/b~1c' } });
  });

  class Point {
    x = 1;
  }
  class List extends Array {}
  const cyclic: { self?: unknown } = {};
  cyclic.self = { again: cyclic };
  const throwing = Object.defineProperty({}, 'x', { enumerable: true, get: () => { throw new Error('no'); } });

  it.each<[string, unknown, string]>([
    ['a Date', new Date(0), 'not_plain'],
    ['a Map', new Map(), 'not_plain'],
    ['a Set', new Set(), 'not_plain'],
    ['a Buffer', Buffer.from('x'), 'not_plain'],
    ['a class instance', new Point(), 'not_plain'],
    ['an instance of a subclass of Array', List.from([1]), 'not_plain'],
    ['an object with toJSON', { toJSON: () => 1 }, 'not_plain'],
    ['a throwing getter', throwing, 'not_plain'],
    ['a boxed number', Object(1), 'not_plain'],
    ['a cycle', cyclic, 'cycle'],
    // oxlint-disable-next-line no-sparse-arrays
    ['a sparse array', [1, , 2], 'sparse'],
  ])('refuses %s (bad-input A26)', (_name, value, reason) => {
    expect(refusalOf(() => canonicalText({ value }))).toMatchObject({ code: 'BAD_JSON', details: { reason } });
  });

  it('keeps the cause of a failing getter and names the place', () => {
    const refusal = refusalOf(() => canonicalText({ a: throwing }));
    expect(refusal.details.pointer).toBe('/a/x');
    expect(refusal.cause).toMatchObject({ message: 'no' });
  });

  it('takes objects without a prototype, and the same object in two places', () => {
    const shared = { a: 1 };
    expect(canonicalText(Object.assign(Object.create(null) as object, { x: shared, y: shared }))).toBe('{"x":{"a":1},"y":{"a":1}}');
  });

  it('refuses an own key __proto__ at any depth (bad-input A18)', () => {
    const value = JSON.parse('{"a":[{"__proto__":{"x":1}}]}') as unknown;
    expect(refusalOf(() => canonicalText(value))).toMatchObject({ code: 'BAD_JSON', details: { reason: 'forbidden_key', pointer: '/a/0/__proto__' } });
  });

  it('treats constructor, toString and the like as data (bad-input A35)', () => {
    expect(canonicalText({ toString: 1, constructor: { prototype: { x: 1 } }, hasOwnProperty: 2, valueOf: 3 })).toBe(
      '{"constructor":{"prototype":{"x":1}},"hasOwnProperty":2,"toString":1,"valueOf":3}',
    );
  });

  it('takes 64 levels and refuses 65 (bad-input A21)', () => {
    expect(canonicalText(nested(64))).toHaveLength(128);
    expect(refusalOf(() => canonicalText(nested(65)))).toMatchObject({ code: 'BAD_JSON', details: { reason: 'depth', limit: 64 } });
  });

  it('takes 50,000 keys and refuses 50,001; takes a key of 512 bytes and refuses 513 (bad-input A22)', () => {
    expect(canonicalText(keys(50_000)).startsWith('{"k0":0')).toBe(true);
    expect(refusalOf(() => canonicalText([keys(25_000), keys(25_001)]))).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'keys', pointer: '/1' } });
    expect(canonicalText({ ['é'.repeat(256)]: 1 })).toHaveLength(256 + 6);
    expect(refusalOf(() => canonicalText({ [`${'é'.repeat(256)}x`]: 1 }))).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'key', size: 513 } });
  });

  it('takes larger limits for what is bounded elsewhere', () => {
    expect(() => canonicalText([keys(50_001), nested(100)], { limits: stateJsonLimits })).not.toThrow();
  });

  it('refuses a small graph that stands for an endless text', () => {
    const bomb = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], 'x'.repeat(1000));
    expect(refusalOf(() => canonicalText(bomb))).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'event' } });
  });

  it('refuses a lone surrogate in a value or a key; with sanitize it is replaced and told (bad-input A27)', () => {
    expect(refusalOf(() => canonicalText(['\ud800']))).toMatchObject({ code: 'BAD_UTF8', details: { reason: 'lone_surrogate', pointer: '/0' } });
    expect(refusalOf(() => canonicalText({ 'a\udc00': 1 }))).toMatchObject({ code: 'BAD_UTF8', details: { reason: 'lone_surrogate' } });
    expect(canonicalise({ b: '\ud800x', 'a\udc00': 1 }, { sanitize: true })).toEqual({ text: '{"a\ufffd":1,"b":"\ufffdx"}', sanitized: true });
    expect(canonicalise({ b: '\u{1f600}' }, { sanitize: true }).sanitized).toBe(false);
    expect(refusalOf(() => canonicalise({ '\ud800': 1, '\ud801': 2 }, { sanitize: true }))).toMatchObject({ code: 'BAD_JSON', details: { reason: 'duplicate_key' } });
  });

  it('keeps NUL, U+2028 and U+FFFF as they are (bad-input A28)', () => {
    expect(canonicalText('\u0000\u2028\uffff\u007f\u0080')).toBe('"\\u0000\u2028\uffff\u007f\u0080"');
  });

  const json = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }).filter(isCanonicalizable);

  it('writes what canonicalize 4 writes, for any JSON', () => {
    fc.assert(fc.property(json, (value) => canonicalText(value) === canonicalize(value)), { numRuns: 500 });
  });

  it('is the identity on what it wrote', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = canonicalBytes(value);
        expect(canonicalBytes(parseStrictJson(bytes))).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

/** What we refuse on purpose is no part of the comparison: big integers, lone surrogates, `__proto__`. */
function isCanonicalizable(value: unknown): boolean {
  try {
    canonicalText(value);
    return true;
  } catch {
    return false;
  }
}
