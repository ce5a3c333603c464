/**
 * Reads a segment from its beginning and says how far it is sound. What is cut and what is refused (TRUST.md 13.2):
 *
 * - lines that are torn, no JSON or broken in their hash are a tail that was never acknowledged, and the caller may cut it, when
 *   no line of ours comes after them but lines of the same write: its sectors come to the disk in any order;
 * - any other line of ours after such a line, and a line that is whole but in the wrong place (twice, out of order, after a hole,
 *   of another log, with other line ends), is LOG_CORRUPT, since no crash of ours writes such a thing.
 */
import { isUtf8 } from 'node:buffer';
import { LogError } from '@refold/core';
import type { Instant, Position } from '@refold/core';
import { decodeLine, hashIn, hashOf, hashStart } from './line.ts';
import type { DecodedLine, Seal } from './line.ts';
import { readLines } from './line-reader.ts';
import type { FileLine } from './line-reader.ts';
import type { SegmentSource } from './segment-source.ts';

/** What comes before the segment. */
export interface ScanStart {
  readonly origin: string;
  readonly head: Position;
  readonly recordedAt: Instant | null;
}

export interface ScanWarning {
  readonly reason: 'byte_order_mark' | 'blank_lines';
  readonly file: string;
  readonly count: number;
}

export interface BadTail {
  readonly byte: number;
  readonly bytes: number;
  readonly lines: number;
  readonly cause: LineFault['cause'];
  /** Number of its first line. */
  readonly line: number;
  /** Whether whole lines of the same write come after the bad one. */
  readonly hasWholeLines: boolean;
}

export interface SegmentScan {
  readonly head: Position;
  readonly recordedAt: Instant | null;
  readonly fence: number;
  /** After the last sound line. */
  readonly end: number;
  readonly hash: string;
  readonly seal: Seal | null;
  readonly tail: BadTail | null;
  readonly warnings: readonly ScanWarning[];
}

export interface SoundLine {
  readonly commit: DecodedLine;
  readonly line: Buffer;
  readonly offset: number;
  readonly end: number;
  readonly hash: string;
}

/**
 * @param visit  Sees every sound commit, in order.
 * @throws LogError LOG_CORRUPT (bad_line {cause}, duplicate, hole, order, foreign, line_ending; file, line, byte), TOO_LARGE `line`.
 */
export function scanSegment(source: Pick<SegmentSource, 'read'>, file: string, start: ScanStart, visit: (line: SoundLine) => void = () => undefined): SegmentScan {
  let { head, recordedAt } = start;
  let [hash, fence, end, blanks] = [hashStart, 0, 0, 0];
  let seal: Seal | null = null;
  let bad: { readonly line: FileLine; readonly fault: LineFault } | null = null;
  let hasWholeLines = false;
  let lastLine = { number: 0, end: 0 };
  const warnings: ScanWarning[] = [];

  for (const read of readLines(source, file)) {
    lastLine = { number: read.number, end: read.offset + read.bytes.length + (read.isTerminated ? 1 : 0) };
    const line = read.number === 1 ? withoutMark(read, file, warnings) : read;
    if (line.isTerminated && line.bytes.length === 0) {
      blanks += 1;
      // Blank lines in front of a torn one are part of nothing.
      if (bad === null) end = lastLine.end;
      continue;
    }
    if (bad !== null) {
      const batch = batchOfOurs(line, start.origin);
      if (batch !== null && batch > head + 1) throw corrupt('bad_line', file, bad.line, { cause: bad.fault.cause });
      hasWholeLines ||= batch !== null;
      continue;
    }
    const found = inspect(line, { origin: start.origin, head, recordedAt, hash, isClosed: seal !== null });
    if ('fault' in found) {
      if (found.fault.reason !== undefined) throw corrupt(found.fault.reason === 'order' && isRepeated(source, file, line) ? 'duplicate' : found.fault.reason, file, line, found.fault.details);
      bad = { line, fault: found.fault };
      continue;
    }
    hash = found.hash;
    end = lastLine.end;
    if ('seal' in found) {
      seal = found.seal;
      continue;
    }
    visit({ commit: found.commit, line: line.bytes, offset: line.offset, end, hash });
    head = found.commit.position + found.commit.events.length - 1;
    recordedAt = found.commit.recordedAt;
    fence = found.commit.fence;
  }
  if (blanks > 0) warnings.push({ reason: 'blank_lines', file, count: blanks });
  const tail = bad === null ? null : { byte: end, bytes: lastLine.end - end, lines: lastLine.number - bad.line.number + 1, cause: bad.fault.cause, line: bad.line.number, hasWholeLines };
  return { head, recordedAt, fence, end, hash, seal, tail, warnings };
}

interface LineFault {
  readonly cause: 'torn' | 'BAD_UTF8' | 'BAD_JSON' | 'hash';
  /** Set when the line is whole but in the wrong place, which no crash explains. */
  readonly reason?: 'hole' | 'order' | 'foreign' | 'line_ending';
  readonly details?: object;
}

