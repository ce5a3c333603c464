/**
 * The driver port: nine functions and `close`. Domain-free, bytes in and bytes out. Everything that every engine needs
 * (arguments, limits, ids, schema, redaction, canonical bytes, batching, retries) stands once, in front of it (log.ts).
 * Semantics S1 to S24 and the conformance cases: @refold/testing. Decision: docs/decisions/0003-driver-port.md.
 */

/** Place in the whole log: 1, 2, 3, gapless, in commit order; 0 = before the first. Always a safe integer. */
export type Position = number;
/** Place in a stream: 1, 2, 3, gapless; 0 = the stream has no events. */
export type Revision = number;
/** RFC 3339, UTC, milliseconds, `Z`. */
export type Instant = string;

export interface NewEvent {
  /** UUID; unique in the log for ever. */
  readonly id: string;
  /** 1 to 512 bytes UTF-8, no control characters; opaque to the driver. */
  readonly stream: string;
  /** 1 to 128 of `A-Za-z0-9._-`. */
  readonly type: string;
  /** At most 32, each at most 256 bytes, sorted, unique; only used by `Query`. */
  readonly tags: readonly string[];
  /** Opaque; returned bit for bit. */
  readonly body: Uint8Array;
}

export interface Commit {
  /** Idempotency key, unique in the log for ever. */
  readonly id: string;
  /** 32 bytes over ids, streams, types and salted commitments. */
  readonly digest: Uint8Array;
  /** Any mix of streams; order kept. */
  readonly events: readonly [NewEvent, ...NewEvent[]];
  /** All are judged, all failures reported. */
  readonly checks?: readonly Check[];
}

export type Check =
  /** May name a stream that the commit does not write. */
  | { readonly kind: 'stream'; readonly stream: string; readonly expect: Revision | 'none' | 'exists' }
  /** Fails when an event matching `query` has a position > `after`. */
  | { readonly kind: 'query'; readonly query: Query; readonly after: Position }
  /** Whole-log lock: the head must stand at `at`. */
  | { readonly kind: 'head'; readonly at: Position };

/** Items are alternatives; within one item: any of `types`, all of `tags`. No items = everything. */
export interface Query {
  readonly items: readonly { readonly types?: readonly string[]; readonly tags?: readonly string[] }[];
}

export interface FailedCheck {
  /** Index into `Commit.checks`. */
  readonly check: number;
  /** Stream check: the actual revision. Head check: the actual head. */
  readonly actual?: number;
  /** Query check: the position of a matching event. */
  readonly match?: Position;
}

export type AppendResult =
  | { readonly ok: true; readonly duplicate: boolean; readonly first: Position; readonly last: Position; readonly recordedAt: Instant; readonly revisions: ReadonlyMap<string, Revision> }
  | { readonly ok: false; readonly reason: 'conflict'; readonly head: Position; readonly failed: readonly FailedCheck[] }
  | { readonly ok: false; readonly reason: 'commit-reused' | 'event-id-taken' | 'too-large' | 'read-only'; readonly detail: string };

/** As a reading gives it. Events of one page may share the memory of their bytes: whoever keeps `body` or a leaf for long keeps a copy. */
export interface Recorded extends NewEvent {
  readonly position: Position;
  readonly revision: Revision;
  readonly commit: string;
  /** 0-based place within the commit. */
  readonly index: number;
  readonly recordedAt: Instant;
  /** 32-byte leaf hash, where the driver links (see `Linker`). */
  readonly leaf?: Uint8Array;
  /** Leaf hash of revision - 1 of the stream; absent at revision 1. */
  readonly previousLeaf?: Uint8Array;
  /** The body was dropped by `forget`; `body` then holds its `Linker.remainder`. */
  readonly forgotten?: true;
}

