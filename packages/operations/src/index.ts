/** Everything Refold can do: the table that every door is made from, and the few parts that doors call themselves. */
import { getBlob, putBlob } from './blobs.ts';
import { addBreakpoint, addDebugNote, addWatch, debugTimeline, exportDebugSession, followDebugSession, forkDebugSession, getDebugSession, importDebugSession, listBreakpoints, listDebugSessions, listWatches, pauseDebugSession, removeBreakpoint, removeDebugNote, removeWatch, restartDebugSession, resumeDebugSession, seekDebugSession, startDebugSession, stepDebugSession, stopDebugSession } from './debug.ts';
import { createCheckpoint, listCheckpoints, restoreCheckpoint } from './checkpoints.ts';
import { compareRuns } from './compare-runs.ts';
import { assembleContext, endSession, getSession, resumeSession, startSession } from './agent-sessions.ts';
import { queryAudit, verifyAudit } from './audit/questions.ts';
import type { AnyOperation } from './define.ts';
import { appendEvents, getCommit, getEvent, queryEvents, tailEvents, validateEvents } from './events.ts';
import { checkSchema, registerEventType, schemaHistory } from './schemas.ts';
import { exportEvents } from './export-events.ts';
import { followJob, followJobLogs } from './follow-job.ts';
import { followReplay, followState, followStats } from './follow-state.ts';
import { importRecords } from './intake.ts';
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from './keys.ts';
import { verifyLog } from './integrity.ts';
import { appendJobLogs, jobLogs } from './job-logs.ts';
import { cancelJob, completeJob, createJob, endJobStep, failJob, getJob, listJobs, moveJobComponent, pauseJob, progressJob, resumeJob, startJob } from './job-work.ts';
import { rerunJob } from './jobs.ts';
import { openAt } from './open-work.ts';
import { lodOf, marksOf } from './overview.ts';
import { blameOf, compareState, coverageOf, divergenceOf, flipsOf, forkStream } from './questions.ts';
import { replayEvents } from './replay.ts';
import { cancelReplay, getReplay, listReplays, replaySteps } from './replay-runs.ts';
import { correlationEvents, entityEvents, sessionEvents, traceEvent, validateCorrelation } from './relations.ts';
import { streamIndex, streamRows } from './rows.ts';
import { collectSnapshots, createSnapshot, listSnapshots, verifySnapshots } from './snapshots.ts';
import { aggregateEvents, getAggregate, getStream, listStreams, resolveStream, streamEvents } from './streams.ts';
import { followOrchestratorHealth, orchestratorHealth } from './orchestrator-health.ts';
import { doctor, health, live, ready, systemInfo } from './system.ts';
import { systemState } from './system-state.ts';
import { createSprint, deleteSprint, getSprint, listSprints, updateSprint } from './sprints.ts';
import { createTask, deleteTask, getTask, listTasks, updateTask } from './tasks.ts';
import { aggregateState, diffStates, provenanceOf, stateAt, stateHistory, travelTo } from './travel.ts';
import { getEventType, getSchema, listEventTypes } from './types.ts';
import { agentMetrics, listRuns, stats, timeline } from './views.ts';
import { whoAmI } from './who-am-i.ts';

export const operations: readonly AnyOperation[] = [
  appendEvents,
  queryEvents,
  tailEvents,
  validateEvents,
  timeline,
  stats,
  correlationEvents,
  validateCorrelation,
  sessionEvents,
  entityEvents,
  getEvent,
  traceEvent,
  getCommit,
  putBlob,
  getBlob,
  listStreams,
  getStream,
  streamEvents,
  streamRows,
  streamIndex,
  resolveStream,
  getAggregate,
  aggregateEvents,
  aggregateState,
  stateAt,
  openAt,
  stateHistory,
  diffStates,
  travelTo,
  provenanceOf,
  lodOf,
  marksOf,
  systemState,
  flipsOf,
  forkStream,
  divergenceOf,
  compareState,
  blameOf,
  coverageOf,
  startDebugSession,
  listDebugSessions,
  importDebugSession,
  getDebugSession,
  followDebugSession,
  stepDebugSession,
  resumeDebugSession,
  pauseDebugSession,
  seekDebugSession,
  restartDebugSession,
  stopDebugSession,
  addBreakpoint,
  listBreakpoints,
  removeBreakpoint,
  addWatch,
  listWatches,
  removeWatch,
  addDebugNote,
  removeDebugNote,
  debugTimeline,
  exportDebugSession,
  forkDebugSession,
  replayEvents,
  listReplays,
  getReplay,
  replaySteps,
  cancelReplay,
  listCheckpoints,
  createCheckpoint,
  restoreCheckpoint,
  createTask,
  listTasks,
  getTask,
  updateTask,
  deleteTask,
  createSprint,
  listSprints,
  getSprint,
  updateSprint,
  deleteSprint,
  startSession,
  getSession,
  resumeSession,
  endSession,
  assembleContext,
  createJob,
  listJobs,
  getJob,
  startJob,
  pauseJob,
  resumeJob,
  cancelJob,
  endJobStep,
  progressJob,
  moveJobComponent,
  completeJob,
  failJob,
  appendJobLogs,
  jobLogs,
  followJob,
  followJobLogs,
  followState,
  followStats,
  followReplay,
  rerunJob,
  compareRuns,
  listSnapshots,
  createSnapshot,
  collectSnapshots,
  verifySnapshots,
  agentMetrics,
  listRuns,
  listEventTypes,
  getEventType,
  getSchema,
  registerEventType,
  checkSchema,
  schemaHistory,
  verifyLog,
  exportEvents,
  importRecords,
  createApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
  queryAudit,
  verifyAudit,
  orchestratorHealth,
  followOrchestratorHealth,
  health,
  live,
  ready,
  systemInfo,
  whoAmI,
  doctor,
];

