/** Commands on a job, of whoever controls it and of the worker that runs it. Source: the unified model 3.3.3; D-017 to D-031. */
import type { Json, JsonObject } from '@refold/core';
import type { ComponentName } from '../job-component.ts';
import type { JobState } from '../job.ts';
import { changed, payloadOf } from './decision.ts';
import type { Decision } from './decision.ts';

export interface NewJob {
  readonly name?: string | undefined;
  readonly input?: Json | undefined;
  readonly params?: JsonObject | undefined;
  /** In order; a name, or a map with one. */
  readonly steps?: readonly (string | JsonObject)[] | undefined;
  /** A worker takes it up at once. */
  readonly start?: boolean | undefined;
}

export interface StepOutcome {
  readonly step: string;
  readonly status: 'completed' | 'failed';
  readonly index?: number | undefined;
  /** Of a step that is done. */
  readonly output?: Json | undefined;
  readonly durationMs?: number | undefined;
  /** Of a step that failed. */
  readonly error?: JsonObject | undefined;
  readonly retryable?: boolean | undefined;
  readonly attempt?: number | undefined;
}

export type JobLogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

export interface JobLogLine {
  readonly level: JobLogLevel;
  readonly message: string;
  readonly step?: string | undefined;
  readonly source?: string | undefined;
}

export const decideJobCreation = ({ name, input, params, steps, start = false }: NewJob): readonly Decision[] => [
  { type: 'job.created', data: payloadOf({ name, input, params, steps: steps?.map((step) => (typeof step === 'string' ? { name: step } : step)) }) },
  ...(start ? decideJobStart({}).map((event) => ({ ...event, causedBy: 0 })) : []),
];

export const decideJobStart = ({ workerId, attempt }: { readonly workerId?: string | undefined; readonly attempt?: number | undefined }): readonly Decision[] => [{ type: 'job.started', data: payloadOf({ worker_id: workerId, attempt }) }];

export const decideJobPause = ({ currentStep }: JobState, { reason, atStep }: { readonly reason?: string | undefined; readonly atStep?: string | undefined }): readonly Decision[] => [
  { type: 'job.paused', data: payloadOf({ reason, at_step: atStep ?? currentStep ?? undefined }) },
];

export const decideJobResume = ({ reason, fromStep }: { readonly reason?: string | undefined; readonly fromStep?: string | undefined }): readonly Decision[] => [{ type: 'job.resumed', data: payloadOf({ reason, from_step: fromStep }) }];

export const decideJobCancellation = ({ reason, cancelledBy }: { readonly reason?: string | undefined; readonly cancelledBy: string }): readonly Decision[] => [{ type: 'job.cancelled', data: payloadOf({ reason, cancelled_by: cancelledBy }) }];

export const decideJobCompletion = ({ result, durationMs }: { readonly result?: Json | undefined; readonly durationMs?: number | undefined }): readonly Decision[] => [{ type: 'job.completed', data: payloadOf({ result, duration_ms: durationMs }) }];

export const decideJobFailure = ({ error, failedStep }: { readonly error: JsonObject; readonly failedStep?: string | undefined }): readonly Decision[] => [{ type: 'job.failed', data: payloadOf({ error, failed_step: failedStep }) }];

export function decideJobStep({ step, status, index, output, durationMs, error, retryable, attempt }: StepOutcome): readonly Decision[] {
  if (status === 'completed') return [{ type: 'job.step_completed', data: payloadOf({ step, index, output, duration_ms: durationMs }) }];
  return [{ type: 'job.step_failed', data: payloadOf({ step, index, error, retryable, attempt }) }];
}

/** @param progress  0 to 1. */
export const decideJobProgress = (state: JobState, { progress, step }: { readonly progress: number; readonly step?: string | undefined }): readonly Decision[] => changed('job.progress_updated', 'progress', state.progress, progress, { step });

/** Planner, coder or critique began, ended or failed an iteration. @param data  The payload, as the documents write it. */
export const decideJobComponent = ({ component, status, data = {} }: { readonly component: ComponentName; readonly status: 'started' | 'completed' | 'failed'; readonly data?: JsonObject | undefined }): readonly Decision[] => [{ type: `${component}.${status}`, data }];

/** Of the job's log, which is a stream of its own; a line's number is its revision there. */
export const decideJobLines = (lines: readonly JobLogLine[]): readonly Decision[] => lines.map(({ level, message, step, source }) => ({ type: 'job.log_appended', data: payloadOf({ level, message, step, source }) }));
