import { expect, test } from 'vitest';
import { plainText, plainValue } from './plain-text.ts';

test.each([
  ['tag characters', 'a\u{e0001}\u{e0049}\u{e007f}b'],
  ['zero-width characters', 'a\u200b\u200c\u200d\u2060\ufeffb'],
  ['bidirectional controls', 'a\u202e\u2066\u2069\u200e\u061cb'],
  ['ANSI colours', 'a\u001b[31;1mb\u001b[0m'],
  ['an ANSI sequence in its C1 form', 'a\u009b31mb'],
  ['a hyperlink of a terminal', '\u001b]8;;https://evil.example\u0007a\u001b]8;;\u001b\\b'],
  ['C0, DEL and C1', 'a\u0000\u0007\r\u007f\u0085b'],
])('bad-input J8: %s are left out of what a model is shown', (_, text) => {
  expect(plainText(text)).toBe('ab');
});

test('line ends, tabs, emoji and every script stay', () => {
  const text = 'one\n\ttwo 😀 naïve 日本語 עברית';
  expect(plainText(text)).toBe(text);
});

test('keys are cleaned like values, and two that look alike stay two', () => {
  expect(plainValue({ 'a\u200b': ['x\u202e'], a: { __proto__: null, b: 1 } })).toEqual({ a: ['x'], 'a (2)': { b: 1 } });
});
