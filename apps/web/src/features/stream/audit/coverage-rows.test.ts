import { expect, test } from 'vitest';
import { gapRowsOf } from './coverage-rows.ts';

test('each kind of gap that there is has one row with its events', () => {
  const rows = gapRowsOf({
    startsWithoutEnd: { count: 2, items: [{ revision: 48, type: 'git.pr_created', entityType: 'pull_request', entityId: '481', detail: 'no end was seen' }] },
    missingCauses: { count: 0, items: [] },
    clock: { backwards: { count: 3, items: [] }, ahead: { count: 0, items: [] } },
    agentsNotIntroduced: ['planner'],
    anomalies: { ILLEGAL_TRANSITION: 4 },
    erased: 0,
  });
  expect(rows.map(({ kind, count }) => [kind, count])).toEqual([['startsWithoutEnd', 2], ['clockBackwards', 3], ['agentsNotIntroduced', 1], ['anomalies', 4]]);
  expect(rows[0]!.items).toEqual([{ revision: 48, type: 'git.pr_created', detail: 'pull_request 481: no end was seen' }]);
});

test.each([{}, { clock: null, anomalies: [], startsWithoutEnd: 'many', agentsNotIntroduced: 7 }])('a report in another form has no rows: %j', (report) => {
  expect(gapRowsOf(report)).toEqual([]);
});
