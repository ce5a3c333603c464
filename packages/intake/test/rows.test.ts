/** Any JSON lines, without a map and with one (INTAKE.md section 17). */
import { parse } from '@marcbachmann/cel-js';
import { isLogError } from '@refold/core';
import type { Json } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { compileRowMap } from '../src/rows/row-map.ts';
import type { CompileExpression } from '../src/rows/row-map.ts';
import { createRowTranslator } from '../src/rows/translate.ts';
import { fileOf, linesFile, translateAll } from './import-file.ts';
import { importFiles, openTestLog, stateOf } from './open-log.ts';

/** CEL as the caller would hand it in; the values of these maps are texts, numbers and lists. */
const compile: CompileExpression = (source) => {
  const evaluate = parse(source);
  return (scope) => {
    const value: unknown = evaluate({ ...scope });
    return (typeof value === 'bigint' ? Number(value) : value) as Json;
  };
};

describe('without a map', () => {
  const plain = createRowTranslator(null);

  test('a row is one custom event named after its file, known by its line', async () => {
    const { commits, events } = await translateAll(plain, [linesFile('exports/My Rows.jsonl', [{ a: 1, created_at: '2026-01-01T00:00:00Z' }, { a: 1, created_at: '2026-01-01T00:00:00Z' }])]);
    expect(commits.map(({ key, stream }) => [key, stream])).toEqual([
      ['jsonl|exports/My Rows|#1', 'custom/my_rows'],
      ['jsonl|exports/My Rows|#2', 'custom/my_rows'],
    ]);
    expect(events[0]).toMatchObject({ type: 'custom.my_rows', data: { a: 1 }, occurredAt: '2026-01-01T00:00:00.000Z' });
  });

  test('a row without any time gets the time of import and its place among the rows', async () => {
    const { events } = await translateAll(plain, [linesFile('f.jsonl', [{ a: 1 }, { a: 2 }])]);
    expect(events.map(({ occurredAt, metadata }) => [occurredAt, metadata!.timeUnknown, metadata!.occurredNanos])).toEqual([
      ['2026-11-20T00:00:00.000Z', true, undefined],
      ['2026-11-20T00:00:00.000Z', true, 1],
    ]);
  });

  test('imported twice is written once', async () => {
    const log = await openTestLog();
    const file = linesFile('f.jsonl', [{ a: 1 }, { a: 2 }]);
    expect(await importFiles(log, plain, [file])).toMatchObject({ new: 2, refused: [] });
    expect(await importFiles(log, plain, [file])).toMatchObject({ new: 0, alreadyPresent: 2 });
  });
});

