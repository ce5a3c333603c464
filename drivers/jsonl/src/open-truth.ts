/**
 * Opens what is written in the folder: finds how far the lines are sound, brings the sidecar up to them, cuts a torn tail.
 *
 * Closed segments are known to the sidecar by their size and last hash and are not read again; the live one is read whole.
 * When anything does not fit, the sidecar is thrown away and every line is read.
 */
import { closeSync, constants, fsyncSync, ftruncateSync, mkdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { LogError } from '@refold/core';
import type { Instant, Position } from '@refold/core';
import type { Connection } from './database.ts';
import { createSegmentFiles } from './files.ts';
import type { SegmentFiles } from './files.ts';
import { closedSegments, kindOf, openPlain, syncFolder, writeWhole } from './folder.ts';
import type { Folder } from './folder.ts';
import { createIndexer } from './indexer.ts';
import type { Indexer } from './indexer.ts';
import { readState } from './index-tables.ts';
import { hashStart, hashTailBytes } from './line.ts';
import { createNames } from './names.ts';
import type { Names } from './names.ts';
import { createEventRows } from './rows.ts';
import type { EventRows } from './rows.ts';
import { corrupt, scanSegment } from './scan.ts';
import type { ScanWarning, SegmentScan, SoundLine } from './scan.ts';
import { openPlainSource, openSegment } from './segment-source.ts';
import type { SegmentSource } from './segment-source.ts';
import { closeSegment } from './segments.ts';
import type { LiveSegment } from './segments.ts';

/** A torn tail that was cut off: what `store.tail_repaired` records. */
export interface TailRepair {
  readonly file: string;
  readonly bytes: number;
  readonly lines: number;
  readonly cause: string;
  /** Where the bytes were put, below the folder of the log. */
  readonly quarantine: string;
}

export interface Truth {
  readonly db: Connection;
  readonly names: Names;
  readonly files: SegmentFiles;
  readonly rows: EventRows;
  readonly indexer: Indexer;
  readonly live: LiveSegment;
  /** Of the last line; 0 before the first. */
  readonly fence: number;
  readonly warnings: readonly ScanWarning[];
  readonly repair: TailRepair | null;
}

export interface TruthOptions {
  readonly folder: Folder;
  readonly origin: string;
  /** Gives the sidecar as it is, or an empty one. */
  openIndex(isAnew: boolean): Connection;
  /** Nothing is cut, closed or made. */
  readonly readOnly: boolean;
}

/**
 * @throws LogError LOG_CORRUPT of a line, LOG_ROLLED_BACK {head, acknowledged} when the sidecar has acknowledged more than
 *         the lines hold, TOO_LARGE `line`.
 */
export function openTruth(options: TruthOptions): Truth {
  const { folder } = options;
  let db = options.openIndex(false);
  const { head: acknowledged } = readState(db);
  let found = catchUp(db, options);
  if (found === null) {
    // Before the sidecar goes, which alone knows what was acknowledged: a second opening must not find less to hold the lines against.
    if (acknowledged > 0) assertReaches(scanAll(options), acknowledged);
    db.close();
    db = options.openIndex(true);
    found = catchUp(db, options);
  }
  // An empty index fits whatever the lines say.
  const { scan, live, parts } = found!;
  try {
    assertReaches(scan, acknowledged);
  } catch (error) {
    db.close();
    throw error;
  }
  const repair = scan.tail === null || options.readOnly ? null : cutTail(folder, scan);
  const settled = scan.seal === null || options.readOnly ? live : closeSealed(folder, scan, live, parts.indexer, db);
  return { db, ...parts, live: settled, fence: scan.fence, warnings: scan.warnings, repair };
}

function assertReaches({ head, tail }: Pick<SegmentScan, 'head' | 'tail'>, acknowledged: Position): void {
  if (head >= acknowledged) return;
  if (tail?.hasWholeLines === true) throw corrupt('bad_line', 'global/events.jsonl', { number: tail.line, offset: tail.byte }, { cause: tail.cause });
  throw new LogError('LOG_ROLLED_BACK', 'the log ends before what was acknowledged', {
    details: { reason: 'rolled_back', head, acknowledged },
    hint: 'Lines were cut off, or an older copy was put back. Restore a newer one; or take the loss with restoreJsonlLog, which gives the log a new epoch.',
  });
}

/** How far the lines go, by themselves. */
function scanAll({ folder, origin }: TruthOptions): Pick<SegmentScan, 'head' | 'tail'> {
  let scan: Pick<SegmentScan, 'head' | 'recordedAt' | 'tail'> = { head: 0, recordedAt: null, tail: null };
  const closed = kindOf(folder.global) === null ? [] : closedSegments(folder).map(({ first, name }) => ({ file: `global/${name}`, open: () => openSegment(folder, first) }));
  const live = kindOf(folder.live) === null ? [] : [{ file: 'global/events.jsonl', open: () => openPlainSource(folder.live) }];
  for (const { file, open } of [...closed, ...live]) {
    const source = open();
    try {
      scan = scanSegment(source, file, { origin, ...scan });
    } finally {
      source.close();
    }
  }
  return scan;
}

type Parts = Pick<Truth, 'names' | 'files' | 'rows' | 'indexer'>;

interface Found {
  readonly scan: SegmentScan;
  readonly live: LiveSegment;
  readonly parts: Parts;
}

/** Null when the index does not fit the lines. */
function catchUp(db: Connection, { folder, origin }: TruthOptions): Found | null {
  const files = createSegmentFiles(folder);
  const names = createNames(db);
  const rows = createEventRows(db, files);
  const parts: Parts = { names, files, rows, indexer: createIndexer(db, names, rows) };
  const known = readState(db);
  const knownSegments = new Map(db.prepare<[], { first: number; bytes: number; hash: string }>('SELECT first, bytes, hash FROM segment').all().map((row) => [row.first, row]));
  let [head, recordedAt]: [Position, Instant | null] = [0, null];
  let fence = 0;
  const closed = kindOf(folder.global) === null ? [] : closedSegments(folder);
  for (const [place, { first, name }] of closed.entries()) {
    if (first !== head + 1) throw new LogError('LOG_CORRUPT', `a segment before ${name} is missing`, { details: { reason: 'hole', file: `global/${name}`, expected: head + 1, found: first }, hint: 'Restore the missing segment from a backup. Nothing was changed.' });
    const row = knownSegments.get(first);
    if (row === undefined && known.head >= first && known.segment > first) return abandoned(parts);
    if (row !== undefined) {
      if (!isAsKnown(folder, row)) return abandoned(parts);
      const next = db.prepare<[number], { last: number; recordedMs: number }>('SELECT last, recorded_ms AS recordedMs FROM "commit" WHERE first <= ? ORDER BY first DESC LIMIT 1').get((closed[place + 1]?.first ?? known.segment) - 1);
      head = next?.last ?? 0;
      recordedAt = next === undefined ? null : new Date(next.recordedMs).toISOString();
      continue;
    }
    const scan = scanInto(openSegment(folder, first), `global/${name}`, { origin, head, recordedAt }, first, known, db, parts.indexer);
    if (scan === null) return abandoned(parts);
    if (scan.tail !== null || scan.seal === null) throw new LogError('LOG_CORRUPT', `the closed segment ${name} has no end`, { details: { reason: 'bad_line', file: `global/${name}`, byte: scan.end, cause: scan.tail?.cause ?? 'torn' }, hint: 'Restore the segment from a backup. Nothing was changed.' });
    ({ head, recordedAt, fence } = scan);
    db.transaction(() => {
      parts.indexer.seal(first, scan.end, scan.hash);
      parts.indexer.settle({ recordedMs: Date.parse(recordedAt!), segment: head + 1, end: 0, hash: hashStart });
    }).immediate();
  }
  const first = head + 1;
  if (kindOf(folder.live) === null) {
    if (readState(db).head > head || (known.segment === first && known.end > 0)) return abandoned(parts);
    return { scan: { head, recordedAt, fence, end: 0, hash: hashStart, seal: null, tail: null, warnings: [] }, live: { first, end: 0, hash: hashStart }, parts };
  }
  const scan = scanInto(openPlainSource(folder.live), 'global/events.jsonl', { origin, head, recordedAt }, first, readState(db), db, parts.indexer);
  if (scan === null) return abandoned(parts);
  return { scan: { ...scan, fence: Math.max(scan.fence, fence) }, live: { first, end: scan.end, hash: scan.hash }, parts };
}

function abandoned({ files }: Parts): null {
  files.close();
  return null;
}

/** Same size, and the same hash at its end. */
function isAsKnown(folder: Folder, known: { readonly first: Position; readonly bytes: number; readonly hash: string }): boolean {
  const source = openSegment(folder, known.first);
  try {
    if (source.size() !== known.bytes) return false;
    const end = Buffer.alloc(hashTailBytes + 1);
    source.read(end, known.bytes - end.length);
    return end.toString('latin1').includes(known.hash);
  } finally {
    source.close();
  }
}

/** Commits of one transaction while the index is made. */
const commitsPerTransaction = 2_000;

/** Scans a segment and puts into the index what it does not hold yet; null when it holds something else. */
function scanInto(source: SegmentSource, file: string, start: Parameters<typeof scanSegment>[2], first: Position, known: ReturnType<typeof readState>, db: Connection, indexer: Indexer): SegmentScan | null {
  const knownEnd = known.segment === first ? known.end : 0;
  let isFitting = knownEnd === 0;
  let isOther = false;
  let waiting: SoundLine[] = [];
  const flush = (): void => {
    const last = waiting.at(-1);
    if (last === undefined) return;
    db.transaction(() => {
      for (const { commit, offset } of waiting) indexer.add({ ...commit, recordedMs: Date.parse(commit.recordedAt), segment: first, offset });
      indexer.settle({ recordedMs: Date.parse(last.commit.recordedAt), segment: first, end: last.end, hash: last.hash });
    }).immediate();
    waiting = [];
  };
  try {
    const scan = scanSegment(source, file, start, (line) => {
      if (isOther) return;
      if (line.end === knownEnd && line.hash === known.hash) isFitting = true;
      if (line.end <= knownEnd) return;
      if (!isFitting) {
        isOther = true;
        return;
      }
      waiting.push(line);
      if (waiting.length >= commitsPerTransaction) flush();
    });
    if (isOther || !isFitting) return null;
    flush();
    return scan;
  } finally {
    source.close();
  }
}

/** Puts the tail aside, then cuts it: at every moment its bytes are somewhere. */
function cutTail(folder: Folder, { tail, end, head }: SegmentScan): TailRepair {
  // The caller has looked.
  const { bytes, lines, cause } = tail!;
  const descriptor = openPlain(folder.live, constants.O_RDWR);
  try {
    const torn = Buffer.alloc(bytes);
    readSync(descriptor, torn, 0, bytes, end);
    if (mkdirSync(folder.quarantine, { recursive: true }) !== undefined) syncFolder(folder.root);
    const name = `events-after-${head}-byte-${end}.bin`;
    writeWhole(join(folder.quarantine, name), [torn]);
    ftruncateSync(descriptor, end);
    fsyncSync(descriptor);
    return { file: 'global/events.jsonl', bytes, lines, cause, quarantine: `quarantine/${name}` };
  } finally {
    closeSync(descriptor);
  }
}

/** The writer stopped between sealing a segment and renaming it. */
function closeSealed(folder: Folder, scan: SegmentScan, live: LiveSegment, indexer: Indexer, db: Connection): LiveSegment {
  closeSegment(folder, live.first);
  db.transaction(() => {
    indexer.seal(live.first, scan.end, scan.hash);
    indexer.settle({ recordedMs: scan.recordedAt === null ? null : Date.parse(scan.recordedAt), segment: scan.head + 1, end: 0, hash: hashStart });
  }).immediate();
  return { first: scan.head + 1, end: 0, hash: hashStart };
}
