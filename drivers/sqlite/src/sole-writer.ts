/**
 * For whoever must be the only writer of a log (a sealer, a migration): an exclusive lock on a small database beside the
 * file. The kernel lets go of it when the process dies, however it dies; a second one is told who holds it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { LogError } from '@refold/core';
import { engineCode, engineError } from './engine-error.ts';

export interface SoleWriterLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** @throws LogError LOG_LOCKED {pid, host, since} when another process, or another part of this one, holds the lock. */
export function lockSoleWriter(path: string, nowMs: () => number): SoleWriterLock {
  const lockPath = `${path}.lock`;
  const holderPath = `${path}.lock-holder.json`;
  const db = openLock(lockPath);
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (engineCode(error)?.startsWith('SQLITE_BUSY') !== true) throw engineError(error);
    throw new LogError('LOG_LOCKED', 'the log has another sole writer', { details: { reason: 'locked', ...holderIn(holderPath) }, hint: 'Stop that process, or open the log without soleWriter.' });
  }
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date(nowMs()).toISOString() };
  writeFileSync(holderPath, JSON.stringify(holder));
  return {
    release() {
      rmSync(holderPath, { force: true });
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
function holderIn(path: string): Partial<Holder> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
  } catch {
    return {};
  }
}
