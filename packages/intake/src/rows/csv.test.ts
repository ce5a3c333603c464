import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextOf, fileOf, reusingFile } from '../../test/import-file.ts';
import { createIdentity } from '../identity.ts';
import type { IntakeReport } from '../report.ts';
import type { SourceRecord } from '../reader.ts';
import type { SourceFile } from '../source.ts';
import { looksLikeCsv, readCsvRows } from './csv.ts';

async function read(content: string | Uint8Array | SourceFile, chunkBytes = 65_536, lineBytesMax = 1_000_000): Promise<{ readonly records: readonly SourceRecord[]; readonly rows: readonly unknown[]; readonly report: IntakeReport }> {
  const { report, hasher } = contextOf();
  const records: SourceRecord[] = [];
  const file = typeof content === 'object' && 'open' in content ? content : fileOf('f.csv', content, chunkBytes);
  for await (const record of readCsvRows(file, { report, identity: createIdentity(hasher), lineBytesMax })) records.push(record);
  return { records, rows: records.map(({ value }) => value), report };
}

describe('RFC 4180', () => {
  test.each<[string, string, unknown[]]>([
    ['plain values', 'a,b\r\n1,2\r\n3,4\r\n', [{ a: '1', b: '2' }, { a: '3', b: '4' }]],
    ['no line end after the last row', 'a,b\n1,2', [{ a: '1', b: '2' }]],
    ['quotes, commas and newlines inside quotes', 'a,b\n"x, ""y""","1\r\n2"\n', [{ a: 'x, "y"', b: '1\r\n2' }]],
    ['empty values', 'a,b,c\n,"",\n', [{ a: '', b: '', c: '' }]],
    ['a byte order mark before a quoted name', '\ufeff"a",b\n1,2\n', [{ a: '1', b: '2' }]],
    ['blank lines', 'a,b\n\n1,2\r\n\r\n', [{ a: '1', b: '2' }]],
    ['columns without a name, or with one that is taken', 'a,,a\n1,2,3\n', [{ a: '1', '#2': '2', 'a#3': '3' }]],
    ['a column with the name of a method', 'toString,constructor\n1,2\n', [{ toString: '1', constructor: '2' }]],
    ['only a header', 'a,b\n', []],
    ['nothing', '', []],
  ])('%s', async (_, text, rows) => {
    const found = await read(text);
    expect(found.rows.map((row) => Object.entries(row as object))).toEqual(rows.map((row) => Object.entries(row as object)));
    expect([found.report.recordsRead, found.report.rejectCount]).toEqual([rows.length, 0]);
  });

  test('what was written is read, wherever the chunks are cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '漢', ',', '"', '\n', '\r', ' '), maxLength: 6 });
    const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 8 }), fc.integer({ min: 1, max: 9 }), async (rows, chunkBytes) => {
        const text = ['a,b', ...rows.map((row) => row.map(quoted).join(','))].map((line) => `${line}\r\n`).join('');
        expect((await read(text, chunkBytes)).rows).toEqual(rows.map(([a, b]) => ({ a, b })));
      }),
    );
  });

  test('rows are whole when the source reads every chunk into the same memory', async () => {
    expect((await read(reusingFile('f.csv', 'first,second\n"1\n1",2\n3,4\n', 4))).rows).toEqual([{ first: '1\n1', second: '2' }, { first: '3', second: '4' }]);
  });

  test('a row is known by the line and byte on which it begins', async () => {
    const { records } = await read('a,b\n"1\n1",2\n3,4\n');
    expect(records.map(({ line, byte }) => [line, byte])).toEqual([[2, 4], [4, 12]]);
  });
});

describe('what is no row is a reject with its line; the rest is read (bad-input K10)', () => {
  test.each<[string, string | Uint8Array, [number, string, string]]>([
    ['too few values', 'a,b\n1\n3,4\n', [2, 'BAD_REQUEST', '1 values for 2 columns']],
    ['too many values', 'a,b\n1,2,3\n3,4\n', [2, 'BAD_REQUEST', '3 values for 2 columns']],
    ['text after a closing quote', 'a,b\n"1"x,2\n3,4\n', [2, 'BAD_REQUEST', 'quoting']],
    ['bytes that are not UTF-8', new Uint8Array([...new TextEncoder().encode('a,b\n'), 0xff, 0x2c, 0x31, ...new TextEncoder().encode('\n3,4\n')]), [2, 'BAD_UTF8', 'bytes']],
    ['a row beyond the limit', `a,b\n${'x'.repeat(60)},2\n3,4\n`, [2, 'TOO_LARGE', 'row of more than 50 bytes']],
  ])('%s', async (_, content, reject) => {
    const { rows, report } = await read(content, 7, 50);
    expect(rows).toEqual([{ a: '3', b: '4' }]);
    expect(report.rejects.map(({ line, code, reason }) => [line, code, reason])).toEqual([reject]);
  });

  test('a quote that is never closed', async () => {
    const { rows, report } = await read('a,b\n1,2\n"3,4\n5,6\n');
    expect(rows).toEqual([{ a: '1', b: '2' }]);
    expect(report.rejects.map(({ line, reason }) => [line, reason])).toEqual([[3, 'quote_never_closed']]);
  });
});

test.each<[string, boolean]>([
  ['id,created_at\n1,2\n', true],
  ['\ufeff"id","created at"\r\n"1,x","a\nb"\r\n', true],
  ['id,name\n1,a long value that the first bytes cut', true],
  ['id\n1\n', false],
  ['Dear all,\nhello\n', false],
  ['id,id\n1,2\n', false],
  ['{"a":1,"b":2}\n{"a":1,"b":2}\n', false],
  ['id,name\n', false],
  ['', false],
])('%j is taken for CSV: %s', (text, expected) => {
  expect(looksLikeCsv(new TextEncoder().encode(text))).toBe(expected);
});
