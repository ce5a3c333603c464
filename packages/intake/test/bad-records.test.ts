/** Bad records among good ones, into a real log: each is named by file, line and byte, and the rest is imported (bad-inputs D and K). */
import { spawnSync } from 'node:child_process';
import { createDialects } from '@refold/catalog';
import { defaultLimits } from '@refold/core';
import { nodeArguments } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { translateClaudeCode } from '../src/claude-code/translate.ts';
import { createDialectTranslator } from '../src/dialects/translate.ts';
import { importCommits } from '../src/import.ts';
import { readRecords } from '../src/reader.ts';
import type { SourceFile, Translator } from '../src/source.ts';
import { createIdentity } from '../src/identity.ts';
import { createReport } from '../src/report.ts';
import { contextOf, fileOf } from './import-file.ts';
import { eventsOf, idOf, openTestLog, registry } from './open-log.ts';

type Line = (number: number, extra?: object) => string;
const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const at = (number: number): string => `2026-02-01T10:0${number}:00.000Z`;

const producers: readonly (readonly [name: string, translate: Translator, line: Line])[] = [
  ['claude-code', translateClaudeCode, (number, extra = {}) => JSON.stringify({ type: 'user', uuid: `u${number}`, parentUuid: null, sessionId: 's1', timestamp: at(number), message: { role: 'user', content: `line ${number}` }, ...extra })],
  [
    'jira',
    createDialectTranslator(createDialects(registry)),
    (number, extra = {}) =>
      JSON.stringify({
        event_id: uuid(number), event_type: 'GapIdentified', event_version: '1.0.0', timestamp: at(number), event_sequence: number, issue_key: 'PROJ-1', session_id: 'run-a', correlation_id: 'c1', causation_id: null,
        actor: { type: 'system', id: 'orchestrator' }, metadata: { gap_id: `g${number}`, description: 'x' }, ...extra,
      }),
  ],
];

async function importInto(translate: Translator, content: string | Uint8Array) {
  const log = await openTestLog();
  const context = contextOf();
  const result = await importCommits(log, translate([fileOf('dir/f.jsonl', content)], context), { idOf });
  return { log, result, report: context.report, events: await eventsOf(log) };
}

