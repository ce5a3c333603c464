/** What has a name of its own in what the operations take and give. Written by `npm run contract` from the table of operations; do not edit. */
import type { Actor, EntityRef, EventEnvelope } from '@refold/core';

export type AgentMetric = {
  readonly agentName: string;
  readonly spawnedAt: string | null;
  readonly completedAt: string | null;
  readonly durationSeconds: number | null;
  readonly status: 'running' | 'blocked' | 'completed' | 'failed';
  readonly qualityScore: number | null;
  readonly runs: number;
  readonly failures: number;
  readonly blocked: number;
  readonly tokensInput: number;
  readonly tokensOutput: number;
};

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly actor: Actor;
  readonly role: 'agent' | 'operator' | 'viewer' | 'auditor' | 'admin';
  readonly scopes: readonly ('read' | 'append' | 'replay:dry' | 'replay:execute' | 'rules' | 'debug' | 'audit' | 'hold' | 'erase' | 'retention' | 'keys' | 'users' | 'config' | 'actor:override')[];
  readonly streamPrefix: string | null;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** RFC 3339, UTC. */
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly replacedBy: string | null;
};

export type BlobRef = { readonly sha256: string; readonly bytes: number; readonly mediaType: string };

export type Breakpoint = {
  readonly id: string;
  readonly eventType: string | null;
  readonly condition: string | null;
  readonly path: string | null;
  readonly flip: string | null;
  readonly invariant: string | null;
  readonly anomaly: boolean;
  readonly nth: number | null;
  readonly log: string | null;
  readonly enabled: boolean;
  /** How often a run stopped, or logged, because of it. */
  readonly hits: number;
  /** Places where the condition could not be evaluated: no match. */
  readonly notEvaluated: number;
  readonly lastError: string | null;
};

export type Checkpoint = {
  readonly id: string;
  readonly label: string | null;
  /** Revision of its checkpoint.created. */
  readonly sequence: number;
  readonly stateHash: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly restoredCount: number;
  /** A pinned snapshot stands at its revision. */
  readonly hasSnapshot: boolean;
};

export type DebugInfo = {
  readonly sessionId: string;
  readonly state: 'idle' | 'running' | 'paused' | 'stepping' | 'completed' | 'stopped' | 'error';
  readonly aggregateId: string;
  readonly streamType: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly fromRevision: number;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly total: number;
  readonly currentEvent: EventEnvelope | null;
  readonly currentState: State | null;
  readonly breakpoints: readonly Breakpoint[];
  readonly watches: readonly Watch[];
  readonly notes: readonly DebugNote[];
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly error: string | null;
};

export type DebugNote = {
  readonly id: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  /** Empty where the place alone is remembered. */
  readonly text: string;
};

export type DebugStop = {
  readonly state: 'idle' | 'running' | 'paused' | 'stepping' | 'completed' | 'stopped' | 'error';
  /** step, breakpoint, place, paused, stopped; else why there was nowhere to go: start, end, no_cause, no_effect, no_answer, other_stream. */
  readonly reason: string;
  readonly moved: boolean;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly event: EventEnvelope | null;
  readonly breakpointIds: readonly string[];
  readonly logs: readonly {
    readonly breakpointId: string;
    /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
    readonly revision: number;
    readonly eventId: string;
    readonly text: string;
  }[];
  readonly outsideEventId?: string;
};

export type DebugTimelineEntry = {
  readonly index: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  /** RFC 3339, UTC. */
  readonly visitedAt: string;
  readonly breakpointIds: readonly string[];
  /** Expression to value; null where it could not be evaluated. */
  readonly watches: { readonly [name: string]: unknown };
  readonly changes: readonly Patch[];
};

