/** A body of JSON lines (one JSON value per line, LF after each), read strictly: what is wrong is told with the number of its line. */
import { LogError, parseStrictJson } from '@refold/core';
import type { Json, StrictJsonOptions } from '@refold/core';

export const ndjsonMediaType = 'application/x-ndjson';

/** The values of a body, and the lines that they stand in, counted from 1. */
export interface JsonLines {
  readonly values: readonly Json[];
  readonly lineNumbers: readonly number[];
}

/**
 * Reads a body whole. Blank lines are left out and counted. Lines end at byte 0x0A only: a line separator inside a string is data.
 *
 * @throws LogError BAD_JSON, BAD_UTF8, BAD_NUMBER, TOO_LARGE with `line`, and `byte` counted from the start of the body.
 */
export function parseJsonLines(bytes: Uint8Array, options: StrictJsonOptions): JsonLines {
  const values: Json[] = [];
  const lineNumbers: number[] = [];
  for (let [start, line] = [0, 1]; start < bytes.length; line++) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    const text = bytes.subarray(start, end);
    if (!text.every(isSpace)) {
      values.push(parseLine(text, { line, start }, options));
      lineNumbers.push(line);
    }
    start = end + 1;
  }
  return { values, lineNumbers };
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

function parseLine(text: Uint8Array, { line, start }: { readonly line: number; readonly start: number }, options: StrictJsonOptions): Json {
  try {
    return parseStrictJson(text, options);
  } catch (error) {
    const byte = error instanceof LogError ? error.details.byte : undefined;
    throw inLine(error, line, typeof byte === 'number' ? { byte: start + byte } : {});
  }
}

/** The same refusal, with the line it stands in. */
export function inLine(error: unknown, line: number, details: { readonly byte?: number } = {}): unknown {
  if (!(error instanceof LogError)) return error;
  return new LogError(error.code, `Line ${line}: ${error.message}`, { details: { ...error.details, ...details, line }, ...(error.hint === undefined ? {} : { hint: error.hint }), cause: error });
}