const bytesOf = (...parts: readonly (string | readonly number[])[]): Uint8Array => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe.each(producers)('lines of %s', (_name, translate, line) => {
  const bad: readonly (readonly [row: string, what: string, line: Uint8Array, code: string, reason: string, byte: number | null])[] = [
    ['bad-input D9', 'a raw carriage return in a string', bytesOf('{"a":"x\ry"}'), 'BAD_JSON', 'syntax', 7],
    ['bad-input D11', 'bytes that are not UTF-8', bytesOf('{"a":"x', [0xc3, 0x28], '"}'), 'BAD_UTF8', 'invalid', 7],
    ['bad-input D17', '100,000 levels', bytesOf('['.repeat(100_000)), 'BAD_JSON', 'depth', null],
    ['bad-input D17', 'the key __proto__', bytesOf('{"a":{"__proto__":{"x":1}}}'), 'BAD_JSON', 'forbidden_key', null],
    ['bad-input K10', 'cut JSON', bytesOf('{"a":'), 'BAD_JSON', 'syntax', 5],
    ['bad-input K10', 'garbage', bytesOf('not json at all'), 'BAD_JSON', 'syntax', 0],
    ['bad-input K10', 'a duplicate key', bytesOf('{"a":1,"\\u0061":2}'), 'BAD_JSON', 'duplicate_key', null],
    ['bad-input K10', 'a number', bytesOf('42'), 'BAD_JSON', 'not_an_object', 0],
  ];
  test.each(bad)('%s: %s is a reject with file, line and byte; the rest is imported', async (_row, _what, text, code, reason, byte) => {
    const before = `${line(1)}\n${line(2)}\n`;
    const { result, report, events } = await importInto(translate, bytesOf(before, [...text], `\n${line(3)}\n`));
    const good = await importInto(translate, `${before}${line(3)}\n`);
    expect(report.rejects).toEqual([expect.objectContaining({ file: 'dir/f.jsonl', line: 3, code, reason, byte: byte === null ? expect.any(Number) : before.length + byte })]);
    expect(report.rejects[0]!.byte).toBeGreaterThanOrEqual(before.length);
    expect([result.new, result.refused]).toEqual([3, []]);
    expect(events.map(({ type, data }) => [type, data])).toEqual(good.events.map(({ type, data }) => [type, data]));
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('bad-input K7: the same records again, and again in reverse, are already present; nothing moves', async () => {
    const { log, result } = await importInto(translate, `${line(1)}\n${line(2)}\n${line(3)}\n`);
    expect(result.new).toBe(3);
    const head = (await log.head()).position;
    for (const order of [[1, 2, 3], [3, 2, 1], [2, 2, 2]]) {
      const again = await importCommits(log, translate([fileOf('dir/f.jsonl', order.map((number) => `${line(number)}\n`).join(''))], contextOf()), { idOf });
      expect([again.new, again.refused, (await log.head()).position]).toEqual([0, [], head]);
    }
  });

  test.each([
    ['1970', '1970-01-01T00:00:05Z', '1970-01-01T00:00:05.000Z', { oddClock: true }],
    ['2100', '2100-01-01T00:00:00Z', '2100-01-01T00:00:00.000Z', { oddClock: true }],
    ['no zone', '2026-02-01T10:01:00', '2026-02-01T10:01:00.000Z', { zoneAssumed: true }],
  ])('bad-input K8: a clock in %s is kept as occurredAt and flagged; recordedAt is the log\'s own', async (_what, timestamp, occurredAt, flags) => {
    const { events, result } = await importInto(translate, `${line(1, { timestamp })}\n`);
    expect(result.refused).toEqual([]);
    expect(events[0]).toMatchObject({ occurredAt, metadata: flags });
    for (const { recordedAt } of events) expect(recordedAt.slice(0, 10)).toBe('2026-11-20');
  });

  test('bad-input K8: without a time the time of import stands in, marked', async () => {
    const { events } = await importInto(translate, `${line(1, { timestamp: undefined })}\n`);
    expect(events[0]).toMatchObject({ occurredAt: expect.stringMatching(/^2026-11-20/) as string, metadata: { timeUnknown: true } });
  });

  test('bad-input K9: an unknown field is kept, and found in what was stored', async () => {
    const { events, result } = await importInto(translate, `${line(1, { somethingNew: { deep: [1, { x: null }] } })}\n`);
    expect(result.refused).toEqual([]);
    expect(JSON.stringify(events)).toContain('"somethingNew":{"deep":[1,{"x":null}]}');
  });
});

test('bad-input K9: an unknown type of record is kept as it is, and counted', async () => {
  const [, claude, claudeLine] = producers[0]!;
  const odd = claudeLine(1, { type: 'telepathy', thought: 'x' });
  const first = await importInto(claude, `${odd}\n`);
  expect(first.events.map(({ data }) => data['raw'])).toContainEqual(JSON.parse(odd));
  expect(Object.values(first.report.keptByType)).toEqual([1]);
  const [, jira, jiraLine] = producers[1]!;
  const second = await importInto(jira, `${jiraLine(1, { event_type: 'MindRead' })}\n`);
  expect(second.events[0]).toMatchObject({ data: { gap_id: 'g1' }, metadata: { violations: ['UNKNOWN_TYPE'] } });
});

describe('very many bytes', () => {
  const identity = createIdentity(contextOf().hasher);
  async function read(file: SourceFile) {
    const report = createReport();
    const values: unknown[] = [];
    for await (const { value } of readRecords(file, { report, identity })) values.push(value);
    return { values, report };
  }

  test('bad-input D15: a line of 1 GB is TOO_LARGE line, and is never held', () => {
    const child = spawnSync(process.execPath, ['--expose-gc', ...nodeArguments(new URL('./huge-line-child.ts', import.meta.url))], { encoding: 'utf8', timeout: 120_000 });
    expect([child.status, child.stderr]).toEqual([0, '']);
    const { values, rejects, heldBytesMax } = JSON.parse(child.stdout);
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(rejects).toMatchObject([{ file: 'f', line: 2, byte: 8, code: 'TOO_LARGE', reason: 'line' }]);
    // All pieces up to the limit of a line are held, with the one that goes beyond it; and some room for the process itself.
    expect(heldBytesMax).toBeGreaterThanOrEqual(defaultLimits.lineBytesMax);
    expect(heldBytesMax).toBeLessThan(defaultLimits.lineBytesMax + 16 * 1_048_576);
  }, 120_000);

  test('bad-input D16: a million blank lines are skipped and counted', async () => {
    const { values, report } = await read(fileOf('f', `${'\n'.repeat(1_000_000)}{"a":1}\n`));
    expect(values).toEqual([{ a: 1 }]);
    expect([report.blankLines, report.rejectCount]).toEqual([1_000_000, 0]);
  });

  test('bad-input D11: a character across the border of two reads of 64 KiB is whole', async () => {
    for (let before = 65_530; before <= 65_536; before++) {
      const text = `${'x'.repeat(before - '{"a":"'.length)}😀é`;
      expect((await read(fileOf('f', `{"a":"${text}"}\n`))).values).toEqual([{ a: text }]);
    }
  });

  test('bad-input D10: U+2028 and U+2029 end no line', async () => {
    expect((await read(fileOf('f', '{"a":"x\u2028y"}\n{"a":"x\u2029y"}\n'))).values).toEqual([{ a: 'x\u2028y' }, { a: 'x\u2029y' }]);
  });
});