export type Divergence = {
  readonly atRevision: number | null;
  readonly eventId: string | null;
  readonly path: string | null;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly reason: 'EVENT_MISSING' | 'EVENT_EXTRA' | 'TYPE_DIFFERS' | 'DATA_DIFFERS' | 'STATE_DIFFERS' | 'OUTCOME_DIFFERS';
  readonly kind: 'structure' | 'input' | 'output' | 'state';
  readonly run: {
    /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
    readonly revision: number;
    readonly eventId: string;
    readonly type: string;
    readonly place: string;
    readonly [name: string]: unknown;
  } | null;
  readonly reference: {
    /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
    readonly revision: number;
    readonly eventId: string;
    readonly type: string;
    readonly place: string;
    readonly [name: string]: unknown;
  } | null;
};

export type Effect = { readonly event: EventEnvelope; readonly effects: readonly Effect[] };

export type EventType = {
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
};

export type Filter = {
  readonly id?: string | number | boolean | readonly (string | number)[] | undefined;
  readonly type?: string | number | boolean | readonly (string | number)[] | undefined;
  readonly category?: string | number | boolean | readonly (string | number)[] | undefined;
  readonly streamType?: string | number | boolean | undefined;
  readonly streamId?: string | number | boolean | undefined;
  readonly entityType?: string | number | boolean | undefined;
  readonly entityId?: string | number | boolean | undefined;
  readonly issueKey?: string | number | boolean | undefined;
  readonly sessionId?: string | number | boolean | undefined;
  readonly phase?: string | number | boolean | undefined;
  readonly agent?: string | number | boolean | undefined;
  readonly actorId?: string | number | boolean | undefined;
  readonly serviceName?: string | number | boolean | undefined;
  readonly correlationId?: string | number | boolean | undefined;
  readonly causationId?: string | number | boolean | undefined;
  readonly traceId?: string | number | boolean | undefined;
  readonly expression?: string | number | boolean | undefined;
  readonly entity?: string | number | boolean | undefined;
  readonly stream?: string | number | boolean | undefined;
  readonly about?: string | number | boolean | undefined;
  readonly entityChain?: string | number | boolean | undefined;
  readonly actor?: string | number | boolean | undefined;
  readonly userId?: string | number | boolean | undefined;
  readonly actorType?: string | number | boolean | undefined;
  readonly priority?: string | number | boolean | readonly (string | number)[] | undefined;
  readonly minSeverity?: string | number | boolean | undefined;
  readonly from?: string | number | boolean | undefined;
  readonly to?: string | number | boolean | undefined;
  readonly fromRevision?: string | number | boolean | undefined;
  readonly toRevision?: string | number | boolean | undefined;
  readonly afterPosition?: string | number | boolean | undefined;
  readonly text?: string | number | boolean | undefined;
  readonly includeArchived?: string | number | boolean | undefined;
  readonly [name: string]: unknown;
};

export type Finding = {
  readonly code: string;
  readonly position: number | null;
  readonly revision: number | null;
  readonly stream: string | null;
  readonly eventId: string | null;
  readonly detail: string;
};

export type FiringAlert = {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
  readonly status: string;
  readonly summary: string | null;
  readonly about: EntityRef | null;
  /** RFC 3339, UTC. */
  readonly raisedAt: string;
  readonly resolvedAt: string | null;
  readonly acknowledgedBy: Actor | null;
};

export type Flip = {
  readonly kind: 'flip' | 'first' | 'unknown' | 'known';
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly from: boolean | 'unknown';
  readonly to: boolean | 'unknown';
  readonly values: { readonly [name: string]: { readonly before: unknown; readonly after: unknown } };
  readonly error?: string;
};

export type JobUpdate = {
  readonly jobId: string;
  readonly status: 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
  readonly currentStep: string | null;
  readonly progress: number | null;
  /** When the event happened. */
  readonly timestamp: string;
  /** What made this update. */
  readonly events: readonly EventEnvelope[];
  /** Place in the log: 1, 2, 3, gapless, in commit order. */
  readonly position: number;
};

export type Mark = {
  readonly kind: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly from: number;
  readonly to: number | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly until: string | null;
  readonly label: string;
  readonly status: string | null;
  readonly eventId: string;
};

