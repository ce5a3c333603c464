/**
 * The writing side of a log: one connection, one immediate transaction at a time, and what to do when it fails.
 *
 * - Waiting for another process is done between events of the loop, with small random pauses: SQLite's own busy handler
 *   would block the process and is unfair among many writers.
 * - A transaction runs from BEGIN to COMMIT without a pause, so two operations of one process never meet inside one.
 * - An append that lost its race keeps the lock until the end of this turn of the loop: whoever judges it again at once, on what
 *   he reads now, then wins. Without that a process that writes in a loop leaves the others gaps of 0.2 ms, and one of two
 *   such lost 33 times in a row, three times in 16,000 appends.
 * - A loop of appends lets timers and sockets have their turn every 10 ms.
 * - After an error of the disk the connection is closed and a fresh one opened for the next operation. An fsync that failed
 *   once may report success the next time without having written anything, so that descriptor is never believed again.
 */
import { setImmediate as letOthersWork, setTimeout as sleep } from 'node:timers/promises';
import { LogError } from '@refold/core';
import type { AppendResult, Commit, Linker, Position } from '@refold/core';
import { createAppender } from './append.ts';
import type { AppendOptions, Appender } from './append.ts';
import { openForWriting } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import type { Connection } from './database.ts';
import { engineCode, engineError } from './engine-error.ts';
import { createForgetter, journalInUse } from './forget.ts';
import type { Forgetter } from './forget.ts';
import { createKvWriter } from './kv.ts';
import type { KvWriter } from './kv.ts';

export interface Writer {
  append(commits: readonly Commit[]): Promise<readonly AppendResult[]>;
  kvPut: (...request: Parameters<KvWriter['put']>) => Promise<number | 'conflict'>;
  forget(positions: readonly Position[], reason: string): Promise<number>;
  /** Waits for what is in flight. */
  close(): Promise<void>;
}

export interface WriterOptions extends ConnectionOptions, Omit<AppendOptions, 'linker'> {
  /** The linker of the log with this origin. */
  readonly linkerFor: (origin: string) => Linker | undefined;
  /** Bytes that the file may grow to, asked before each write; undefined = no bound. */
  readonly fileBytesMax: (() => number) | undefined;
}

/** What one connection offers. */
interface Session {
  readonly db: Connection;
  readonly appender: Appender;
  readonly kv: KvWriter;
  readonly forgetter: Forgetter;
  begin(): void;
  commit(): void;
  rollback(): void;
}

/** Longest pause between two tries for the lock, in milliseconds. */
const lockPauseMsMax = 6;

/** A caller that appends in a loop gives the event loop a turn at least this often, in milliseconds. */
const loopTurnMs = 10;

/** SQLite's own bound on the pages of a file (sqlite.org/limits.html 14). */
const pagesMax = 4_294_967_294;

