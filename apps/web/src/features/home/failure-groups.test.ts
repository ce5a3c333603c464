import { expect, test } from 'vitest';
import { failureGroups } from './failure-groups.ts';
import type { FailedRun } from './failure-groups.ts';

const run = (streamId: string, summary: string | null, lastEventAt = '2025-12-22T10:00:00Z', streamType = 'job'): FailedRun => ({ streamType, streamId, status: 'failed', title: null, lastEventAt, lastFailure: summary === null ? null : { type: `${streamType}.failed`, revision: 3, summary } });

test('runs that failed with the same words but for numbers, ids and paths are one group', () => {
  const groups = failureGroups([run('1', 'Timeout after 30 s reading /srv/a/b.json for 4fd2a1b0-aaaa-4bbb-8ccc-0123456789ab'), run('2', 'Timeout after 45 s reading /srv/c.d/e for 11111111-aaaa-4bbb-8ccc-0123456789ab', '2025-12-23T10:00:00Z')]);
  expect(groups).toHaveLength(1);
  expect(groups[0]).toMatchObject({ kind: 'job', type: 'job.failed', firstSeen: '2025-12-22T10:00:00Z', lastSeen: '2025-12-23T10:00:00Z' });
  expect(groups[0]!.runs.map(({ streamId }) => streamId)).toEqual(['2', '1']);
});

test('another kind of run, or other words, is another group, the newest first', () => {
  const groups = failureGroups([run('1', 'Disk full'), run('2', 'No route', '2025-12-24T10:00:00Z'), run('3', 'Disk full', '2025-12-22T10:00:00Z', 'workflow')]);
  expect(groups.map(({ says, kind }) => [says, kind])).toEqual([['No route', 'job'], ['Disk full', 'job'], ['Disk full', 'workflow']]);
});

test('a run that says nothing about its failure is shown all the same', () => {
  expect(failureGroups([run('1', null)])[0]).toMatchObject({ says: 'failed', type: null });
});
