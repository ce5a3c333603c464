import { expect, test } from 'vitest';
import { readPreferences } from './preferences.ts';

const defaults = readPreferences(null);

test.each(['', '{', 'null', '7', '[]', '{"theme":"<script>","density":3,"muted":"x","lastVisitAt":"soon"}'])('%s in the storage is no preference', (text) => {
  expect(readPreferences(text)).toEqual(defaults);
});

test('what was chosen is read, and what is not a choice beside it is not', () => {
  expect(readPreferences('{"theme":"dark","density":"huge","singleKeys":false,"muted":["a",1]}')).toEqual({ ...defaults, theme: 'dark', singleKeys: false, muted: ['a'] });
});
