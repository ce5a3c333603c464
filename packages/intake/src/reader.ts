/**
 * Files as records. Lines are cut at byte 0x0A only (a `U+2028` inside a string is no line end), across any chunk border;
 * one BOM at the start and CRLF are tolerated; what is not a record is reported with file, line and byte, and the rest is
 * read. A last line without a newline is taken if it is whole, else left for the next run: its writer is still at it.
 * Memory holds one chunk and one line.
 */
import { LogError, defaultLimits, encodeUtf8, isLogError } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import type { Identity } from './identity.ts';
import { readDocumentValue, readLineValues } from './json-line.ts';
import type { LineValue } from './json-line.ts';
import { listIn, objectIn } from './json-shape.ts';
import { copied, joined } from './pieces.ts';
import { addReject, countIn } from './report.ts';
import type { IntakeReport } from './report.ts';
import type { SourcePosition } from './source-position.ts';
import type { SourceFile } from './source.ts';

export interface Line {
  /** 1-based. */
  readonly number: number;
  /** Offset of the first byte in the file. */
  readonly byte: number;
  /** Without the line end; null when the line is longer than the limit. */
  readonly bytes: Uint8Array | null;
  /** False for a last line that has no newline. */
  readonly isTerminated: boolean;
}

export interface SourceRecord extends SourcePosition {
  readonly value: JsonObject;
  /** Of exactly this record's bytes. */
  readonly sha256: string;
  readonly sanitized: boolean;
}

