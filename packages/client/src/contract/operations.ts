/** What each operation takes and gives. Written by `npm run contract` from the table of operations; do not edit. */
import type { Actor, AppendReceipt, EntityRef, EventEnvelope, EventInput } from '@refold/core';
import type { AgentMetric, ApiKey, BlobRef, Breakpoint, Checkpoint, DebugInfo, DebugNote, DebugStop, DebugTimelineEntry, Divergence, Effect, EventType, Filter, Finding, Flip, JobUpdate, Mark, NewApiKey, OrchestratorStatus, PageRequest, Patch, RecordedReplayStep, ReplayReport, ReplayRun, Run, Snapshot, State, StateView, Stream, SystemRow, TimelineRow, Violation, Watch, WorkDone, WorkObject } from './types.ts';

export interface Operations {
  /** Appends events of one or more streams as one commit: all or none, once however often it is sent. */
  readonly appendEvents: {
    readonly input: {
      readonly events: readonly EventInput[];
      /** Revision the caller last saw; 0 or none = must not exist; exists; any (default) checks nothing. */
      readonly expectedRevision?: unknown;
      readonly expectedRevisions?: { readonly [name: string]: number | 'any' | 'none' | 'exists' } | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      readonly transitions?: 'enforce' | 'flag' | undefined;
    };
    readonly output: AppendReceipt;
  };
  /** Lists the events a filter asks for, in the log's order, in pages. */
  readonly queryEvents: {
    readonly input: Filter & PageRequest;
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Follows the log: the events a filter asks for, from a position on, then as they come. */
  readonly tailEvents: {
    readonly input: Filter & {
      /** Resumes after this position; default: the newest event. */
      readonly afterPosition?: number | string | undefined;
      readonly fromStart?: boolean | 'true' | 'false' | undefined;
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
      /** true: only types that live channels carry; a list: only these types. */
      readonly broadcast?: boolean | readonly string[] | string | undefined;
    };
    readonly item: EventEnvelope;
  };
  /** Judges events as an append would, on the newest states of their streams, without appending them. */
  readonly validateEvents: {
    readonly input: {
      readonly events: readonly EventInput[];
      /** state (default): may each follow what its stream holds and the sound events before it? rules: each event alone, wherever it stands. */
      readonly against?: 'state' | 'rules' | undefined;
      /** Idempotency key that the append would have. */
      readonly commitId?: string | undefined;
    };
    readonly output: {
      readonly ok: boolean;
      readonly results: readonly ({
        readonly index: number;
        readonly ok: boolean;
        readonly violations: readonly { readonly code: string; readonly detail: string; readonly pointer: string | null }[];
      })[];
    };
  };
  /** Spans of what begins and ends, points for the rest, in lanes. */
  readonly timeline: {
    readonly input: Filter & { readonly lanes?: readonly string[] | string | undefined; readonly rows?: number | string | undefined };
    readonly output: { readonly rows: readonly TimelineRow[]; readonly truncated: boolean; readonly warnings?: readonly string[] };
  };
  /** Counts of the events a filter asks for: by type, actor, stream type, priority, day, and over time. */
  readonly stats: {
    readonly input: Filter & { readonly bucket?: 'minute' | 'hour' | 'day' | undefined };
    readonly output: {
      readonly total: number;
      readonly from: string | null;
      readonly to: string | null;
      readonly byType: { readonly [name: string]: number };
      readonly byActor: { readonly [name: string]: number };
      readonly byStreamType: { readonly [name: string]: number };
      readonly byPriority: { readonly [name: string]: number };
      readonly byDate: { readonly [name: string]: number };
      readonly buckets: readonly {
        /** RFC 3339, UTC. */
        readonly start: string;
        readonly count: number;
      }[];
      readonly warnings?: readonly string[];
    };
  };
  /** Every event of one conversation, in position order. */
  readonly correlationEvents: {
    readonly input: PageRequest & { readonly id: string };
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Is a conversation whole? Causes, nesting, revisions, hashes, order and transitions, everything found. */
  readonly validateCorrelation: {
    readonly input: { readonly id: string };
    readonly output: {
      readonly ok: boolean;
      readonly correlationId: string;
      readonly checked: number;
      readonly streams: readonly {
        readonly type: string;
        readonly id: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly fromRevision: number;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly toRevision: number;
      }[];
      readonly violations: readonly Violation[];
    };
  };
  /** Every event of one session. */
  readonly sessionEvents: {
    readonly input: PageRequest & { readonly key: string };
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Events of an entity and of what refers to it, up to three steps away. */
  readonly entityEvents: {
    readonly input: PageRequest & { readonly type: string; readonly id: string };
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** One event by its id. */
  readonly getEvent: { readonly input: { readonly id: string }; readonly output: EventEnvelope };
  /** What caused an event, up to the first, and what it caused; recorded links only. */
  readonly traceEvent: {
    readonly input: {
      readonly id: string;
      readonly direction?: 'up' | 'down' | 'both' | undefined;
      readonly depth?: number | string | undefined;
    };
    readonly output: {
      readonly event: EventEnvelope;
      readonly causes: readonly EventEnvelope[];
      readonly effects: readonly Effect[];
      readonly dangling: readonly { readonly eventId: string; readonly causationId: string }[];
      readonly truncated: boolean;
    };
  };
  /** Was this commit written? Answers its events; decides an unknown outcome. */
  readonly getCommit: {
    readonly input: { readonly id: string };
    readonly output: {
      readonly id: string;
      /** RFC 3339, UTC. */
      readonly recordedAt: string;
      readonly events: readonly EventEnvelope[];
    };
  };
  /** Stores content that is too large for an event; the answer goes into the payload in its place. */
  readonly putBlob: {
    readonly input: {
      readonly base64: string;
      readonly mediaType?: string | undefined;
      /** What the content should be; anything else is refused. */
      readonly sha256?: string | undefined;
    };
    readonly output: { readonly $blob: BlobRef };
  };
  /** The content of a blob. */
  readonly getBlob: {
    readonly input: { readonly sha256: string };
    readonly output: { readonly sha256: string; readonly bytes: number; readonly mediaType: string; readonly base64: string };
  };
  /** Lists streams by address, with the revision each stands at. */
  readonly listStreams: {
    readonly input: {
      readonly type?: string | undefined;
      readonly prefix?: string | undefined;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly Stream[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** One stream: its newest revision, its number of events, and its state. */
  readonly getStream: {
    readonly input: { readonly streamType: string; readonly streamId: string };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly first: number;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly last: number;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly version: number;
      readonly events: number;
      readonly state: State;
    };
  };
  /** The events of one stream, by revision. */
  readonly streamEvents: {
    readonly input: PageRequest & {
      readonly streamType: string;
      readonly streamId: string;
      readonly fromRevision?: number | string | undefined;
      readonly toRevision?: number | string | undefined;
    };
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** The events of one stream as the rows of a list: no payloads, one line of text each. */
  readonly streamRows: {
    readonly input: Filter & {
      readonly streamType: string;
      readonly streamId: string;
      /** First revision, inclusive; default 1. */
      readonly fromRevision?: number | string | undefined;
      /** Last revision, inclusive; default the newest. */
      readonly toRevision?: number | string | undefined;
      /** Rows at most; default 500, up to 1000. */
      readonly limit?: number | string | undefined;
    };
    readonly output: {
      /** Newest revision of the stream. */
      readonly head: number;
      readonly rows: readonly (readonly [number, string, string, string, string, string, string | null, number | null, number | null, number, string])[];
      /** Where the next rows begin; null when these were all. */
      readonly next: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Which revisions of a stream a filter finds, one bit each: exact counts and the length of a filtered list. */
  readonly streamIndex: {
    readonly input: Filter & { readonly streamType: string; readonly streamId: string };
    readonly output: {
      /** Newest revision that was looked at. */
      readonly head: number;
      readonly matched: number;
      /** Base64; revision r is the bit r - 1, the lowest bit of a byte first. */
      readonly bitmap: string;
      readonly warnings?: readonly string[];
    };
  };
  /** Finds the stream that an id without a type names. */
  readonly resolveStream: { readonly input: { readonly id: string }; readonly output: { readonly streamType: string; readonly streamId: string } };
  /** One stream by its id alone: its newest revision, its number of events, and its state. */
  readonly getAggregate: {
    readonly input: { readonly id: string };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly first: number;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly last: number;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly version: number;
      readonly events: number;
      readonly state: State;
    };
  };
  /** The events of one stream by its id alone, by revision. */
  readonly aggregateEvents: {
    readonly input: PageRequest & {
      readonly id: string;
      readonly fromRevision?: number | string | undefined;
      readonly toRevision?: number | string | undefined;
    };
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Folds the stream that an id alone names to a place. */
  readonly aggregateState: {
    readonly input: {
      readonly id: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      readonly useSnapshot?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: StateView;
  };
  /** Folds a stream to a place: a revision, an instant as it happened or as known then, a position. */
  readonly stateAt: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      readonly useSnapshot?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: StateView;
  };
  /** What was under way at a place: what had begun or waited and had not ended, with the events that say so. */
  readonly openAt: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
    };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly head: number;
      readonly asOf: string | null;
      readonly stragglers: number;
      readonly items: readonly ({
        readonly lane: string;
        readonly label: string;
        readonly status: string;
        /** RFC 3339, UTC. */
        readonly since: string;
        readonly begunBy: {
          readonly eventId: string;
          readonly type: string;
          /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
          readonly revision: number;
          /** RFC 3339, UTC. */
          readonly at: string;
        };
        readonly setBy: {
          readonly eventId: string;
          readonly type: string;
          /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
          readonly revision: number;
          /** RFC 3339, UTC. */
          readonly at: string;
        };
      })[];
    };
  };
  /** How a stream became what it is: one entry per event with what that event changed. */
  readonly stateHistory: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly after?: number | string | undefined;
      readonly upTo?: number | string | undefined;
      /** Only what happened at this instant or later. */
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      readonly limit?: number | string | undefined;
      readonly withState?: boolean | 'true' | 'false' | undefined;
      /** JSON pointer: only what changed there. */
      readonly path?: string | undefined;
    };
    readonly output: {
      readonly entries: readonly ({
        /** RFC 3339, UTC. */
        readonly at: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        readonly eventId: string;
        readonly type: string;
        readonly actor: Actor;
        readonly changes: { readonly [name: string]: { readonly before?: unknown; readonly after?: unknown } };
        readonly state?: State;
      })[];
      readonly next: number | null;
    };
  };
  /** What differs between two places of one stream, or of two. */
  readonly diffStates: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly fromPlace?: string | undefined;
      readonly toPlace?: string | undefined;
      readonly fromRevision?: number | string | undefined;
      readonly toRevision?: number | string | undefined;
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      /** The second place is in this stream; default the same one. */
      readonly againstType?: string | undefined;
      readonly againstId?: string | undefined;
      readonly path?: string | undefined;
    };
    readonly output: {
      readonly from: {
        readonly streamType: string;
        readonly streamId: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** The instant asked for; by number, when the last event happened. */
        readonly asOf: string | null;
        readonly stateHash: string;
        readonly fromSnapshot: number | null;
        readonly eventsFolded: number;
        /** Newest revision of the stream. */
        readonly head: number;
        /** Events recorded after the clean prefix that had happened by the instant. */
        readonly stragglers: number;
        readonly warnings: readonly string[];
      };
      readonly to: {
        readonly streamType: string;
        readonly streamId: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** The instant asked for; by number, when the last event happened. */
        readonly asOf: string | null;
        readonly stateHash: string;
        readonly fromSnapshot: number | null;
        readonly eventsFolded: number;
        /** Newest revision of the stream. */
        readonly head: number;
        /** Events recorded after the clean prefix that had happened by the instant. */
        readonly stragglers: number;
        readonly warnings: readonly string[];
      };
      readonly patches: readonly Patch[];
    };
  };
  /** A look around at an instant: the state then, what had just happened, what came next, and the timeline. */
  readonly timeTravel: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly at: string;
      readonly window?: number | string | undefined;
    };
    readonly output: {
      /** RFC 3339, UTC. */
      readonly queryTimestamp: string;
      readonly state: State;
      readonly stateHash: string;
      readonly surroundingEvents: readonly EventEnvelope[];
      readonly stateSummary: {
        readonly status: string;
        readonly currentPhase: string | null;
        readonly activeAgents: readonly string[];
        readonly completedPhases: readonly string[];
      };
      readonly timeline: readonly TimelineRow[];
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      readonly before: number;
      readonly after: number;
      readonly later: readonly string[];
      readonly stragglers: number;
      readonly warnings: readonly string[];
    };
  };
  /** Which event set the value at a JSON pointer of the state, and what stood there before; one answer per leaf. */
  readonly provenance: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      readonly path: string;
    };
    readonly output: {
      readonly items: readonly ({
        readonly path: string;
        readonly value?: unknown;
        readonly before?: unknown;
        readonly setBy: {
          readonly eventId: string;
          readonly type: string;
          /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
          readonly revision: number;
          readonly position: number | null;
          /** RFC 3339, UTC. */
          readonly occurredAt: string;
          readonly actor: Actor;
        } | null;
        readonly removed?: true;
      })[];
    };
  };
  /** How many events of which family stand where on an axis, in at least as many buckets as there are pixels. */
  readonly lod: {
    readonly input: Filter & {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, or active milliseconds; inclusive, as the axis says. Default: all there is. */
      readonly from?: string | number | undefined;
      readonly to?: string | number | undefined;
      /** revision (default), time, or active: time in which a silence counts at most 60000 ms. */
      readonly axis?: 'revision' | 'time' | 'active' | undefined;
      /** Buckets wanted at least, up to 4096; default 1,024. */
      readonly px?: number | string | undefined;
    };
    readonly output: {
      readonly axis: 'revision' | 'time' | 'active';
      /** The width is two to the power of it. */
      readonly level: number;
      readonly from: string | number;
      readonly to: string | number;
      /** Revisions or milliseconds per bucket. */
      readonly width: number;
      /** Events that the filter asks for, in the whole stream. */
      readonly events: number;
      readonly families: readonly string[];
      /** [count, topFamily, maxSeverity, firstRevision, [perFamily]], one for each bucket from `from` on. */
      readonly buckets: readonly (readonly [number, string | null, string | null, number | null, readonly number[]])[];
    };
  };
  /** What a person finds their way by in a long stream: its own life, phases, checkpoints, gaps, long silences, and on demand the first bad event. */
  readonly marks: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** Revision, inclusive; default the first. */
      readonly from?: number | string | undefined;
      readonly to?: number | string | undefined;
      /** Marks at most; default 1,000, up to 10,000. Of more, the rare kinds are told whole and the others evenly thinned out. */
      readonly limit?: number | string | undefined;
      /** Also the first bad event; it costs a fold of the whole stream. */
      readonly firstBad?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: {
      readonly items: readonly Mark[];
      /** Marks in the window, those left out too. */
      readonly total: number;
      /** Shortest silence that is a mark. */
      readonly waitMs: number;
    };
  };
  /** All live streams at one instant: where each stood, its last event, and how many events were told late. */
  readonly systemState: {
    readonly input: {
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      /** Only this kind of stream. */
      readonly type?: string | undefined;
      /** true also lists streams that had come to an end. */
      readonly all?: boolean | 'true' | 'false' | undefined;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      /** The instant asked for; null for now. */
      readonly asOf: string | null;
      readonly items: readonly SystemRow[];
      /** Streams looked at for this page. */
      readonly scanned: number;
      /** Of the rows of this page together. */
      readonly stragglers: number;
      readonly nextCursor: string | null;
    };
  };
  /** Every change of truth of an expression over a stream; unknown is never told as false. */
  readonly flips: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly expression: string;
      readonly after?: number | string | undefined;
      readonly upTo?: number | string | undefined;
    };
    readonly output: {
      readonly items: readonly Flip[];
      readonly summary: {
        readonly events: number;
        readonly flips: number;
        readonly unknown: number;
        readonly start: boolean | 'unknown';
        readonly end: boolean | 'unknown';
        readonly firstError: string | null;
      };
      readonly truncated: boolean;
    };
  };
  /** What if: a copy of a history with edits, folded by the same rules and compared; nothing is stored. */
  readonly fork: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      readonly edits: readonly ({ readonly op: 'omit'; readonly at: number | string } | {
        readonly op: 'replace';
        readonly at: number | string;
        readonly event: { readonly type: string; readonly data: { readonly [name: string]: unknown }; readonly [name: string]: unknown };
      } | {
        readonly op: 'insert';
        readonly after: number | string;
        readonly event: { readonly type: string; readonly data: { readonly [name: string]: unknown }; readonly [name: string]: unknown };
      } | { readonly op: 'set'; readonly at: number | string; readonly pointer: string; readonly value: unknown })[];
      /** Takes what the rules forbid. */
      readonly lenient?: boolean | undefined;
    };
    readonly output: {
      readonly base: StateView;
      readonly variant: StateView;
      /** From the state as it is to the state with the edits. */
      readonly diff: readonly Patch[];
      readonly rejected: readonly { readonly index: number; readonly code: string; readonly detail: string }[];
      readonly applied: number;
      readonly consequences: readonly {
        readonly eventId: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly baseRevision: number;
        readonly code: string;
        readonly detail: string;
      }[];
    };
  };
  /** Where two runs part: aligned by the agent tree, the first difference and its kind. */
  readonly divergence: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** Address of the run that worked, type/id. */
      readonly against: string;
      readonly align?: 'causal' | 'index' | undefined;
      readonly context?: number | string | undefined;
      readonly upTo?: number | string | undefined;
      /** JSON pointers into payloads that may differ, `*` for any text. */
      readonly ignorePointers?: readonly string[] | string | undefined;
      /** Globs over event types that are not compared. */
      readonly ignoreTypes?: readonly string[] | string | undefined;
    };
    readonly output: {
      readonly equal: boolean;
      readonly first: Divergence | null;
      readonly later: number;
      readonly compared: { readonly run: number; readonly reference: number; readonly equal: number };
      readonly context: {
        readonly run: readonly {
          /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
          readonly revision: number;
          readonly eventId: string;
          readonly type: string;
          readonly place: string;
          readonly [name: string]: unknown;
        }[];
        readonly reference: readonly {
          /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
          readonly revision: number;
          readonly eventId: string;
          readonly type: string;
          readonly place: string;
          readonly [name: string]: unknown;
        }[];
      };
      readonly rules: { readonly [name: string]: unknown };
      readonly states: 'equal' | 'differ' | 'not_compared';
      readonly truncated: boolean;
    };
  };
  /** Whether a state that somebody keeps (a read model, an export, an expectation) is what the log says, and which event set what differs. */
  readonly compareState: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      /** The whole state, as stateAt answers it in "state". */
      readonly expected: { readonly [name: string]: unknown };
      /** JSON pointers into the state that are not compared, `*` for any text. */
      readonly ignorePointers?: readonly string[] | string | undefined;
    };
    readonly output: {
      readonly equal: boolean;
      readonly first: Divergence | null;
      /** Every pointer that differs, at most 1,000. */
      readonly paths: readonly string[];
      readonly differences: number;
    };
  };
  /** The first bad event and the chain from it; recorded edges and inferred ones are told apart. */
  readonly blame: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      /** JSON pointer: who set this value, and what led to that. */
      readonly path?: string | undefined;
      readonly against?: string | undefined;
      /** An expression that should hold at every event. */
      readonly expect?: string | undefined;
      /** JSON pointers into payloads that may differ, `*` for any text. */
      readonly ignorePointers?: readonly string[] | string | undefined;
      /** Globs over event types that are not compared. */
      readonly ignoreTypes?: readonly string[] | string | undefined;
    };
    readonly output: {
      readonly target: { readonly [name: string]: unknown } | null;
      readonly targetReason: string | null;
      readonly firstBad: { readonly [name: string]: unknown } | null;
      readonly suspects: readonly { readonly [name: string]: unknown }[];
      readonly causes: readonly { readonly [name: string]: unknown }[];
      /** What failed and did not move on from it, earliest first; also where nothing is bad. */
      readonly failures: readonly { readonly [name: string]: unknown }[];
      readonly failuresTotal: number;
      readonly truncated: boolean;
      readonly [name: string]: unknown;
    };
  };
  /** What was not seen: missing ends, parents, causes and revisions, clock steps, sources that disagree. */
  readonly coverage: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** As it happened: exactly the events with occurredAt up to it. */
      readonly at?: string | undefined;
      /** As known then: the prefix recorded up to it. */
      readonly recordedAt?: string | undefined;
      readonly revision?: number | string | undefined;
      readonly position?: number | string | undefined;
      readonly items?: number | string | undefined;
    };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly head: number;
      readonly events: number;
      readonly complete: boolean;
      readonly gaps: number;
      readonly producers: readonly { readonly [name: string]: unknown }[];
      readonly [name: string]: unknown;
    };
  };
  /** Opens a debug session over a stream; it waits at a place, by default before the first event is applied. */
  readonly startDebugSession: {
    readonly input: {
      /** Id of the stream, or type/id. */
      readonly aggregateId: string;
      readonly streamType?: string | undefined;
      readonly fromRevision?: number | string | undefined;
      /** Document 002 calls fromRevision so. */
      readonly fromVersion?: number | string | undefined;
      /** A revision, an instant, start, end, or ~n. */
      readonly place?: string | undefined;
      /** Default true: stops before the current event is applied, so currentState is the state before it. */
      readonly stopsBefore?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: { readonly sessionId: string; readonly info: DebugInfo };
  };
  /** The debug sessions of this process. */
  readonly listDebugSessions: {
    readonly input: { readonly [name: string]: never };
    readonly output: {
      readonly items: readonly {
        readonly id: string;
        readonly streamType: string;
        readonly streamId: string;
        readonly state: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** RFC 3339, UTC. */
        readonly usedAt: string;
      }[];
    };
  };
  /** Opens an exported debug session under a new id: the same place, breakpoints, watches and timeline, over the exported events. */
  readonly importDebugSession: {
    readonly input: { readonly format: string; readonly formatVersion: string; readonly [name: string]: unknown };
    readonly output: { readonly sessionId: string; readonly info: DebugInfo };
  };
  /** Where a debug session stands: its state, the current event and state, breakpoints and watches. */
  readonly getDebugSession: { readonly input: { readonly id: string }; readonly output: DebugInfo };
  /** Follows a debug session: as it stands now, then after every change of it; ends when it is stopped. Following it is using it. */
  readonly followDebugSession: { readonly input: { readonly id: string }; readonly item: DebugInfo };
  /** Steps by events, calls, agents, phases or causes, forward or back. */
  readonly stepDebugSession: {
    readonly input: {
      readonly id: string;
      /** Default 1. */
      readonly count?: number | string | undefined;
      /** event (default), call, agent, phase, cause, field:<name>, part:<name>. */
      readonly grain?: string | undefined;
      readonly back?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: DebugStop;
  };
  /** Runs to the next breakpoint or to the end, backward to the one before or to the beginning; a long run pauses on the way. */
  readonly resumeDebugSession: {
    readonly input: { readonly id: string; readonly back?: boolean | 'true' | 'false' | undefined };
    readonly output: DebugStop;
  };
  /** Ends a run where it is. */
  readonly pauseDebugSession: { readonly input: { readonly id: string }; readonly output: DebugStop };
  /** Jumps to a place; nothing on the way is looked at. */
  readonly seekDebugSession: {
    readonly input: { readonly id: string; readonly revision?: number | string | undefined; readonly place?: string | undefined };
    readonly output: DebugStop;
  };
  /** Goes back to where the session began. */
  readonly restartDebugSession: { readonly input: { readonly id: string }; readonly output: DebugStop };
  /** Ends a debug session for good; it can still be read until it expires. */
  readonly stopDebugSession: { readonly input: { readonly id: string }; readonly output: DebugInfo };
  /** Adds a breakpoint, or with log a logpoint: all that is given must hold. */
  readonly addBreakpoint: {
    readonly input: {
      readonly id: string;
      /** A type, an alias, or a glob. */
      readonly eventType?: string | undefined;
      readonly condition?: string | undefined;
      /** JSON pointer into the state: where the value changes. */
      readonly path?: string | undefined;
      /** An expression: where it changes between true and false. */
      readonly flip?: string | undefined;
      /** An expression that should hold: where it turns from true to false. */
      readonly invariant?: string | undefined;
      /** Where the fold notes an anomaly of the event. */
      readonly anomaly?: boolean | 'true' | 'false' | undefined;
      readonly nth?: number | string | undefined;
      /** Text with ${expressions}, written instead of stopping. */
      readonly log?: string | undefined;
      readonly enabled?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: Breakpoint;
  };
  /** The breakpoints of a debug session. */
  readonly listBreakpoints: { readonly input: { readonly id: string }; readonly output: { readonly items: readonly Breakpoint[] } };
  /** Removes a breakpoint. */
  readonly removeBreakpoint: { readonly input: { readonly id: string; readonly breakpointId: string }; readonly output: null };
  /** Adds an expression whose value is shown at every place. */
  readonly addWatch: { readonly input: { readonly id: string; readonly expression: string }; readonly output: Watch };
  /** The watches of a debug session with their values here. */
  readonly listWatches: { readonly input: { readonly id: string }; readonly output: { readonly items: readonly Watch[] } };
  /** Removes a watch. */
  readonly removeWatch: { readonly input: { readonly id: string; readonly watchId: string }; readonly output: null };
  /** Writes something down about a place in a debug session, or remembers the place alone. The log is not touched. */
  readonly addDebugNote: {
    readonly input: { readonly id: string; readonly revision: number | string; readonly text?: string | undefined };
    readonly output: DebugNote;
  };
  /** Removes a note. */
  readonly removeDebugNote: { readonly input: { readonly id: string; readonly noteId: string }; readonly output: null };
  /** The events that a debug session visited, in order, with what the watches showed and what each event changed. */
  readonly debugTimeline: {
    readonly input: {
      readonly id: string;
      /** 0-based index of a visit. */
      readonly from?: number | string | undefined;
      readonly limit?: number | string | undefined;
    };
    readonly output: { readonly entries: readonly DebugTimelineEntry[]; readonly total: number; readonly dropped: number };
  };
  /** A debug session as one document that opens anywhere: breakpoints, watches, visits, and the events themselves. */
  readonly exportDebugSession: {
    readonly input: { readonly id: string };
    readonly output: {
      readonly format: 'refold-debug-session';
      readonly formatVersion: string;
      readonly info: DebugInfo;
      readonly timeline: readonly DebugTimelineEntry[];
      readonly events: readonly EventEnvelope[];
      readonly start: { readonly [name: string]: unknown };
      /** RFC 3339, UTC. */
      readonly exportedAt: string;
    };
  };
  /** Opens another session over the history with edits, at the same place with the same breakpoints and watches; nothing is stored. */
  readonly forkDebugSession: {
    readonly input: {
      readonly id: string;
      readonly edits: readonly ({ readonly op: 'omit'; readonly at: number | string } | {
        readonly op: 'replace';
        readonly at: number | string;
        readonly event: { readonly type: string; readonly data: { readonly [name: string]: unknown }; readonly [name: string]: unknown };
      } | {
        readonly op: 'insert';
        readonly after: number | string;
        readonly event: { readonly type: string; readonly data: { readonly [name: string]: unknown }; readonly [name: string]: unknown };
      } | { readonly op: 'set'; readonly at: number | string; readonly pointer: string; readonly value: unknown })[];
      /** Takes what the rules forbid. */
      readonly lenient?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: {
      readonly sessionId: string;
      readonly info: DebugInfo;
      /** From the state as it is to the state with the edits. */
      readonly diff: readonly Patch[];
      readonly rejected: readonly { readonly index: number; readonly code: string; readonly detail: string }[];
      readonly applied: number;
      readonly consequences: readonly {
        readonly eventId: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly baseRevision: number;
        readonly code: string;
        readonly detail: string;
      }[];
    };
  };
  /** Walks recorded events again: a dry run shows what each would do and why not, an execution calls the handlers that this installation has, by effect class, and records itself. */
  readonly replayEvents: {
    readonly input: {
      /** A chain of events; else an issue key, else a stream. */
      readonly correlationId?: string | undefined;
      /** The orchestration of this issue. */
      readonly issueKey?: string | undefined;
      readonly streamType?: string | undefined;
      readonly streamId?: string | undefined;
      /** First revision (of a chain: position) of the set; default the first. */
      readonly fromSequence?: number | string | undefined;
      /** Last one; default where it stands now. What the replay appends is never in the set. */
      readonly toSequence?: number | string | undefined;
      /** An expression over the event, or a filter; the rest is left out. */
      readonly filter?: string | { readonly [name: string]: unknown } | undefined;
      /** true shows what would be done, and does nothing. Default true, unless this installation says otherwise. */
      readonly dryRun?: boolean | 'true' | 'false' | undefined;
      /** To execute: the address of what is replayed, type/id. */
      readonly confirm?: string | undefined;
      /** Names the execution; under the id of one that was left off, it goes on. */
      readonly replayId?: string | undefined;
      readonly purpose?: 'recovery' | 'testing' | 'analysis' | 'debugging' | undefined;
      /** Costly types that may be done again: names, aliases, globs. */
      readonly allowTypes?: readonly string[] | string | undefined;
      /** stream_unchanged, chain_valid, state_matches (these three by default), git_sha_matches, handler_available, checkpoint_exists, or expressions. */
      readonly preconditions?: readonly string[] | string | undefined;
      /** Kept on record beside the replay. */
      readonly params?: { readonly [name: string]: unknown } | undefined;
      /** Default true: the first failure ends it. */
      readonly stopOnError?: boolean | 'true' | 'false' | undefined;
      /** Steps in the answer; all are counted. */
      readonly stepLimit?: number | string | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: ReplayReport;
  };
  /** Lists replays, the newest activity first. */
  readonly listReplays: {
    readonly input: {
      /** running: it runs, or whoever ran it is gone; run again under its id, it goes on. */
      readonly status?: 'running' | 'completed' | 'failed' | 'cancelled' | undefined;
      readonly mode?: 'dry_run' | 'execute' | undefined;
      /** Only those of this stream, type/id. */
      readonly target?: string | undefined;
      readonly limit?: number | string | undefined;
    };
    readonly output: { readonly items: readonly ReplayRun[]; readonly scanned: number };
  };
  /** One replay: what it is of, where it stands, what came of it. */
  readonly getReplay: {
    readonly input: {
      /** Id of the replay. */
      readonly id: string;
    };
    readonly output: ReplayRun;
  };
  /** The effects that a replay did again, in order, as it wrote them down. */
  readonly replaySteps: {
    readonly input: {
      /** Id of the replay. */
      readonly id: string;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly RecordedReplayStep[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Calls a replay off: whoever runs it, in whichever process, does nothing more after the effect under way. */
  readonly cancelReplay: {
    readonly input: {
      /** Id of the replay. */
      readonly id: string;
      readonly reason?: string | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: ReplayRun;
  };
  /** The checkpoints of a stream, oldest first. */
  readonly listCheckpoints: {
    readonly input: { readonly streamType: string; readonly streamId: string };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      readonly items: readonly Checkpoint[];
    };
  };
  /** Marks where a stream stands as a place it can be set back to, and pins a snapshot there. */
  readonly createCheckpoint: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly checkpointId?: string | undefined;
      readonly label?: string | undefined;
      readonly reason?: string | undefined;
      /** Default: that of the newest event. */
      readonly sessionId?: string | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: Checkpoint;
  };
  /** Sets a stream back to a checkpoint by one more event; nothing is erased. With dryRun it shows what would change and what would stay. */
  readonly restoreCheckpoint: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      readonly checkpointId: string;
      readonly reason?: string | undefined;
      readonly dryRun?: boolean | 'true' | 'false' | undefined;
      /** Default: that of the newest event. */
      readonly sessionId?: string | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: {
      readonly streamType: string;
      readonly streamId: string;
      readonly checkpointId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly restoredSequence: number;
      readonly dryRun: boolean;
      /** What the restore changes in the state. */
      readonly changes: readonly Patch[];
      /** What it leaves as it is: what cannot be undone, and what tells the story. */
      readonly stays: readonly { readonly field: string; readonly count: number }[];
      /** Why the rules do not take it now. */
      readonly refused: string | null;
      readonly event: {
        readonly id: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        /** Place in the log: 1, 2, 3, gapless, in commit order. */
        readonly position: number;
      } | null;
    };
  };
  /** Puts a task on the board. */
  readonly createTask: {
    readonly input: {
      /** Code of the task. */
      readonly taskCode: string;
      readonly title?: string | undefined;
      readonly description?: string | undefined;
      readonly sprintCode?: string | undefined;
      /** Id of the sprint in the store it comes from. */
      readonly sprintId?: string | number | undefined;
      readonly estimate?: string | undefined;
      readonly blockers?: readonly string[] | undefined;
      readonly status?: 'pending' | 'received' | 'in_progress' | 'blocked' | 'completed' | 'failed' | 'cancelled' | undefined;
      readonly priority?: 'P0' | 'P1' | 'P2' | 'P3' | undefined;
      /** Percent. */
      readonly progress?: number | undefined;
      /** Id of an agent, or id and type (agent, user). */
      readonly assignee?: string | { readonly id: string; readonly type?: 'agent' | 'user' | undefined } | undefined;
      readonly phase?: number | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tasks that were not deleted, by code, in pages. */
  readonly listTasks: {
    readonly input: {
      readonly status?: string | undefined;
      /** Code or id of the sprint. */
      readonly sprint?: string | undefined;
      readonly assignee?: string | undefined;
      readonly priority?: string | undefined;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly WorkObject[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** One task as it stands. */
  readonly getTask: {
    readonly input: {
      /** Code of the task. */
      readonly code: string;
    };
    readonly output: WorkObject;
  };
  /** Changes a task: exactly the events that apply (status, blocked, priority, progress, assignee, other fields), with before and after; none when nothing changes. */
  readonly updateTask: {
    readonly input: {
      /** Code of the task. */
      readonly code: string;
      readonly title?: string | undefined;
      readonly description?: string | undefined;
      readonly sprintCode?: string | undefined;
      /** Id of the sprint in the store it comes from. */
      readonly sprintId?: string | number | undefined;
      readonly estimate?: string | undefined;
      readonly blockers?: readonly string[] | undefined;
      readonly status?: 'pending' | 'received' | 'in_progress' | 'blocked' | 'completed' | 'failed' | 'cancelled' | undefined;
      readonly priority?: 'P0' | 'P1' | 'P2' | 'P3' | undefined;
      /** Percent. */
      readonly progress?: number | undefined;
      /** Id of an agent, or id and type (agent, user). */
      readonly assignee?: string | { readonly id: string; readonly type?: 'agent' | 'user' | undefined } | undefined;
      /** Why the status changes. */
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Takes a task off the board; its history stays. */
  readonly deleteTask: {
    readonly input: {
      /** Code of the task. */
      readonly code: string;
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Plans a sprint. */
  readonly createSprint: {
    readonly input: {
      /** Code of the sprint. */
      readonly sprintCode: string;
      readonly name?: string | undefined;
      readonly goal?: string | undefined;
      readonly startDate?: string | undefined;
      readonly endDate?: string | undefined;
      readonly status?: 'planned' | 'active' | 'paused' | 'completed' | 'cancelled' | undefined;
      /** Free data; it takes the place of what was there. */
      readonly metadata?: { readonly [name: string]: unknown } | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Sprints that were not deleted, by code, in pages. */
  readonly listSprints: {
    readonly input: {
      readonly status?: string | undefined;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly WorkObject[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** One sprint as it stands. */
  readonly getSprint: {
    readonly input: {
      /** Code of the sprint. */
      readonly code: string;
    };
    readonly output: WorkObject;
  };
  /** Changes a sprint: exactly the events that apply (status, metadata, other fields), with before and after; none when nothing changes. */
  readonly updateSprint: {
    readonly input: {
      /** Code of the sprint. */
      readonly code: string;
      readonly name?: string | undefined;
      readonly goal?: string | undefined;
      readonly startDate?: string | undefined;
      readonly endDate?: string | undefined;
      readonly status?: 'planned' | 'active' | 'paused' | 'completed' | 'cancelled' | undefined;
      /** Free data; it takes the place of what was there. */
      readonly metadata?: { readonly [name: string]: unknown } | undefined;
      /** Why the status changes. */
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Deletes a sprint; its history stays. */
  readonly deleteSprint: {
    readonly input: {
      /** Code of the sprint. */
      readonly code: string;
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** An agent begins its session; without an agent the session is only prepared. */
  readonly startSession: {
    readonly input: {
      /** Default: a new one. */
      readonly sessionKey?: string | undefined;
      readonly agentId?: string | undefined;
      readonly agentModel?: string | undefined;
      readonly taskCode?: string | undefined;
      readonly sprintCode?: string | undefined;
      readonly issueKey?: string | undefined;
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
    };
    readonly output: WorkDone;
  };
  /** The session of an agent as it stands. */
  readonly getSession: {
    readonly input: {
      /** Key of the session. */
      readonly key: string;
    };
    readonly output: WorkObject;
  };
  /** An agent takes its session up again, or another one does. */
  readonly resumeSession: {
    readonly input: {
      /** Key of the session. */
      readonly key: string;
      /** Default: the agent that had it. */
      readonly agentId?: string | undefined;
      readonly reason?: string | undefined;
      readonly checkpointId?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
    };
    readonly output: WorkDone;
  };
  /** The session of an agent is over. */
  readonly endSession: {
    readonly input: {
      /** Key of the session. */
      readonly key: string;
      readonly outcome?: string | undefined;
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Records what a context broker put together for a session. */
  readonly assembleContext: {
    readonly input: {
      /** Key of the session. */
      readonly key: string;
      readonly sources?: readonly { readonly [name: string]: unknown }[] | undefined;
      readonly tokenCount?: number | undefined;
      readonly broker?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Queues a job; with start a worker takes it up at once. */
  readonly createJob: {
    readonly input: {
      /** Default: a new one. */
      readonly id?: string | undefined;
      readonly name?: string | undefined;
      readonly input?: unknown;
      readonly params?: { readonly [name: string]: unknown } | undefined;
      /** Planned steps, in order: names, or maps with name. */
      readonly steps?: readonly (string | { readonly [name: string]: unknown })[] | undefined;
      readonly start?: boolean | 'true' | 'false' | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Jobs by id, in pages. */
  readonly listJobs: {
    readonly input: {
      /** Any of these. */
      readonly status?: readonly string[] | string | undefined;
      readonly name?: string | undefined;
      readonly rerunOf?: string | undefined;
      /** Created at this instant or later. */
      readonly from?: string | undefined;
      readonly to?: string | undefined;
      /** Items per page, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
      /** nextCursor of the page before. */
      readonly cursor?: string | undefined;
    };
    readonly output: {
      readonly items: readonly WorkObject[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** One job as it stands. */
  readonly getJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
    };
    readonly output: WorkObject;
  };
  /** A worker takes a queued job up. */
  readonly startJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly workerId?: string | undefined;
      readonly attempt?: number | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Lets a running job stand still until it is resumed. */
  readonly pauseJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly reason?: string | undefined;
      /** Default: its current step. */
      readonly atStep?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Lets a paused or failed job go on where its log says it stood, or from a step. */
  readonly resumeJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly reason?: string | undefined;
      readonly fromStep?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Stops a job for good. */
  readonly cancelJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly reason?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tells that a step of a running job is done, or failed; the job goes on. */
  readonly endJobStep: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly step: string;
      readonly status: 'completed' | 'failed';
      readonly index?: number | undefined;
      readonly output?: unknown;
      readonly durationMs?: number | undefined;
      /** Of a failed step. */
      readonly error?: string | { readonly [name: string]: unknown } | undefined;
      readonly retryable?: boolean | undefined;
      readonly attempt?: number | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tells how far a running job is. */
  readonly progressJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly progress: number;
      readonly step?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tells that the planner, the coder or the critique of a job began, ended or failed an iteration. */
  readonly moveJobComponent: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly component: 'planner' | 'coder' | 'critique';
      readonly status: 'started' | 'completed' | 'failed';
      /** The payload of the event, as its type has it: iteration, model, tokens_input, verdict, error. */
      readonly data?: { readonly [name: string]: unknown } | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tells that a running job reached its end. */
  readonly completeJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly result?: unknown;
      readonly durationMs?: number | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Tells that a job gave up. */
  readonly failJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      /** A sentence, or a map with message, code, stack. */
      readonly error: string | { readonly [name: string]: unknown };
      readonly failedStep?: string | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** Writes lines to the log of a job, all or none. */
  readonly appendJobLogs: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly lines: readonly {
        readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
        readonly message: string;
        readonly step?: string | undefined;
        readonly source?: string | undefined;
      }[];
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Revision the caller last saw; 0 or none = must not exist; exists; any checks nothing. */
      readonly expectedRevision?: unknown;
      readonly correlationId?: string | undefined;
      readonly causationId?: string | undefined;
      /** Who acts, as an object or as type:id; whoever is signed in stands above it. */
      readonly actor?: Actor | string | undefined;
      /** Session of the agent that does it. */
      readonly sessionId?: string | undefined;
    };
    readonly output: WorkDone;
  };
  /** The log lines of a job, in order, after a line. */
  readonly jobLogs: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly afterLine?: number | string | undefined;
      /** This one and the more severe ones. */
      readonly level?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | undefined;
      /** Lines at most, 1 to 1,000; default 100. */
      readonly limit?: number | string | undefined;
    };
    readonly output: {
      readonly jobId: string;
      readonly items: readonly {
        readonly line: number;
        readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
        readonly message: string;
        readonly step: string | null;
        readonly source: string | null;
        /** RFC 3339, UTC. */
        readonly at: string;
        readonly eventId: string;
        /** Place in the log: 1, 2, 3, gapless, in commit order. */
        readonly position: number;
      }[];
      /** Ask on after this line; null when these were the last. */
      readonly next: number | null;
    };
  };
  /** Follows a job: how it stands now, then an update for every event of it; ends soon after the job does. */
  readonly followJob: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      /** Only what came after; default: the newest event, then what comes. */
      readonly afterPosition?: number | string | undefined;
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
    };
    readonly item: JobUpdate;
  };
  /** Follows the log lines of a job: all of them, or those after a line or a position, then as they come. */
  readonly followJobLogs: {
    readonly input: {
      /** Id of the job. */
      readonly id: string;
      readonly afterLine?: number | string | undefined;
      /** This one and the more severe ones. */
      readonly level?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | undefined;
      readonly afterPosition?: number | string | undefined;
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
    };
    readonly item: {
      readonly line: number;
      readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
      readonly message: string;
      readonly step: string | null;
      readonly source: string | null;
      /** RFC 3339, UTC. */
      readonly at: string;
      readonly eventId: string;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly position: number;
      readonly jobId: string;
      readonly traceId: string | null;
    };
  };
  /** Follows the state of a stream: as it stands now, then after every event. */
  readonly followState: {
    readonly input: {
      readonly streamType: string;
      readonly streamId: string;
      /** Only what came after; default: how it stands now, then what comes. */
      readonly afterPosition?: number | string | undefined;
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
    };
    readonly item: {
      readonly streamType: string;
      readonly streamId: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly revision: number;
      /** The instant asked for; by number, when the last event happened. */
      readonly asOf: string | null;
      readonly stateHash: string;
      readonly fromSnapshot: number | null;
      readonly eventsFolded: number;
      /** Newest revision of the stream. */
      readonly head: number;
      /** Events recorded after the clean prefix that had happened by the instant. */
      readonly stragglers: number;
      readonly warnings: readonly string[];
      readonly state: State;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly position: number;
    };
  };
  /** Follows the counts of what a filter asks for: now, then when the log has grown, at most once a second and for a tenth of the time. */
  readonly followStats: {
    readonly input: Filter & { readonly bucket?: 'minute' | 'hour' | 'day' | undefined };
    readonly item: {
      readonly total: number;
      readonly from: string | null;
      readonly to: string | null;
      readonly byType: { readonly [name: string]: number };
      readonly byActor: { readonly [name: string]: number };
      readonly byStreamType: { readonly [name: string]: number };
      readonly byPriority: { readonly [name: string]: number };
      readonly byDate: { readonly [name: string]: number };
      readonly buckets: readonly {
        /** RFC 3339, UTC. */
        readonly start: string;
        readonly count: number;
      }[];
      readonly warnings?: readonly string[];
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly position: number;
      readonly [name: string]: unknown;
    };
  };
  /** Follows a replay: where it stands now, then after everything it writes down; ends with it. */
  readonly followReplay: {
    readonly input: {
      readonly id: string;
      /** Only what came after; default: how it stands now, then what comes. */
      readonly afterPosition?: number | string | undefined;
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
    };
    readonly item: {
      readonly replayId: string;
      /** running: it runs, or whoever ran it is gone; run again under its id, it goes on. */
      readonly status: 'running' | 'completed' | 'failed' | 'cancelled';
      readonly mode: 'dry_run' | 'execute';
      readonly purpose: string;
      readonly target: EntityRef;
      readonly replayed: number;
      readonly skipped: number;
      readonly failed: number;
      readonly divergences: number;
      /** Effects that were done again so far. */
      readonly stepsDone: number;
      readonly stepsFailed: number;
      /** Where it stands. */
      readonly sequence: number | null;
      readonly startedAt: string | null;
      readonly lastEventAt: string | null;
      /** Counts by action and reason, and the first divergences, once it has ended. */
      readonly report: { readonly [name: string]: unknown } | null;
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly position: number;
    };
  };
  /** Starts a new job from an old one, with changed parameters or input; the steps before the first that runs again are kept as completed. */
  readonly rerunJob: {
    readonly input: {
      /** Id of the old job. */
      readonly id: string;
      /** Default: the next free number behind the old id. */
      readonly newId?: string | undefined;
      /** Merged into the old parameters; null removes. */
      readonly params?: { readonly [name: string]: unknown } | undefined;
      /** Set on top of that, by JSON pointer. */
      readonly set?: { readonly [name: string]: unknown } | undefined;
      /** Replaces the old input. */
      readonly input?: unknown;
      /** The first step that runs again; default: everything does. */
      readonly fromStep?: string | undefined;
      /** The old job as it stood then; default now. */
      readonly fromRevision?: number | string | undefined;
      readonly name?: string | undefined;
      readonly reason?: string | undefined;
      readonly dryRun?: boolean | 'true' | 'false' | undefined;
      /** Idempotency key. */
      readonly commitId?: string | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: {
      readonly jobId: string;
      readonly rerunOf: string;
      /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
      readonly fromRevision: number;
      readonly dryRun: boolean;
      readonly params: { readonly [name: string]: unknown };
      /** Between the old parameters and the new ones. */
      readonly changes: readonly Patch[];
      readonly stepsKept: readonly string[];
      readonly stepsToRun: readonly string[];
      /** job.created of the new job and job.rerun of the old one; none in a dry run. */
      readonly eventIds: readonly string[];
      /** The job was run again under this key before; nothing was written now. */
      readonly duplicate: boolean;
    };
  };
  /** Sets runs side by side: status, duration, parameters, steps, results, and where each leaves the first one. One job alone is compared with what it was run again from and as. */
  readonly compareRuns: {
    readonly input: {
      /** Jobs by id, other runs by type/id; at most 20. */
      readonly ids: readonly string[] | string;
    };
    readonly output: {
      readonly runs: readonly ({
        readonly streamType: string;
        readonly streamId: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        readonly status: string;
        readonly startedAt: string | null;
        readonly endedAt: string | null;
        readonly durationMs: number | null;
        readonly rerunOf: string | null;
        readonly params: { readonly [name: string]: unknown };
        readonly result: unknown;
        readonly error: { readonly [name: string]: unknown } | null;
      })[];
      /** Parameters that are not the same in all, one value per run; null where a run has none. */
      readonly parameters: readonly { readonly path: string; readonly values: readonly unknown[] }[];
      readonly steps: readonly ({
        readonly name: string;
        readonly runs: readonly ({ readonly status: string; readonly durationMs: number | null; readonly attempt: number } | null)[];
      })[];
      readonly results: 'equal' | 'differ';
      readonly divergences: readonly {
        readonly run: string;
        readonly against: string;
        readonly equal: boolean;
        readonly first: Divergence | null;
        readonly later: number;
      }[];
    };
  };
  /** The snapshots of a stream, oldest first. */
  readonly listSnapshots: {
    readonly input: { readonly streamType: string; readonly streamId: string };
    readonly output: { readonly items: readonly Snapshot[] };
  };
  /** Keeps the state at a revision, by default the newest, for good. */
  readonly createSnapshot: {
    readonly input: { readonly streamType: string; readonly streamId: string; readonly revision?: number | string | undefined };
    readonly output: Snapshot;
  };
  /** Removes snapshots that are neither among the newest, nor pinned, nor wanted as keyframes. */
  readonly collectSnapshots: {
    readonly input: {
      /** Only of this stream, type/id; default every stream. */
      readonly stream?: string | undefined;
    };
    readonly output: { readonly streams: number; readonly removed: number };
  };
  /** Checks every snapshot and keyframe: form, bytes, state hash, version of the fold, and the event it stands on. One that does not hold is never used. */
  readonly verifySnapshots: {
    readonly input: {
      /** Only of this stream, type/id; default every stream. */
      readonly stream?: string | undefined;
    };
    readonly output: {
      readonly ok: boolean;
      readonly streams: number;
      readonly checked: number;
      readonly faults: readonly {
        readonly stream: string;
        /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
        readonly revision: number;
        readonly fault: string;
        readonly pinned: boolean;
      }[];
      readonly faultsTotal: number;
    };
  };
  /** What each agent did: runs, duration, failures, quality, tokens. */
  readonly agentMetrics: {
    readonly input: Filter;
    readonly output: { readonly items: { readonly [name: string]: AgentMetric }; readonly warnings?: readonly string[] };
  };
  /** Lists runs (orchestrations, sessions, workflows, jobs, ...), the newest activity first. */
  readonly listRuns: {
    readonly input: {
      readonly status?: string | undefined;
      readonly type?: string | undefined;
      /** Only runs whose newest event happened at this instant or later. */
      readonly since?: string | undefined;
      readonly limit?: number | string | undefined;
    };
    readonly output: { readonly items: readonly Run[]; readonly scanned: number };
  };
  /** Every event type this log knows, with its aliases, effect class and policy. */
  readonly listEventTypes: {
    readonly input: {
      /** true also counts the events of each type. */
      readonly counts?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: { readonly items: readonly EventType[] };
  };
  /** One event type with the JSON Schema of its payload and its legal transitions. */
  readonly getEventType: {
    readonly input: { readonly type: string };
    readonly output: {
      readonly name: string;
      readonly streamType: string | null;
      /** Family of a type that several kinds of stream take. */
      readonly part: string | null;
      readonly schemaVersion: string;
      readonly aliases: { readonly [name: string]: string };
      readonly effect: string;
      readonly policy: 'enforce' | 'tolerate';
      readonly priority: string;
      readonly severity: string;
      readonly doc: string;
      readonly count: number | null;
      readonly schema: { readonly [name: string]: unknown };
      /** Versions whose payloads are taken as they are, oldest first. */
      readonly schemaVersions: readonly string[];
      readonly transition: { readonly machine: string; readonly from: readonly string[]; readonly to: string } | null;
      readonly ledger: readonly string[];
    };
  };
  /** The JSON Schema of a payload at a version. */
  readonly getSchema: {
    readonly input: { readonly type: string; readonly version: string };
    readonly output: { readonly [name: string]: unknown };
  };
  /** Makes an event type of your own known, or a new version of one: from then on its events are held to the schema. */
  readonly registerEventType: {
    readonly input: {
      readonly type: string;
      /** JSON Schema 2020-12 of the payload, an object. */
      readonly schema: { readonly [name: string]: unknown };
      /** Default: the next one; a major one when it breaks what is there. */
      readonly schemaVersion?: string | undefined;
      /** What a new version may not break. Default: as the version before, backward for the first. */
      readonly compatibility?: 'backward' | 'forward' | 'full' | 'none' | undefined;
      /** Kind of stream that it is at home in; default: that of the version before, custom for the first. */
      readonly streamType?: string | undefined;
      readonly doc?: string | undefined;
      readonly priority?: 'P0' | 'P1' | 'P2' | 'P3' | undefined;
      readonly severity?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | undefined;
      /** Who acts; whoever is signed in stands above it, unless he may write in the name of others. */
      readonly actor?: Actor | undefined;
    };
    readonly output: {
      readonly type: string;
      readonly schemaVersion: string;
      readonly streamType: string;
      readonly compatibility: string;
      /** It was registered so already; nothing was written now. */
      readonly duplicate: boolean;
      readonly position: number | null;
    };
  };
  /** Would this version of an event type be taken, and what does it break? Nothing is written. */
  readonly checkSchema: {
    readonly input: {
      readonly type: string;
      /** JSON Schema 2020-12 of the payload, an object. */
      readonly schema: { readonly [name: string]: unknown };
      /** Default: the next one; a major one when it breaks what is there. */
      readonly schemaVersion?: string | undefined;
      /** What a new version may not break. Default: as the version before, backward for the first. */
      readonly compatibility?: 'backward' | 'forward' | 'full' | 'none' | undefined;
    };
    readonly output: {
      readonly ok: boolean;
      readonly type: string;
      readonly schemaVersion: string;
      readonly compatibility: string;
      readonly breaks: readonly {
        /** JSON pointer into the payload; * stands for every item. */
        readonly path: string;
        readonly direction: 'backward' | 'forward';
        readonly detail: string;
      }[];
      readonly changes: readonly {
        /** JSON pointer into the payload; * stands for every item. */
        readonly path: string;
        readonly direction: 'backward' | 'forward';
        readonly detail: string;
      }[];
    };
  };
  /** Every registration of an event type, oldest first: version, date, by whom, and what changed. */
  readonly schemaHistory: {
    readonly input: { readonly type?: string | undefined };
    readonly output: {
      readonly items: readonly ({
        readonly type: string;
        readonly version: string;
        /** RFC 3339, UTC. */
        readonly date: string;
        readonly compatibility: string;
        readonly changes: readonly {
          /** JSON pointer into the payload; * stands for every item. */
          readonly path: string;
          readonly direction: 'backward' | 'forward';
          readonly detail: string;
        }[];
        readonly by: Actor;
        /** Place in the log: 1, 2, 3, gapless, in commit order. */
        readonly position: number;
      })[];
    };
  };
  /** Recomputes body bytes, leaves, chains, revisions, positions and times of a stream or of the whole log; says what it could not check. */
  readonly verifyLog: {
    readonly input: {
      readonly stream?: string | undefined;
      /** true also folds with and without snapshots and compares. */
      readonly state?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: {
      readonly ok: boolean;
      readonly checked: number;
      readonly streams: number;
      readonly findings: readonly Finding[];
      readonly findingsTotal: number;
      readonly firstBadPosition: number | null;
      /** Size and RFC 6962 root of the whole log, in hex; keep it elsewhere to prove later that nothing was rewritten. */
      readonly tree: { readonly size: number; readonly root: string } | null;
      readonly notChecked: readonly { readonly kind: string; readonly count: number }[];
      readonly statesCompared: number;
    };
  };
  /** The log, or what a filter leaves of it, one event per line, up to where it is now; it goes on after a position. */
  readonly exportEvents: {
    readonly input: Filter & {
      /** The log that the position is of, as this door told it; of another one it is refused. */
      readonly epoch?: string | undefined;
      /** jsonl: one event per line; in which form says the dialect. */
      readonly format?: 'jsonl' | undefined;
    };
    readonly item: EventEnvelope;
  };
  /** Imports the records of one document in a producer's format; again adds nothing. */
  readonly importRecords: {
    readonly input: {
      readonly producer?: string | undefined;
      readonly name?: string | undefined;
      readonly text: string;
      readonly dryRun?: boolean | 'true' | 'false' | undefined;
    };
    readonly output: {
      readonly producer: string;
      readonly new: number;
      readonly alreadyPresent: number;
      readonly eventsWritten: number;
      readonly refused: readonly { readonly [name: string]: unknown }[];
      readonly report: { readonly [name: string]: unknown };
    };
  };
  /** Makes an API key for an actor, with the scopes of a role or fewer; the key itself is shown once. */
  readonly createApiKey: {
    readonly input: {
      readonly name: string;
      readonly actor: Actor;
      readonly role: 'agent' | 'operator' | 'viewer' | 'auditor' | 'admin';
      /** Fewer scopes than the role has. */
      readonly scopes?: readonly ('read' | 'append' | 'replay:dry' | 'replay:execute' | 'rules' | 'debug' | 'audit' | 'hold' | 'erase' | 'retention' | 'keys' | 'users' | 'config' | 'actor:override')[] | undefined;
      /** How the addresses of its streams begin, for example session/7f3a; an agent needs it. */
      readonly streamPrefix?: string | undefined;
      /** Until it expires: 1 to 365; default 90. */
      readonly days?: number | string | undefined;
    };
    readonly output: NewApiKey;
  };
  /** Lists API keys: whose they are, what they may, until when, when last used. Never the keys themselves. */
  readonly listApiKeys: { readonly input: { readonly [name: string]: never }; readonly output: { readonly items: readonly ApiKey[] } };
  /** Ends an API key at once; again changes nothing. */
  readonly revokeApiKey: { readonly input: { readonly keyId: string }; readonly output: ApiKey };
  /** Makes a new API key in place of an old one, which goes on for a while so that its holders can change over. */
  readonly rotateApiKey: {
    readonly input: {
      readonly keyId: string;
      /** How long the old key goes on: 0 to 720; default 24. */
      readonly overlapHours?: number | string | undefined;
    };
    readonly output: NewApiKey;
  };
  /** Lists what the audit log holds: who came in, who was denied, which watched rights were used. */
  readonly queryAudit: {
    readonly input: Filter & PageRequest;
    readonly output: {
      readonly items: readonly EventEnvelope[];
      readonly nextCursor: string | null;
      readonly total: number | null;
      readonly warnings?: readonly string[];
    };
  };
  /** Recomputes bytes, leaves, chains and order of the whole audit log. */
  readonly verifyAudit: {
    readonly input: { readonly [name: string]: never };
    readonly output: {
      readonly ok: boolean;
      readonly checked: number;
      readonly streams: number;
      readonly findings: readonly Finding[];
      readonly findingsTotal: number;
      readonly firstBadPosition: number | null;
      /** Size and RFC 6962 root of the whole log, in hex; keep it elsewhere to prove later that nothing was rewritten. */
      readonly tree: { readonly size: number; readonly root: string } | null;
      readonly notChecked: readonly { readonly kind: string; readonly count: number }[];
      readonly statesCompared: number;
    };
  };
  /** Does the log take events, what runs and stands still, what fires, what keeps it from being well. */
  readonly orchestratorHealth: { readonly input: { readonly [name: string]: never }; readonly output: OrchestratorStatus };
  /** The same at once, whenever it changes, and every few seconds in any case; also while the log does not answer. */
  readonly followOrchestratorHealth: { readonly input: { readonly [name: string]: never }; readonly item: OrchestratorStatus };
  /** Health with what it rests on: log, durability, validation, appends and snapshots made here, consumers. */
  readonly health: {
    readonly input: { readonly [name: string]: never };
    readonly output: {
      readonly status: 'ok' | 'degraded' | 'unavailable';
      /** What keeps it from being well. */
      readonly causes: readonly ('store' | 'integrity' | 'validation' | 'appends' | 'snapshots' | 'lag' | 'audit')[];
      readonly log: { readonly ok: boolean; readonly detail: string | null };
      readonly durability: string;
      /** strict refuses what breaks a rule; flag takes it and marks it. */
      readonly validation: 'strict' | 'flag';
      readonly snapshots: { readonly keeping: 'off' | 'own' | 'all'; readonly failures: number };
      readonly appends: { readonly failures: number; readonly lastFailureAt: string | null };
      readonly lastAppendAt: string | null;
      /** Events that the slowest consumer has still to pass. */
      readonly lag: number;
      readonly version: string;
    };
  };
  /** The process answers. */
  readonly live: { readonly input: { readonly [name: string]: never }; readonly output: { readonly status: 'ok' } };
  /** The log answers, so that events can be appended and read. */
  readonly ready: {
    readonly input: { readonly [name: string]: never };
    readonly output: { readonly status: 'ok' | 'unavailable'; readonly detail: string | null };
  };
  /** What runs here: version, store, engine and its real durability, head, epoch. */
  readonly systemInfo: {
    readonly input: { readonly [name: string]: never };
    readonly output: {
      readonly version: string;
      readonly store: string;
      readonly origin: string;
      readonly engine: { readonly [name: string]: string | number | boolean };
      /** Place in the log: 1, 2, 3, gapless, in commit order. */
      readonly events: number;
      readonly recordedAt: string | null;
      readonly epoch: string;
      /** RFC 3339, UTC. */
      readonly startedAt: string;
      readonly eventTypes: number;
      /** strict refuses what breaks a rule; flag takes it and marks it. */
      readonly validation: 'strict' | 'flag';
    };
  };
  /** Who the caller is for this log, and which scopes he has; without sign-in everybody has all of them. */
  readonly whoAmI: {
    readonly input: { readonly [name: string]: never };
    readonly output: {
      /** null: nobody has signed in, or nobody has to. */
      readonly actor: Actor | null;
      /** The role that has exactly these scopes; null when none has. */
      readonly role: 'agent' | 'operator' | 'viewer' | 'auditor' | 'admin' | null;
      readonly scopes: readonly ('read' | 'append' | 'replay:dry' | 'replay:execute' | 'rules' | 'debug' | 'audit' | 'hold' | 'erase' | 'retention' | 'keys' | 'users' | 'config' | 'actor:override')[];
      /** How the addresses begin of the streams that he is held to. */
      readonly streamPrefix: string | null;
    };
  };
  /** The troubleshooting recipes as checks: engine, index, clock, types nobody registered, search, snapshots, missing events of an issue. */
  readonly doctor: {
    readonly input: { readonly issue?: string | undefined; readonly expect?: number | string | undefined };
    readonly output: {
      readonly ok: boolean;
      readonly findings: readonly {
        readonly level: 'ok' | 'warn' | 'fail';
        readonly check: string;
        readonly detail: string;
        readonly hint: string | null;
      }[];
    };
  };
}
