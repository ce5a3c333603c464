/**
 * What an agent may call: one row per tool, its operation, or several that an argument chooses from, and where the names of
 * documents 000 and 001 are not those of the operation. Everything else (text, arguments, scope) comes from the operation. A
 * tool that appends is one whose operation does; executing a replay is for people and is not offered. A debug session lives in
 * the memory of the server and writes nothing, so it is offered to who may only read, if his scopes allow it.
 */
import { addBreakpoint, addWatch, agentMetrics, appendEvents, blameOf, cancelJob, compareRuns, coverageOf, createCheckpoint, createJob, createSnapshot, debugTimeline, diffStates, divergenceOf, doctor, exportDebugSession, flipsOf, forkStream, getDebugSession, getEvent, getEventType, getJob, jobLogs, listBreakpoints, listCheckpoints, listEventTypes, listRuns, listSnapshots, listWatches, marksOf, openAt, pauseDebugSession, pauseJob, provenanceOf, queryEvents, registerEventType, removeBreakpoint, removeWatch, replayEvents, rerunJob, restartDebugSession, restoreCheckpoint, resumeDebugSession, resumeJob, seekDebugSession, startDebugSession, startJob, stateAt, stateHistory, stats, stepDebugSession, stopDebugSession, timeline, traceEvent, travelTo, validateCorrelation, validateEvents, verifyLog } from '@refold/operations';
import type { Operation, Scope } from '@refold/operations';

// oxlint-disable-next-line no-explicit-any -- as in the table of operations: many shapes in one list.
type SomeOperation = Operation<any, any>;

export type ToolRow = OneTool | ToolOfActions;

export interface OneTool extends Renaming {
  readonly operation: SomeOperation;
}

/** What is done with one thing: the argument `action` names the operation, and the others are that operation's. */
export interface ToolOfActions extends Renaming {
  readonly doc: string;
  readonly actions: { readonly [action: string]: SomeOperation };
}

interface Renaming {
  readonly name: string;
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
  /** A stream may be named once for all events that name none. */
  readonly sharesStream?: true;
}

const ofSession = { names: { session_id: 'id' } };
const ofJob = { names: { job_id: 'id' } };
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
  { name: 'debug_start', operation: startDebugSession, names: { stream: 'aggregateId' }, without: ['streamType', 'fromVersion'] },
  { name: 'debug_breakpoint', doc: 'The breakpoints of a debug session: where its runs stop.', actions: { add: addBreakpoint, list: listBreakpoints, remove: removeBreakpoint }, ...ofSession },
  { name: 'debug_watch', doc: 'The watches of a debug session: expressions with their values where it stands.', actions: { add: addWatch, list: listWatches, remove: removeWatch }, ...ofSession },
  {
    name: 'debug_control',
    doc: 'Moves a debug session: by steps, to the next breakpoint, to a place, back to its beginning; or ends it.',
    actions: { step: stepDebugSession, resume: resumeDebugSession, pause: pauseDebugSession, seek: seekDebugSession, restart: restartDebugSession, stop: stopDebugSession },
    ...ofSession,
  },
  { name: 'debug_info', operation: getDebugSession, ...ofSession },
  { name: 'debug_timeline', operation: debugTimeline, ...ofSession },
  { name: 'debug_export', operation: exportDebugSession, ...ofSession },
  { name: 'get_job', operation: getJob, ...ofJob },
  { name: 'job_logs', operation: jobLogs, ...ofJob },
  { name: 'register_event_type', operation: registerEventType, names: { event_type: 'type' } },
  { name: 'log_event', operation: appendEvents, takesOneEvent: true, names: { event_type: 'type', metadata: 'data' }, without: ['metadata'] },
  { name: 'append_events', operation: appendEvents, sharesStream: true },
  { name: 'create_checkpoint', operation: createCheckpoint },
  { name: 'restore_checkpoint', operation: restoreCheckpoint },
  { name: 'create_snapshot', operation: createSnapshot },
  { name: 'create_job', operation: createJob, ...ofJob },
  { name: 'control_job', doc: 'Starts, pauses, resumes or cancels a job.', actions: { start: startJob, pause: pauseJob, resume: resumeJob, cancel: cancelJob }, ...ofJob },
  { name: 'rerun_job', operation: rerunJob, ...ofJob },
];

/** What a tool may run. */
export const operationsOf = (tool: ToolRow): readonly SomeOperation[] => ('actions' in tool ? Object.values(tool.actions) : [tool.operation]);
export const docOf = (tool: ToolRow): string => ('actions' in tool ? tool.doc : tool.operation.doc);

/** What a tool may need of its caller; of an operation whose dry run is settled here, what that needs. */
export const scopesOf = (tool: ToolRow): readonly Scope[] => operationsOf(tool).map(({ scope, dryRun }) => (tool.fixed?.['dryRun'] === true && dryRun !== undefined ? dryRun.scope : scope));

export const appends = (tool: ToolRow): boolean => scopesOf(tool).some((scope) => scope === 'append' || scope === 'config');
/** Nothing is any different afterwards, neither in the log nor in the server. */
export const onlyReads = (tool: ToolRow): boolean => scopesOf(tool).every((scope) => scope === 'read' || scope === 'replay:dry');

/** The tools of one server. */
export const toolsFor = ({ allowWrite }: { readonly allowWrite: boolean }): readonly ToolRow[] => tools.filter((tool) => allowWrite || !appends(tool));
