import { describe, expect, test } from 'vitest';
import { columnsOf, eventsOfMove } from './board-view.ts';
import type { WorkObject } from './board-view.ts';

const task = (streamId: string, fields: object): WorkObject => ({ streamType: 'task', streamId, revision: 1, state: { streamType: 'task', streamId, exists: true, revision: 1, status: 'pending', priority: null, progress: 0, assignee: null, blockers: [], ...fields } });

describe('the board', () => {
  test('has every column, the most urgent card first, and loses no task of an unknown status', () => {
    const found = columnsOf([task('b', { priority: 'P2' }), task('a', { priority: 'P2' }), task('c', { priority: 'P0' }), task('d', { status: 'frozen' }), task('e', { status: 'completed' })]);
    expect([...found.keys()]).toEqual(['pending', 'received', 'in_progress', 'blocked', 'failed', 'completed', 'cancelled']);
    expect(found.get('pending')!.map(({ streamId }) => streamId)).toEqual(['c', 'a', 'b', 'd']);
    expect(found.get('completed')!.map(({ streamId }) => streamId)).toEqual(['e']);
  });

  test('tells the events of a move before it is made: the status, and its companion when it is blocked (C-014)', () => {
    expect(eventsOfMove(task('a', {}), { status: 'in_progress' })).toEqual([{ type: 'task.status_changed', changes: [{ field: 'status', before: 'pending', after: 'in_progress' }] }]);
    expect(eventsOfMove(task('a', {}), { status: 'blocked' }).map(({ type }) => type)).toEqual(['task.status_changed', 'task.blocked']);
    expect(eventsOfMove(task('a', {}), { status: 'pending' })).toEqual([]);
  });
});
