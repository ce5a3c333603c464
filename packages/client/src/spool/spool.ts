/**
 * Appends that outlive an absent server. While it answers, they go to it at once; when it is away they are taken on disk, and the
 * caller goes on. They are sent in the order they were taken, one after the other, as soon as it is back; as long as any waits,
 * new ones wait behind it.
 *
 * Nothing is stored twice: a commit has its id before it is tried for the first time. Nothing is lost: a commit leaves the disk when the
 * log has it. What the log refuses for good is kept apart, with the reason, and holds nobody up.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LogError, hexOf, isLogError } from '@refold/core';
import type { AppendReceipt, ErrorCode } from '@refold/core';
import type { Client, InputOf } from '../create-client.ts';
import { jsonOf } from '../request.ts';
import { pause, waitBefore } from '../retry.ts';
import { defaultSpoolLimits } from './limits.ts';
import type { SpoolLimits } from './limits.ts';
import { lockFolder } from './lock.ts';
import { openSpoolFile } from './spool-file.ts';
import type { SpoolFile } from './spool-file.ts';

export interface SpoolOptions {
  readonly client: Pick<Client, 'appendEvents'>;
  /** For this process alone; it is made when it is not there. */
  readonly folder: string;
  readonly limits?: Partial<SpoolLimits>;
  /** Is told when a commit that had been taken is refused for good. */
  readonly onRefused?: (refused: RefusedCommit) => void;
}

export interface RefusedCommit {
  readonly commitId: string;
  readonly error: LogError;
}

/** Where a commit is: in the log, with its receipt, or on disk. */
export type Taken = { readonly commitId: string; readonly receipt: AppendReceipt } | { readonly commitId: string; readonly receipt: null };

export interface SpoolStatus {
  /** Commits that wait, and bytes on disk, what was refused included. */
  readonly waiting: number;
  readonly bytes: number;
  /** Commits that were refused for good since the spool was opened. */
  readonly refused: number;
  /** Why the oldest one still waits; null when it was not tried yet. */
  readonly error: LogError | null;
}

export interface Spool {
  /**
   * Resolves when the commit is safe: in the log, or on disk.
   *
   * @throws LogError what the log refuses it with; LOG_UNAVAILABLE `spool_full`, `spool_failed`, `spool_closed`.
   */
  append(request: InputOf<'appendEvents'>): Promise<Taken>;
  status(): SpoolStatus;
  /** Resolves when nothing waits. @throws the signal's reason. */
  drained(signal?: AbortSignal): Promise<void>;
  /** Stops sending; what waits stays on disk for the next who opens it. */
  close(): Promise<void>;
}

