import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../test/refusal.ts';
import { isLogError } from '../errors.ts';
import type { LogError } from '../errors.ts';
import { canonicalText } from './canonical.ts';
import { parseJson } from './parse-json.ts';
import { splitJsonValues } from './split-json.ts';
import { parseStrictJson, parseStrictText, readStrictJson } from './strict-json.ts';
import { firstBadByte } from './utf8.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const refused = (text: string): LogError => refusalOf(() => parseStrictJson(bytesOf(text)));

describe('JSONTestSuite', () => {
  const folder = new URL('../../test/fixtures/JSONTestSuite/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(encodeURIComponent(name), folder)));
  const stored = names.filter((name) => {
    try {
      canonicalText(parseStrictJson(bytes(name)));
      return true;
    } catch (error) {
      if (isLogError(error)) return false;
      throw error;
    }
  });
  const starting = (letter: string, from = names): readonly string[] => from.filter((name) => name.startsWith(letter));

  it('refuses all 188 n_ files (bad-input A46)', () => {
    expect(starting('n_')).toHaveLength(188);
    expect(starting('n_', stored)).toEqual([]);
  });

  it('stores 88 of 95 y_ files canonically and refuses 7 by name (bad-input A46)', () => {
    expect(starting('y_')).toHaveLength(95);
    expect(starting('y_', stored)).toHaveLength(88);
    expect(starting('y_').filter((name) => !stored.includes(name))).toEqual([
      'y_number.json',
      'y_number_real_capital_e.json',
      'y_number_real_exponent.json',
      'y_number_real_fraction_exponent.json',
      'y_object_duplicated_key.json',
      'y_object_duplicated_key_and_value.json',
      'y_object_extreme_numbers.json',
    ]);
    for (const name of starting('y_', stored)) expect(parseStrictJson(bytes(name))).toEqual(parseJson(Buffer.from(bytes(name)).toString('utf8')));
  });

  it('stores of 35 i_ files only the one with a byte order mark (bad-inputs A46, A4)', () => {
    expect(starting('i_')).toHaveLength(35);
    expect(starting('i_', stored)).toEqual(['i_structure_UTF-8_BOM_empty_object.json']);
  });

  it('says where an n_ file breaks, for every syntax error', () => {
    for (const name of starting('n_')) {
      const { code, details } = refusalOf(() => parseStrictJson(bytes(name)));
      if (code === 'BAD_JSON' && details.reason === 'syntax') expect(details.byte).toBeLessThanOrEqual(bytes(name).length);
      else expect(code === 'BAD_UTF8' || details.reason === 'depth').toBe(true);
    }
  });
});

describe('encoding', () => {
  it.each([
    ['FF FE', [0xff, 0xfe], 0],
    ['C3 28', [0x22, 0xc3, 0x28, 0x22], 1],
    ['an overlong C0 AF', [0x22, 0x61, 0xc0, 0xaf, 0x22], 2],
    ['a surrogate ED A0 80', [0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    ['a character that is cut', [0x22, 0xf0, 0x9f, 0x98], 1],
    ['a lone continuation', [0x22, 0xc3, 0xa9, 0x80, 0x22], 3],
  ])('refuses %s with the byte (bad-input A5)', (_name, bytes, byte) => {
    expect(refusalOf(() => parseStrictJson(new Uint8Array(bytes)))).toMatchObject({ code: 'BAD_UTF8', details: { reason: 'invalid', byte } });
  });

  it.each([
    ['UTF-16LE', Buffer.from('{"a":1}', 'utf16le')],
    ['UTF-16BE', Buffer.from('{"a":1}', 'utf16le').swap16()],
    ['UTF-16LE with a byte order mark', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['UTF-16BE with a byte order mark', Buffer.from('\ufeff{"a":1}', 'utf16le').swap16()],
  ])('refuses %s (bad-input A6)', (_name, bytes) => {
    expect(refusalOf(() => parseStrictJson(new Uint8Array(bytes))).code).toBe('BAD_UTF8');
  });

  it('agrees with the platform about every sequence of bytes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const wellFormed = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const lead = fc.constantFrom(0x61, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf);
    fc.assert(
      fc.property(fc.array(lead, { maxLength: 6 }), (list) => {
        const bytes = new Uint8Array(list);
        const bad = firstBadByte(bytes);
        expect(bad === null).toBe(wellFormed(bytes));
        if (bad !== null) expect(wellFormed(bytes.subarray(0, bad))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('drops one byte order mark and no second one (bad-input A4)', () => {
    expect(parseStrictJson(bytesOf('\ufeff{"a":1}'))).toEqual({ a: 1 });
    expect(refused('\ufeff\ufeff{}')).toMatchObject({ code: 'BAD_JSON', details: { reason: 'syntax' } });
  });
});

describe('grammar and structure', () => {
  it('tells the byte of a syntax error, also behind longer characters (bad-input A3)', () => {
    expect(refused('{"type":"x"')).toMatchObject({ code: 'BAD_JSON', details: { reason: 'syntax', byte: 11 } });
    expect(refused('["é€",}')).toMatchObject({ details: { reason: 'syntax', byte: 9, pointer: '/1' } });
    expect(refused('{"a":"b\nc"}')).toMatchObject({ details: { reason: 'syntax', byte: 7, pointer: '/a' } });
    expect(refused('')).toMatchObject({ details: { reason: 'syntax', byte: 0 } });
  });

  it('refuses a raw control character in a key that also holds an escape, at its place', () => {
    expect(refused('{"\t\\n":1}')).toMatchObject({ code: 'BAD_JSON', details: { reason: 'syntax', byte: 2 } });
  });

  it('takes exactly what JSON.parse takes, for broken JSON too', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '"\\n"', '1', '-2.5e-3', '0', '-', '.', 'true', 'null', 'nul', ' ', '\t', '"', '\\', '\u0001');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
        const text = list.join('');
        let parsed: unknown;
        try {
          parsed = parseJson(text);
        } catch {
          expect(['BAD_JSON', 'BAD_NUMBER']).toContain(refusalOf(() => parseStrictText(text)).code);
          return;
        }
        try {
          expect(parseStrictText(text)).toEqual(parsed);
        } catch (error) {
          if (!isLogError(error)) throw error;
          expect(['duplicate_key', 'unsafe_integer', 'not_finite', 'underflow']).toContain(error.details.reason);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses __proto__ as a key, plain and escaped, and pollutes nothing (bad-input A18)', () => {
    expect(refused('{"__proto__":{"x":1}}')).toMatchObject({ code: 'BAD_JSON', details: { reason: 'forbidden_key' } });
    expect(refused('{"a":[{"\\u005f_proto__":1}]}')).toMatchObject({ details: { reason: 'forbidden_key', pointer: '/a/0/__proto__' } });
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('keeps constructor, toString, valueOf as data (bad-input A35)', () => {
    const text = '{"10":1,"9":2,"constructor":{"prototype":{"x":1}},"hasOwnProperty":1,"toString":2,"valueOf":3}';
    expect(canonicalText(parseStrictText(text))).toBe(text);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('refuses duplicate keys, compared after unescaping (bad-input A20)', () => {
    expect(refused('{"a":1,"a":2}')).toMatchObject({ code: 'BAD_JSON', details: { reason: 'duplicate_key', pointer: '/a' } });
    expect(refused('{"x":{"a":1,"\\u0061":2}}')).toMatchObject({ details: { reason: 'duplicate_key', pointer: '/x/a' } });
    expect(parseStrictText('[{"a":1},{"a":{"a":2}}]')).toEqual([{ a: 1 }, { a: { a: 2 } }]);
  });

  it('takes 64 levels, refuses 65 and 100,000 without a stack overflow (bad-input A21)', () => {
    expect(() => parseStrictText('['.repeat(64) + ']'.repeat(64))).not.toThrow();
    expect(refused('['.repeat(65) + ']'.repeat(65))).toMatchObject({ code: 'BAD_JSON', details: { reason: 'depth', limit: 64 } });
    expect(refused('['.repeat(100_000))).toMatchObject({ details: { reason: 'depth' } });
  });

  it('takes 50,000 keys and 512 bytes, refuses one more of each (bad-input A22)', () => {
    const object = (count: number): string => `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`;
    expect(() => parseStrictText(object(50_000))).not.toThrow();
    expect(refused(object(50_001))).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'keys', limit: 50_000 } });
    expect(() => parseStrictText(`{"${'é'.repeat(256)}":0}`)).not.toThrow();
    expect(refused(`{"a":{"${'x'.repeat(513)}":0}}`)).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'key', pointer: '/a' } });
  });
});

describe('numbers', () => {
  it.each([
    ['12345678901234567890', 'unsafe_integer'],
    ['9007199254740993.0', 'unsafe_integer'],
    ['9007199254740992', 'unsafe_integer'],
    ['-9007199254740992', 'unsafe_integer'],
    ['1e30', 'unsafe_integer'],
    ['1e400', 'not_finite'],
    ['-1e999', 'not_finite'],
    ['1e-400', 'underflow'],
    ['123e-1000', 'underflow'],
    [`0.${'0'.repeat(400)}1`, 'underflow'],
  ])('refuses %s as %s with a pointer (bad-inputs A23, A24, A36)', (literal, reason) => {
    expect(refused(`{"a":[true,${literal}]}`)).toMatchObject({ code: 'BAD_NUMBER', details: { reason, pointer: '/a/1' } });
  });

  it.each([
    ['1.0', '1'],
    ['1E2', '100'],
    ['-0', '0'],
    ['0.1000000000000000055', '0.1'],
    ['0e-999', '0'],
    ['9007199254740991', '9007199254740991'],
  ])('stores %s as %s (bad-input A37)', (literal, stored) => {
    expect(canonicalText(parseStrictText(literal))).toBe(stored);
  });

  it('keeps big numbers of an importer as text, digit by digit (bad-input K5)', () => {
    const read = readStrictJson('{"startTimeUnixNano":1763632800123456789,"n":[-9007199254740993, 1e400,5]}', { bigNumbersAsText: true });
    expect(read).toEqual({ value: { startTimeUnixNano: '1763632800123456789', n: ['-9007199254740993', '1e400', 5] }, sanitized: false, numbersAsText: 3 });
  });
});

describe('strings', () => {
  it('refuses a lone surrogate, escaped or raw, in a value or a key; with sanitize it is replaced (bad-input A27)', () => {
    for (const text of ['["\\ud800"]', '["\\udc00\\ud800"]', '["\\ud83d\\u0041"]', '{"\\ud800":1}', '["\ud800"]'])
      expect(refusalOf(() => parseStrictText(text))).toMatchObject({ code: 'BAD_UTF8', details: { reason: 'lone_surrogate' } });
    expect(readStrictJson('{"\\ud800k":"\\ud83d\\ude00 \\udead \ud800"}', { sanitize: true })).toEqual({ value: { '\ufffdk': '\u{1f600} \ufffd \ufffd' }, sanitized: true, numbersAsText: 0 });
    expect(readStrictJson('"\\ud83d\\ude00"', { sanitize: true }).sanitized).toBe(false);
    expect(refusalOf(() => readStrictJson('{"\\ud800":1,"\\ud801":2}', { sanitize: true }))).toMatchObject({ details: { reason: 'duplicate_key' } });
  });

  it('keeps NUL, U+2028 and U+FFFF (bad-input A28)', () => {
    expect(parseStrictJson(bytesOf('"\\u0000\u2028\uffff"'))).toBe('\u0000\u2028\uffff');
  });

  it('reads any JSON that was written', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        try {
          expect(parseStrictText(text)).toEqual(parseJson(text));
        } catch (error) {
          if (!isLogError(error)) throw error;
          expect(['unsafe_integer', 'lone_surrogate', 'forbidden_key']).toContain(error.details.reason);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('several values on a line', () => {
  const pieces = (line: string): readonly string[] => splitJsonValues(bytesOf(line)).map((piece) => new TextDecoder().decode(piece));

  it.each([
    ['{"a":"}{"}{"b":[{}]}', ['{"a":"}{"}', '{"b":[{}]}']],
    ['{"a":"\\"}"}  [1][2] ', ['{"a":"\\"}"}', '  [1]', '[2]']],
    ['{"a":1}', ['{"a":1}']],
    ['{"a":1}garbage', ['{"a":1}', 'garbage']],
    ['{"a":', ['{"a":']],
    ['', ['']],
    ['"é"', ['"é"']],
  ])('cuts %s', (line, expected) => {
    expect(pieces(line)).toEqual(expected);
  });

  it('gives back every value that was glued together, at its place', () => {
    fc.assert(
      fc.property(fc.array(fc.object(), { minLength: 1, maxLength: 4 }), (values) => {
        const texts = values.map((value) => JSON.stringify(value));
        const line = bytesOf(texts.join(''));
        expect(pieces(texts.join(''))).toEqual(texts);
        expect(splitJsonValues(line).reduce((sum, piece) => sum + piece.length, 0)).toBe(line.length);
      }),
    );
  });
});