export interface ReadOptions {
  readonly report: IntakeReport;
  readonly identity: Pick<Identity, 'digestOf'>;
  readonly lineBytesMax?: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Every record of a file; what is none goes to the report. */
export async function* readRecords(file: SourceFile, { report, identity, lineBytesMax = defaultLimits.lineBytesMax }: ReadOptions): AsyncGenerator<SourceRecord> {
  for await (const lines of readLines(file.open(), lineBytesMax))
    for (const line of lines) {
      const position = { file: file.name, line: line.number, byte: line.byte };
      const values = valuesOf(line, position, report, lineBytesMax);
      if (values.length > 1) report.gluedLines.push(position);
      for (const { value, bytes, byte, sanitized } of values) {
        const at = { ...position, byte: position.byte + byte };
        const record = objectIn(value);
        if (record === undefined) {
          addReject(report, { ...at, code: 'BAD_JSON', reason: 'not_an_object' });
          continue;
        }
        report.recordsRead++;
        countIn(report.recordsByFile, position.file);
        if (sanitized) report.sanitizedRecords++;
        yield { ...at, value: record, sha256: identity.digestOf(bytes), sanitized };
      }
    }
}

function valuesOf(line: Line, position: SourcePosition, report: IntakeReport, lineBytesMax: number): readonly LineValue[] {
  if (line.bytes === null) {
    addReject(report, { ...position, code: 'TOO_LARGE', reason: 'line', limit: lineBytesMax });
    return [];
  }
  if (isBlank(line.bytes)) {
    report.blankLines++;
    return [];
  }
  const { values, faults } = readLineValues(line.bytes);
  for (const { error, byte } of faults) {
    // A line that breaks off may be half written; its writer will end it. Bytes that break off in a character are the same.
    if (!line.isTerminated && (error.details.reason === 'syntax' || error.code === 'BAD_UTF8')) report.unfinishedLines.push(position);
    else addReject(report, { ...position, byte: position.byte + byte, code: error.code, reason: error.details.reason ?? error.message });
  }
  return values;
}

/**
 * Records of a file that may be one JSON document instead of lines: an object is one record, an array one for each element,
 * and `pick` may name the array inside the object. A record of a document has no line of its own; its index stands for it.
 */
export async function* readRecordsOrDocument(file: SourceFile, options: ReadOptions, pick: (document: JsonObject) => readonly Json[] = (document) => [document]): AsyncGenerator<SourceRecord> {
  if (!looksLikeDocument(await readHead(file, 4_096))) return yield* readRecords(file, options);
  const { report, identity } = options;
  const position = { file: file.name, line: 1, byte: 0 };
  const document = parsedDocument(await readDocument(file, documentBytesMax), position, report);
  const object = objectIn(document);
  const values = object === undefined ? (listIn(document) ?? []) : pick(object);
  for (const [index, value] of values.entries()) {
    const at = { ...position, line: index + 1 };
    const record = objectIn(value);
    if (record === undefined) addReject(report, { ...at, code: 'BAD_JSON', reason: 'not_an_object' });
    else {
      report.recordsRead++;
      countIn(report.recordsByFile, position.file);
      yield { ...at, value: record, sha256: identity.digestOf(encodeUtf8(JSON.stringify(record))), sanitized: false };
    }
  }
}

/** An array, an object that goes on in the next line, or one whose first key holds an array: none of these is a line of records. */
export const looksLikeDocument = (head: Uint8Array): boolean => /^\s*(?:\[|\{\s*\r?\n|\{\s*"[^"\\]*"\s*:\s*\[\s*\r?\n?\s*\{)/.test(new TextDecoder().decode(head));

/** A document must fit into memory. */
const documentBytesMax = 256 * 1_048_576;

function parsedDocument(bytes: Uint8Array, position: SourcePosition, report: IntakeReport): Json | undefined {
  try {
    return readDocumentValue(bytes);
  } catch (error) {
    if (!isLogError(error)) throw error;
    addReject(report, { ...position, byte: error.details.byte ?? 0, code: error.code, reason: error.details.reason ?? error.message });
    return undefined;
  }
}

/** Lines in batches, one batch per chunk: an await per line would cost more than the line. */
export async function* readLines(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, lineBytesMax: number = defaultLimits.lineBytesMax): AsyncGenerator<readonly Line[]> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  let start = 0;
  let offset = 0;

  const keep = (piece: Uint8Array): void => {
    length += piece.length;
    // Beyond the limit only the length is kept, so that a line of any size costs no memory.
    if (length > lineBytesMax + 1) pieces = [];
    else if (piece.length > 0) pieces.push(piece);
  };
  const finish = (isTerminated: boolean): Line => {
    const bytes = length > lineBytesMax + 1 ? null : withoutLineEnd(joined(pieces, length), number === 0);
    const line = { number: ++number, byte: start, bytes: bytes !== null && bytes.length > lineBytesMax ? null : bytes, isTerminated };
    pieces = [];
    length = 0;
    return line;
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline, from); at !== -1; at = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, at));
      lines.push(finish(true));
      from = at + 1;
      start = offset + from;
    }
    if (from < chunk.length) keep(copied(chunk.subarray(from)));
    offset += chunk.length;
    if (lines.length > 0) yield lines;
  }
  if (length > 0) yield [finish(false)];
}

/**
 * A whole file in one piece, for formats that are one JSON document.
 *
 * @throws LogError TOO_LARGE `document` beyond `bytesMax`.
 */
async function readDocument(file: SourceFile, bytesMax: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of file.open()) {
    length += chunk.length;
    if (length > bytesMax) throw new LogError('TOO_LARGE', `${file.name} is one JSON document of more than ${bytesMax} bytes.`, { details: { reason: 'document', limit: bytesMax }, hint: 'Export it as one record per line.' });
    pieces.push(copied(chunk));
  }
  return withoutLineEnd(joined(pieces, length), true);
}

/** The first bytes of a file, at least `length` when it has so many. */
export async function readHead(file: SourceFile, length = 65_536): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of file.open()) {
    pieces.push(copied(chunk));
    total += chunk.length;
    if (total >= length) break;
  }
  return joined(pieces, total);
}

function withoutLineEnd(bytes: Uint8Array, isFirst: boolean): Uint8Array {
  const hasBom = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.subarray(hasBom ? 3 : 0, bytes.at(-1) === carriageReturn ? -1 : bytes.length);
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === carriageReturn);
