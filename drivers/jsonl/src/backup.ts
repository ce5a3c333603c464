/**
 * Copies of a log. A backup is taken while the log is in use and holds whole commits up to one of them. Putting one back
 * gives the log a new epoch: events that were acknowledged after the backup are gone, and whoever kept a position must learn
 * of it (S19).
 */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, existsSync, mkdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LogError } from '@refold/core';
import { codeOf, engineError } from './engine-error.ts';
import { folderAt, openPlain, segmentNames, syncFolder, writeWhole } from './folder.ts';
import type { Folder } from './folder.ts';
import { readFormat, writeFormat } from './format.ts';
import type { LogFormat } from './format.ts';
import { openReadable } from './index-tables.ts';

/** Writes a copy of the log at `path` to the folder `to`, replacing it. @throws LogError LOG_UNAVAILABLE, LOG_CORRUPT. */
export async function backUpJsonlLog(path: string, to: string): Promise<void> {
  await copyLog(path, to, (format) => format);
}

/**
 * Puts the backup `from` in the place of the log `to`. Nobody may have `to` open.
 *
 * @returns The new epoch.
 * @throws LogError LOG_UNAVAILABLE, LOG_CORRUPT, BAD_CONFIG `path`.
 */
export async function restoreJsonlLog(from: string, to: string): Promise<{ readonly epoch: string }> {
  const epoch = randomUUID();
  await copyLog(from, to, (format) => ({ ...format, epoch }));
  return { epoch };
}

/** Beside it, synced, then renamed: at every moment the old folder or the new one is there, or the old one under another name. */
async function copyLog(from: string, to: string, change: (format: LogFormat) => LogFormat): Promise<void> {
  if (from === to) throw new LogError('BAD_CONFIG', 'a log cannot be copied onto itself', { details: { reason: 'path' }, hint: 'Give another folder as the second argument.' });
  const source = folderAt(from);
  const unfinished = `${to}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  try {
    const format = readFormat(source);
    if (format === null) throw new LogError('LOG_UNAVAILABLE', 'there is no log in this folder', { details: { reason: 'missing' }, hint: 'Check the path.' });
    const copy = folderAt(unfinished);
    for (const folder of [copy.global, dirname(copy.identity)]) mkdirSync(folder, { recursive: true });
    await copyKv(source, copy);
    copySegments(source, copy);
    writeFormat(copy, change(format));
    replaceFolder(unfinished, to);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw engineError(error);
  }
}

/** Values first: a cursor that is behind the lines is read on from, one that is ahead of them is lost. */
async function copyKv(source: Folder, copy: Folder): Promise<void> {
  if (!existsSync(source.kv)) return;
  const db = openReadable(source.kv);
  try {
    await db.backup(copy.kv);
  } finally {
    db.close();
  }
}

/** The list again at the end: a segment may have been closed or packed meanwhile. What is torn at the end is cut when the copy is opened. */
function copySegments(source: Folder, copy: Folder): void {
  const copied = new Set<string>();
  for (let isWhole = false; !isWhole; ) {
    for (const name of segmentNames(source).filter((segment) => !copied.has(segment))) {
      if (copyFile(join(source.global, name), join(copy.global, name))) copied.add(name);
    }
    if (existsSync(source.live)) copyFile(source.live, copy.live);
    isWhole = segmentNames(source).every((name) => copied.has(name));
  }
}

/** False when it is there no more, because it was packed and stands there under another name. */
function copyFile(from: string, to: string): boolean {
  let descriptor: number;
  try {
    descriptor = openPlain(from, constants.O_RDONLY);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  try {
    writeWhole(to, chunksOf(descriptor));
    return true;
  } finally {
    closeSync(descriptor);
  }
}

const chunkBytes = 1_048_576;

function* chunksOf(descriptor: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) yield chunk.subarray(0, count);
}

function replaceFolder(made: string, to: string): void {
  const replaced = join(dirname(to), `.${basename(to)}.replaced`);
  rmSync(replaced, { recursive: true, force: true });
  if (existsSync(to)) renameSync(to, replaced);
  renameSync(made, to);
  syncFolder(dirname(to));
  rmSync(replaced, { recursive: true, force: true });
}
