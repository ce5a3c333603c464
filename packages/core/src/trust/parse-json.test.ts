import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';
import { parseStrictText } from './strict-json.ts';

/** Objects whose keys look like each other's escaped spelling, one after the other: what V8 13.6 confuses. */
const confusing = ['\\', '"', '\\"', '\\\\', '"]', '\n', '\\n', '\u0001', '\\u0001', 'a'];

describe('parsing JSON', () => {
  it('gives every key as it is written, whatever was parsed before', () => {
    let shape = 0;
    for (const earlier of confusing)
      for (const later of confusing) {
        const first = { [`p${++shape}`]: 1, [earlier]: 1 };
        const second = { [`p${shape}`]: 1, [later]: 2, z: [{ [later]: '"' }] };
        for (const parse of [parseJson, parseStrictText])
          for (const value of [first, second]) expect(JSON.stringify(parse(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }
  });

  it('gives what was written, for any JSON with hostile keys and any spacing', () => {
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(true, null), fc.array(tie('value')), fc.dictionary(fc.oneof(fc.constantFrom(...confusing, '__proto__', ',"', '{"'), fc.string({ unit: 'binary' })), tie('value'), { noNullPrototype: true })),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (given, space) => {
        const text = JSON.stringify(given, null, space);
        expect(JSON.stringify(parseJson(text), null, space)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps __proto__ an own key', () => {
    const value = parseJson('{"\\u005f_proto__":{"x":1}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it.each(['', '{', '{"a\\":1}', '{"\\n":}', 'nul'])('refuses %j as JSON.parse does', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
