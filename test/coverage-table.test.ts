import { describe, expect, test } from 'vitest';
import { badInputsTable, currentTables, requirementsTable, shownBadInputs, shownRequirements, staleTables, unknownIds } from '../scripts/coverage-table.mjs';

const rows = [
  { id: 'Y-001', document: '000', priority: 'must', text: 'first' },
  { id: 'Y-002', document: '000', priority: 'should', text: 'a | b' },
];
const badRows = [
  { id: 'Y1', surface: 'append', input: '<script>', answer: 'stored', status: '201' },
  { id: 'Y2', surface: 'append', input: 'x', answer: 'BAD_REQUEST', status: '400' },
  { id: 'Y3', surface: 'append', input: 'x', answer: 'BAD_REQUEST', status: '400' },
];

describe('The coverage tables', () => {
  test('are up to date (else: npm run coverage)', () => {
    expect(staleTables(currentTables())).toEqual([]);
  });

  test('know every row that a test names', () => {
    expect(currentTables().unknown).toEqual([]);
  });

  test('list a row with each test file that names it once', () => {
    const shown = shownRequirements(rows, [
      { path: 'packages/a/b.test.ts', texts: ['does it (Y-001)', 'Y-001 again'] },
      { path: 'packages/a/a.test.ts', texts: ['Y-001'] },
    ]);
    expect([...shown]).toEqual([['Y-001', ['packages/a/a.test.ts', 'packages/a/b.test.ts']]]);
    expect(requirementsTable(rows, shown)).toContain('| Y-001 | must | first | [a](../../packages/a/a.test.ts), [b](../../packages/a/b.test.ts) |');
    expect(requirementsTable(rows, shown)).toContain('Not shown\n\nY-002.');
  });

  test('take no issue key, longer number or unknown letter for a row', () => {
    const texts = ['PROY-001', 'Y-0012', 'Z-001', 'xY-001'];
    expect(shownRequirements(rows, [{ path: 'a.test.ts', texts }]).size).toBe(0);
  });

  test('report a row that does not exist', () => {
    const shown = shownRequirements(rows, [{ path: 'a.test.ts', texts: ['Y-003'] }]);
    expect(unknownIds(rows, shown)).toEqual(['Y-003 in a.test.ts']);
  });

  test('find bad inputs in lists and in tables of cases, and nowhere else', () => {
    const shown = shownBadInputs(badRows, [
      { path: 'a.test.ts', texts: ['refuses it (bad-inputs Y1, Y2 and Y3)'] },
      { path: 'b.test.ts', texts: ['bad-input', 'Y2', 'grid Y3'] },
      { path: 'c.test.ts', texts: ['Y1'] },
    ]);
    expect([...shown]).toEqual([['Y1', ['a.test.ts']], ['Y2', ['a.test.ts', 'b.test.ts']], ['Y3', ['a.test.ts']]]);
    expect(badInputsTable(badRows, shown)).toContain('| Y1 | append | &lt;script> | stored | 201 | [a](../../a.test.ts) |');
  });
});
