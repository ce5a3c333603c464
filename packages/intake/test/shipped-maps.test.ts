/**
 * The shipped maps (INTAKE.md section 17) over rows in the shapes of the real exports: a REST answer as JSON text in one column
 * of a CSV file.
 */
import { isLogError } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { readRowMap } from '../src/rows/read-row-map.ts';
import { shippedMaps } from '../src/rows/shipped-maps.ts';
import type { ShippedMapName } from '../src/rows/shipped-maps.ts';
import { createRowTranslator } from '../src/rows/translate.ts';
import { fileOf, translateAll } from './import-file.ts';
import type { Translation } from './import-file.ts';
import { importFiles, openTestLog, stateOf } from './open-log.ts';
import { compiledMap } from './row-language.ts';

const quoted = (value: Json): string => `"${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;

function csvFile(rows: readonly JsonObject[]): ReturnType<typeof fileOf> {
  const columns = Object.keys(rows[0] ?? {});
  return fileOf('export.csv', [columns.join(','), ...rows.map((row) => columns.map((column) => quoted(row[column]!)).join(','))].join('\r\n'));
}

const translatorOf = (map: ShippedMapName) => createRowTranslator(compiledMap(map), 'csv');
const translated = (map: ShippedMapName, rows: readonly JsonObject[]): Promise<Translation> => translateAll(translatorOf(map), [csvFile(rows)]);

test.each(Object.keys(shippedMaps) as ShippedMapName[])('%s compiles', (name) => {
  expect(compiledMap(name).isOrderedByTime).toBe(name.startsWith('devlake-'));
});

describe('devlake-jira-changelog', () => {
  const history = (id: string, created: string, items: readonly JsonObject[], issue = 13954): JsonObject => ({
    id: `20${id}`,
    data: { id, author: { accountId: 'a1', displayName: 'Mara' }, created, items: items.map((item) => ({ fieldtype: 'jira', from: null, to: null, ...item })) },
    url: `https://site.example/rest/api/3/issue/${issue}/changelog`,
    input: { issue_id: issue, update_time: '2021-03-28T08:08:12.741Z' },
  });
  const status = (fromString: string, to: string): JsonObject => ({ field: 'status', fromString, ['toString']: to });

  test('a history is a commit with an event for each item; newest first is turned, equal times go by number', async () => {
    const { commits, report } = await translated('devlake-jira-changelog', [
      history('100', '2021-03-05T10:14:45.316+0800', [status('开发中', '已完成')]),
      history('99', '2021-03-05T10:14:45.316+0800', [status('Open', '开发中')]),
      history('7', '2021-01-25T11:09:27.985+0800', [{ field: 'Sprint', fromString: '', ['toString']: 'S1' }, { field: 'Rank', fromString: null, ['toString']: 'Ranked lower' }]),
    ]);
    expect(commits.map(({ key, stream, events }) => [key, stream, events.map(({ type }) => type)])).toEqual([
      ['csv|export|site.example|13954|7', 'issue/13954', ['issue.field_changed', 'issue.field_changed']],
      ['csv|export|site.example|13954|99', 'issue/13954', ['jira.issue_transitioned']],
      ['csv|export|site.example|13954|100', 'issue/13954', ['jira.issue_transitioned']],
    ]);
    expect(commits[0]!.events[0]).toMatchObject({ occurredAt: '2021-01-25T03:09:27.985Z', actor: { type: 'user', id: 'Mara' }, data: { field: 'Sprint', before: '', after: 'S1' } });
    expect(commits[2]!.events[0]!.data).toEqual({ from_status: '开发中', to_status: '已完成', from: null, to: null });
    expect(report.rejectCount).toBe(0);
  });

  test('a history without toString is a reject: nothing is read through a prototype', async () => {
    const { commits, report } = await translated('devlake-jira-changelog', [history('1', '2021-01-25T11:09:27.985+0800', [{ field: 'status', fromString: 'Open' }])]);
    expect([commits.length, report.rejects.map(({ code }) => code)]).toEqual([0, ['BAD_EXPRESSION']]);
  });
});

