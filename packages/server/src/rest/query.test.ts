import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { InputShape } from './input-shape.ts';
import { inputOfQuery, readQuery } from './query.ts';

const shape: InputShape = { names: new Set(['limit', 'type', 'entityType']), required: [], lists: new Set(['type']), isOpen: false };
const open: InputShape = { ...shape, isOpen: true };
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { details: { reason: string } }).details.reason;
  }
};

property.prop([fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' })))])('a query reads back as it was written', (pairs) => {
  const written = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  const expected = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    const before = expected.get(name);
    expected.set(name, before === undefined ? value : [...[before].flat(), value]);
  }
  expect(readQuery(`/x?${written}`)).toEqual(expected);
});

test('a plus is a space, an empty part is nothing, a name alone is empty', () => {
  expect(Object.fromEntries(readQuery('/x?a=b+c&&d'))).toEqual({ a: 'b c', d: '' });
});

test('bad-input G11: an escape that is no UTF-8 is refused, never replaced', () => {
  for (const bad of ['%ff', '%c3%28', '%c0%af', '%', '%zz']) expect(codeOf(() => readQuery(`/x?a=${bad}`))).toBe('url');
});

test('bad-input G16: a parameter that takes one value may stand there once; a list may repeat', () => {
  expect(codeOf(() => inputOfQuery(readQuery('/x?limit=1&limit=2'), shape))).toBe('repeated_parameter');
  expect(codeOf(() => inputOfQuery(readQuery('/x?entityType=a&entity_type=b'), shape))).toBe('repeated_parameter');
  expect(inputOfQuery(readQuery('/x?type=a&type=b'), shape)).toEqual({ type: ['a', 'b'] });
});

test('names may be written in snake_case', () => {
  expect(inputOfQuery(readQuery('/x?entity_type=task'), shape)).toEqual({ entityType: 'task' });
});

test('an unknown parameter is refused with the nearest name, unless the operation reads names of its own', () => {
  expect(codeOf(() => inputOfQuery(readQuery('/x?limt=1'), shape))).toBe('unknown_parameter');
  expect(inputOfQuery(readQuery('/x?from_timestamp=1'), open)).toEqual({ from_timestamp: '1' });
});

test('a parameter called __proto__ is refused everywhere and changes no prototype', () => {
  for (const of of [shape, open]) expect(codeOf(() => inputOfQuery(readQuery('/x?__proto__=1&constructor=2'), of))).toBe('unknown_parameter');
  expect({}.constructor).toBe(Object);
});
