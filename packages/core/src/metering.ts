/**
 * Figures, for whoever keeps them. The core counts and times by name and knows no library: the edge hands in a meter (ports.ts),
 * or none. The table is closed; docs/reference/metrics.md explains it, and a test holds both against each other. Labels have few
 * values, all of them names of ours or of registered types, so that no caller can make series or put words into them.
 * Source: the unified model, section 3.7.
 */
type Kind = 'counter' | 'gauge' | 'milliseconds' | 'bytes';

export interface Metric {
  readonly kind: Kind;
  readonly labels: readonly string[];
  /** One sentence, constant. */
  readonly doc: string;
}

const metric = <K extends Kind, const L extends readonly string[]>(kind: K, labels: L, doc: string): { readonly kind: K; readonly labels: L; readonly doc: string } => ({ kind, labels, doc });

export const metrics = {
  events_published_total: metric('counter', ['stream_type', 'type', 'priority', 'service'], 'Events written.'),
  events_publish_failures_total: metric('counter', ['reason'], 'Appends that wrote nothing, by error code.'),
  publish_duration_ms: metric('milliseconds', ['driver', 'durability'], 'From the call of an append to its receipt.'),
  publish_retries_total: metric('counter', [], 'Batches that were sent to the engine again.'),
  expected_actions_total: metric('counter', [], 'Events that callers asked to be written and that nothing was wrong with; the difference to events_published_total is lost.'),
  events_with_trace_total: metric('counter', [], 'Events written that link to a trace.'),
  events_without_trace_total: metric('counter', [], 'Events written that link to none.'),
  revision_conflicts_total: metric('counter', ['stream_type'], 'Appends refused because a stream stood elsewhere than their writer saw.'),
  validation_failures_total: metric('counter', ['code', 'type'], 'Appends that a quality gate refused.'),
  illegal_transitions_total: metric('counter', ['stream_type', 'type'], 'Appends refused because the event cannot follow from the state.'),
  secrets_redacted_total: metric('counter', ['pattern'], 'Places in written events where a secret was masked, by rule.'),
  limits_reached_total: metric('counter', ['limit'], 'Requests refused because they came up against a limit, by its name.'),
  query_duration_ms: metric('milliseconds', ['kind'], 'Questions for events, by what they ask for.'),
  reconstruct_duration_ms: metric('milliseconds', [], 'Folding a stream up to a place.'),
  events_folded_total: metric('counter', ['stream_type'], 'Events folded for a state at a place.'),
  snapshot_hits_total: metric('counter', ['stream_type'], 'Folds that went on from a kept state.'),
  snapshot_misses_total: metric('counter', ['stream_type'], 'Folds that began at the first event.'),
  snapshots_created_total: metric('counter', [], 'Snapshots stored.'),
  snapshots_failed_total: metric('counter', [], 'Snapshots that could not be made.'),
  snapshot_bytes: metric('bytes', [], 'Size of each snapshot as it is stored.'),
  snapshots_collected_total: metric('counter', [], 'Snapshots removed or thinned out.'),
  state_cache_hits_total: metric('counter', [], 'Appends to a stream whose state was in memory.'),
  state_cache_misses_total: metric('counter', [], 'Appends to a stream whose state had to be folded.'),
  subscription_latency_ms: metric('milliseconds', [], 'From the recording of an event until it is handed to a subscription that was waiting for it.'),
  subscriptions_active: metric('gauge', [], 'Streams of answers that are open.'),
  subscription_dropped_total: metric('counter', [], 'Subscriptions that were closed because their client was too slow.'),
  ws_connections: metric('gauge', [], 'WebSocket connections that are open.'),
  projection_lag_events: metric('gauge', ['projection'], 'Events that a consumer has still to pass.'),
  store_size_bytes: metric('gauge', [], "Size of the store's files."),
  store_events: metric('gauge', [], 'Events in the log.'),
  replay_runs_total: metric('counter', ['mode', 'status'], 'Replays that ended.'),
  replay_events_total: metric('counter', ['action'], 'Events that a replay walked over, by what it did.'),
  replay_divergences_total: metric('counter', [], 'Outcomes of replays that were other than recorded.'),
  replay_duration_ms: metric('milliseconds', [], 'A replay, from its plan to its end.'),
  integrity_checks_total: metric('counter', ['result'], 'Verifications of the log or of a stream.'),
  last_verified_position: metric('gauge', [], 'Everything up to here was looked at by the last whole verification of this process.'),
  debug_sessions_active: metric('gauge', [], 'Debug sessions that are open.'),
  alerts_firing: metric('gauge', ['severity'], 'Alerts that are raised and neither acknowledged nor resolved.'),
  job_duration_ms: metric('milliseconds', ['status'], 'Jobs, from start to end.'),
  job_step_duration_ms: metric('milliseconds', ['step'], 'Steps of jobs, as their workers tell.'),
  jobs_running: metric('gauge', [], 'Jobs that run.'),
} as const satisfies { readonly [name: string]: Metric };

type Metrics = typeof metrics;
export type MetricName = keyof Metrics;
type NameOf<K extends Kind> = { [N in MetricName]: Metrics[N]['kind'] extends K ? N : never }[MetricName];
export type LabelsOf<N extends MetricName> = { readonly [L in Metrics[N]['labels'][number]]: string };

export interface Meter {
  /** Adds to a counter, or moves a gauge. Default amount 1. */
  add<N extends NameOf<'counter' | 'gauge'>>(name: N, labels: LabelsOf<N>, amount?: number): void;
  observe<N extends NameOf<'milliseconds' | 'bytes'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Milliseconds since some moment, in fractions; only differences mean something. */
  now(): number;
}

/** How a label shows what callers choose freely: as it is when it is one of ours, else as `other`. */
export const labelOf = (value: string | undefined, isKnown: (value: string) => boolean): string => (value !== undefined && isKnown(value) ? value : 'other');
