/** The agent-orchestration domain: event types, folds, effects, dialects. */
export { catalog, createCatalogRegistry, familyOf, parentCategoryOf, runKinds } from './catalog.ts';
export type { TypeFamily } from './catalog.ts';

// The kinds of stream, one by one, for who wants only some of them.
export { agent } from './agent.ts';
export { alert } from './alert.ts';
export { automationRule, automationRun } from './automation.ts';
export { context } from './context.ts';
export { custom } from './custom.ts';
export { execution } from './execution.ts';
export { jobLog } from './job-log.ts';
export { job } from './job.ts';
export { notification } from './notification.ts';
export { issue, objectLog, processCase } from './observed.ts';
export { otherNameTag } from './other-name.ts';
export { orchestration } from './orchestration/orchestration.ts';
export { replay, replayControlTypes } from './replay.ts';
export { planRerun, rerunStatuses } from './rerun.ts';
export type { RerunOptions, RerunPlan } from './rerun.ts';
export { repo } from './repo.ts';
export { rollout } from './rollout.ts';
export { session } from './session.ts';
export { spec } from './spec.ts';
export { sprint, sprintStatusPairs } from './sprint.ts';
export { controlEventTypes, store } from './store.ts';
export { task, taskStatusPairs } from './task.ts';
export { trace } from './trace.ts';
export { snapshotFailed } from './snapshot-failed.ts';
export { tailRepaired } from './tail-repaired.ts';
export type { RepairedTail } from './tail-repaired.ts';
export { validationFailed } from './validation-failed.ts';
export { workflow } from './workflow.ts';

// Event types, for who writes and reads events in TypeScript.
export { isEventOf } from './typed-event.ts';
export type { CatalogEvent, CatalogEventInput, CatalogEventType } from './typed-event.ts';
export type { EventPayloads } from './types/events.ts';

// Commands: from a state and a command to the events that follow.
export type { Decision } from './commands/decision.ts';
export { decideJobCancellation, decideJobCompletion, decideJobComponent, decideJobCreation, decideJobFailure, decideJobLines, decideJobPause, decideJobProgress, decideJobResume, decideJobStart, decideJobStep } from './commands/job-commands.ts';
export { decideContext, decideSessionEnd, decideSessionResume, decideSessionStart } from './commands/session-commands.ts';
export { decideSprintCreation, decideSprintDeletion, decideSprintUpdate } from './commands/sprint-commands.ts';
export { decideTaskCreation, decideTaskDeletion, decideTaskUpdate } from './commands/task-commands.ts';

// Families of events that a user's own kind of run can take as well.
export { anyStream } from './any-stream.ts';
export { workPart } from './orchestration/work-part.ts';
export { runParts } from './run-parts/run-parts.ts';
export { partsOfAListedRun, partsOfARun } from './run.ts';
export { keptEntriesMax } from './run-parts/keep.ts';
export { effectOfToolCall } from './run-parts/tool-call.ts';
export { readTokens } from './run-parts/tokens.ts';

// States.
export type { AgentFields, AgentState } from './agent.ts';
export type { AlertFields, AlertState } from './alert.ts';
export type { AutomationAction, AutomationRuleFields, AutomationRuleState, AutomationRunFields, AutomationRunState } from './automation.ts';
export type { ContextFields, ContextState } from './context.ts';
export type { CustomFields, CustomState } from './custom.ts';
export type { ExecutionFields, ExecutionState } from './execution.ts';
export type { ComponentName, ComponentState } from './job-component.ts';
export type { JobLogFields, JobLogState } from './job-log.ts';
export type { JobFields, JobState, JobStatus } from './job.ts';
export type { NotificationFields, NotificationState } from './notification.ts';
export type { ObservedFields, ObservedState } from './observed.ts';
export type { JiraState } from './orchestration/jira.ts';
export type { OrchestrationFields, OrchestrationRun, OrchestrationState, OrchestrationStatus } from './orchestration/orchestration.ts';
export type {
  AgentRunIndex, AgentRunState, CheckpointState, CommitState, DecisionState, DocumentState, ErrorState, GapState, PhaseState, PullRequestState, QualityCheckState, TestRunState, WorkFields,
} from './orchestration/work.ts';
export type { ErrorInfo } from './read.ts';
export type { ReplayFields, ReplayState } from './replay.ts';
export type { RepoFields, RepoState } from './repo.ts';
export type { RolloutFields, RolloutState } from './rollout.ts';
export type { ListedRunState, RunState } from './run.ts';
export type { MessageState, PromptState, TurnState } from './run-parts/conversation.ts';
export type { ChildRunState, TimerState, UpdateState } from './run-parts/exchange.ts';
export type { ModelCallState } from './run-parts/model-call.ts';
export type { ActivityState, ObjectState } from './run-parts/observation.ts';
export type { RunFields, SharedRunFields } from './run-parts/run-parts.ts';
export type { RunStepState, StepState } from './run-parts/step.ts';
export type { Tokens } from './run-parts/tokens.ts';
export type { FactTotal, PartTotal, RunTotals, Totals } from './run-parts/totals.ts';
export type { ApprovalState, FileState, ToolCallState } from './run-parts/tool-call.ts';
export type { SessionFields, SessionState } from './session.ts';
export type { SpecFields, SpecState } from './spec.ts';
export type { SprintFields, SprintState, SprintStatus } from './sprint.ts';
export type { StoreFields, StoreState } from './store.ts';
export type { TaskFields, TaskState, TaskStatus } from './task.ts';
export type { TraceFields, TraceState } from './trace.ts';
export type { WorkflowFields, WorkflowState } from './workflow.ts';

// Views over events.
export { runFacts } from './run-facts.ts';
export type { RunFacts, StepFacts } from './run-facts.ts';
export { projectAgentMetrics } from './agent-metrics.ts';
export type { AgentMetric } from './agent-metrics.ts';

// Foreign forms and spellings.
export { createDialects, dialectNames, recogniseDialect } from './dialects/dialects.ts';
export type { Dialects } from './dialects/dialects.ts';
export type { Dialect, DialectName, ForeignInput, ReadOptions, WriteOptions } from './dialects/dialect.ts';
export type { JobEvent } from './dialects/job-event.ts';
export { camelCase, snakeCase, toCamelNaming, toSnakeNaming } from './dialects/naming.ts';