/** @throws LogError LOG_LOCKED `spool` when another process has it; LOG_CORRUPT `spool` when a file is damaged. */
export async function openSpool({ client, folder, limits: given, onRefused = () => undefined }: SpoolOptions): Promise<Spool> {
  const limits: SpoolLimits = { ...defaultSpoolLimits, ...given };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  const [waiting, refusals] = await openFiles(folder, limits).catch(async (thrown: unknown) => {
    await lock.release();
    throw thrown;
  });
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let refused = 0;
  let error: LogError | null = null;
  let draining: Promise<void> | null = null;

  const send = (request: InputOf<'appendEvents'>): Promise<AppendReceipt> => client.appendEvents(request, { timeoutMs: limits.sendMsMax, retriesMax: 0, signal: closing.signal });

  async function append(commit: Commit): Promise<Taken> {
    const { commitId } = commit;
    if (waiting.waiting === 0)
      try {
        return { commitId, receipt: await send(commit) };
      } catch (thrown) {
        if (!closing.signal.aborted && !isAway(thrown)) throw thrown;
      }
    await waiting.append(jsonOf({ commit, at: new Date().toISOString() } satisfies Waiting));
    drainOn();
    return { commitId, receipt: null };
  }

  function drainOn(): void {
    draining ??= drain().finally(() => {
      draining = null;
      // Something may have come between the last look and the end.
      if (waiting.waiting > 0 && !closing.signal.aborted) drainOn();
    });
  }

  async function drain(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted)
      try {
        const text = await waiting.first();
        if (text === null) return;
        const refusal = await settle(JSON.parse(text) as Waiting);
        await waiting.dropFirst();
        [failures, error] = [0, null];
        if (refusal !== null) onRefused(refusal);
      } catch (thrown) {
        // Whatever it is, the commit waits.
        if (closing.signal.aborted) return;
        error = asLogError(thrown);
        await pause(waitBefore(error, failures++, limits) ?? limits.retryAfterMsMax, closing.signal).catch(() => undefined);
      }
  }

  /** Brings a commit into the log, or sets it aside when the log will never take it. */
  async function settle({ commit, at }: Waiting): Promise<RefusedCommit | null> {
    try {
      await send(withTime(commit, at)).catch((thrown: unknown) => {
        if (!isLogError(thrown, 'DUPLICATE_ID')) throw thrown;
        // It may have been stored at its first attempt, at the log's own time. The log compares what is said.
        return send(commit);
      });
      return null;
    } catch (thrown) {
      if (closing.signal.aborted || isAway(thrown)) throw thrown;
      const refusal = asLogError(thrown);
      await refusals.append(JSON.stringify({ code: refusal.code, detail: refusal.message, details: refusal.details, request: commit }));
      refused++;
      return { commitId: commit.commitId, error: refusal };
    }
  }

  if (waiting.waiting > 0) drainOn();

  return {
    async append(request) {
      closing.signal.throwIfAborted();
      const taken = append(commitOf(request));
      underWay.add(taken);
      return await taken.finally(() => underWay.delete(taken));
    },
    status: () => ({ waiting: waiting.waiting, bytes: waiting.bytes + refusals.bytes, refused, error }),
    async drained(signal) {
      while (draining !== null) await (signal === undefined ? draining : Promise.race([draining, aborted(signal)]));
    },
    async close() {
      closing.abort(new LogError('LOG_UNAVAILABLE', 'The spool is closed.', { details: { reason: 'spool_closed' } }));
      await Promise.allSettled([...underWay, draining]);
      await Promise.all([waiting.close(), refusals.close()]);
      await lock.release();
    },
  };
}

type Commit = InputOf<'appendEvents'> & { readonly commitId: string };

interface Waiting {
  readonly commit: Commit;
  /** When it was taken. */
  readonly at: string;
}

/** What makes it the same commit whenever it is sent. */
const commitOf = (request: InputOf<'appendEvents'>): Commit => ({ ...request, commitId: request.commitId ?? hexOf(crypto.getRandomValues(new Uint8Array(16))) });

/** An event that waited happened when it was told, not when it arrives. */
const withTime = (commit: Commit, at: string): Commit => ({ ...commit, events: commit.events.map((event) => ({ occurredAt: at, ...event })) });

/** The log may take it later: nobody answered, or somebody has to set the server or the credential right first. */
const isAway = (thrown: unknown): boolean => thrown instanceof LogError && awayCodes.has(thrown.code);
const awayCodes: ReadonlySet<ErrorCode> = new Set(['LOG_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'QUERY_TIMEOUT', 'RATE_LIMITED', 'UNAUTHENTICATED', 'HOST_NOT_ALLOWED', 'ORIGIN_NOT_ALLOWED', 'LOG_LOCKED', 'LOG_CORRUPT', 'LOG_ROLLED_BACK']);

const asLogError = (thrown: unknown): LogError => (thrown instanceof LogError ? thrown : new LogError('INTERNAL', 'Sending failed in a way that was not expected.', { cause: thrown }));

async function openFiles(folder: string, { spoolBytesMax }: SpoolLimits): Promise<readonly [SpoolFile, SpoolFile]> {
  // While a refused commit is set aside it stands in both.
  const refusals = await openSpoolFile(join(folder, 'refused.log'), () => spoolBytesMax);
  const waiting = await openSpoolFile(join(folder, 'waiting.log'), () => spoolBytesMax - refusals.bytes).catch(async (thrown: unknown) => {
    await refusals.close();
    throw thrown;
  });
  return [waiting, refusals];
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  if (signal.aborted) reject(signal.reason as Error);
  return promise;
}