export type NewApiKey = {
  /** The key itself; it is shown now and never again. */
  readonly key: string;
  readonly info: ApiKey;
};

export type OrchestratorStatus = {
  /** UNHEALTHY: what the log says cannot be trusted. DEGRADED: something below is not as it should be. */
  readonly state: 'HEALTHY' | 'DEGRADED' | 'UNHEALTHY';
  /** Why it is not HEALTHY. */
  readonly causes: readonly ('store' | 'integrity' | 'validation' | 'appends' | 'snapshots' | 'lag' | 'audit' | 'alert')[];
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly storeDriver: string;
  readonly storeReachable: boolean;
  readonly eventsTotal: number;
  /** Recorded in the last minute, by whichever process. */
  readonly eventsPerMinute: number;
  /** Of the newest appends of this process; 0 before the first. */
  readonly publishP95Ms: number;
  /** Appends of this process that the log could not take. What it refused is not among them. */
  readonly publishFailures: number;
  /** Waiting outside of the log in this process. */
  readonly spooledEvents: number;
  readonly runningJobs: number;
  readonly pausedJobs: number;
  /** Streams of answers that are open in this process. */
  readonly activeSubscriptions: number;
  /** Events that the slowest consumer has still to pass. */
  readonly projectionLag: number;
  readonly firingAlerts: readonly FiringAlert[];
  /** Processes that this answer speaks for. */
  readonly instances: number;
  /** The last verification of this process; null before the first. */
  readonly integrity: { readonly treeHead: null; readonly lastVerifiedAt: string | null; readonly verified: boolean | null };
};

export type PageRequest = {
  /** Items per page, 1 to 1,000; default 100. */
  readonly limit?: number | string | undefined;
  /** nextCursor of the page before. */
  readonly cursor?: string | undefined;
  readonly offset?: number | string | undefined;
  /** asc (default) or desc. */
  readonly order?: string | undefined;
  readonly sort?: string | undefined;
  /** true also counts all items that match. */
  readonly total?: boolean | string | undefined;
};

export type Patch = { readonly op: 'add' | 'remove' | 'replace'; readonly path: string; readonly before: unknown; readonly after: unknown };

export type RecordedReplayStep = {
  readonly sequence: number | null;
  readonly eventId: string;
  /** begun: a costly effect is about to be done; without an end after it, nobody knows whether it was. */
  readonly action: 'begun' | 'executed' | 'failed';
  readonly result: unknown;
  readonly error: string | null;
  readonly producedEventIds: readonly string[];
  /** RFC 3339, UTC. */
  readonly at: string;
};

export type ReplayDivergence = {
  readonly atRevision: number | null;
  readonly eventId: string | null;
  readonly path: string | null;
  readonly expected: unknown;
  readonly actual: unknown;
  readonly reason: 'EVENT_MISSING' | 'EVENT_EXTRA' | 'TYPE_DIFFERS' | 'DATA_DIFFERS';
};

export type ReplayReport = {
  readonly replayId: string;
  readonly mode: 'dry_run' | 'execute';
  readonly purpose: 'recovery' | 'testing' | 'analysis' | 'debugging';
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly target: EntityRef;
  /** A revision; along a chain, a position. */
  readonly fromSequence: number;
  /** A revision; along a chain, a position. */
  readonly toSequence: number;
  readonly replayed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly divergences: readonly ReplayDivergence[];
  readonly preconditions: readonly { readonly name: string; readonly ok: boolean; readonly detail: string | null }[];
  /** How many events of each type had each outcome. */
  readonly summary: readonly {
    readonly action: 'applied' | 'executed' | 'skipped' | 'compared' | 'failed' | 'would_apply' | 'would_execute' | 'would_skip' | 'would_compare';
    readonly reason: string | null;
    readonly effect: string;
    readonly type: string;
    readonly count: number;
  }[];
  readonly steps: readonly {
    readonly event: EventEnvelope;
    readonly action: 'applied' | 'executed' | 'skipped' | 'compared' | 'failed' | 'would_apply' | 'would_execute' | 'would_skip' | 'would_compare';
    /** Why it was skipped; of a step that failed, the message. */
    readonly reason: string | null;
    readonly result: unknown;
    readonly producedEventIds: readonly string[];
    readonly divergence: ReplayDivergence | null;
    readonly durationMs: number;
  }[];
  readonly stepsTotal: number;
  readonly finalState: State | null;
  readonly finalStateHash: string | null;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** RFC 3339, UTC. */
  readonly endedAt: string;
};

