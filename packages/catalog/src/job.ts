/** A job: queued, run step by step, perhaps paused, resumed, run again (document 004). */
import { defineAggregate } from '@refold/core';
import type { FoldEvent, Json, JsonObject, State } from '@refold/core';
import { links, machine, moveTo, spelled } from './define.ts';
import { componentEvents, idleComponent } from './job-component.ts';
import type { ComponentName, ComponentState } from './job-component.ts';
import { boolean, error, integer, json, number, object, objects, payload, string } from './payload.ts';
import { readChoice, readError, readId, readInteger, readJson, readNumber, readObject, readObjects, readText, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';
import { endStep, stepNamed } from './run-parts/step.ts';
import type { StepState } from './run-parts/step.ts';
import { partsOfAListedRun } from './run.ts';
import type { ListedRunState } from './run.ts';

export type JobStatus = 'absent' | 'pending' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';

export interface JobFields {
  jobId: string;
  status: JobStatus;
  name: string | null;
  input: Json;
  params: JsonObject;
  steps: StepState[];
  currentStep: string | null;
  /** 0 to 1 (K-030): planned steps that are done, or what the worker says. */
  progress: number;
  components: Record<ComponentName, ComponentState>;
  attempt: number;
  workerId: string | null;
  startedAt: string | null;
  endedAt: string | null;
  result: Json;
  error: ErrorInfo | null;
  failedStep: string | null;
  rerunOf: string | null;
  rerunFromRevision: number | null;
  reruns: string[];
  /** The attempt in which `progress` was said; only a later attempt may go back. */
  progressAttempt: number;
  /** How many steps were known when the job was created; 0 = they show up as they are done. */
  plannedSteps: number;
}

export type JobState = ListedRunState<JobFields>;

const jobIs = machine<JobFields>('job', (state) => state.status);

export const job = defineAggregate<JobFields>({
  type: 'job',
  version: '1.0.0',
  doc: 'A job of steps, worked on by planner, coder and critique.',
  run: true,
  terminal: ['completed', 'failed', 'cancelled'],
  parts: partsOfAListedRun,
  initial: (jobId) => ({
    jobId,
    status: 'absent',
    name: null,
    input: null,
    params: {},
    steps: [],
    currentStep: null,
    progress: 0,
    components: { planner: idleComponent(), coder: idleComponent(), critique: idleComponent() },
    attempt: 0,
    workerId: null,
    startedAt: null,
    endedAt: null,
    result: null,
    error: null,
    failedStep: null,
    rerunOf: null,
    rerunFromRevision: null,
    reruns: [],
    progressAttempt: 0,
    plannedSteps: 0,
  }),
  events: spelled<JobFields>({
    'job.created': {
      doc: 'A job was queued.',
      ledger: ['D-017'],
      aliases: { job: 'JobCreated' },
      schema: payload({}, { name: string, input: json, params: object, steps: objects, rerun_of: string, rerun_from_revision: integer }),
      transition: jobIs(['absent'], 'pending'),
      effect: 'idempotent',
      priority: 'P1',
      refs: (data) => links({ job: data['rerun_of'] }),
      summary: ({ data }) => `Job created${tail(': ', data['name'])}${tail(', again from ', data['rerun_of'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.name = readText(data['name']) ?? draft.name;
        if (data['input'] !== undefined) draft.input = readJson(data['input']);
        draft.params = readObject(data['params']) ?? draft.params;
        draft.rerunOf = readId(data['rerun_of']) ?? draft.rerunOf;
        draft.rerunFromRevision = readInteger(data['rerun_from_revision']) ?? draft.rerunFromRevision;
        for (const planned of readObjects(data['steps'])) planStep(draft, planned);
        draft.plannedSteps = draft.steps.length;
        if (draft.plannedSteps > 0) draft.progress = shareOfSteps(draft);
      },
    },
    'job.started': {
      doc: 'A worker took the job up.',
      ledger: ['D-018'],
      aliases: { job: 'JobStarted' },
      schema: payload({}, { worker_id: string, attempt: integer }),
      transition: jobIs(['pending'], 'running'),
      effect: 'costly',
      priority: 'P1',
      summary: ({ data }) => `Job started${tail(' by ', data['worker_id'])}${tail(', attempt ', data['attempt'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.workerId = readText(data['worker_id']) ?? draft.workerId;
        if (status === null) return;
        draft.attempt = Math.max(draft.attempt + 1, readInteger(data['attempt']) ?? 0);
        draft.startedAt = occurredAt;
        draft.currentStep ??= nextStep(draft);
      },
    },
    'job.step_completed': {
      doc: 'A step of the job is done.',
      ledger: ['D-019', 'D-047'],
      aliases: { job: 'JobStepCompleted' },
      schema: payload({ step: string }, { index: integer, output: json, duration_ms: number }),
      transition: jobIs(['running'], 'running'),
      effect: 'outcome',
      summary: ({ data }) => `Step ${shown(data['step'])} completed${tail(', ms ', data['duration_ms'])}`,
      evolve(draft, event) {
        endStep(stepOf(draft, event), event, 'completed');
        draft.currentStep = nextStep(draft);
        if (draft.plannedSteps > 0) sayProgress(draft, shareOfSteps(draft));
      },
    },
    'job.step_failed': {
      doc: 'A step of the job failed; the job goes on.',
      ledger: ['D-020'],
      aliases: { job: 'JobStepFailed' },
      schema: payload({ step: string, error }, { index: integer, retryable: boolean, attempt: integer }),
      transition: jobIs(['running'], 'running'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Step ${shown(data['step'])} failed${tail(': ', data['error'])}`,
      evolve(draft, event) {
        const step = stepOf(draft, event);
        endStep(step, event, 'failed');
        draft.currentStep = step.name;
      },
    },
    'job.paused': {
      doc: 'The job stands still until it is resumed.',
      ledger: ['D-021'],
      aliases: { job: 'JobPaused' },
      schema: payload({}, { reason: string, at_step: string }),
      transition: jobIs(['running'], 'paused'),
      priority: 'P1',
      summary: ({ data }) => `Job paused${tail(' at ', data['at_step'])}${tail(': ', data['reason'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.currentStep = readText(data['at_step']) ?? draft.currentStep;
      },
    },
    'job.resumed': {
      doc: 'A paused or failed job goes on.',
      ledger: ['D-022'],
      aliases: { job: 'JobResumed' },
      schema: payload({}, { reason: string, from_step: string }),
      transition: jobIs(['paused', 'failed'], 'running'),
      priority: 'P1',
      summary: ({ data }) => `Job resumed${tail(' from ', data['from_step'])}${tail(': ', data['reason'])}`,
      evolve(draft, { data }, status) {
        draft.currentStep = readText(data['from_step']) ?? draft.currentStep;
        if (status === null) return;
        // Going on after a failure is another attempt, whose progress may begin lower.
        if (draft.status === 'failed') Object.assign(draft, { attempt: draft.attempt + 1, endedAt: null, error: null, failedStep: null });
        moveTo(draft, status);
      },
    },
    'job.completed': {
      doc: 'The job reached its end.',
      ledger: ['D-023'],
      aliases: { job: 'JobCompleted' },
      schema: payload({}, { result: json, duration_ms: number }),
      transition: jobIs(['running'], 'completed'),
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Job completed${tail(', ms ', data['duration_ms'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (data['result'] !== undefined) draft.result = readJson(data['result']);
        if (status !== null) Object.assign(draft, { endedAt: occurredAt, progress: 1, currentStep: null });
      },
    },
    'job.failed': {
      doc: 'The job gave up.',
      ledger: ['D-024'],
      aliases: { job: 'JobFailed' },
      schema: payload({ error }, { failed_step: string }),
      transition: jobIs(['pending', 'running', 'paused'], 'failed'),
      effect: 'outcome',
      priority: 'P0',
      severity: 'ERROR',
      summary: ({ data }) => `Job failed${tail(' in ', data['failed_step'])}${tail(': ', data['error'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.endedAt = occurredAt;
        draft.error = readError(data['error']) ?? draft.error;
        draft.failedStep = readText(data['failed_step']) ?? draft.failedStep;
      },
    },
    'job.cancelled': {
      doc: 'Somebody stopped the job for good.',
      ledger: ['D-025'],
      aliases: { job: 'JobCancelled' },
      schema: payload({}, { reason: string, cancelled_by: string }),
      transition: jobIs(['pending', 'running', 'paused'], 'cancelled'),
      priority: 'P1',
      severity: 'WARN',
      summary: ({ data }) => `Job cancelled${tail(' by ', data['cancelled_by'])}${tail(': ', data['reason'])}`,
      evolve(draft, { occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.endedAt = occurredAt;
      },
    },
    'job.progress_updated': {
      doc: 'The job is so far done, from 0 to 1.',
      ledger: ['X-027'],
      aliases: { job: 'JobProgressUpdated' },
      schema: payload({ after: number }, { before: number, step: string }),
      transition: jobIs(['running'], 'running'),
      severity: 'DEBUG',
      summary: ({ data }) => `Progress ${shown(data['after'])}${tail(' at ', data['step'])}`,
      evolve(draft, { data }) {
        const after = readNumber(data['after']);
        if (after !== null) sayProgress(draft, Math.min(1, Math.max(0, after)));
        draft.currentStep = readText(data['step']) ?? draft.currentStep;
      },
    },
    'job.rerun': {
      doc: 'The job was run again, as a new job.',
      ledger: ['X-027'],
      aliases: { job: 'JobRerun' },
      schema: payload({ new_job_id: string }, { params_changed: object, from_revision: integer, reason: string }),
      transition: jobIs(['completed', 'failed', 'cancelled', 'running', 'paused'], 'same'),
      policy: 'tolerate',
      effect: 'non-repeatable',
      priority: 'P1',
      refs: (data) => links({ job: data['new_job_id'] }),
      summary: ({ data }) => `Run again as ${shown(data['new_job_id'])}${tail(', from revision ', data['from_revision'])}${tail(': ', data['reason'])}`,
      evolve({ reruns }, { data }) {
        const again = readId(data['new_job_id']);
        if (again !== null) reruns.push(again);
      },
    },
    ...componentEvents<JobFields>(),
  }),
});

const stepStatuses = ['pending', 'running', 'completed', 'failed'] as const;

/** A rerun names the steps it does not repeat as completed. */
function planStep(draft: JobFields, planned: JsonObject): void {
  const step = stepNamed(draft.steps, readId(planned['name']) ?? `step ${draft.steps.length + 1}`);
  step.status = readChoice(planned['status'], stepStatuses) ?? step.status;
}

const stepOf = (draft: State<JobFields>, event: FoldEvent): StepState =>
  stepNamed(draft.steps, readId(event.data['step']) ?? event.id, readInteger(event.data['index']));

const nextStep = ({ steps }: JobFields): string | null => steps.find((step) => step.status === 'pending')?.name ?? null;

const shareOfSteps = ({ steps }: JobFields): number => steps.filter((step) => step.status === 'completed').length / steps.length;

/** Progress never goes back within one attempt. */
function sayProgress(draft: JobFields, progress: number): void {
  if (progress < draft.progress && draft.progressAttempt === draft.attempt) return;
  draft.progress = progress;
  draft.progressAttempt = draft.attempt;
}