/** Opens the file at once, so that a log that cannot be written is refused here and not at the first append. */
export function createWriter(options: WriterOptions): Writer {
  let session: Session | null = openSession(options);
  let inFlight = 0;
  let whenIdle: (() => void) | null = null;
  let lastTurn = performance.now();
  /** A transaction is open in which nothing was done. */
  let isLockKept = false;

  /**
   * Runs the work in a transaction of its own, waiting for the lock if need be.
   *
   * @param isLost  Whether the lock is worth keeping for another try.
   */
  async function transact<T>(work: (session: Session) => T, isLost: (value: T) => boolean = () => false): Promise<T> {
    const deadline = performance.now() + options.busyTimeoutMs;
    inFlight += 1;
    try {
      for (;;) {
        const outcome = tryOnce(work, isLost);
        if ('value' in outcome) {
          if (!isLockKept && performance.now() - lastTurn >= loopTurnMs) await takeTurn();
          return outcome.value;
        }
        if (performance.now() > deadline) throw outcome.busy;
        await sleep(1 + Math.random() * (lockPauseMsMax - 1));
      }
    } finally {
      inFlight -= 1;
      if (inFlight === 0) whenIdle?.();
    }
  }

  /** Transactions run without a pause, and awaiting one that is done is no turn of the loop: timers and sockets would starve. */
  async function takeTurn(): Promise<void> {
    await letOthersWork();
    lastTurn = performance.now();
  }

  function tryOnce<T>(work: (session: Session) => T, isLost: (value: T) => boolean): { readonly value: T } | { readonly busy: unknown } {
    const current = (session ??= openSession(options));
    try {
      if (!isLockKept) current.begin();
      isLockKept = false;
    } catch (error) {
      if (engineCode(error)?.startsWith('SQLITE_BUSY') === true) return { busy: engineError(error) };
      throw failed(current, error);
    }
    try {
      const value = work(current);
      if (isLost(value)) keepLock(current);
      else current.commit();
      return { value };
    } catch (error) {
      throw failed(current, error);
    }
  }

  function keepLock(current: Session): void {
    isLockKept = true;
    setImmediate(() => {
      if (!isLockKept || session !== current) return;
      isLockKept = false;
      try {
        current.commit();
      } catch (error) {
        // Nobody's answer hangs on it; what the connection is worth now is settled as after any other failure.
        failed(current, error);
      }
    });
  }

  /** Takes the transaction back and everything remembered from it; gives up a connection whose disk failed. */
  function failed(current: Session, error: unknown): unknown {
    current.appender.forgetAll();
    try {
      current.rollback();
    } catch {
      // The engine has rolled back already, or cannot: either way the connection is not to be used again.
      discard(current);
    }
    if (engineCode(error)?.startsWith('SQLITE_IOERR') === true) discard(current);
    return engineError(error);
  }

  function discard(current: Session): void {
    current.db.close();
    session = null;
    isLockKept = false;
  }

  return {
    async append(commits) {
      try {
        return await transact(({ appender }) => appender.append(commits, false), areLost);
      } catch (error) {
        if (!isTakenId(error)) throw error;
        return await transact(({ appender }) => appender.append(commits, true));
      }
    },
    kvPut: (key, value, expect) => transact(({ kv }) => kv.put(key, value, expect)),
    async forget(positions, reason) {
      const dropped = await transact(({ forgetter }) => forgetter.forget(positions, reason));
      const deadline = performance.now() + options.busyTimeoutMs;
      while (session?.forgetter.truncateJournal() === false) {
        if (performance.now() > deadline) throw journalInUse(dropped);
        await sleep(lockPauseMsMax);
      }
      return dropped;
    },
    async close() {
      if (inFlight > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      session?.db.close();
      session = null;
    },
  };
}

const areLost = (results: readonly AppendResult[]): boolean => results.length > 0 && results.every((result) => !result.ok && result.reason === 'conflict');

function openSession(options: WriterOptions): Session {
  const db = openForWriting(options);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const pageBytes = Number(db.pragma('page_size', { simple: true }));
  const { fileBytesMax, limits, nowMs } = options;
  const linker = options.linkerFor(String(db.prepare('SELECT origin FROM log').pluck().get()));
  return {
    db,
    appender: createAppender(db, { limits, linker, nowMs }),
    kv: createKvWriter(db),
    forgetter: createForgetter(db, linker, nowMs),
    begin() {
      if (fileBytesMax !== undefined) db.pragma(`max_page_count = ${Math.min(pagesMax, Math.max(1, Math.floor(fileBytesMax() / pageBytes)))}`);
      begin.run();
    },
    commit: () => void commit.run(),
    rollback() {
      if (db.inTransaction) db.exec('ROLLBACK');
    },
  };
}

/** The unique index over event ids refused one. The other unique indexes cannot be met: they are judged or counted before. */
function isTakenId(error: unknown): boolean {
  return error instanceof LogError && engineCode(error.cause) === 'SQLITE_CONSTRAINT_UNIQUE';
}
