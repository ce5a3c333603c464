/** What the events of the catalogue carry, by type. Written by `npm run contract` from the schemas of the catalogue; do not edit. */
import type { Json, JsonObject } from '@refold/core';

export interface EventPayloads {
  /** Work on the issue began: a new run, in a session of its own. */
  readonly 'orchestration.started': {
    readonly run_id?: string;
    readonly summary?: string;
    readonly mode?: string;
    readonly phases_planned?: readonly string[];
    readonly config?: JsonObject;
  } & JsonObject;
  /** The run reached its goal. */
  readonly 'orchestration.completed': { readonly summary?: string; readonly duration_seconds?: number; readonly result?: Json } & JsonObject;
  /** The run gave up. */
  readonly 'orchestration.failed': {
    readonly reason: string;
    readonly error?: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly failed_phase?: string;
  } & JsonObject;
  /** The run stands still until it is resumed. */
  readonly 'orchestration.paused': { readonly reason?: string; readonly checkpoint_id?: string } & JsonObject;
  /** A paused or failed run goes on. */
  readonly 'orchestration.resumed': { readonly reason?: string; readonly checkpoint_id?: string; readonly from_sequence?: number } & JsonObject;
  /** A phase of the run began. */
  readonly 'phase.started': { readonly phase: string; readonly attempt?: number; readonly planned_agents?: readonly string[] } & JsonObject;
  /** A phase of the run reached its end. */
  readonly 'phase.completed': {
    readonly phase: string;
    readonly duration_seconds?: number;
    readonly quality_score?: number;
    readonly outputs?: JsonObject;
  } & JsonObject;
  /** A phase of the run ended with an error. */
  readonly 'phase.failed': {
    readonly phase: string;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
  } & JsonObject;
  /** An agent was started on a task. */
  readonly 'agent_run.spawned': {
    readonly agent_name: string;
    readonly agent_model?: string;
    readonly assigned_task?: string;
    readonly agent_run_id?: string;
    readonly phase?: string;
    readonly parent_agent_run_id?: string;
  } & JsonObject;
  /** An agent finished its task. */
  readonly 'agent_run.completed': {
    readonly agent_name: string;
    readonly agent_run_id?: string;
    readonly quality_score?: number;
    readonly duration_seconds?: number;
    readonly result?: Json;
    readonly artifacts?: readonly string[];
    readonly tokens_input?: number;
    readonly tokens_output?: number;
  } & JsonObject;
  /** An agent ended with an error. */
  readonly 'agent_run.failed': {
    readonly agent_name: string;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly agent_run_id?: string;
    readonly retryable?: boolean;
  } & JsonObject;
  /** An agent cannot go on until something else happens. */
  readonly 'agent_run.blocked': {
    readonly agent_name: string;
    readonly reason: string;
    readonly agent_run_id?: string;
    readonly blocked_by?: readonly string[];
  } & JsonObject;
  /** A blocked agent goes on. */
  readonly 'agent_run.unblocked': { readonly agent_name: string; readonly agent_run_id?: string; readonly resolution?: string } & JsonObject;
  /** Something that should be there was found missing. */
  readonly 'gap.identified': {
    readonly gap_id: string;
    readonly description: string;
    readonly severity?: 'low' | 'medium' | 'high' | 'critical';
    readonly category?: string;
    readonly phase?: string;
    readonly detected_by?: string;
  } & JsonObject;
  /** A gap was closed. */
  readonly 'gap.resolved': { readonly gap_id: string; readonly resolution: string; readonly resolved_by?: string; readonly commit_sha?: string } & JsonObject;
  /** A gap was handed to somebody who can decide. */
  readonly 'gap.escalated': { readonly gap_id: string; readonly escalated_to: string; readonly reason?: string } & JsonObject;
  /** A commit was made. */
  readonly 'git.commit_created': {
    readonly sha: string;
    readonly message: string;
    readonly branch?: string;
    readonly author?: string;
    readonly files_changed?: readonly string[];
    readonly insertions?: number;
    readonly deletions?: number;
  } & JsonObject;
  /** A pull request was opened. */
  readonly 'git.pr_created': {
    readonly pr_number: number;
    readonly title: string;
    readonly url?: string;
    readonly source_branch?: string;
    readonly target_branch?: string;
  } & JsonObject;
  /** A pull request was merged. */
  readonly 'git.pr_merged': { readonly pr_number: number; readonly merge_sha?: string; readonly merged_by?: string } & JsonObject;
  /** A pull request was closed without being merged. */
  readonly 'git.pr_closed': { readonly pr_number: number; readonly reason?: string; readonly closed_by?: string } & JsonObject;
  /** A document was written as a file. */
  readonly 'documentation.created': { readonly path: string; readonly title?: string; readonly doc_type?: string } & JsonObject;
  /** A quality check began. */
  readonly 'quality_check.started': { readonly check_id: string; readonly check_name: string; readonly tool?: string; readonly target?: string } & JsonObject;
  /** A quality check came to a result. */
  readonly 'quality_check.completed': {
    readonly check_id: string;
    readonly passed?: boolean;
    readonly score?: number;
    readonly findings?: readonly JsonObject[];
  } & JsonObject;
  /** A quality check failed or could not be carried out. */
  readonly 'quality_check.failed': {
    readonly check_id: string;
    readonly reason: string;
    readonly score?: number;
    readonly findings?: readonly JsonObject[];
  } & JsonObject;
  /** A test suite began to run. */
  readonly 'test_run.started': { readonly test_run_id: string; readonly suite: string; readonly command?: string } & JsonObject;
  /** A test suite ran to its end. */
  readonly 'test_run.completed': {
    readonly test_run_id: string;
    readonly total: number;
    readonly passed: number;
    readonly failed: number;
    readonly skipped?: number;
    readonly duration_seconds?: number;
    readonly coverage?: number;
  } & JsonObject;
  /** A test suite failed. */
  readonly 'test_run.failed': {
    readonly test_run_id: string;
    readonly total?: number;
    readonly passed?: number;
    readonly failed?: number;
    readonly failures?: readonly JsonObject[];
    readonly error?: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
  } & JsonObject;
  /** A place was marked that the run can be set back to. */
  readonly 'checkpoint.created': { readonly checkpoint_id: string; readonly label?: string; readonly reason?: string; readonly state_hash?: string } & JsonObject;
  /** The run was set back to a checkpoint; nothing is erased, work goes on from there. */
  readonly 'checkpoint.restored': {
    readonly checkpoint_id: string;
    readonly restored_sequence: number;
    readonly state_hash?: string;
    readonly reason?: string;
  } & JsonObject;
  /** Something went wrong. */
  readonly 'error.occurred': {
    readonly error_id: string;
    readonly message: string;
    readonly code?: string;
    readonly stack?: string;
    readonly phase?: string;
    readonly agent_name?: string;
    readonly fatal?: boolean;
  } & JsonObject;
  /** Somebody tries to recover from an error. */
  readonly 'recovery.attempted': { readonly error_id: string; readonly strategy: string; readonly attempt?: number; readonly checkpoint_id?: string } & JsonObject;
  /** The recovery from an error worked. */
  readonly 'recovery.succeeded': { readonly error_id: string; readonly strategy?: string; readonly attempt?: number; readonly result?: Json } & JsonObject;
  /** The recovery from an error did not work. */
  readonly 'recovery.failed': {
    readonly error_id: string;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly strategy?: string;
    readonly attempt?: number;
  } & JsonObject;
  /** A decision was taken, with its reason. */
  readonly 'decision.recorded': {
    readonly decision_id: string;
    readonly decision: string;
    readonly question?: string;
    readonly rationale?: string;
    readonly alternatives?: readonly string[];
  } & JsonObject;
  /** The issue moved to another status in Jira. */
  readonly 'jira.issue_transitioned': { readonly from_status: string; readonly to_status: string; readonly transition_id?: string } & JsonObject;
  /** A comment was written on the issue. */
  readonly 'jira.comment_posted': { readonly comment_id: string; readonly body?: string; readonly url?: string } & JsonObject;
  /** Time was booked on the issue. */
  readonly 'jira.worklog_added': {
    readonly time_spent_seconds: number;
    readonly worklog_id?: string;
    readonly comment?: string;
    readonly started?: string;
  } & JsonObject;
  /** A Confluence page was published. */
  readonly 'confluence_page.created': { readonly page_id: string; readonly title: string; readonly space_key?: string; readonly url?: string } & JsonObject;
  /** An agent was configured. */
  readonly 'agent.created': {
    readonly name: string;
    readonly model?: string;
    readonly capabilities?: readonly string[];
    readonly config?: JsonObject;
  } & JsonObject;
  /** The configuration of an agent changed. */
  readonly 'agent.updated': {
    readonly name?: string;
    readonly model?: string;
    readonly capabilities?: readonly string[];
    readonly config?: JsonObject;
  } & JsonObject;
  /** An agent was put to work somewhere. */
  readonly 'agent.deployed': { readonly environment?: string; readonly deployment_id?: string; readonly endpoint?: string } & JsonObject;
  /** An agent says how it is. */
  readonly 'agent.status': { readonly status: string; readonly previous?: string; readonly reason?: string } & JsonObject;
  /** A task was put on the board. */
  readonly 'task.created': {
    readonly task_code: string;
    readonly task_id?: string | number;
    readonly title?: string;
    readonly description?: string;
    readonly sprint_code?: string;
    readonly sprint_id?: string | number;
    readonly status?: string;
    readonly priority?: 'P0' | 'P1' | 'P2' | 'P3';
    readonly phase?: number;
    readonly estimate?: string;
    readonly blockers?: readonly string[];
    readonly progress?: number;
  } & JsonObject;
  /** Fields of a task changed that have no event of their own. */
  readonly 'task.updated': {
    readonly title?: string;
    readonly description?: string;
    readonly sprint_code?: string;
    readonly estimate?: string;
    readonly blockers?: readonly string[];
  } & JsonObject;
  /** A task was taken off the board; its history stays. */
  readonly 'task.deleted': { readonly reason?: string } & JsonObject;
  /** A runner took the task in. */
  readonly 'task.received': { readonly runner_id?: string; readonly source?: string; readonly input?: Json } & JsonObject;
  /** Work on the task began. */
  readonly 'task.started': { readonly runner_id?: string; readonly attempt?: number } & JsonObject;
  /** The task is done. */
  readonly 'task.completed': { readonly result?: Json; readonly execution_time?: number; readonly reward?: number } & JsonObject;
  /** The task could not be done. */
  readonly 'task.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly execution_time?: number;
    readonly retryable?: boolean;
  } & JsonObject;
  /** Somebody got the task. */
  readonly 'task.assigned': {
    readonly assignee_id: string;
    readonly assignee_type?: 'agent' | 'user';
    readonly before?: string;
    readonly after?: string;
  } & JsonObject;
  /** The status of a task was set. */
  readonly 'task.status_changed': { readonly before: string; readonly after: string; readonly reason?: string } & JsonObject;
  /** The task cannot go on until something else happens. */
  readonly 'task.blocked': { readonly reason?: string; readonly blocked_by?: readonly string[] } & JsonObject;
  /** The task became more or less urgent. */
  readonly 'task.priority_changed': { readonly before: 'P0' | 'P1' | 'P2' | 'P3'; readonly after: 'P0' | 'P1' | 'P2' | 'P3' } & JsonObject;
  /** The task is so far done, in percent. */
  readonly 'task.progress_updated': { readonly before: number; readonly after: number } & JsonObject;
  /** A sprint was planned. */
  readonly 'sprint.created': {
    readonly sprint_code: string;
    readonly sprint_id?: string | number;
    readonly name?: string;
    readonly goal?: string;
    readonly status?: string;
    readonly start_date?: string;
    readonly end_date?: string;
    readonly metadata?: JsonObject;
  } & JsonObject;
  /** Fields of a sprint changed that have no event of their own. */
  readonly 'sprint.updated': { readonly name?: string; readonly goal?: string; readonly start_date?: string; readonly end_date?: string } & JsonObject;
  /** A sprint was deleted; its history stays. */
  readonly 'sprint.deleted': { readonly reason?: string } & JsonObject;
  /** The free data of a sprint changed. */
  readonly 'sprint.metadata_updated': { readonly before: JsonObject; readonly after: JsonObject } & JsonObject;
  /** The status of a sprint was set. */
  readonly 'sprint.status_changed': { readonly before: string; readonly after: string; readonly reason?: string } & JsonObject;
  /** The sprint is so far done, in percent. */
  readonly 'sprint.progress_updated': { readonly before: number; readonly after: number; readonly completed_tasks?: number; readonly total_tasks?: number } & JsonObject;
  /** A session was prepared; no agent has begun yet. */
  readonly 'session.initialized': { readonly sprint_code?: string; readonly reason?: string } & JsonObject;
  /** An agent began its session. */
  readonly 'session.started': { readonly agent_id: string; readonly agent_model?: string; readonly task_code?: string; readonly issue_key?: string } & JsonObject;
  /** An agent took its session up again. */
  readonly 'session.resumed': { readonly agent_id: string; readonly reason?: string; readonly checkpoint_id?: string } & JsonObject;
  /** The session is over. */
  readonly 'session.ended': { readonly outcome?: string; readonly reason?: string } & JsonObject;
  /** The context broker ran. */
  readonly 'context.assembled': {
    readonly session_key?: string;
    readonly sources?: readonly JsonObject[];
    readonly token_count?: number;
    readonly broker?: string;
  } & JsonObject;
  /** A workflow was set up. */
  readonly 'workflow.created': { readonly name: string; readonly steps?: readonly JsonObject[]; readonly input?: Json } & JsonObject;
  /** The workflow began to run. */
  readonly 'workflow.started': { readonly input?: Json; readonly attempt?: number } & JsonObject;
  /** A step of the workflow is done. */
  readonly 'workflow.step_completed': { readonly step: string; readonly index?: number; readonly output?: Json; readonly duration_seconds?: number } & JsonObject;
  /** The workflow reached its end. */
  readonly 'workflow.completed': { readonly result?: Json; readonly duration_seconds?: number } & JsonObject;
  /** The workflow gave up. */
  readonly 'workflow.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly failed_step?: string;
  } & JsonObject;
  /** An agent set out on a task. */
  readonly 'rollout.started': { readonly task_id?: string; readonly agent_id?: string; readonly attempt?: number; readonly resources?: JsonObject } & JsonObject;
  /** The attempt came to its end. */
  readonly 'rollout.completed': { readonly reward?: number; readonly result?: Json; readonly duration_seconds?: number } & JsonObject;
  /** The attempt failed. */
  readonly 'rollout.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly duration_seconds?: number;
  } & JsonObject;
  /** A specification was written. */
  readonly 'spec.created': { readonly name: string; readonly content?: Json; readonly format?: string } & JsonObject;
  /** A specification got a new version. */
  readonly 'spec.updated': { readonly content?: Json; readonly change_summary?: string; readonly name?: string } & JsonObject;
  /** A specification is being carried out. */
  readonly 'execution.started': { readonly spec_id: string; readonly agent_id?: string; readonly input?: Json } & JsonObject;
  /** The specification was carried out. */
  readonly 'execution.completed': { readonly result?: Json; readonly execution_time?: number } & JsonObject;
  /** The specification could not be carried out. */
  readonly 'execution.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly execution_time?: number;
  } & JsonObject;
  /** A job was queued. */
  readonly 'job.created': {
    readonly name?: string;
    readonly input?: Json;
    readonly params?: JsonObject;
    readonly steps?: readonly JsonObject[];
    readonly rerun_of?: string;
    readonly rerun_from_revision?: number;
  } & JsonObject;
  /** A worker took the job up. */
  readonly 'job.started': { readonly worker_id?: string; readonly attempt?: number } & JsonObject;
  /** A step of the job is done. */
  readonly 'job.step_completed': { readonly step: string; readonly index?: number; readonly output?: Json; readonly duration_ms?: number } & JsonObject;
  /** A step of the job failed; the job goes on. */
  readonly 'job.step_failed': {
    readonly step: string;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly index?: number;
    readonly retryable?: boolean;
    readonly attempt?: number;
  } & JsonObject;
  /** The job stands still until it is resumed. */
  readonly 'job.paused': { readonly reason?: string; readonly at_step?: string } & JsonObject;
  /** A paused or failed job goes on. */
  readonly 'job.resumed': { readonly reason?: string; readonly from_step?: string } & JsonObject;
  /** The job reached its end. */
  readonly 'job.completed': { readonly result?: Json; readonly duration_ms?: number } & JsonObject;
  /** The job gave up. */
  readonly 'job.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly failed_step?: string;
  } & JsonObject;
  /** Somebody stopped the job for good. */
  readonly 'job.cancelled': { readonly reason?: string; readonly cancelled_by?: string } & JsonObject;
  /** The job is so far done, from 0 to 1. */
  readonly 'job.progress_updated': { readonly after: number; readonly before?: number; readonly step?: string } & JsonObject;
  /** The job was run again, as a new job. */
  readonly 'job.rerun': {
    readonly new_job_id: string;
    readonly params_changed?: JsonObject;
    readonly from_revision?: number;
    readonly reason?: string;
  } & JsonObject;
  /** The planner began an iteration. */
  readonly 'planner.started': { readonly iteration?: number; readonly model?: string; readonly model_params?: JsonObject; readonly input?: Json } & JsonObject;
  /** The planner finished an iteration. */
  readonly 'planner.completed': {
    readonly iteration?: number;
    readonly plan?: readonly JsonObject[];
    readonly tokens_input?: number;
    readonly tokens_output?: number;
    readonly duration_ms?: number;
  } & JsonObject;
  /** The planner could not finish an iteration. */
  readonly 'planner.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly iteration?: number;
  } & JsonObject;
  /** The coder began an iteration. */
  readonly 'coder.started': { readonly iteration?: number; readonly model?: string; readonly model_params?: JsonObject; readonly input?: Json } & JsonObject;
  /** The coder finished an iteration. */
  readonly 'coder.completed': {
    readonly iteration?: number;
    readonly files?: readonly string[];
    readonly tokens_input?: number;
    readonly tokens_output?: number;
    readonly duration_ms?: number;
  } & JsonObject;
  /** The coder could not finish an iteration. */
  readonly 'coder.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly iteration?: number;
  } & JsonObject;
  /** The critique began an iteration. */
  readonly 'critique.started': { readonly iteration?: number; readonly model?: string; readonly model_params?: JsonObject; readonly input?: Json } & JsonObject;
  /** The critique finished an iteration. */
  readonly 'critique.completed': {
    readonly iteration?: number;
    readonly verdict?: 'approve' | 'revise' | 'reject';
    readonly score?: number;
    readonly comments?: readonly string[];
    readonly duration_ms?: number;
  } & JsonObject;
  /** The critique could not finish an iteration. */
  readonly 'critique.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly iteration?: number;
  } & JsonObject;
  /** A worker wrote a line. */
  readonly 'job.log_appended': {
    readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';
    readonly message: string;
    readonly step?: string;
    readonly source?: string;
    readonly line?: number;
  } & JsonObject;
  /** A rule was made known. */
  readonly 'automation.rule_registered': { readonly rule: JsonObject; readonly source?: 'config' | 'api' } & JsonObject;
  /** A rule was changed. */
  readonly 'automation.rule_updated': { readonly rule: JsonObject } & JsonObject;
  /** A rule acts again. */
  readonly 'automation.rule_enabled': { readonly reason?: string } & JsonObject;
  /** A rule no longer acts. */
  readonly 'automation.rule_disabled': { readonly reason?: string } & JsonObject;
  /** A rule was taken away; what it did stays. */
  readonly 'automation.rule_removed': { readonly reason?: string } & JsonObject;
  /** The condition of a rule could not be evaluated; the rule was passed over. */
  readonly 'automation.rule_failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly rule_id?: string;
    readonly trigger_event_id?: string;
  } & JsonObject;
  /** A chain of rules that set each other off was stopped at the greatest depth allowed. */
  readonly 'automation.loop_stopped': {
    readonly rule_id?: string;
    readonly trigger_event_id?: string;
    readonly depth?: number;
    readonly rules?: readonly string[];
  } & JsonObject;
  /** A rule applies to an event. */
  readonly 'automation.rule_matched': {
    readonly rule_id: string;
    readonly trigger_event_id: string;
    readonly dry_run: boolean;
    readonly actions?: readonly JsonObject[];
  } & JsonObject;
  /** An action of the rule was carried out. */
  readonly 'automation.action_executed': {
    readonly rule_id: string;
    readonly action_index: number;
    readonly action: string;
    readonly produced_event_ids?: readonly string[];
    readonly result?: Json;
  } & JsonObject;
  /** An action of the rule could not be carried out. */
  readonly 'automation.action_failed': {
    readonly rule_id: string;
    readonly action_index: number;
    readonly action: string;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly attempt?: number;
  } & JsonObject;
  /** What an action did was taken back. */
  readonly 'automation.action_undone': {
    readonly rule_id: string;
    readonly action_index: number;
    readonly compensating_event_ids?: readonly string[];
    readonly reason?: string;
  } & JsonObject;
  /** Somebody is to be told something. */
  readonly 'notification.created': {
    readonly notification_id: string;
    readonly title: string;
    readonly body?: string;
    readonly audience?: readonly string[];
    readonly about?: { readonly type: string; readonly id: string } & JsonObject;
  } & JsonObject;
  /** The notification reached a channel. */
  readonly 'notification.delivered': { readonly channel: string; readonly target?: string } & JsonObject;
  /** The notification no longer holds. */
  readonly 'notification.retracted': { readonly reason?: string } & JsonObject;
  /** Somebody must look at this. */
  readonly 'alert.raised': {
    readonly alert_id: string;
    readonly name: string;
    readonly severity: 'info' | 'warning' | 'critical';
    readonly summary?: string;
    readonly about?: { readonly type: string; readonly id: string } & JsonObject;
    readonly value?: number;
    readonly threshold?: number;
  } & JsonObject;
  /** Somebody looks at it. */
  readonly 'alert.acknowledged': { readonly note?: string } & JsonObject;
  /** It is over. */
  readonly 'alert.resolved': { readonly reason?: string; readonly value?: number } & JsonObject;
  /** Recorded events are gone through again. */
  readonly 'replay.started': {
    readonly mode: 'dry_run' | 'execute';
    readonly purpose: 'recovery' | 'testing' | 'analysis' | 'debugging';
    readonly target: { readonly type: string; readonly id: string } & JsonObject;
    readonly from_sequence?: number;
    readonly to_sequence?: number;
    readonly filter?: JsonObject;
    readonly params?: JsonObject;
  } & JsonObject;
  /** The replay reached its end. */
  readonly 'replay.completed': {
    readonly replayed: number;
    readonly skipped: number;
    readonly failed: number;
    readonly divergences: number;
    readonly report?: JsonObject;
  } & JsonObject;
  /** The replay could not go on. */
  readonly 'replay.failed': {
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
    readonly at_sequence?: number;
    readonly failed_precondition?: string;
  } & JsonObject;
  /** Somebody stopped the replay. */
  readonly 'replay.cancelled': { readonly reason?: string; readonly at_sequence?: number } & JsonObject;
  /** A costly effect is about to be done again; it will not be begun a second time. */
  readonly 'replay.step_started': { readonly replay_of: string; readonly sequence: number; readonly event_type?: string } & JsonObject;
  /** An effect was done again. */
  readonly 'replay.step_completed': {
    readonly replay_of: string;
    readonly sequence: number;
    readonly result?: Json;
    readonly produced_event_ids?: readonly string[];
  } & JsonObject;
  /** Doing an effect again failed. */
  readonly 'replay.step_failed': {
    readonly replay_of: string;
    readonly sequence: number;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
  } & JsonObject;
  /** An event was refused; what it carried is not kept. */
  readonly 'validation.failed': {
    readonly rejected_type: string;
    readonly errors: readonly JsonObject[];
    readonly rejected_stream?: { readonly type: string; readonly id: string } & JsonObject;
    readonly sample_hash?: string;
  } & JsonObject;
  /** Payloads were erased; their leaves stay, so chain and tree still verify. */
  readonly 'payload.erased': {
    readonly targets: readonly JsonObject[];
    readonly reason: string;
    readonly request_ref?: string;
    readonly approver?: string;
  } & JsonObject;
  /** Events were moved to archive segments. */
  readonly 'store.events_archived': {
    readonly policy: string;
    readonly cutoff: string;
    readonly count: number;
    readonly segments: readonly JsonObject[];
    readonly target: string;
  } & JsonObject;
  /** Archived events were removed for good; tombstones keep their leaf hashes. */
  readonly 'store.events_deleted': {
    readonly policy: string;
    readonly cutoff: string;
    readonly count: number;
    readonly tombstone_file: string;
    readonly tombstone_sha256: string;
    readonly approved_by?: string;
  } & JsonObject;
  /** A snapshot could not be made; states are folded without it. */
  readonly 'store.snapshot_failed': {
    readonly stream: { readonly type: string; readonly id: string } & JsonObject;
    readonly revision: number;
    readonly error: { readonly message: string; readonly code?: string; readonly stack?: string } & JsonObject;
  } & JsonObject;
  /** A payload shape was made known. */
  readonly 'store.schema_registered': {
    readonly event_type: string;
    readonly schema_version: string;
    readonly compatibility: string;
    readonly diff?: JsonObject;
  } & JsonObject;
  /** The log was copied from another one; the old one stays. */
  readonly 'store.migrated': {
    readonly from_store: string;
    readonly to_store: string;
    readonly events: number;
    readonly lineage_root: string;
    readonly upcasters?: readonly string[];
  } & JsonObject;
  /** Events in this scope must not be deleted or erased. */
  readonly 'store.hold_placed': { readonly id: string; readonly scope: JsonObject; readonly reason?: string; readonly until?: string } & JsonObject;
  /** A hold no longer binds. */
  readonly 'store.hold_released': { readonly id: string; readonly reason?: string; readonly approver?: string } & JsonObject;
  /** An erasure has to wait because a hold covers what is to be erased. */
  readonly 'store.erasure_deferred': {
    readonly targets?: readonly JsonObject[];
    readonly holds?: readonly string[];
    readonly request_ref?: string;
    readonly due?: string;
    readonly reason?: string;
  } & JsonObject;
  /** Another key signs the tree heads from here on. */
  readonly 'store.key_rotated': { readonly new_vkey?: string; readonly old_vkey?: string; readonly reason?: string } & JsonObject;
  /** A key is no longer trusted past a certain size of the log. */
  readonly 'store.key_revoked': { readonly vkey?: string; readonly last_trusted_size?: number; readonly reason?: string } & JsonObject;
  /** A signed tree head was copied to a place out of reach. */
  readonly 'store.head_anchored': { readonly size: number; readonly root: string; readonly target?: string; readonly reference?: string } & JsonObject;
  /** The rules for keeping and deleting changed. */
  readonly 'store.policy_changed': {
    readonly policy: string;
    readonly version?: Json;
    readonly before?: Json;
    readonly after?: Json;
    readonly reason?: string;
  } & JsonObject;
  /** Archived events can be read again; what was erased stays erased. */
  readonly 'store.events_restored': { readonly count: number; readonly segments?: Json; readonly withheld?: number } & JsonObject;
  /** A torn end of the log file, never acknowledged, was cut off and put in quarantine. */
  readonly 'store.tail_repaired': {
    readonly file?: string;
    readonly bytes?: number;
    readonly lines?: number;
    readonly quarantine?: string;
    readonly sha256?: string;
  } & JsonObject;
  /** The clock of the machine went back; recorded times did not. */
  readonly 'store.clock_stepped': { readonly from?: string; readonly to?: string; readonly step_ms?: number } & JsonObject;
  /** A rescan found what looks like a secret in a payload. */
  readonly 'store.secret_found': { readonly rule?: string; readonly event_id?: string; readonly pointer?: string; readonly count?: number } & JsonObject;
  /** A service of somebody processed something. */
  readonly 'custom.processed': { readonly result?: string; readonly metadata?: JsonObject } & JsonObject;
  /** Somebody asked for something. */
  readonly 'prompt.submitted': {
    readonly text: string;
    readonly prompt_id?: string | null;
    readonly source?: 'typed' | 'queue' | 'task_notification' | 'slash_command' | 'compaction' | 'tool' | null;
  } & JsonObject;
  /** The agent finished its turn. */
  readonly 'turn.completed': {
    readonly duration_ms?: number | null;
    readonly last_message?: string | null;
    readonly error?: Json | null;
    readonly reason?: string | null;
  } & JsonObject;
  /** The turn ended with an error. */
  readonly 'turn.failed': {
    readonly duration_ms?: number | null;
    readonly last_message?: string | null;
    readonly error?: Json | null;
    readonly reason?: string | null;
  } & JsonObject;
  /** Somebody stopped the turn. */
  readonly 'turn.interrupted': {
    readonly duration_ms?: number | null;
    readonly last_message?: string | null;
    readonly error?: Json | null;
    readonly reason?: string | null;
  } & JsonObject;
  /** A part of a message was said. */
  readonly 'message.recorded': {
    readonly role: string;
    readonly kind: 'text' | 'thinking' | 'image' | 'other';
    readonly text?: string | null;
    readonly message_id?: string | null;
    readonly model?: string | null;
    readonly usage?: Json | null;
  } & JsonObject;
  /** One agent handed over to another. */
  readonly 'handoff.made': { readonly from_agent: string; readonly to_agent: string } & JsonObject;
  /** The conversation was shortened to fit the context window. */
  readonly 'context.compacted': { readonly trigger?: string | null; readonly pre_tokens?: number | null; readonly summary?: string | null } & JsonObject;
  /** A setting of the session changed. */
  readonly 'session.changed': {
    readonly field: 'model' | 'permission_mode' | 'cwd' | 'branch' | 'title' | 'config' | 'worktree';
    readonly after: Json;
    readonly before?: Json | null;
  } & JsonObject;
  /** A tool was called. */
  readonly 'tool_call.started': {
    readonly tool_call_id: string;
    readonly tool: string;
    readonly kind?: string | null;
    readonly input?: Json | null;
    readonly effect?: 'read' | 'write' | 'exec' | 'delegate' | 'unknown' | null;
  } & JsonObject;
  /** A tool gave its result. */
  readonly 'tool_call.completed': { readonly tool_call_id: string; readonly output?: Json | null; readonly duration_ms?: number | null } & JsonObject;
  /** A tool failed, was denied or was interrupted. */
  readonly 'tool_call.failed': {
    readonly tool_call_id: string;
    readonly error?: Json | null;
    readonly denied?: boolean | null;
    readonly interrupted?: boolean | null;
    readonly duration_ms?: number | null;
  } & JsonObject;
  /** A tool is still at work. */
  readonly 'tool_call.progressed': {
    readonly tool_call_id: string;
    readonly elapsed_ms?: number | null;
    readonly note?: string | null;
    readonly output_tail?: string | null;
  } & JsonObject;
  /** Somebody has to allow this. */
  readonly 'approval.requested': {
    readonly approval_id: string;
    readonly tool_call_id?: string | null;
    readonly question?: string | null;
    readonly by?: string | null;
    readonly message?: string | null;
  } & JsonObject;
  /** It was allowed. */
  readonly 'approval.granted': {
    readonly approval_id: string;
    readonly tool_call_id?: string | null;
    readonly question?: string | null;
    readonly by?: string | null;
    readonly message?: string | null;
  } & JsonObject;
  /** It was not allowed. */
  readonly 'approval.denied': {
    readonly approval_id: string;
    readonly tool_call_id?: string | null;
    readonly question?: string | null;
    readonly by?: string | null;
    readonly message?: string | null;
  } & JsonObject;
  /** A file was created, edited or deleted. */
  readonly 'file.changed': { readonly path: string; readonly operation: 'created' | 'edited' | 'deleted'; readonly tool_call_id?: string | null } & JsonObject;
  /** A model was asked. */
  readonly 'model_call.started': {
    readonly model_call_id: string;
    readonly operation?: string | null;
    readonly provider?: string | null;
    readonly model?: string | null;
    readonly params?: Json | null;
    readonly input?: Json | null;
  } & JsonObject;
  /** The model answered. */
  readonly 'model_call.completed': {
    readonly model_call_id: string;
    readonly operation?: string | null;
    readonly provider?: string | null;
    readonly model?: string | null;
    readonly output?: Json | null;
    readonly finish_reasons?: Json | null;
    readonly tokens?: Json | null;
    readonly cost?: Json | null;
    readonly duration_ms?: number | null;
  } & JsonObject;
  /** The call of the model failed. */
  readonly 'model_call.failed': {
    readonly model_call_id: string;
    readonly operation?: string | null;
    readonly provider?: string | null;
    readonly model?: string | null;
    readonly error?: Json | null;
    readonly tokens?: Json | null;
    readonly cost?: Json | null;
    readonly duration_ms?: number | null;
  } & JsonObject;
  /** The run waits for some time to pass. */
  readonly 'timer.started': { readonly timer_id: string; readonly duration?: Json | null } & JsonObject;
  /** The time is over. */
  readonly 'timer.fired': { readonly timer_id: string; readonly duration?: Json | null } & JsonObject;
  /** The run no longer waits. */
  readonly 'timer.cancelled': { readonly timer_id: string; readonly duration?: Json | null } & JsonObject;
  /** A signal reached the run. */
  readonly 'signal.received': { readonly name: string; readonly input?: Json | null } & JsonObject;
  /** The run sent a signal. */
  readonly 'signal.sent': { readonly name: string; readonly input?: Json | null } & JsonObject;
  /** A request to change the run was accepted. */
  readonly 'update.accepted': {
    readonly update_id: string;
    readonly name?: string | null;
    readonly input?: Json | null;
    readonly output?: Json | null;
  } & JsonObject;
  /** A requested change was made. */
  readonly 'update.completed': {
    readonly update_id: string;
    readonly name?: string | null;
    readonly input?: Json | null;
    readonly output?: Json | null;
  } & JsonObject;
  /** A request to change the run was turned down. */
  readonly 'update.rejected': {
    readonly update_id: string;
    readonly name?: string | null;
    readonly input?: Json | null;
    readonly output?: Json | null;
  } & JsonObject;
  /** Another run was started from this one. */
  readonly 'child_run.started': { readonly run: string; readonly name?: string | null; readonly error?: Json | null } & JsonObject;
  /** A child run reached its end. */
  readonly 'child_run.completed': { readonly run: string; readonly name?: string | null; readonly error?: Json | null } & JsonObject;
  /** A child run failed. */
  readonly 'child_run.failed': { readonly run: string; readonly name?: string | null; readonly error?: Json | null } & JsonObject;
  /** The run left a note for itself. */
  readonly 'marker.recorded': { readonly name: string; readonly details?: Json | null } & JsonObject;
  /** A step of a business process was carried out. */
  readonly 'activity.recorded': { readonly activity: string; readonly lifecycle?: string | null; readonly attributes?: Json | null } & JsonObject;
  /** An attribute of an object got another value. */
  readonly 'object.changed': { readonly object: string; readonly attribute: string; readonly after: Json; readonly before?: Json | null } & JsonObject;
  /** A field of an issue got another value. */
  readonly 'issue.field_changed': { readonly field: string; readonly before?: Json | null; readonly after?: Json | null } & JsonObject;
  /** A line of a log. */
  readonly 'log.recorded': {
    readonly severity: string;
    readonly body: Json;
    readonly event_name?: string | null;
    readonly attributes?: Json | null;
  } & JsonObject;
  /** A record of the source, kept as it is. */
  readonly 'record.kept': {
    readonly source_type: string;
    readonly reason: 'bookkeeping' | 'unknown_type' | 'duplicate_delivery' | 'corroborates';
    readonly raw?: Json | null;
    readonly refers_to?: string | null;
    readonly differs?: Json | null;
  } & JsonObject;
  /** A step of the run began. */
  readonly 'step.started': { readonly step_id: string; readonly name: string; readonly kind?: string | null; readonly attributes?: Json | null } & JsonObject;
  /** A step of the run is done. */
  readonly 'step.completed': {
    readonly step_id: string;
    readonly name?: string | null;
    readonly kind?: string | null;
    readonly attributes?: Json | null;
    readonly duration_ms?: number | null;
  } & JsonObject;
  /** A step of the run failed. */
  readonly 'step.failed': {
    readonly step_id: string;
    readonly name?: string | null;
    readonly kind?: string | null;
    readonly attributes?: Json | null;
    readonly error?: Json | null;
    readonly duration_ms?: number | null;
  } & JsonObject;
  /** The stream begins with a state taken over from a store that kept no events. */
  readonly 'stream.imported': { readonly state: JsonObject; readonly source: string; readonly as_of?: string } & JsonObject;
  /** One value of the state was set back by an operator: the undo where no reverse event exists. */
  readonly 'stream.state_compensated': {
    readonly path: string;
    readonly before: Json;
    readonly after: Json;
    readonly compensates: string;
    readonly reason: string;
  } & JsonObject;
}
