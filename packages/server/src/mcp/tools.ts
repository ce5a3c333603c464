/**
 * What an agent may call: one row per tool, its operation, and where the names of documents 000 and 001 are not those of the
 * operation. Everything else (text, arguments, scope) comes from the operation. A tool that appends is one whose operation
 * does; executing a replay is for people and is not offered.
 */
import { agentMetrics, appendEvents, blameOf, compareRuns, coverageOf, createCheckpoint, createSnapshot, diffStates, divergenceOf, doctor, flipsOf, forkStream, getEvent, getEventType, listCheckpoints, listEventTypes, listRuns, listSnapshots, marksOf, openAt, provenanceOf, queryEvents, replayEvents, rerunJob, restoreCheckpoint, stateAt, stateHistory, stats, timeline, traceEvent, travelTo, validateCorrelation, validateEvents, verifyLog } from '@refold/operations';
import type { Operation } from '@refold/operations';

export interface ToolRow {
  readonly name: string;
  // oxlint-disable-next-line no-explicit-any -- as in the table of operations: many shapes in one list.
  readonly operation: Operation<any, any>;
  /** Arguments that are not their field's name in snake_case. */
  readonly names?: { readonly [argument: string]: string };
  /** Fields that are settled here and not offered. */
  readonly fixed?: { readonly [field: string]: unknown };
  /** What stands in a field that the caller leaves out. */
  readonly defaults?: { readonly [field: string]: unknown };
  /** Fields that are not offered. */
  readonly without?: readonly string[];
  /** The arguments are the fields of one event; the operation takes a list of them. */
  readonly takesOneEvent?: true;
}

const filterNames = { event_types: 'type', from_timestamp: 'from', to_timestamp: 'to' };

export const tools: readonly ToolRow[] = [
  { name: 'list_runs', operation: listRuns },
  { name: 'query_events', operation: queryEvents, names: filterNames },
  { name: 'get_event', operation: getEvent, names: { event_id: 'id' } },
  { name: 'trace_cause', operation: traceEvent, names: { event_id: 'id' } },
  { name: 'reconstruct_state', operation: stateAt, names: { at_timestamp: 'at' } },
  { name: 'time_travel_query', operation: travelTo, names: { query_timestamp: 'at' } },
  { name: 'open_at', operation: openAt },
  { name: 'state_history', operation: stateHistory },
  { name: 'diff_state', operation: diffStates, names: { from: 'fromPlace', to: 'toPlace' }, without: ['fromRevision', 'toRevision', 'from', 'to'] },
  { name: 'provenance', operation: provenanceOf },
  { name: 'flips', operation: flipsOf },
  { name: 'blame', operation: blameOf },
  { name: 'coverage', operation: coverageOf },
  { name: 'marks', operation: marksOf },
  { name: 'find_divergence', operation: divergenceOf },
  { name: 'compare_runs', operation: compareRuns },
  { name: 'fork', operation: forkStream },
  { name: 'replay_events', operation: replayEvents, fixed: { dryRun: true }, defaults: { stepLimit: 10 }, without: ['confirm', 'replayId', 'stopOnError', 'params', 'actor'] },
  { name: 'list_checkpoints', operation: listCheckpoints },
  { name: 'list_snapshots', operation: listSnapshots },
  { name: 'validate_event_chain', operation: validateCorrelation, names: { correlation_id: 'id' } },
  { name: 'validate_events', operation: validateEvents },
  { name: 'verify_integrity', operation: verifyLog },
  { name: 'project_agent_metrics', operation: agentMetrics, names: filterNames },
  { name: 'event_stats', operation: stats, names: filterNames },
  { name: 'event_timeline', operation: timeline, names: filterNames },
  { name: 'list_event_types', operation: listEventTypes },
  { name: 'describe_event_type', operation: getEventType, names: { event_type: 'type' } },
  { name: 'doctor', operation: doctor, names: { issue_key: 'issue' } },
  { name: 'log_event', operation: appendEvents, takesOneEvent: true, names: { event_type: 'type', metadata: 'data' }, without: ['metadata'] },
  { name: 'append_events', operation: appendEvents },
  { name: 'create_checkpoint', operation: createCheckpoint },
  { name: 'restore_checkpoint', operation: restoreCheckpoint },
  { name: 'create_snapshot', operation: createSnapshot },
  { name: 'rerun_job', operation: rerunJob },
];

export const appends = ({ operation }: ToolRow): boolean => operation.scope === 'append';

/** The tools of one server. */
export const toolsFor = ({ allowWrite }: { readonly allowWrite: boolean }): readonly ToolRow[] => tools.filter((tool) => allowWrite || !appends(tool));
