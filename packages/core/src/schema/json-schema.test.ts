/** What a schema of a user lets in, and what is no schema. */
import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../test/refusal.ts';
import type { JsonObject } from '../log/event.ts';
import { readPayloadSchema } from './json-schema.ts';

const lets = (schema: JsonObject, value: JsonObject): boolean => readPayloadSchema({ type: 'object', ...schema }).safeParse(value).success;

describe('A-193: a payload held against a JSON Schema', () => {
  const cases: readonly (readonly [what: string, schema: JsonObject, good: readonly JsonObject[], bad: readonly JsonObject[]])[] = [
    ['types', { properties: { a: { type: 'integer' }, b: { type: ['string', 'null'] } } }, [{}, { a: 2 }, { b: null }, { c: 1 }], [{ a: 1.5 }, { a: '2' }, { b: 1 }]],
    ['required names, also those that no property describes', { properties: { a: { type: 'string' } }, required: ['a', 'b'] }, [{ a: 'x', b: 1 }, { a: 'x', b: null }], [{ a: 'x' }, { b: 1 }]],
    ['a default does not stand in for what is needed', { properties: { a: { type: 'string', default: 'x' } }, required: ['a'] }, [{ a: 'y' }], [{}]],
    ['closed objects, at any depth', { properties: { a: { type: 'object', properties: { b: {} }, additionalProperties: false } } }, [{ a: { b: 1 } }, { z: 1 }], [{ a: { c: 1 } }]],
    ['the rest by a schema', { properties: { k: { type: 'string' } }, required: ['n'], additionalProperties: { type: 'number' } }, [{ k: 'x', n: 1, m: 2 }], [{ k: 'x', n: 'y' }, { n: 1, m: 'x' }]],
    ['lists', { properties: { l: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2, uniqueItems: true } } }, [{ l: ['a'] }, { l: ['a', 'b'] }], [{ l: [] }, { l: [1] }, { l: ['a', 'a'] }, { l: ['a', 'b', 'c'] }]],
    ['values', { properties: { e: { enum: ['x', 1, null] }, c: { const: true } } }, [{ e: 1 }, { e: null, c: true }], [{ e: 'y' }, { c: false }]],
    ['bounds', { properties: { n: { type: 'number', minimum: 1, exclusiveMaximum: 3, multipleOf: 0.5 }, s: { type: 'string', minLength: 2, maxLength: 3 } }, maxProperties: 2 }, [{ n: 1.5 }, { s: 'ab' }], [{ n: 0.5 }, { n: 3 }, { n: 1.2 }, { s: 'a' }, { s: 'abcd' }, { a: 1, b: 2, c: 3 }]],
    ['one of several', { properties: { v: { anyOf: [{ type: 'string' }, { type: 'number' }] }, w: { oneOf: [{ type: 'string' }, { const: 'x' }] } } }, [{ v: 'a' }, { v: 1 }, { w: 'y' }], [{ v: true }, { w: 'x' }]],
    ['references, also to itself', { properties: { t: { $ref: '#/$defs/Tree' } }, $defs: { Tree: { type: 'object', properties: { next: { $ref: '#/$defs/Tree' } }, additionalProperties: false } } }, [{ t: { next: { next: {} } } }], [{ t: { next: { other: 1 } } }]],
    ['true lets everything in, false nothing', { properties: { a: true, b: false } }, [{ a: [1] }], [{ b: 1 }]],
    ['a format explains and does not decide', { properties: { at: { type: 'string', format: 'date-time' } } }, [{ at: '2026-11-20T10:00:00+01:00' }, { at: 'soon' }], [{ at: 1 }]],
  ];
  test.each(cases)('%s', (_what, schema, good, bad) => {
    expect([good.map((value) => lets(schema, value)), bad.map((value) => lets(schema, value))]).toEqual([good.map(() => true), bad.map(() => false)]);
  });

  test.each<[JsonObject, string]>([
    [{}, '/type'],
    [{ type: 'array' }, '/type'],
    [{ type: 'object', properties: { a: { type: 'text' } } }, '/properties/a/type'],
    [{ type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } }, '/properties/a/pattern'],
    [{ type: 'object', patternProperties: { '(a+)+': {} } }, '/patternProperties'],
    [{ type: 'object', if: {} }, '/if'],
    [{ type: 'object', allOf: [{}] }, '/allOf'],
    [{ type: 'object', proprties: {} }, '/proprties'],
    [{ type: 'object', properties: { a: { $ref: 'https://x.example/y' } } }, '/properties/a/$ref'],
    [{ type: 'object', properties: { a: { $ref: '#/$defs/No' } }, $defs: {} }, '/properties/a/$ref'],
    [{ type: 'object', properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { $ref: '#/$defs/A' } } }, '/properties/a/$ref'],
    [{ type: 'object', properties: { a: { $ref: '#/$defs/A', minLength: 3 } }, $defs: { A: {} } }, '/properties/a/minLength'],
    [{ type: 'object', properties: { constructor: {} } }, '/properties'],
    [{ type: 'object', required: 'a' }, '/required'],
    [{ type: 'object', properties: { a: { enum: [] } } }, '/properties/a/enum'],
    [{ type: 'object', properties: { a: { const: { x: 1 } } } }, '/properties/a/const'],
    [{ type: 'object', properties: { a: 7 } }, '/properties/a'],
    [{ type: 'object', minProperties: -1 }, '/minProperties'],
  ])('%j is refused at %s', (schema, pointer) => {
    expect(refusalOf(() => readPayloadSchema(schema))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'schema', pointer } });
  });
});