describe('devlake-github-events', () => {
  const row = (id: string, event: string, more: JsonObject = {}): JsonObject => ({
    id,
    data: { id: 6774117135, event, created_at: '2022-06-09T01:42:11Z', actor: { login: 'mara' }, issue: { number: 228, repository_url: 'https://api.github.com/repos/panjf2000/ants' }, ...more },
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['closed', {}, { field: 'state', after: 'closed', event: 'closed' }],
    ['labeled', { label: { name: 'bug' } }, { field: 'label:bug', after: true, event: 'labeled' }],
    ['unlabeled', { label: { name: 'bug' } }, { field: 'label:bug', after: false, event: 'unlabeled' }],
    ['assigned', { assignee: { login: 'jo' } }, { field: 'assignee', after: 'jo', before: null, event: 'assigned' }],
    ['unassigned', { assignee: { login: 'jo' } }, { field: 'assignee', after: null, before: 'jo', event: 'unassigned' }],
    ['renamed', { rename: { from: 'a', to: 'b' } }, { field: 'title', before: 'a', after: 'b', event: 'renamed' }],
    ['milestoned', { milestone: { title: 'v1' } }, { field: 'milestone', after: 'v1', event: 'milestoned' }],
    ['locked', {}, { field: 'locked', after: true, event: 'locked' }],
  ])('%s changes a field of the issue', async (event, more, data) => {
    const { events } = await translated('devlake-github-events', [row('1', event, more)]);
    expect(events).toMatchObject([{ type: 'issue.field_changed', data, streamType: 'issue', streamId: 'panjf2000/ants#228', actor: { type: 'user', id: 'mara' } }]);
  });

  test('what changes no field is kept; nobody is the actor when nobody is named', async () => {
    const { events } = await translated('devlake-github-events', [row('1', 'head_ref_force_pushed', { actor: null })]);
    expect(events).toMatchObject([{ type: 'record.kept', data: { source_type: 'github:head_ref_force_pushed', reason: 'bookkeeping', raw: { id: 6774117135 } }, actor: { type: 'unknown' } }]);
  });

  test('the same event under two row numbers is one', async () => {
    const { commits, report } = await translated('devlake-github-events', [row('100', 'closed'), row('1', 'closed')]);
    expect([commits.length, report.recordsRead, report.repeats]).toEqual([1, 2, 1]);
  });
});

