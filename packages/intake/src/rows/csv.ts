/**
 * CSV as records: RFC 4180, with what producers add to it: a BOM, bare newlines as line ends, blank lines. The first row names
 * the columns; every value is text. A row may hold newlines inside quotes, so rows are cut at newlines outside of them, across
 * any chunk border; memory holds one chunk and one row. What is no row is a reject with its line, and the rest is read.
 */
import { decodeUtf8, defaultLimits } from '@refold/core';
import { copied, joined } from '../pieces.ts';
import type { ReadOptions, SourceRecord } from '../reader.ts';
import { addReject } from '../report.ts';
import type { SourceFile } from '../source.ts';

interface CsvRow {
  /** Line of its first byte, 1-based. */
  readonly line: number;
  readonly byte: number;
  /** Without the line end; null when the row is longer than the limit. */
  readonly bytes: Uint8Array | null;
  /** The file ends inside a quoted value. */
  readonly isOpen: boolean;
}

const [newline, carriageReturn, quote] = [0x0a, 0x0d, 0x22];

export async function* readCsvRows(file: SourceFile, { report, identity, lineBytesMax = defaultLimits.lineBytesMax }: ReadOptions): AsyncGenerator<SourceRecord> {
  let columns: readonly string[] | null = null;
  for await (const { line, byte, bytes, isOpen } of cutRows(file.open(), lineBytesMax)) {
    const position = { file: file.name, line, byte };
    const fields = bytes === null || isOpen ? null : fieldsOf(byte === 0 ? withoutBom(bytes) : bytes);
    if (bytes?.length === 0) report.blankLines++;
    else if (bytes === null) addReject(report, { ...position, code: 'TOO_LARGE', reason: `row of more than ${lineBytesMax} bytes` });
    else if (fields === null) addReject(report, { ...position, code: 'BAD_REQUEST', reason: isOpen ? 'quote_never_closed' : 'quoting' });
    else if (fields === 'bad_utf8') addReject(report, { ...position, code: 'BAD_UTF8', reason: 'bytes' });
    else if (columns === null) columns = columnNames(fields);
    else if (fields.length !== columns.length) addReject(report, { ...position, code: 'BAD_REQUEST', reason: `${fields.length} values for ${columns.length} columns` });
    else {
      report.recordsRead++;
      yield { ...position, value: rowOf(columns, fields), sha256: identity.digestOf(bytes), sanitized: false };
    }
  }
}

/** True for a header of column names and a row as wide as it. */
export function looksLikeCsv(head: Uint8Array): boolean {
  const ends = rowEnds(head);
  if (ends[0] === undefined) return false;
  const [first, second] = [withoutBom(head.subarray(0, ends[0])), head.subarray(ends[0] + 1, ends[1] ?? head.length)].map((row) => fieldsOf(trimmed(row)));
  if (!Array.isArray(first) || !Array.isArray(second) || first.length < 2) return false;
  const areNames = first.every((name) => /^[\p{L}_][\p{L}\p{N} _.:/-]{0,63}$/u.test(name)) && new Set(first).size === first.length;
  // A row that the first bytes cut off shows only some of its values.
  return areNames && (ends[1] === undefined ? second.length <= first.length && second.length > 1 : second.length === first.length);
}

async function* cutRows(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, rowBytesMax: number): AsyncGenerator<CsvRow> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let [line, nextLine] = [1, 1];
  let [start, offset] = [0, 0];
  let isQuoted = false;

  const keep = (piece: Uint8Array): void => {
    length += piece.length;
    // Beyond the limit only the length is kept, so that a quote that is never closed costs no memory.
    if (length > rowBytesMax) pieces = [];
    else pieces.push(piece);
  };
  const finish = (isOpen: boolean): CsvRow => {
    const row = { line, byte: start, bytes: length > rowBytesMax ? null : trimmed(joined(pieces, length)), isOpen };
    pieces = [];
    length = 0;
    return row;
  };

  for await (const chunk of chunks) {
    let from = 0;
    let scanned = 0;
    for (;;) {
      const found = chunk.indexOf(newline, scanned);
      const end = found === -1 ? chunk.length : found;
      // A doubled quote inside a value closes and opens it again: only whether the count is odd matters.
      for (let at = chunk.indexOf(quote, scanned); at !== -1 && at < end; at = chunk.indexOf(quote, at + 1)) isQuoted = !isQuoted;
      if (found === -1) break;
      scanned = found + 1;
      nextLine++;
      if (isQuoted) continue;
      keep(chunk.subarray(from, found));
      yield finish(false);
      from = scanned;
      line = nextLine;
      start = offset + from;
    }
    keep(copied(chunk.subarray(from)));
    offset += chunk.length;
  }
  if (length > 0) yield finish(isQuoted);
}

/** Offsets of the first two newlines outside of quotes. */
function rowEnds(head: Uint8Array): readonly number[] {
  const ends: number[] = [];
  let isQuoted = false;
  for (let at = 0; at < head.length && ends.length < 2; at++) {
    if (head[at] === quote) isQuoted = !isQuoted;
    else if (head[at] === newline && !isQuoted) ends.push(at);
  }
  return ends;
}

/** The values of a row; null when its quotes are not those of RFC 4180. */
function fieldsOf(bytes: Uint8Array): readonly string[] | 'bad_utf8' | null {
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    return 'bad_utf8';
  }
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? endOfQuoted(text, at) : endOfPlain(text, at);
    if (end === -1 || (end < text.length && text[end] !== ',')) return null;
    fields.push(isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    if (end === text.length) return fields;
    at = end;
  }
}

/** Place behind the quote that closes the one at `open`; -1 when none does. */
function endOfQuoted(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at + 1;
  return -1;
}

function endOfPlain(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  return comma === -1 ? text.length : comma;
}

/** A column without a name, or with one that was there before, is named by its place. */
function columnNames(fields: readonly string[]): readonly string[] {
  return fields.map((name, index) => (name === '' || fields.indexOf(name) < index ? `${name}#${index + 1}` : name));
}

function rowOf(columns: readonly string[], fields: readonly string[]): { readonly [column: string]: string } {
  // Own properties, whatever a column is called.
  return Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']));
}

const withoutBom = (row: Uint8Array): Uint8Array => (row[0] === 0xef && row[1] === 0xbb && row[2] === 0xbf ? row.subarray(3) : row);

const trimmed = (row: Uint8Array): Uint8Array => (row.at(-1) === carriageReturn ? row.subarray(0, -1) : row);
