/** What the verbs of `EventStore` take and give, beside the shapes of the core. */
import type { AppendRequest, EventEnvelope, EventInput, ExpectedRevision, State, TimeTravelResult, TimelineRow } from '@refold/core';
import type { DocumentedEvent } from './documented-event.ts';
import type { StreamAddress } from './store-session.ts';

/** An event of our own envelope, or in the words of documents 000 to 002. */
export type NewEvent = EventInput | DocumentedEvent;

/** An event that is ready to save: with an id, so that saving it twice stores it once. */
export type EventDraft = EventInput & { readonly id: string; readonly occurredAt: string; readonly version?: number };

export interface AppendOptions {
  /** Revision that the stream of the first event must stand at. Default "any". */
  readonly expectedRevision?: ExpectedRevision;
  /** Idempotency key. Default: made from the events' ids, when they have some. */
  readonly commitId?: string;
  /** Told when the events were judged and are on their way, before they are durable; again when they had to be judged anew. */
  readonly onQueued?: NonNullable<AppendRequest['onQueued']>;
}

/** Where to stand in a stream; at most one place, none = the newest event. */
export interface ReconstructStateOptions {
  /** As it happened: exactly the events with `occurredAt` up to it. */
  readonly at?: string | Date;
  readonly atTimestamp?: string | Date;
  /** As known then: what had been recorded up to it. */
  readonly recordedAt?: string | Date;
  readonly revision?: number;
  readonly position?: number;
  /** Default true. The answer is the same; false folds every event. */
  readonly useSnapshot?: boolean;
}

export interface HistoryQuery {
  /** Exclusive lower and inclusive upper bound, revisions. */
  readonly after?: number;
  readonly upTo?: number;
  /** Entries at most. Default 100. */
  readonly limit?: number;
  /** Adds the state after each event. */
  readonly withState?: boolean;
  /** JSON pointer: only events that changed something there. */
  readonly path?: string;
}

export interface EventStream extends StreamAddress {
  readonly revision: number;
  /** Document 002's word for `revision`. */
  readonly version: number;
  readonly events: readonly EventEnvelope[];
  readonly state: State;
}

/** Document 000's form of the question, with names. */
export interface TimeTravelQuery {
  readonly issueKey: string;
  readonly queryTimestamp: string | Date;
  /** Events on each side. Default 5. */
  readonly window?: number;
}

/** What `timeTravelQuery` answers; `timeline` is that of the whole stream. */
export type TimeTravelView = TimeTravelResult & { readonly timeline: readonly TimelineRow[] };