export { defineBatchedStream, defineOperation, defineStreamOperation } from './define.ts';
export type { AnyOperation, HttpBinding, Installation, Operation, OperationContext, Scope, StreamOperation } from './define.ts';
export { isStream, parseInput, runOperation, runStream, runStreamInBatches, termsOf } from './run-operation.ts';
export { grantedScopes, nobody, roleNames, roles } from './access.ts';
export type { Access, GrantedScope, Role } from './access.ts';
export { authorize, authorizeAny, authorizeCall, unauthenticated } from './authorize.ts';
export { filterInput, pageInput } from './inputs.ts';
export { hashOfKeyText, idOfKeyText } from './api-key.ts';
export { findApiKey, isUsable, noteUseOfApiKey } from './key-store.ts';
export type { ApiKey, StoredApiKey } from './key-store.ts';
export { createApiKey, listApiKeys, revokeApiKey, rotateApiKey };
export { importFiles, outcomeJson } from './intake.ts';
export type { ImportOutcome, ImportRequest } from './intake.ts';
export { newestRuns } from './views.ts';
export type { RunRow } from './views.ts';
export { followOrchestratorHealth, orchestratorHealth };
export type { OrchestratorStatus } from './orchestrator-health.ts';
export type { SystemRow } from './system-state.ts';
export { catchUpTypes } from './registered-types.ts';
export { checkSchema, registerEventType, schemaHistory };
export { catchUpSearch } from './select-events.ts';
export { auditRegistry } from './audit/access-events.ts';
export { auditOf, createAuditTrail, keepAudit } from './audit/audit-trail.ts';
export type { AuditTrail } from './audit/audit-trail.ts';
export { queryAudit, verifyAudit };
export { readGauges } from './gauges.ts';
export type { GaugeReading } from './gauges.ts';
export { rowFlags } from './rows.ts';
export type { EventRow } from './rows.ts';
export { debuggerParts } from './debug-sessions.ts';
export { runReplay } from './replay.ts';
export type { ReplayAnswer } from './replay.ts';
export { defaultReplaySettings } from './replay-settings.ts';
export type { ReplaySettings } from './replay-settings.ts';
export { placeOf, readerOf } from './places.ts';
export { travelParts } from './travel-parts.ts';
export { payloadSchema } from './types.ts';
export type { PlaceParameters } from './places.ts';
export { agentMetrics, aggregateEvents, aggregateState, appendEvents, blameOf, compareState, correlationEvents, coverageOf, diffStates, divergenceOf, doctor, entityEvents, exportEvents, flipsOf, forkStream, getAggregate, getBlob, getCommit, getEvent, getEventType, getSchema, getStream, health, importRecords, listEventTypes, listRuns, listStreams, live, lodOf, marksOf, openAt, provenanceOf, putBlob, queryEvents, ready, resolveStream, sessionEvents, stateAt, stateHistory, stats, streamEvents, streamIndex, streamRows, systemInfo, systemState, tailEvents, timeline, traceEvent, travelTo, validateCorrelation, validateEvents, verifyLog };
export { addBreakpoint, addDebugNote, addWatch, debugTimeline, exportDebugSession, followDebugSession, forkDebugSession, getDebugSession, importDebugSession, listBreakpoints, listDebugSessions, listWatches, pauseDebugSession, removeBreakpoint, removeDebugNote, removeWatch, restartDebugSession, resumeDebugSession, seekDebugSession, startDebugSession, stepDebugSession, stopDebugSession };
export { cancelReplay, collectSnapshots, compareRuns, createCheckpoint, createSnapshot, getReplay, listCheckpoints, listReplays, listSnapshots, replayEvents, replaySteps, rerunJob, restoreCheckpoint, verifySnapshots };
export { createTask, deleteTask, getTask, listTasks, updateTask };
export { createSprint, deleteSprint, getSprint, listSprints, updateSprint };
export { assembleContext, endSession, getSession, resumeSession, startSession };
export { appendJobLogs, cancelJob, completeJob, createJob, endJobStep, failJob, getJob, jobLogs, listJobs, moveJobComponent, pauseJob, progressJob, resumeJob, startJob };
export { followJob, followJobLogs, followReplay, followState, followStats };
export type { FollowedLine, JobUpdate } from './follow-job.ts';
export type { JobLogLine } from './job-logs.ts';