describe('checks', () => {
  const run = (id: number, status: string, conclusion: string | null): JsonObject => ({
    data: { id, name: 'CodeQL', run_attempt: 1, status, conclusion, head_sha: '06e6934', head_branch: 'main', html_url: 'https://example', created_at: '2022-09-03T05:15:09Z', updated_at: '2022-09-03T05:16:16Z', actor: { login: 'mara' }, repository: { full_name: 'panjf2000/ants' } },
  });
  const job = (id: number, status: string): JsonObject => ({
    data: { id, status, stage: 'test', name: 'format', ref: 'main', allow_failure: false, created_at: '2022-08-25T21:19:10.938Z', started_at: null, finished_at: '2022-08-25T23:00:08.594Z', user: { username: 'mara' }, commit: { id: '532f453a' }, web_url: `https://gitlab.example/group/sub/project/-/jobs/${id}` },
  });

  test('GitHub runs: the conclusion wins over the status, in either case; an end has a start', async () => {
    const rows = [run(1, 'completed', 'success'), run(2, 'SUCCESS', 'SUCCESS'), run(3, 'FAILURE', 'failure'), run(4, 'IN_PROGRESS', ''), run(5, 'in_progress', null), run(6, 'completed', 'skipped'), run(7, 'COMPLETED', 'timed_out')];
    const log = await openTestLog();
    expect(await importFiles(log, translatorOf('devlake-github-runs'), [csvFile(rows)])).toMatchObject({ new: 7, eventsWritten: 12, refused: [] });
    expect(await importFiles(log, translatorOf('devlake-github-runs'), [csvFile(rows)])).toMatchObject({ new: 0, alreadyPresent: 7 });
    const state = (await stateOf(log, 'repo/panjf2000/ants')) as unknown as { qualityChecks: Record<string, { status: string; passed: boolean | null }>; anomalies: unknown[] };
    expect(Object.fromEntries(Object.entries(state.qualityChecks).map(([id, { status, passed }]) => [id.replace('gh:workflow_run:', ''), [status, passed]]))).toEqual({
      '1#1': ['completed', true],
      '2#1': ['completed', true],
      '3#1': ['failed', false],
      '4#1': ['running', null],
      '5#1': ['running', null],
      '6#1': ['completed', true],
      '7#1': ['failed', false],
    });
    expect(state.anomalies).toEqual([]);
  });

  test('GitLab jobs: a finished one may never have started, a cancelled one did not pass', async () => {
    const rows = [job(1, 'failed'), job(2, 'success'), job(3, 'canceled'), job(4, 'manual')];
    const log = await openTestLog();
    expect(await importFiles(log, translatorOf('devlake-gitlab-jobs'), [csvFile(rows)])).toMatchObject({ new: 4, eventsWritten: 7, refused: [] });
    expect((await stateOf(log, 'repo/group/sub/project')) as unknown).toMatchObject({
      qualityChecks: { 'gl:job:1': { status: 'failed', passed: false, name: 'format' }, 'gl:job:2': { status: 'completed', passed: true }, 'gl:job:3': { status: 'completed', passed: false }, 'gl:job:4': { status: 'running' } },
      anomalies: [],
    });
  });
});

describe('event tables', () => {
  test('agent-lightning-events: JSON columns are read, short types get their family', async () => {
    const row = { event_id: 'e1', aggregate_type: 'task', aggregate_id: 'T-1', event_type: 'created', event_data: { task_code: 'T-1', title: 'Parse' }, metadata: {}, timestamp: '2026-01-01T00:00:00Z' };
    const { events } = await translated('agent-lightning-events', [row, { ...row, event_id: 'e2', event_type: 'task.completed', event_data: {} }]);
    expect(events).toMatchObject([
      { type: 'task.created', streamType: 'task', streamId: 'T-1', data: { title: 'Parse' }, occurredAt: '2026-01-01T00:00:00.000Z' },
      { type: 'task.completed' },
    ]);
  });

  test('orchestration-events: types lose their prefix', async () => {
    const row = { id: 'e1', event_type: 'orchestration.task.created', entity_type: 'task', entity_id: 'T-1', payload: { title: 'Parse' }, metadata: {}, emitted_at: '2026-01-01T00:00:00Z' };
    const { commits } = await translated('orchestration-events', [row]);
    expect(commits).toMatchObject([{ key: 'csv|export|e1', events: [{ type: 'task.created', streamId: 'T-1', data: { title: 'Parse' } }] }]);
  });
});

describe('a map from a file', () => {
  test.each<[string, Json, string, string]>([
    ['no object', ['a'], 'type', ''],
    ['an unknown key', { stream: "'a/b'", type: "'c.d'", keys: 'row.id' }, 'unknown_key', '/keys'],
    ['a number for an expression', { stream: 7, type: "'c.d'" }, 'type', '/stream'],
    ['no type', { stream: "'a/b'" }, 'missing', '/type'],
    ['an order that is none', { stream: "'a/b'", type: "'c.d'", order: 'up' }, 'type', '/order'],
    ['a start without data', { stream: "'a/b'", type: "'c.d'", start: { type: "'c.e'" } }, 'missing', '/start/data'],
  ])('%s is BAD_CONFIG with its pointer', (_, map, reason, pointer) => {
    let found: unknown;
    try {
      readRowMap(map);
    } catch (error) {
      found = isLogError(error) ? [error.code, error.details.reason, error.details.pointer] : error;
    }
    expect(found).toEqual(['BAD_CONFIG', reason, pointer]);
  });
});
