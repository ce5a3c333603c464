/**
 * The lines of a file, split on byte 0x0A and on nothing else: U+2028, U+2029 and a lone CR are bytes like others. Memory is
 * bounded by the longest line that is taken.
 */
import { LogError } from '@refold/core';
import type { SegmentSource } from './segment-source.ts';

export interface FileLine {
  /** 1, 2, 3, ... */
  readonly number: number;
  /** Of its first byte. */
  readonly offset: number;
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** False for what stands behind the last line feed. */
  readonly isTerminated: boolean;
}

/** A line of the largest commit: bodies in base64, names and tags of 10,000 events. Larger ones are not written. */
export const lineBytesMax = 64 * 1_048_576;

const chunkBytes = 1_048_576;

/** @throws LogError TOO_LARGE `line` {file, line, byte, limit} at the first byte beyond the limit. */
export function* readLines(source: Pick<SegmentSource, 'read'>, file: string, limit: number = lineBytesMax): Generator<FileLine> {
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let parts: Buffer[] = [];
  let partBytes = 0;
  let offset = 0;
  let number = 1;
  for (let place = 0; ; ) {
    const count = source.read(chunk, place);
    if (count === 0) break;
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, from);
      const stop = end === -1 || end >= count ? count : end;
      if (partBytes + stop - from > limit) throw tooLong(file, number, offset + limit, limit);
      const part = chunk.subarray(from, stop);
      if (stop === count) {
        parts.push(Buffer.from(part));
        partBytes += part.length;
        break;
      }
      const bytes = Buffer.concat([...parts, part]);
      yield { number, offset, bytes, isTerminated: true };
      number += 1;
      offset += bytes.length + 1;
      parts = [];
      partBytes = 0;
      from = stop + 1;
    }
    place += count;
  }
  if (partBytes > 0) yield { number, offset, bytes: Buffer.concat(parts), isTerminated: false };
}

function tooLong(file: string, line: number, byte: number, limit: number): LogError {
  return new LogError('TOO_LARGE', 'a line is longer than any commit', { details: { reason: 'line', file, line, byte, limit }, hint: 'This is no line of a log; restore the file from a backup.' });
}