export interface ReadRequest {
  /** At most one of `stream`, `query`, `ids`, `commits`; none of them = the whole log. */
  readonly stream?: string;
  readonly query?: Query;
  /** Event ids. Costs no index of its own: the engine keeps ids unique for ever anyway. */
  readonly ids?: readonly string[];
  /** Commit ids: every event of those commits. */
  readonly commits?: readonly string[];
  /** Exclusive lower and inclusive upper bound; revisions with `stream`, else positions. */
  readonly after?: number;
  readonly upTo?: number;
  /** Inclusive, against recordedAt. */
  readonly upToTime?: Instant;
  readonly direction?: 'forward' | 'backward';
  readonly limit?: number;
  /** false = `body` is empty. */
  readonly bodies?: boolean;
  /** false = `tags` may be empty, for who does not look at them: taking them apart is a tenth of reading an event. */
  readonly tags?: boolean;
}

export interface Page {
  readonly events: readonly Recorded[];
  /** Value for `after` (forward) or `upTo` (backward) of a request that goes on here; null at the end. */
  readonly next: number | null;
  /** Every matching event at or below this position that the page's range covers is in the page. */
  readonly head: Position;
}

export interface Head {
  readonly position: Position;
  readonly recordedAt: Instant | null;
  /** Changes whenever an acknowledged suffix may be lost or the log was restored. */
  readonly epoch: string;
}

export interface StreamInfo {
  readonly stream: string;
  readonly revision: Revision;
  readonly first: Position;
  readonly last: Position;
}

export interface StreamsRequest {
  readonly prefix?: string;
  /** Exclusive, by bytes. */
  readonly after?: string;
  readonly limit?: number;
}

export interface Capabilities {
  readonly durability: 'fsync' | 'quorum' | 'interval' | 'memory';
  readonly writers: 'one-process' | 'one-host' | 'many-hosts';
  readonly commitBytesMax: number;
  readonly commitEventsMax: number;
  readonly query: 'indexed' | 'scan';
  readonly watch: 'push' | 'poll';
  readonly forget: boolean;
  readonly cluster: boolean;
}

/**
 * Pure functions that the core lends a driver so that what hangs on the serial order is made inside the append
 * transaction: acknowledged = integrated (TRUST.md 4.1). A driver without a linker leaves `leaf` absent.
 */
export interface Linker {
  /** Leaf hash (32 bytes) of an event at its final place. `previousLeaf` is null at revision 1. */
  link(event: Omit<Recorded, 'leaf' | 'previousLeaf'>, previousLeaf: Uint8Array | null): Uint8Array;
  /** What stays of a body that is forgotten: enough to rebuild the leaf, nothing of the payload. */
  remainder(event: Pick<Recorded, 'id' | 'body'>): Uint8Array;
}

export interface LogDriver {
  readonly capabilities: Capabilities;
  /** Commits are independent; results in input order; later ones see earlier ones; one durable write for the batch. */
  append(commits: readonly Commit[]): Promise<readonly AppendResult[]>;
  /** Finite; each page is complete up to its head. An empty answer still gives one page, with the head. */
  read(request: ReadRequest, signal?: AbortSignal): AsyncIterable<Page>;
  head(): Promise<Head>;
  streams(request: StreamsRequest): Promise<readonly StreamInfo[]>;
  /** Hints that the head passed `after`: coalesced, never data, never going back, never ending silently. */
  watch(after: Position, signal: AbortSignal): AsyncIterable<Position>;
  kvGet(key: string): Promise<{ readonly value: Uint8Array; readonly rev: number } | null>;
  /** Compare and set; null deletes. Revs rise per key and are never reused, also after a delete. */
  kvPut(key: string, value: Uint8Array | null, expect: number | 'absent'): Promise<number | 'conflict'>;
  kvList(prefix: string, after?: string, limit?: number): Promise<readonly { readonly key: string; readonly rev: number }[]>;
  /** Drops bodies and keeps remainders; returns how many bodies were dropped now. */
  forget(positions: readonly Position[], reason: string): Promise<number>;
  close(): Promise<void>;
}
