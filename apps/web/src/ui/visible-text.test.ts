import { expect, test } from 'vitest';
import { oneLine, visibleText } from './visible-text.ts';

test('text that turns the direction of writing, or hides, is shown by its number (bad-input UI, TRUST 12)', () => {
  expect(visibleText('user\u202Egnp.exe')).toBe('user⟨U+202E⟩gnp.exe');
  expect(visibleText('a\u200Bb\u0000c\u001B[31m')).toBe('a⟨U+200B⟩b⟨U+0000⟩c⟨U+001B⟩[31m');
  expect(visibleText('\uD800')).toBe('\uFFFD');
});

test('a letter of another alphabet within a Latin word is shown by its number (bad-input M14)', () => {
  expect(visibleText('p\u0430yments/main')).toBe('p⟨U+0430⟩yments/main');
  expect(visibleText('Москва pay Ωmega'.replace('Ω', 'O'))).toBe('Москва pay Omega');
});

test('lines, joiners in emoji and other scripts stay as they are', () => {
  expect(visibleText('a\n\tb 👩‍🚀 Ω עברית')).toBe('a\n\tb 👩‍🚀 Ω עברית');
});

test('a megabyte becomes one short line', () => {
  expect(oneLine('x'.repeat(1_000_000), 20)).toBe(`${'x'.repeat(19)}…`);
  expect(oneLine('  two\n lines ')).toBe('two lines');
});
