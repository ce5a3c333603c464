/** Bytes into records: lines, glued values, torn ends, what is refused and where. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextOf, fileOf, reusingFile } from '../test/import-file.ts';
import { createIdentity } from './identity.ts';
import { looksLikeDocument, readHead, readLines, readRecords, readRecordsOrDocument } from './reader.ts';
import type { Line, SourceRecord } from './reader.ts';
import { createReport } from './report.ts';
import type { SourceFile } from './source.ts';

const identity = createIdentity(contextOf().hasher);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const encoded = (value: string): Uint8Array => new TextEncoder().encode(value);

async function read(file: SourceFile, lineBytesMax?: number) {
  const report = createReport();
  const records: SourceRecord[] = [];
  for await (const record of readRecords(file, { report, identity, ...(lineBytesMax === undefined ? {} : { lineBytesMax }) })) records.push(record);
  return { records, report, values: records.map(({ value }) => value) };
}

async function linesOf(chunks: Iterable<Uint8Array>): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const batch of readLines(chunks)) lines.push(...batch);
  return lines;
}

describe('lines', () => {
  test('are the same wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }).map((line) => line.replaceAll(/[\n\r\ufeff]/g, '')), { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), async (lines, chunkBytes, ended) => {
        const content = lines.join('\n') + (ended && lines.length > 0 ? '\n' : '');
        const whole = await linesOf([encoded(content)]);
        const cut = await linesOf(fileOf('f', content, chunkBytes).open() as Iterable<Uint8Array>);
        expect(cut).toEqual(whole);
        const expected = content.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(whole.map((line) => text(line.bytes!))).toEqual(expected);
      }),
    );
  });

  test('are whole when the source reads every chunk into the same memory', async () => {
    const content = '{"a":"the first line"}\n{"a":"the second"}';
    const file = reusingFile('f', content, 4);
    expect((await read(file)).values).toEqual([{ a: 'the first line' }, { a: 'the second' }]);
    expect(text(await readHead(file))).toBe(content);
  });

  test('are cut at the line feed only: U+2028 stays inside a string (bad-input D10)', async () => {
    const { values, report } = await read(fileOf('f', '{"a":"x\u2028y"}\n{"a":"\u0085"}\n', 5));
    expect(values).toEqual([{ a: 'x\u2028y' }, { a: '\u0085' }]);
    expect(report.rejectCount).toBe(0);
  });

  test('may end with CRLF, and one byte order mark may stand before the first', async () => {
    const { values } = await read(fileOf('f', '\ufeff{"a":1}\r\n{"a":2}\r\n'));
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('that are blank are skipped and counted (bad-input D16)', async () => {
    const { values, report } = await read(fileOf('f', `${'\n'.repeat(1_000)}  \r\n{"a":1}\n\n`));
    expect(values).toEqual([{ a: 1 }]);
    expect(report.blankLines).toBe(1_002);
  });

  test('longer than the limit are refused without being held (bad-input D15)', async () => {
    const piece = new Uint8Array(1_024).fill(0x61);
    let pieces = 0;
    const endless: SourceFile = {
      name: 'f',
      *open() {
        yield encoded('{"a":1}\n');
        for (; pieces < 4_096; pieces++) yield piece;
        yield encoded('\n{"a":2}\n');
      },
    };
    const { values, report } = await read(endless, 2_048);
    expect(pieces).toBe(4_096);
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(report.rejects).toEqual([{ file: 'f', line: 2, byte: 8, code: 'TOO_LARGE', reason: 'line', limit: 2_048 }]);
  });

  test('of exactly the limit are read, one byte more is refused', async () => {
    const line = '{"a":"xxxxxx"}';
    expect((await read(fileOf('f', `${line}\n`), line.length)).values).toHaveLength(1);
    expect((await read(fileOf('f', `${line}\n`), line.length - 1)).report.rejects[0]!.code).toBe('TOO_LARGE');
  });
});

describe('values', () => {
  test('two on one line are both taken, and the line is reported', async () => {
    const { values, records, report } = await read(fileOf('f', '{"a":1}\n{"b":"}{"}{"c":[{}]}\n'));
    expect(values).toEqual([{ a: 1 }, { b: '}{' }, { c: [{}] }]);
    expect(records.map(({ line, byte }) => [line, byte])).toEqual([
      [1, 0],
      [2, 8],
      [2, 18],
    ]);
    expect(report.gluedLines).toEqual([{ file: 'f', line: 2, byte: 8 }]);
    expect(new Set(records.map(({ sha256 }) => sha256)).size).toBe(3);
  });

  test('a good value glued to a broken one is taken; the broken one is a reject with its byte', async () => {
    const { values, report } = await read(fileOf('f', '{"a":1}{"b":\n{"c":3}\n'));
    expect(values).toEqual([{ a: 1 }, { c: 3 }]);
    expect(report.rejects).toEqual([{ file: 'f', line: 1, byte: 12, code: 'BAD_JSON', reason: 'syntax' }]);
  });

  test('numbers beyond a double become text digit for digit (bad-input K5)', async () => {
    const { values } = await read(fileOf('f', '{"nanos":1763632800123456789,"small":-5,"text":"1763632800123456789"}\n'));
    expect(values).toEqual([{ nanos: '1763632800123456789', small: -5, text: '1763632800123456789' }]);
  });

  test('a lone surrogate is replaced, and the record says so', async () => {
    const { values, records, report } = await read(fileOf('f', '{"a":"\\ud800x"}\n{"a":"\\ud83d\\ude00"}\n'));
    expect(values).toEqual([{ a: '\ufffdx' }, { a: '😀' }]);
    expect(records.map(({ sanitized }) => sanitized)).toEqual([true, false]);
    expect(report.sanitizedRecords).toBe(1);
  });

  test.each([
    ['a number', '42', 'not_an_object'],
    ['a list', '[{"a":1}]', 'not_an_object'],
    ['cut JSON', '{"a":', 'syntax'],
    ['a duplicate key', '{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['the key __proto__ (bad-input D17)', '{"x":{"__proto__":1}}', 'forbidden_key'],
    ['100,000 levels (bad-input D17)', '['.repeat(100_000), 'depth'],
  ])('%s is a reject with file, line, byte; the rest is read (bad-input K10)', async (_, line, reason) => {
    const { values, report } = await read(fileOf('dir/f', `{"a":1}\n${line}\n{"a":2}\n`));
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(report.rejects).toMatchObject([{ file: 'dir/f', line: 2, reason }]);
    expect(report.rejects[0]!.byte).toBeGreaterThanOrEqual(8);
  });

  test('bytes that are not UTF-8 are named, never repaired', async () => {
    const { values, report } = await read(fileOf('f', Uint8Array.from([...encoded('{"a":1}\n{"a":"x'), 0xc3, 0x28, ...encoded('"}\n{"a":2}\n')])));
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(report.rejects).toMatchObject([{ line: 2, byte: 8 + 7, code: 'BAD_UTF8' }]);
  });

  test('a character across the border of two chunks is whole (bad-input D11)', async () => {
    expect((await read(fileOf('f', '{"a":"😀é"}\n', 1))).values).toEqual([{ a: '😀é' }]);
  });
});

describe('the last line', () => {
  test('without a newline is taken when it is whole', async () => {
    const { values, report } = await read(fileOf('f', '{"a":1}\n{"a":2}'));
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(report.unfinishedLines).toEqual([]);
  });

  test.each([['in the middle of a value', '{"a":"x'], ['in the middle of a character', '{"a":"\u00e9']])('that breaks off %s is left for the next run', async (_, end) => {
    const bytes = encoded(`{"a":1}\n${end}`);
    const { values, report } = await read(fileOf('f', end.endsWith('\u00e9') ? bytes.subarray(0, -1) : bytes));
    expect(values).toEqual([{ a: 1 }]);
    expect(report.unfinishedLines).toEqual([{ file: 'f', line: 2, byte: 8 }]);
    expect(report.rejectCount).toBe(0);
  });
});

describe('documents', () => {
  test.each([
    ['an array', '[{"a":1}, {"a":2}]', true],
    ['a pretty-printed object', '{\n  "a": 1\n}', true],
    ['a line of JSON', '{"a":1}\n{"a":2}\n', false],
    ['a wrapper around a list', '{"loglines": [{"type": "user"}]}', true],
  ])('%s is told from lines by its beginning', (_, content, expected) => {
    expect(looksLikeDocument(encoded(content))).toBe(expected);
  });

  test('is whole when the source reads every chunk into the same memory', async () => {
    const records: SourceRecord[] = [];
    for await (const record of readRecordsOrDocument(reusingFile('f', '[{"a":1},{"a":"two"}]', 4), { report: createReport(), identity })) records.push(record);
    expect(records.map(({ value }) => value)).toEqual([{ a: 1 }, { a: 'two' }]);
  });

  test('an array gives one record for each element', async () => {
    const report = createReport();
    const values: unknown[] = [];
    for await (const record of readRecordsOrDocument(fileOf('f', '[{"a":1},\n 7, {"a":2}]'), { report, identity })) values.push(record.value);
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(report.rejects).toMatchObject([{ line: 2, reason: 'not_an_object' }]);
  });
});
