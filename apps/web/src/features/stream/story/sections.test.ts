import { expect, test } from 'vitest';
import { sectionsOf } from './sections.ts';

const span = (from: number, to: number | null, label: string) => ({ from, to, label, status: null, at: '', until: null });
const lines = [1, 2, 3, 5, 8, 9].map((revision) => ({ revision }));
const told = (spans: Parameters<typeof sectionsOf>[1]) => sectionsOf(lines, spans).map((section) => [section.span?.label ?? null, section.lines.map(({ revision }) => revision)]);

test('lines stand under the phase they happened in, the others between', () => {
  expect(told([span(2, 3, 'EXPLORE'), span(8, null, 'CODE')])).toEqual([[null, [1]], ['EXPLORE', [2, 3]], [null, [5]], ['CODE', [8, 9]]]);
});

test('where phases overlap, the one that began last tells it', () => {
  expect(told([span(1, 9, 'A'), span(3, 5, 'B')])).toEqual([['A', [1, 2]], ['B', [3, 5]], ['A', [8, 9]]]);
});

test('a stream without phases is one section', () => {
  expect(told([])).toEqual([[null, [1, 2, 3, 5, 8, 9]]]);
});