export type ReplayRun = {
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
};

export type Run = {
  readonly streamType: string;
  readonly streamId: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly status: string;
  readonly startedAt: string | null;
  readonly lastEventAt: string | null;
  readonly agents: number;
  /** Tool calls, agents, errors that stand as failed in the state. */
  readonly failures: number;
  /** Read and written by models, as far as anybody told. */
  readonly tokens: number;
  /** Phases or steps as they stand, in order: the last 12. */
  readonly phases: readonly { readonly name: string; readonly status: string }[];
  readonly title: string | null;
  /** The newest event that tells of a failure, when the run has one. */
  readonly lastFailure: {
    readonly eventId: string;
    readonly type: string;
    /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
    readonly revision: number;
    readonly summary: string;
  } | null;
};

export type Snapshot = {
  readonly stream: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly eventId: string;
  readonly leaf: string | null;
  readonly foldVersion: string;
  readonly stateHash: string;
  readonly sha256: string;
  readonly pinned: boolean;
  readonly bytes: number;
};

/** A folded state; its fields depend on the stream type. */
export type State = {
  readonly streamType: string;
  readonly streamId: string;
  readonly exists: boolean;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly [name: string]: unknown;
};

export type StateView = {
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
};

export type Stream = {
  readonly streamType: string;
  readonly streamId: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  /** Place in the log: 1, 2, 3, gapless, in commit order. */
  readonly first: number;
  /** Place in the log: 1, 2, 3, gapless, in commit order. */
  readonly last: number;
};

export type SystemRow = {
  readonly streamType: string;
  readonly streamId: string;
  /** Newest event in the state. */
  readonly revision: number;
  readonly status: string;
  /** It had begun, was not deleted, and had not come to an end. */
  readonly isLive: boolean;
  readonly currentPhase: string | null;
  readonly activeAgents: readonly string[];
  readonly since: string | null;
  readonly lastEvent: {
    readonly eventId: string;
    readonly type: string;
    /** RFC 3339, UTC. */
    readonly at: string;
  } | null;
  /** Events in the state that were recorded after one that happened later than the instant. */
  readonly stragglers: number;
};

export type TimelineRow = {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly until: string | null;
  readonly lane: string;
  readonly label: string;
  readonly kind: 'span' | 'point';
  readonly status: string | null;
  readonly eventId: string;
  readonly endEventId: string | null;
};

export type Violation = {
  readonly code: string;
  readonly severity: 'error' | 'info';
  readonly eventId: string | null;
  readonly streamType: string | null;
  readonly streamId: string | null;
  readonly revision: number | null;
  readonly position: number | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly detail: string;
};

export type Watch = { readonly id: string; readonly expression: string; readonly value: unknown; readonly error: string | null };

export type WorkDone = {
  readonly streamType: string;
  readonly streamId: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly state: State;
  /** What the command wrote; nothing when it changed nothing. */
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly streamType: string;
    readonly streamId: string;
    /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
    readonly revision: number;
    /** Place in the log: 1, 2, 3, gapless, in commit order. */
    readonly position: number;
  }[];
  readonly commitId: string | null;
  /** This command was carried out before; nothing was written now. */
  readonly duplicate: boolean;
};

/** A task, sprint, session or job as it stands. */
export type WorkObject = {
  readonly streamType: string;
  readonly streamId: string;
  /** Place in a stream: 1, 2, 3, dense; 0 = no stream. */
  readonly revision: number;
  readonly state: State;
};
