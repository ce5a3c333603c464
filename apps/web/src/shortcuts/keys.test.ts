import { describe, expect, test } from 'vitest';
import { chordOf, isSingleKey, matchKeys } from './keys.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', true>> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('Key presses are written as shortcuts are', () => {
  test.each([
    [press('k', { ctrlKey: true }), 'mod+k'],
    [press('k', { metaKey: true }), 'mod+k'],
    [press('ArrowLeft', { altKey: true }), 'Alt+Left'],
    [press('N', { shiftKey: true }), 'Shift+n'],
    [press('>', { shiftKey: true }), '>'],
    [press('?', { shiftKey: true }), '?'],
    [press('ArrowRight', { shiftKey: true }), 'Shift+Right'],
    [press(' '), 'Space'],
    [press('N'), 'n'],
  ])('%j is %s', (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });
});

describe('Sequences', () => {
  test('two keys in turn are one shortcut', () => {
    expect(matchKeys('g d', ['g'])).toBe('begun');
    expect(matchKeys('g d', ['g', 'd'])).toBe('whole');
    expect(matchKeys('g d', ['x', 'g', 'd'])).toBe('whole');
    expect(matchKeys('g d', ['d'])).toBe('none');
  });

  test('a capital letter is the letter with Shift', () => {
    expect(matchKeys('N', ['Shift+n'])).toBe('whole');
    expect(matchKeys('N', ['n'])).toBe('none');
  });
});

test('what can be switched off are the keys without Ctrl or Alt (WCAG 2.1.4)', () => {
  expect(['j', '?', 'g d', 'N'].map(isSingleKey)).toEqual([true, true, true, true]);
  expect(['mod+k', 'Alt+Left', 'Escape', 'Enter', 'Shift+Down'].map(isSingleKey)).toEqual([false, false, false, false, false]);
});
