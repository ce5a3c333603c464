/** Which changes of a schema break what is there. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../log/event.ts';
import { breaksBetween } from './compatibility.ts';
import { readPayloadSchema } from './json-schema.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const [text, number, integer] = [{ type: 'string' }, { type: 'number' }, { type: 'integer' }];
const paths = (older: JsonObject, newer: JsonObject, mode: 'backward' | 'forward' = 'backward'): string[] => breaksBetween(older, newer, mode).map(({ path }) => path);

describe('A-195: a version is backward compatible when everything that was valid stays valid', () => {
  test.each<[string, JsonObject, JsonObject, string[]]>([
    ['the same', object({ a: text }), object({ a: text }), []],
    ['a new name that may be left out', object({ a: text }), object({ a: text, b: number }), []],
    ['a name that is not described any more', object({ a: text }), object({}), []],
    ['a name that may be left out now', object({ a: text }, { required: ['a'] }), object({ a: text }), []],
    ['a name that is needed now', object({ a: text }), object({ a: text }, { required: ['a'] }), ['/a']],
    ['another type', object({ a: text }), object({ a: number }), ['/a']],
    ['a wider number', object({ a: integer }), object({ a: number }), []],
    ['a narrower one', object({ a: number }), object({ a: integer }), ['/a']],
    ['a value more', object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } }), []],
    ['a value less', object({ a: { enum: ['x', 'y'] } }), object({ a: { enum: ['x'] } }), ['/a']],
    ['a looser bound', object({ a: { type: 'string', maxLength: 3 } }), object({ a: { type: 'string', maxLength: 5 } }), []],
    ['a tighter bound, deep inside a list', object({ l: { type: 'array', items: object({ n: { type: 'number', minimum: 0 } }) } }), object({ l: { type: 'array', items: object({ n: { type: 'number', minimum: 1 } }) } }), ['/l/*/n']],
    ['closed now', object({ a: text }), object({ a: text }, { additionalProperties: false }), ['/*']],
    ['open now', object({ a: text }, { additionalProperties: false }), object({ a: text }), []],
    ['closed, and without a name that it had', object({ a: text, b: text }, { additionalProperties: false }), object({ a: text }, { additionalProperties: false }), ['/b']],
    ['choices that are others', object({ a: { anyOf: [text] } }), object({ a: { anyOf: [number] } }), ['/a']],
    ['a reference that leads elsewhere now', { ...object({ a: { $ref: '#/$defs/A' } }), $defs: { A: text } }, { ...object({ a: { $ref: '#/$defs/A' } }), $defs: { A: number } }, ['/a']],
    ['a tree that leads back to itself', { ...object({ t: { $ref: '#/$defs/T' } }), $defs: { T: object({ next: { $ref: '#/$defs/T' }, n: number }) } }, { ...object({ t: { $ref: '#/$defs/T' } }), $defs: { T: object({ next: { $ref: '#/$defs/T' }, n: integer }) } }, ['/t/n']],
  ])('%s', (_what, older, newer, expected) => {
    expect(paths(older, newer)).toEqual(expected);
    // What reads the old with the new reads the new with the old the other way about.
    expect(paths(newer, older, 'forward')).toEqual(expected);
  });

  test('what is found compatible is: no value of the older schema is refused by the newer', () => {
    const leaf = fc.oneof(fc.constantFrom<JsonObject>({ type: 'string' }, { type: 'number' }, { type: 'integer' }, { type: ['string', 'null'] }, {}, { enum: ['x', 1] }, { const: 'x' }), fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -2, max: 2 }) }), fc.record({ type: fc.constant('string'), maxLength: fc.integer({ min: 0, max: 3 }) }));
    const name = fc.constantFrom('a', 'b', 'c');
    const flat = fc.record({ properties: fc.dictionary(name, leaf), required: fc.uniqueArray(name), additionalProperties: fc.oneof(fc.boolean(), leaf) }).map((parts): JsonObject => ({ type: 'object', ...parts }));
    const nested = fc.record({ properties: fc.dictionary(name, fc.oneof(leaf, flat)), required: fc.uniqueArray(name) }).map((parts): JsonObject => ({ type: 'object', ...parts }));
    const value = fc.oneof(fc.constantFrom('x', 'abcd', '', 1, -3, 1.5, null, true), fc.dictionary(name, fc.constantFrom('x', 2, 0.5, null)));
    fc.assert(
      fc.property(nested, nested, fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value), { minLength: 5 }), (older, newer, payloads) => {
        fc.pre(paths(older, newer).length === 0);
        const [before, after] = [readPayloadSchema(older), readPayloadSchema(newer)];
        // A name that is new may be described; what nobody had described before is not promised.
        const known = new Set(Object.keys(older['properties'] as JsonObject));
        const isNew = (payload: object): boolean => Object.keys(payload).some((key) => !known.has(key)) || Object.values(payload).some((part) => typeof part === 'object' && part !== null);
        for (const payload of payloads) if (!isNew(payload) && before.safeParse(payload).success) expect(after.safeParse(payload).success).toBe(true);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
