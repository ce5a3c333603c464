/**
 * The folder of a log: what stands where, and that it is really there. Nothing is followed out of it: a link, a pipe or a
 * folder in the place of a file is refused before it is opened.
 *
 *   global/events.jsonl                    the commits being written
 *   global/events-000000000001.jsonl       closed segments, named by their first position: `cat global/*.jsonl` is the log
 *   global/events-000000000001.jsonl.gz    the same, packed: `zcat -f global/events-*` and then the live one
 *   quarantine/                            torn ends that were cut off
 *   .log/log.json                          format, origin, epoch
 *   .log/lock.db, lock-holder.json         who writes
 *   .log/kv.db                             cursors, snapshots, keys
 *   .log/index.db                          where events stand; may be deleted at any time
 */
import { closeSync, constants, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LogError } from '@refold/core';
import type { Position } from '@refold/core';
import { codeOf } from './engine-error.ts';

export interface Folder {
  readonly root: string;
  readonly global: string;
  readonly live: string;
  readonly quarantine: string;
  readonly identity: string;
  readonly lock: string;
  readonly lockHolder: string;
  readonly kv: string;
  readonly index: string;
}

export function folderAt(root: string): Folder {
  if (root.trim() === '') throw new LogError('BAD_CONFIG', 'a log of lines is a folder', { details: { reason: 'path' }, hint: 'Give the path of a folder.' });
  const global = join(root, 'global');
  const own = join(root, '.log');
  return { root, global, live: join(global, 'events.jsonl'), quarantine: join(root, 'quarantine'), identity: join(own, 'log.json'), lock: join(own, 'lock.db'), lockHolder: join(own, 'lock-holder.json'), kv: join(own, 'kv.db'), index: join(own, 'index.db') };
}

/** Makes what is missing, and refuses what is not what it has to be. @throws LogError LOG_UNAVAILABLE `unsafe_path`. */
export function prepareFolder(folder: Folder): void {
  for (const path of [folder.global, dirname(folder.identity)]) {
    assertFolder(path);
    if (mkdirSync(path, { recursive: true }) !== undefined) syncFolder(dirname(path));
  }
  assertSafe(folder);
}

/** Looks at every path before it is opened. @throws LogError LOG_UNAVAILABLE `unsafe_path` {file}. */
export function assertSafe(folder: Folder): void {
  for (const path of [folder.global, dirname(folder.identity)]) assertFolder(path);
  const segments = kindOf(folder.global) === null ? [] : segmentNames(folder).map((name) => join(folder.global, name));
  for (const path of [folder.live, folder.identity, folder.lock, folder.lockHolder, folder.kv, folder.index, ...segments]) {
    const kind = kindOf(path);
    if (kind !== null && kind !== 'file') refuseUnsafe(folder, path, kind);
  }

  function refuseUnsafe(of: Folder, path: string, found: string): never {
    throw new LogError('LOG_UNAVAILABLE', `${path.slice(of.root.length + 1)} is no plain file`, { details: { reason: 'unsafe_path', file: path.slice(of.root.length + 1), found }, hint: 'Put a plain file in its place, or take it away; it was not followed.' });
  }
}

function assertFolder(path: string): void {
  const kind = kindOf(path);
  if (kind === null || kind === 'folder') return;
  throw new LogError('LOG_UNAVAILABLE', 'a folder of the log is no plain folder', { details: { reason: 'unsafe_path', found: kind }, hint: 'Put a plain folder in its place; it was not followed.' });
}

/** Null when nothing is there. Links are not followed. */
export function kindOf(path: string): 'file' | 'folder' | 'link' | 'other' | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (found.isSymbolicLink()) return 'link';
  return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
}

const segmentPattern = /^events-(\d{12})\.jsonl(\.gz)?$/;

/** Files of closed segments, in the order of their positions. */
export function segmentNames(folder: Folder): readonly string[] {
  return readdirSync(folder.global).filter((name) => segmentPattern.test(name)).toSorted();
}

export interface ClosedSegment {
  readonly first: Position;
  readonly name: string;
  readonly isCompressed: boolean;
}

/** Each once, in the order of positions. One that is there plain and packed was being packed when something stopped it: plain it is whole. */
export function closedSegments(folder: Folder): readonly ClosedSegment[] {
  const found = new Map<Position, ClosedSegment>();
  // The plain name sorts before the packed one.
  for (const name of segmentNames(folder)) {
    const [, digits, packed] = segmentPattern.exec(name)!;
    const first = Number(digits);
    if (!found.has(first)) found.set(first, { first, name, isCompressed: packed !== undefined });
  }
  return [...found.values()];
}

export const segmentName = (first: Position): string => `events-${String(first).padStart(12, '0')}.jsonl`;
export const compressedName = (first: Position): string => `${segmentName(first)}.gz`;

/** Opens without following a link at the end of the path. */
export const openPlain = (path: string, flags: number): number => openSync(path, flags | constants.O_NOFOLLOW, 0o644);

/** What was made, renamed or removed in a folder is durable only when the folder is. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some file systems refuse to sync a folder and need not be asked.
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file as a whole or not at all: beside it, sync, rename, sync the folder. */
export function writeWhole(path: string, chunks: Iterable<Uint8Array>): void {
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  const descriptor = openPlain(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
  try {
    for (const chunk of chunks) writeAll(descriptor, chunk);
    fsyncSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    rmSync(unfinished, { force: true });
    throw error;
  }
  closeSync(descriptor);
  renameSync(unfinished, path);
  syncFolder(dirname(path));
}

/** A write may take less than it was given: on a full disk it takes what fits, and the next one says so. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written, bytes.length - written);
}
