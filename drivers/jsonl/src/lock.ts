/**
 * One writer: an exclusive lock on a small database beside the lines. The kernel lets go of it when the process dies,
 * however it dies; a second one is told who holds it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { LogError } from '@refold/core';
import { codeOf, engineError } from './engine-error.ts';
import type { Folder } from './folder.ts';

export interface WriterLock {
  release(): void;
}

/** @throws LogError LOG_LOCKED {pid, host, since} when another process, or another part of this one, writes. */
export function lockWriter(folder: Pick<Folder, 'lock' | 'lockHolder'>, nowMs: () => number): WriterLock {
  const db = openLock(folder.lock);
  try {
    db.exec('BEGIN EXCLUSIVE');
    writeFileSync(folder.lockHolder, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date(nowMs()).toISOString() }));
  } catch (error) {
    db.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY') !== true) throw engineError(error);
    throw new LogError('LOG_LOCKED', 'the log has another writer', { details: { reason: 'locked', ...holderIn(folder.lockHolder) }, hint: 'Stop that process, ask it instead, or open the log with readOnly.' });
  }
  return {
    release() {
      rmSync(folder.lockHolder, { force: true });
      db.close();
    },
  };
}

function openLock(path: string): Database.Database {
  try {
    return new Database(path, { timeout: 0 });
  } catch (error) {
    throw engineError(error);
  }
}

/** The note is for people: it may be missing for a moment, or be that of a process that was killed. */
function holderIn(path: string): object {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    return {};
  }
}
