/**
 * One line as JSON values. As strict as the log itself about UTF-8, duplicate and forbidden keys, depth; tolerant where
 * producers are known to err: numbers that a double cannot hold become strings digit for digit, lone surrogates are replaced
 * and reported, and a line may hold several values with nothing between them (two processes that append at once).
 */
import { isLogError, readStrictJson, splitJsonValues } from '@refold/core';
import type { Json, LogError } from '@refold/core';

export interface LineValue {
  readonly value: Json;
  /** Exactly the bytes of this value. */
  readonly bytes: Uint8Array;
  /** Offset of the first byte in the line. */
  readonly byte: number;
  /** Lone surrogates were replaced by U+FFFD. */
  readonly sanitized: boolean;
}

/** A piece of a line that is no JSON value, and where it stands. */
interface LineFault {
  readonly error: LogError;
  /** Offset of the fault in the line. */
  readonly byte: number;
}

const tolerant = { bigNumbersAsText: true, sanitize: true } as const;

/** The values of a line, and what on it is none. */
export function readLineValues(line: Uint8Array): { readonly values: readonly LineValue[]; readonly faults: readonly LineFault[] } {
  const whole = attempt(line, 0);
  if ('value' in whole) return { values: [whole], faults: [] };
  const pieces = splitJsonValues(line);
  if (pieces.length === 1) return { values: [], faults: [whole] };
  const read = pieces.map((piece) => attempt(piece, piece.byteOffset - line.byteOffset));
  return { values: read.filter((part) => 'value' in part), faults: read.filter((part) => 'error' in part) };
}

/**
 * A whole document that is one JSON value.
 *
 * @throws LogError BAD_UTF8, BAD_JSON, TOO_LARGE with reason and byte.
 */
export const readDocumentValue = (bytes: Uint8Array): Json => readStrictJson(bytes, { ...tolerant, limits: { jsonKeysMax: Number.MAX_SAFE_INTEGER } }).value;

function attempt(bytes: Uint8Array, byte: number): LineValue | LineFault {
  try {
    const { value, sanitized } = readStrictJson(bytes, tolerant);
    return { value, bytes, byte, sanitized };
  } catch (error) {
    if (!isLogError(error)) throw error;
    return { error, byte: byte + (error.details.byte ?? 0) };
  }
}