interface Expected extends ScanStart {
  readonly hash: string;
  readonly isClosed: boolean;
}

type Inspected = { readonly fault: LineFault } | { readonly hash: string; readonly commit: DecodedLine } | { readonly hash: string; readonly seal: Seal };

function inspect(line: FileLine, expected: Expected): Inspected {
  const { bytes } = line;
  if (!line.isTerminated) return { fault: { cause: 'torn' } };
  if (!isUtf8(bytes)) return { fault: { cause: 'BAD_UTF8', details: { badByte: line.offset + firstBadByte(bytes) } } };
  const parsed = parse(bytes);
  if (parsed === null) return { fault: { cause: 'BAD_JSON' } };
  // To JSON a carriage return at the end is white space; no line of ours has one.
  if (bytes.at(-1) === 0x0d) return { fault: { cause: 'hash', reason: 'line_ending' } };
  const misplaced = misplacedBy(parsed, expected);
  if (misplaced !== null) return { fault: { cause: 'hash', ...misplaced } };
  const hash = hashIn(bytes);
  if (hash === null || hash !== hashOf(bytes, expected.hash)) return { fault: { cause: 'hash' } };
  return { hash, ...parsed };
}

type Parsed = ReturnType<typeof decodeLine>;

/** Null for what is no line of a log. */
function parse(bytes: Buffer): Parsed | null {
  try {
    const parsed = decodeLine(bytes.toString('utf8'));
    if ('seal' in parsed) return Number.isSafeInteger(parsed.seal.last) ? parsed : null;
    const { origin, position, commit, recordedAt, events } = parsed.commit;
    const isSound = typeof origin === 'string' && Number.isSafeInteger(position) && typeof commit === 'string' && !Number.isNaN(Date.parse(recordedAt)) && events.length > 0;
    return isSound ? parsed : null;
  } catch {
    return null;
  }
}

function misplacedBy(parsed: Parsed, { origin, head, recordedAt, isClosed }: Expected): Omit<LineFault, 'cause'> | null {
  if ('seal' in parsed) {
    if (parsed.seal.origin !== origin) return { reason: 'foreign', details: { found: parsed.seal.origin, expected: origin } };
    return parsed.seal.last === head && !isClosed ? null : { reason: parsed.seal.last > head ? 'hole' : 'order', details: { expected: head, found: parsed.seal.last } };
  }
  const { commit } = parsed;
  if (commit.origin !== origin) return { reason: 'foreign', details: { found: commit.origin, expected: origin } };
  if (commit.position > head + 1) return { reason: 'hole', details: { expected: head + 1, found: commit.position } };
  if (commit.position < head + 1 || isClosed) return { reason: 'order', details: { expected: head + 1, found: commit.position } };
  if (recordedAt !== null && Date.parse(commit.recordedAt) < Date.parse(recordedAt)) return { reason: 'order', details: { recordedAt: commit.recordedAt, before: recordedAt } };
  return null;
}

/** Where the write of a line began that somebody wrote on purpose, whether or not it fits; null for any other line. */
function batchOfOurs(line: FileLine, origin: string): Position | null {
  if (!line.isTerminated || hashIn(line.bytes) === null) return null;
  const parsed = parse(line.bytes);
  if (parsed === null) return null;
  // A seal is written alone.
  if ('seal' in parsed) return parsed.seal.origin === origin ? Infinity : null;
  return parsed.commit.origin === origin ? parsed.commit.batch : null;
}

/** Whether the same bytes stand further up. Only looked for when the log is refused anyway. */
function isRepeated(source: Pick<SegmentSource, 'read'>, file: string, line: FileLine): boolean {
  for (const { offset, bytes } of readLines(source, file)) {
    if (offset >= line.offset) return false;
    if (bytes.equals(line.bytes)) return true;
  }
  return false;
}

const mark = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutMark(line: FileLine, file: string, warnings: ScanWarning[]): FileLine {
  if (!line.bytes.subarray(0, 3).equals(mark)) return line;
  warnings.push({ reason: 'byte_order_mark', file, count: 1 });
  return { ...line, offset: line.offset + 3, bytes: line.bytes.subarray(3) };
}

/** By halving: a prefix that is cut in a character is told from one that is broken by looking three bytes further. */
function firstBadByte(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSoundPrefix(bytes.subarray(0, middle + 1))) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSoundPrefix(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

export function corrupt(reason: string, file: string, line: Pick<FileLine, 'number' | 'offset'>, details: object = {}): LogError {
  return new LogError('LOG_CORRUPT', `line ${line.number} of ${file} is not what it has to be`, {
    details: { reason, file, line: line.number, byte: line.offset, ...details },
    hint: 'Stop writing, keep a copy of the folder, and restore the log from a backup. Nothing was changed.',
  });
}
