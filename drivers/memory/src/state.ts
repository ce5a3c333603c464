/** What a log in memory consists of. JavaScript runs one turn at a time, so a function that never awaits is a transaction. */
import type { AppendResult, Position, Recorded } from '@refold/core';

export type Receipt = Extract<AppendResult, { readonly ok: true }>;

export interface LogState {
  /** Element i is the event at position i + 1. Elements are replaced by `forget` only. */
  readonly events: Recorded[];
  /** Stream to the positions of its events: element i is revision i + 1. */
  readonly streams: Map<string, Position[]>;
  readonly eventPositions: Map<string, Position>;
  /** Kept for ever: idempotency has no window. */
  readonly commits: Map<string, { readonly digest: Uint8Array; readonly receipt: Receipt }>;
  /** A deleted key keeps its entry, so that its revs are never used again. */
  readonly kv: Map<string, { readonly value: Uint8Array | null; readonly rev: number }>;
  /** Milliseconds since the epoch of the last commit; null before the first. */
  lastRecordedMs: number | null;
}

export function emptyState(): LogState {
  return { events: [], streams: new Map(), eventPositions: new Map(), commits: new Map(), kv: new Map(), lastRecordedMs: null };
}

export const headOf = (state: LogState): Position => state.events.length;

export const revisionOf = (state: LogState, stream: string): number => state.streams.get(stream)?.length ?? 0;

/** The event at a position that is known to be taken. */
export function eventAt(state: LogState, position: Position): Recorded {
  const event = state.events[position - 1];
  if (event === undefined) throw new RangeError(`no event at position ${position}`);
  return event;
}
