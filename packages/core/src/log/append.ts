/**
 * What a caller asks of an append and what he gets back. One append writes one commit: events of one or more streams, all
 * or none, once however often it is sent.
 */
import type { PendingEvent } from './complete.ts';
import type { Instant, Position, Revision } from './driver.ts';
import type { Actor, EventInput, ExpectedRevision, TraceContext } from './event.ts';

export interface AppendRequest {
  /** 1 to `limits.commitEventsMax` events, of one or more streams; order kept. */
  readonly events: readonly EventInput[];
  /** Judged on the stream of the first event. Default "any", which never fails because of a race. */
  readonly expectedRevision?: ExpectedRevision;
  /** Further streams that must stand where the caller saw them, by address `type/id`; they need not be written. */
  readonly expectedRevisions?: { readonly [stream: string]: ExpectedRevision };
  /**
   * Idempotency key. The same id with the same content answers the first receipt, for ever. Default: derived from the
   * events' ids when the caller gives them, else new.
   */
  readonly commitId?: string;
  /** enforce: an illegal transition is refused. flag: it is written and marked. Default: the log's setting. */
  readonly transitions?: 'enforce' | 'flag';
  /** Unknown types and payloads that break their schema: refuse or flag. Default: the log's setting. */
  readonly validation?: 'strict' | 'flag';
  /** Who is signed in. He becomes the actor; another one in the input is kept as `metadata.claimedActor`. */
  readonly principal?: Actor;
  /** How the addresses begin that the caller is held to: no other stream may be written or asked about. */
  readonly streamPrefix?: string;
  /** The trace that it is made in: of its events, those that name none link to it. Where spans are recorded, the append is one inside it. */
  readonly trace?: TraceContext;
  /** Replaces lone surrogates instead of refusing them, and marks it in `metadata.sanitized` (importers). */
  readonly sanitize?: boolean;
  /** Moves the largest texts of an event that would not fit into blobs, instead of refusing it (importers, SDK). */
  readonly spill?: boolean;
  /**
   * Told when the events were judged and are on their way, before anything is durable: from here on only weather, or a writer in
   * another process who was faster, can keep them out. Told again when such a race was lost and they were judged anew. A commit
   * that is sent after this comes behind this one in the log. It must not throw.
   */
  readonly onQueued?: (events: readonly PendingEvent[]) => void;
}

/** Where one event of the commit stands. */
export interface AppendedEvent {
  readonly id: string;
  readonly type: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly revision: Revision;
  readonly position: Position;
}

export interface AppendReceipt {
  readonly commitId: string;
  /** True when this commit was already in the log; nothing was written now. */
  readonly duplicate: boolean;
  readonly events: readonly AppendedEvent[];
  readonly first: Position;
  readonly last: Position;
  readonly recordedAt: Instant;
  /** What was taken although a rule says otherwise (`flag`), one sentence each. */
  readonly warnings: readonly string[];
}