describe('with a map', () => {
  const tasks = createRowTranslator(
    compileRowMap(
      {
        stream: "'task/' + row.code",
        type: "row.kind == 'done' ? 'task.completed' : 'task.created'",
        at: 'row.updated_at',
        key: 'row.id',
        when: "row.kind != 'noise'",
        data: { task_code: '${row.code}', title: 'Task ${row.code}: ${row.title}', nested: { list: ['${row.size}', 'plain'] } },
      },
      compile,
    ),
  );

  test('rows become the events that the map says', async () => {
    const rows = [
      { id: 'r1', kind: 'new', code: 'T-1', title: 'Parse', size: 3, updated_at: '2026-01-01T00:00:00Z' },
      { id: 'r2', kind: 'noise', code: 'T-1', title: '', size: 0, updated_at: '2026-01-01T00:00:01Z' },
      { id: 'r3', kind: 'done', code: 'T-1', title: 'Parse', size: 3, updated_at: '2026-01-01T00:00:02Z' },
    ];
    const { commits, events } = await translateAll(tasks, [linesFile('f.jsonl', rows)]);
    expect(commits.map(({ key, stream }) => [key, stream])).toEqual([
      ['jsonl|f|r1', 'task/T-1'],
      ['jsonl|f|r3', 'task/T-1'],
    ]);
    expect(events[0]!.data).toEqual({ task_code: 'T-1', title: 'Task T-1: Parse', nested: { list: [3, 'plain'] } });
    const log = await openTestLog();
    await importFiles(log, tasks, [linesFile('f.jsonl', rows)]);
    expect((await stateOf(log, 'task/T-1')) as unknown).toMatchObject({ status: 'completed' });
  });

  test('the same key with other content is another record', async () => {
    const row = { id: 'r1', kind: 'new', code: 'T-1', title: 'a', size: 1, updated_at: '2026-01-01T00:00:00Z' };
    const { commits, report } = await translateAll(tasks, [linesFile('f.jsonl', [row, { ...row, title: 'b' }, row])]);
    expect(commits.map(({ key }) => key)).toEqual(['jsonl|f|r1', 'jsonl|f|r1~2']);
    expect([report.repeats, report.duplicatesWithOtherContent.length]).toEqual([1, 1]);
  });

  test('a split row gives one event for each item, in one commit', async () => {
    const split = createRowTranslator(compileRowMap({ stream: "'issue/' + row.key", type: "'issue.field_changed'", split: 'row.items', json: ['items'], data: { field: '${item.field}', after: '${item.to}', place: '${index}' } }, compile));
    const { commits } = await translateAll(split, [linesFile('f.jsonl', [{ key: 'P-1', items: '[{"field":"status","to":"Done"},{"field":"assignee","to":"mara"}]' }])]);
    expect(commits).toHaveLength(1);
    expect(commits[0]!.events.map(({ data }) => data)).toEqual([
      { field: 'status', after: 'Done', place: 0 },
      { field: 'assignee', after: 'mara', place: 1 },
    ]);
    expect(new Set(commits[0]!.events.map(({ id }) => id)).size).toBe(2);
  });

  test('a row with more items than a commit holds is several commits, the same ones each time', async () => {
    const split = createRowTranslator(compileRowMap({ stream: "'list/' + row.key", type: "'custom.item'", split: 'row.items', data: { value: '${item}' } }, compile));
    const file = linesFile('f.jsonl', [{ key: 'L', items: Array.from({ length: 1_201 }, (_, index) => index) }]);
    const { commits } = await translateAll(split, [file]);
    expect(commits.map(({ events }) => events.length)).toEqual([500, 500, 201]);
    const log = await openTestLog();
    expect(await importFiles(log, split, [file])).toMatchObject({ new: 3, eventsWritten: 1_201, refused: [] });
    expect((await importFiles(log, split, [file])).new).toBe(0);
  });

  test('a row that the map cannot read is a reject with its line; the rest is imported (bad-input K10)', async () => {
    const strict = createRowTranslator(compileRowMap({ stream: "'task/' + row.code", type: 'row.type', json: ['more'] }, compile));
    const { commits, report } = await translateAll(strict, [linesFile('f.jsonl', [{ code: 'a', type: 'task.created' }, { code: 'b', type: '' }, { code: 'c', type: 'task.created', more: '{bad' }, { code: 'd', type: 'task.created', more: '{"x":1}' }])]);
    expect(commits.map(({ stream }) => stream)).toEqual(['task/a', 'task/d']);
    expect(report.rejects.map(({ line, code, reason }) => [line, code, reason])).toEqual([
      [2, 'BAD_EXPRESSION', 'type'],
      [3, 'BAD_JSON', 'json_column'],
    ]);
    expect(commits[1]!.events[0]!.data).toMatchObject({ more: { x: 1 } });
  });

  test('a fault in the map is found before the first row', () => {
    let code: unknown;
    const failing: CompileExpression = (source) => {
      if (source.includes('((')) throw new SyntaxError('unbalanced');
      return compile(source);
    };
    try {
      compileRowMap({ stream: "'x/y'", type: '((' }, failing);
    } catch (error) {
      code = isLogError(error) ? error.code : (error as Error).message;
    }
    expect(code).toBe('unbalanced');
  });

  test('rows that a file holds twice on one line are both mapped', async () => {
    const row = (id: string) => JSON.stringify({ id, kind: 'new', code: id, title: 't', size: 1, updated_at: '2026-01-01T00:00:00Z' });
    const { commits } = await translateAll(tasks, [fileOf('f.jsonl', `${row('a')}${row('b')}\n`)]);
    expect(commits.map(({ stream }) => stream)).toEqual(['task/a', 'task/b']);
  });
});
