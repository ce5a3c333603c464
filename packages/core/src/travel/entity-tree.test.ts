import { describe, expect, it } from 'vitest';
import { relayRegistry, relayRun } from '../../test/relay.ts';
import type { RelaySteps } from '../../test/relay.ts';
import { createEntityTree } from './entity-tree.ts';

const treeOf = (steps: RelaySteps) => {
  const tree = createEntityTree(relayRegistry);
  const placed = relayRun('r', steps).map((event) => tree.place(event));
  return { tree, placed, paths: placed.map(({ node }) => node.path), nodes: [...tree.nodes()] };
};

describe('the tree of a run', () => {
  it('puts an entity inside the open one that its payload names, the newest of several', () => {
    const { paths, placed } = treeOf([
      ['relay.begun'],
      ['runner.off', { runner_id: 'anna' }],
      ['runner.off', { runner_id: 'bert', after: 'anna' }],
      ['tool.taken', { tool_id: 't', by: 'bert', for: 'anna' }],
      ['tool.returned', { tool_id: 't', by: 'bert' }],
      ['tool.taken', { tool_id: 'u', by: 'anna' }],
    ]);
    expect(paths).toEqual(['relay', 'relay > runner[1]', 'relay > runner[1] > runner[1]', 'relay > runner[1] > runner[1] > tool[1]', 'relay > runner[1] > runner[1] > tool[1]', 'relay > runner[1] > tool[1]']);
    expect(placed.slice(1).every(({ node }) => node.link === (node.parent?.parent === null && node.type === 'runner' ? 'stream' : 'reference'))).toBe(true);
  });

  it('puts it inside the open one that caused it, but never a call inside the call before it', () => {
    const { paths, placed } = treeOf([
      ['relay.begun'],
      ['runner.off', { runner_id: 'anna' }, { causedBy: 1 }],
      ['tool.taken', { tool_id: 't' }, { causedBy: 2 }],
      ['tool.taken', { tool_id: 'u' }, { causedBy: 3 }],
      ['score.counted', { points: 1 }, { causedBy: 4, entityType: 'score', entityId: 's' }],
    ]);
    expect(paths.slice(2)).toEqual(['relay > runner[1] > tool[1]', 'relay > runner[1] > tool[2]', 'relay > runner[1] > tool[2] > score[1]']);
    expect(placed.at(-1)!.node.link).toBe('cause');
  });

  it('puts nothing inside what has ended', () => {
    const { paths } = treeOf([['runner.off', { runner_id: 'anna' }], ['runner.home', { runner_id: 'anna' }, { causedBy: 1 }], ['tool.taken', { tool_id: 't', by: 'anna' }, { causedBy: 2 }]]);
    expect(paths.at(-1)).toBe('relay > tool[1]');
  });

  it('knows what began, ended and still stands, and an end that had no beginning', () => {
    const { placed, nodes } = treeOf([['runner.home', { runner_id: 'anna' }], ['tool.returned', { tool_id: 't' }], ['runner.off', { runner_id: 'bert' }], ['runner.fell', { runner_id: 'bert' }], ['tool.taken', { tool_id: 'u' }]]);
    expect(placed.map(({ mark, endsUnseen, hasMoved, status }) => [mark, endsUnseen, hasMoved, status])).toEqual([
      ['point', false, true, 'completed'],
      ['end', true, false, null],
      ['start', false, true, 'running'],
      ['end', false, true, 'failed'],
      ['start', false, false, null],
    ]);
    expect(nodes.filter(({ isOpen }) => isOpen).map(({ id }) => id)).toEqual(['u']);
    expect(nodes.find(({ id }) => id === 'bert')).toMatchObject({ status: 'failed', start: { revision: 3 }, first: { revision: 3 } });
    expect(nodes.find(({ id }) => id === 'anna')!.start).toBeNull();
  });

  it('keeps two entities of one id apart by their types', () => {
    const { tree, nodes } = treeOf([['runner.off', { runner_id: 'same' }], ['tool.taken', { tool_id: 'same' }]]);
    expect(nodes.map(({ type, id }) => `${type} ${id}`).toSorted()).toEqual(['relay r', 'runner same', 'tool same']);
    expect([tree.knows('same'), tree.knows('other')]).toEqual([true, false]);
  });
});
