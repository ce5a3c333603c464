/**
 * Copies of a log. A backup is taken while the log is in use and is a whole, consistent file. Putting one back gives the log
 * a new epoch: events that were acknowledged after the backup are gone, and whoever kept a position must learn of it (S19).
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LogError } from '@refold/core';
import { openForReading } from './connection.ts';
import { engineError } from './engine-error.ts';
import Database from 'better-sqlite3';

/** How long a copy waits for a writer, in milliseconds. */
const busyTimeoutMs = 5_000;

/**
 * Writes a copy of the log at `path` to the file `to`, replacing it as a whole or not at all.
 *
 * @throws LogError LOG_UNAVAILABLE, LOG_CORRUPT.
 */
export async function backUpSqliteLog(path: string, to: string): Promise<void> {
  await copyLog(path, to, () => undefined);
}

/**
 * Puts the backup `from` in the place of the log `to`. Nobody may have `to` open.
 *
 * @returns The new epoch.
 * @throws LogError LOG_UNAVAILABLE, LOG_CORRUPT.
 */
export async function restoreSqliteLog(from: string, to: string): Promise<{ readonly epoch: string }> {
  if (from === to) throw new LogError('BAD_CONFIG', 'a backup cannot be restored onto itself', { details: { reason: 'path' }, hint: 'Give the path of the log as the second argument.' });
  const epoch = randomUUID();
  await copyLog(from, to, (db) => db.prepare('UPDATE log SET epoch = ? WHERE one = 1').run(epoch));
  return { epoch };
}

/** Copy, change, sync, rename, sync the directory: at every moment the old file or the new one is there. */
async function copyLog(from: string, to: string, change: (db: Database.Database) => void): Promise<void> {
  const unfinished = `${to}.unfinished`;
  removeDatabase(unfinished);
  try {
    const source = openForReading(from, busyTimeoutMs);
    try {
      await source.backup(unfinished);
    } finally {
      source.close();
    }
    const copy = new Database(unfinished);
    try {
      copy.pragma('synchronous = FULL');
      change(copy);
      copy.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      copy.close();
    }
    sync(unfinished);
  } catch (error) {
    removeDatabase(unfinished);
    throw engineError(error);
  }
  // A journal of the old file must not be played into the new one.
  for (const suffix of ['-wal', '-shm']) rmSync(to + suffix, { force: true });
  renameSync(unfinished, to);
  sync(dirname(to));
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
