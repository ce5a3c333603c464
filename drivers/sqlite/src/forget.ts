/**
 * Dropping bodies. The event stays with its place, id, type, tags and hashes; the body's bytes are overwritten where they
 * are, and the write-ahead log, which still has the old pages, is emptied before the answer is given.
 */
import { LogError } from '@refold/core';
import type { Linker, Position } from '@refold/core';
import type { Connection } from './database.ts';
import { hashBytes, packForgotten } from './rows.ts';

export interface Forgetter {
  /** Inside an immediate transaction of the caller's. Returns how many bodies were dropped now. */
  forget(positions: readonly Position[], reason: string): number;
  /**
   * Moves all pages to the file and cuts the write-ahead log to nothing. Outside a transaction.
   *
   * @returns false when a reader still needs the old pages.
   */
  truncateJournal(): boolean;
}

export function createForgetter(db: Connection, linker: Linker | undefined, nowMs: () => number): Forgetter {
  const find = db.prepare<[number], [id: string, hashes: number, record: Buffer]>('SELECT id, hashes, record FROM event WHERE position = ? AND forgotten = 0').raw();
  const drop = db.prepare<[Uint8Array, number]>('UPDATE event SET record = ?, forgotten = 1 WHERE position = ?');
  const note = db.prepare<[number, number, string]>('INSERT INTO forgetting (position, forgotten_ms, reason) VALUES (?, ?, ?)');
  const checkpoint = db.prepare<[], [busy: number, pages: number, moved: number]>('PRAGMA wal_checkpoint(TRUNCATE)').raw();

  const forgetOne = (position: Position, reason: string): boolean => {
    const found = find.get(position);
    if (found === undefined) return false;
    const [id, hashes, record] = found;
    const kept = linker?.remainder({ id, body: new Uint8Array(record.subarray(hashes * hashBytes)) }) ?? new Uint8Array();
    drop.run(packForgotten(record, hashes, kept), position);
    note.run(position, nowMs(), reason);
    return true;
  };

  return {
    forget: (positions, reason) => positions.filter((position) => forgetOne(position, reason)).length,
    truncateJournal: () => checkpoint.get()?.[0] === 0,
  };
}

/** The bodies are dropped for every reader, but their bytes are still in the write-ahead log. */
export function journalInUse(dropped: number): LogError {
  return new LogError('LOG_UNAVAILABLE', 'the bodies are dropped, but a reader keeps their bytes in the write-ahead log', {
    details: { reason: 'busy', dropped },
    hint: 'Call forget again with the same positions when long reads of other processes have ended.',
  });
}
