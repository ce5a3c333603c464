/**
 * A runner does the steps of a job that its log does not hold as done, so that the job goes on where it stood when its process was
 * killed (D-100).
 *
 * A step works while the end of the one before it is still on its way to the disk; one such end at most, since the next one waits
 * for it. A job is taken up on disk, and ends there. Decision 0022 says what that means for whoever is killed.
 */
import { decideJobCompletion, decideJobCreation, decideJobFailure, decideJobResume, decideJobStart, decideJobStep } from '@refold/catalog';
import type { JobState } from '@refold/catalog';
import type { Json, JsonObject } from '@refold/core';
import { errorInfoOf, onRecord } from './around.ts';
import type { Durable } from './around.ts';
import { withContext } from './context.ts';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';
import { createJobTeller } from './job-teller.ts';
import type { JobTeller, Telling } from './job-teller.ts';

export interface RunJobOptions {
  readonly store?: EventStore;
  readonly name?: string;
  readonly input?: Json;
  readonly params?: JsonObject;
  readonly workerId?: string;
  /** each: no step begins before the end of the one before it is durable, so that no step but the one under way is ever done again. Default behind. */
  readonly durable?: Durable;
}

/** Steps by name, in order. What a step gives becomes its output in the log, so it must be JSON. */
export interface JobSteps {
  readonly [name: string]: (job: JobState) => Promise<Json | void> | Json | void;
}

/**
 * Runs a job to its end, or on to it: made when there is none, started when it waits, resumed when it stands still or failed, and
 * simply gone on with when it was running. Steps that are done are not done again; a step that was under way when its process
 * died is, and so is one whose end could not be told because somebody had paused the job. So may be the step before that one
 * when the process was killed within a moment of its end, unless `durable` is each.
 *
 * @returns the job as it then stands: completed, or paused or cancelled by somebody. Everything told of it is durable.
 * @throws what a step throws, once `job.step_failed` and `job.failed` are recorded; LogError ILLEGAL_TRANSITION for a job that was
 *         cancelled; what the log throws when the end of a step cannot be recorded: no step is begun after that is known.
 */
export async function runJob(id: string, steps: JobSteps, options: RunJobOptions = {}): Promise<JobState> {
  const teller = createJobTeller(id, options.store ?? eventStore, options.durable ?? 'behind');
  const planned = Object.entries(steps);

  // Nobody works at a job that he may turn out not to have.
  let telling = await takeUp(teller, Object.keys(steps), options);
  let job = await telling.written;
  for (const [index, [step, work]] of planned.entries()) {
    if (job.status !== 'running') break;
    if (isDone(job, step)) continue;
    const output = await doStep(teller, job, telling, step, work);
    const isLast = planned.slice(index + 1).every(([later]) => isDone(job, later));
    telling = await teller.goOn(await telling.written, [...decideJobStep({ step, status: 'completed', ...(output === undefined ? {} : { output }) }), ...(isLast ? decideJobCompletion({}) : [])]);
    job = telling.job;
  }
  job = await telling.written;
  return job.status === 'running' ? await (await teller.goOn(job, decideJobCompletion({}))).written : job;
}

const isDone = (job: JobState, step: string): boolean => job.steps.some(({ name, status }) => name === step && status === 'completed');

/** The job, running, or as it ended. */
async function takeUp(teller: JobTeller, steps: readonly string[], { name, input, params, workerId }: RunJobOptions): Promise<Telling> {
  const job = await teller.load();
  if (job === null) return await teller.create([...decideJobCreation({ name, input, params, steps }), ...decideJobStart({ workerId })]);
  if (job.status === 'running' || job.status === 'completed') return { job, written: Promise.resolve(job) };
  return await teller.write(job, job.status === 'pending' ? decideJobStart({ workerId }) : decideJobResume({}));
}

/** @param before  The end of the step before it, behind which its own failure comes. */
async function doStep(teller: JobTeller, job: JobState, before: Telling, step: string, work: JobSteps[string]): Promise<Json | void> {
  try {
    return await withContext(job.lastEventId === null ? {} : { causationId: job.lastEventId }, () => work(job));
  } catch (failure) {
    const error = errorInfoOf(failure);
    const failed = [...decideJobStep({ step, status: 'failed', error }), ...decideJobFailure({ error, failedStep: step })];
    await onRecord(before.written.then((stood) => teller.write(stood, failed)).then(({ written }) => written), failure);
    throw failure;
  }
}
