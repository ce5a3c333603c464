import { diff } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { shownValue, treeOf } from './state-tree.ts';

const before = { status: 'running', agents: { planner: { runs: 1, note: 'a' }, coder: { runs: 0 } }, files: [] as string[] };
const after = { status: 'failed', agents: { planner: { runs: 2, note: 'a' }, coder: { runs: 0 }, critic: { runs: 1 } }, files: [] as string[] };
const patches = diff(before, after);

describe('a state as a tree', () => {
  test('given a state, when nothing is open, then its top is shown, and a closed branch says how much changed inside', () => {
    const { rows, total } = treeOf(after, { open: new Set(), patches });
    expect(total).toBe(3);
    expect(rows.map(({ label, text, change, changesInside, before: was }) => [label, text, change, changesInside, was])).toEqual([
      ['status', 'failed', 'changed', 0, 'running'],
      ['agents', '3 fields', 'changed', 2, null],
      ['files', '[]', null, 0, null],
    ]);
  });

  test('given an open branch that came with the step, when it is shown, then all in it is marked as added', () => {
    const { rows } = treeOf(after, { open: new Set(['/agents', '/agents/critic']), patches });
    expect(rows.filter(({ change }) => change === 'added').map(({ path, depth }) => [path, depth])).toEqual([['/agents/critic', 1], ['/agents/critic/runs', 2]]);
  });

  test('given a range, when it is asked for, then only its rows are made and all are counted', () => {
    const state = { list: Array.from({ length: 5_000 }, (_, index) => index) };
    const { rows, total } = treeOf(state, { open: new Set(['/list']), patches: [], from: 4_000, to: 4_003 });
    expect([rows.map(({ path }) => path), total]).toEqual([['/list/3999', '/list/4000', '/list/4001'], 5_001]);
  });

  test('given a search, when it finds leaves by path or value, then they stand flat', () => {
    expect(treeOf(after, { open: new Set(), patches, search: 'RUNS' }).rows.map(({ label }) => label)).toEqual(['/agents/planner/runs', '/agents/coder/runs', '/agents/critic/runs']);
    expect(treeOf(after, { open: new Set(), patches, search: 'fail' }).rows.map(({ path }) => path)).toEqual(['/status']);
  });

  test('UI: a text of a megabyte and ten thousand levels are shown, bounded', () => {
    expect(shownValue('x'.repeat(1_048_576)).length).toBe(401);
    let deep: unknown = 'bottom';
    for (let level = 0; level < 10_000; level++) deep = { in: deep };
    const open = new Set(Array.from({ length: 300 }, (_, level) => '/in'.repeat(level + 1)));
    expect(treeOf(deep, { open, patches: [] }).total).toBe(201);
    expect(treeOf(deep, { open, patches: [], search: 'in' }).rows.length).toBe(1);
  });
});
