/** What the newest look at the whole log found, in this process: a log does not verify itself. */
import type { Instant, Log, Position } from '@refold/core';

export interface Verification {
  readonly at: Instant;
  readonly ok: boolean;
  /** Everything up to here was looked at. */
  readonly position: Position;
}

const known = new WeakMap<Log, Verification>();

export const lastVerification = (log: Log): Verification | null => known.get(log) ?? null;
export const noteVerification = (log: Log, verification: Verification): void => void known.set(log, verification);
