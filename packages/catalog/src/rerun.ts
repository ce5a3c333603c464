/**
 * A job run again, as a new job with other parameters. Planning is pure: from the old job's state and what shall change come
 * the two events that link both jobs, to be appended in one commit. The events of the old job are not copied; the steps that
 * are kept begin as completed. Source: the unified model 3.4.11 "Rerun of a job"; D-056, D-058, D-088.
 */
import { LogError, diff, mergeParameters, nearest, setParameters } from '@refold/core';
import type { Actor, EventInput, Json, JsonObject, Patch } from '@refold/core';
import type { JobState } from './job.ts';

export interface RerunOptions {
  /** Id of the new job. */
  readonly newId: string;
  readonly actor: Actor;
  /** Merged into the old parameters: maps key by key, null removes. */
  readonly params?: JsonObject;
  /** Set on top of that, by JSON pointer. */
  readonly set?: { readonly [pointer: string]: Json };
  /** Replaces the old input. */
  readonly input?: Json;
  /** The first step that is run again; those before it are kept as completed. Default: everything is run again. */
  readonly fromStep?: string;
  readonly name?: string;
  readonly reason?: string;
}

export interface RerunPlan {
  readonly events: readonly [EventInput, EventInput];
  /** Both jobs must stand where they were seen: pass it to `append` as `expectedRevisions`. */
  readonly expectedRevisions: { readonly [stream: string]: number | 'none' };
  readonly changes: readonly Patch[];
  readonly stepsKept: readonly string[];
  readonly stepsToRun: readonly string[];
}

/** Statuses in which a job can be run again. */
export const rerunStatuses: readonly JobState['status'][] = ['completed', 'failed', 'cancelled', 'running', 'paused'];

/**
 * Plans a rerun.
 *
 * @param state  The old job, as it stands now or at the revision from which it is run again; its revision is what both events name.
 * @param headRevision  Newest revision of the old job, when `state` is an older one.
 * @throws LogError ILLEGAL_TRANSITION for a job that has not begun; NOT_FOUND `step`; BAD_REQUEST `path`, `new_id`.
 */
export function planRerun(state: JobState, options: RerunOptions, headRevision: number = state.revision): RerunPlan {
  const { newId, actor, input, fromStep, name, reason } = options;
  refuseStatus(state);
  if (newId === state.streamId) throw new LogError('BAD_REQUEST', 'A rerun is a new job and needs an id of its own.', { details: { reason: 'new_id', id: newId }, hint: 'Give another id.' });
  const { params } = setParameters(mergeParameters(state.params, options.params ?? {}).params, options.set ?? {});
  const changes = diff(state.params, params);
  const { kept, toRun } = splitSteps(state, fromStep);
  const nextInput = input === undefined ? state.input : input;

  const created: EventInput = {
    type: 'job.created',
    streamType: 'job',
    streamId: newId,
    actor,
    data: {
      ...(name === undefined ? (state.name === null ? {} : { name: state.name }) : { name }),
      ...(nextInput === null ? {} : { input: nextInput }),
      params,
      ...(state.steps.length === 0 ? {} : { steps: [...kept.map((step) => ({ name: step, status: 'completed' })), ...toRun.map((step) => ({ name: step, status: 'pending' }))] }),
      rerun_of: state.streamId,
      rerun_from_revision: state.revision,
    },
  };
  const rerun: EventInput = {
    type: 'job.rerun',
    streamType: 'job',
    streamId: state.streamId,
    actor,
    data: {
      new_job_id: newId,
      params_changed: Object.fromEntries(changes.map(({ path, before, after }) => [path, { before, after }])),
      from_revision: state.revision,
      ...(reason === undefined ? {} : { reason }),
    },
  };
  return { events: [created, rerun], expectedRevisions: { [`job/${newId}`]: 'none', [`job/${state.streamId}`]: headRevision }, changes, stepsKept: kept, stepsToRun: toRun };
}

function refuseStatus({ status, streamId }: JobState): void {
  if (rerunStatuses.includes(status)) return;
  throw new LogError('ILLEGAL_TRANSITION', `job/${streamId} is ${status}; there is nothing to run again yet.`, {
    details: { stream: `job/${streamId}`, type: 'job.rerun', from: status, allowedFrom: rerunStatuses },
    hint: `A job can be run again when it is ${rerunStatuses.join(', ')}.`,
  });
}

function splitSteps({ steps, streamId }: JobState, fromStep: string | undefined): { readonly kept: readonly string[]; readonly toRun: readonly string[] } {
  const names = steps.toSorted((a, b) => a.index - b.index).map((step) => step.name);
  if (fromStep === undefined) return { kept: [], toRun: names };
  const at = names.indexOf(fromStep);
  if (at < 0)
    throw new LogError('NOT_FOUND', `job/${streamId} has no step ${JSON.stringify(fromStep)}.`, { details: { reason: 'step', step: fromStep, nearest: nearest(fromStep, names) }, hint: `Its steps are ${names.join(', ') || 'not known'}.` });
  return { kept: names.slice(0, at), toRun: names.slice(at) };
}
