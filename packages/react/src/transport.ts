/**
 * Where the hooks get what they show: six functions. Over a client they are its streams (Server-Sent Events); who has a GraphQL client
 * already hands in its subscriptions instead, which are named and shaped as document 004 has them.
 */
import type { CallName, Client, EventEnvelope, FollowState, InputOf, LogError, OutputOf } from '@refold/client';

/** How whoever watches ends it, and is told how the connection is. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onState: (state: FollowState, error: LogError | null) => void;
}

export interface Transport {
  /** One answer of one operation. */
  ask<N extends CallName>(name: N, input: InputOf<N>, options: { readonly signal: AbortSignal }): Promise<OutputOf<N>>;
  events(filter: InputOf<'tailEvents'>, watch: Watch): AsyncIterable<EventEnvelope>;
  jobStatusUpdated(jobId: string, watch: Watch): AsyncIterable<JobStatusUpdate>;
  jobLogsStream(jobId: string, watch: Watch): AsyncIterable<JobLogEntry>;
  orchestratorHealth(watch: Watch): AsyncIterable<OrchestratorStatus>;
  /** A state as it stands now, and after every event. */
  stateUpdated(stream: { readonly streamType: string; readonly streamId: string }, watch: Watch): AsyncIterable<OutputOf<'stateAt'>>;
}

export type JobStatus = 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';

export interface JobStatusUpdate {
  readonly jobId: string;
  /** In lower case; GraphQL's spelling (`RUNNING`) is taken, too. */
  readonly status: JobStatus | Uppercase<JobStatus>;
  readonly currentStep: string | null;
  /** 0 to 1. */
  readonly progress: number | null;
  readonly timestamp: string;
  /** What made this update. */
  readonly events: readonly JobEvent[];
}

export interface JobEvent {
  readonly id: string;
  readonly jobId: string;
  readonly eventType: string;
  readonly eventData: { readonly [field: string]: unknown };
  readonly timestamp: string;
  readonly sequence: number;
  readonly metadata: { readonly traceId?: string | null; readonly userId?: string | null; readonly version: string };
}

export interface JobLogEntry {
  readonly jobId: string;
  readonly sequence: number;
  readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
  readonly message: string;
  readonly step: string | null;
  readonly source: string | null;
  readonly timestamp: string;
  readonly traceId: string | null;
}

export type OrchestratorStatus = OutputOf<'orchestratorHealth'>;

export const transportOver = (client: Client): Transport => ({
  ask: (name, input, options) => client.call(name, input, options),
  events: (filter, watch) => client.tailEvents(filter, watch),
  // In this dialect the events of an update are JobEvents.
  jobStatusUpdated: (id, watch) => client.followJob({ id }, { ...watch, dialect: 'job' }) as AsyncIterable<unknown> as AsyncIterable<JobStatusUpdate>,
  async *jobLogsStream(id, watch) {
    for await (const { line, at, jobId, level, message, step, source, traceId } of client.followJobLogs({ id }, watch)) yield { jobId, sequence: line, level, message, step, source, timestamp: at, traceId };
  },
  orchestratorHealth: (watch) => client.followOrchestratorHealth({}, watch),
  stateUpdated: (stream, watch) => client.followState(stream, watch),
});
