/** What the serial section is judged on: the log as it stands under the lock, and what this batch has added to it so far. */
import type { Position, Query, Revision } from '@refold/core';

/** Where a stream stands. Moved in place while a batch is staged. */
export interface Tail {
  readonly stream: number;
  revision: Revision;
  leaf: Uint8Array | null;
}

export interface HeadRow {
  position: Position;
  recordedMs: number | null;
  /** Numbers of streams that were given out. */
  streams: number;
}

/** A commit that the log holds. */
export interface KnownCommit {
  readonly first: Position;
  readonly last: Position;
  readonly digest: Uint8Array;
  readonly recordedMs: number;
  readonly revisions: ReadonlyMap<string, Revision>;
}

export interface Standing {
  readonly head: HeadRow;
  readonly commits: ReadonlyMap<string, KnownCommit>;
  readonly takenIds: ReadonlySet<string>;
  /** Streams of the batch that are there. */
  readonly tails: ReadonlyMap<string, Tail>;
  /** First position after `after` that matches, among those that were stored before this batch. */
  matchOf(query: Query, after: Position): Position | undefined;
}
