/**
 * Opens a log without writing anything: through the sidecar of the process that writes, where it fits the lines, else with
 * an index in memory that is read off the lines, which costs a look at every one of them.
 */
import { LogError } from '@refold/core';
import { openReadable } from './index-tables.ts';
import { createSegmentFiles } from './files.ts';
import { assertSafe, kindOf } from './folder.ts';
import type { Folder } from './folder.ts';
import { readFormat } from './format.ts';
import type { LogFormat } from './format.ts';
import { createIndexer } from './indexer.ts';
import { openIndexForReading, openMemoryIndex, readState } from './index-tables.ts';
import { kvForReading } from './kv.ts';
import type { Kv } from './kv.ts';
import { hashTailBytes } from './line.ts';
import { createNames } from './names.ts';
import { openTruth } from './open-truth.ts';
import type { Truth } from './open-truth.ts';
import { createEventRows } from './rows.ts';

/** @throws LogError LOG_UNAVAILABLE `missing`, and what openTruth throws. */
export function openForReading(folder: Folder): { readonly truth: Truth; readonly format: LogFormat; readonly kv: Kv } {
  assertSafe(folder);
  const format = readFormat(folder);
  if (format === null) throw new LogError('LOG_UNAVAILABLE', 'there is no log in this folder', { details: { reason: 'missing' }, hint: 'Check the path; a log is made when it is opened for writing.' });
  const truth = throughSidecar(folder, format) ?? openTruth({ folder, origin: format.origin, openIndex: () => openMemoryIndex(format.origin), readOnly: true });
  return { truth, format, kv: kvForReading(kindOf(folder.kv) === null ? null : openReadable(folder.kv)) };
}

/** Null when there is none, or when the line it names is not where it says. */
function throughSidecar(folder: Folder, { origin }: LogFormat): Truth | null {
  const db = openIndexForReading(folder.index, origin);
  if (db === null) return null;
  const { segment, end, hash, head } = readState(db);
  const files = createSegmentFiles(folder);
  if (head === 0 || !standsThere(files, segment, end, hash)) {
    files.close();
    db.close();
    return null;
  }
  const names = createNames(db);
  const rows = createEventRows(db, files);
  return { db, names, files, rows, indexer: createIndexer(db, names, rows), live: { first: segment, end, hash }, fence: 0, warnings: [], repair: null };
}

function standsThere(files: ReturnType<typeof createSegmentFiles>, segment: number, end: number, hash: string): boolean {
  // A segment that has just begun has no line yet; the one before it is closed and known by its seal.
  if (end === 0) return true;
  try {
    const length = Math.min(end, hashTailBytes + 1);
    return files.read(segment, end - length, length).toString('latin1').includes(hash);
  } catch {
    return false;
  }
}

