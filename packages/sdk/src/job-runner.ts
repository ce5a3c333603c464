/**
 * Jobs kept in the log and nowhere else: load folds, save appends (D-066). A runner does the steps that the log does not hold as
 * done, so that a job goes on where it stood when its process was killed (D-100).
 */
import type { JobState } from '@refold/catalog';
import { isLogError } from '@refold/core';
import type { AppendReceipt, EventInput, Json, JsonObject } from '@refold/core';
import { completeJob, createJob, endJobStep, resumeJob, runOperation, startJob } from '@refold/operations';
import type { Operation } from '@refold/operations';
import { errorInfoOf, onRecord } from './around.ts';
import { currentContext, withContext } from './context.ts';
import { eventStore } from './default-store.ts';
import type { EventStore } from './event-store.ts';

export class JobRepository {
  readonly #store: EventStore;

  constructor(store: EventStore = eventStore) {
    this.#store = store;
  }

  /** The job as it stands; null when there is none. */
  async load(id: string): Promise<JobState | null> {
    try {
      // A stream of this type is folded by this aggregate.
      return (await this.#store.reconstructState({ streamType: 'job', streamId: id })).state as unknown as JobState;
    } catch (error) {
      if (isLogError(error, 'NOT_FOUND')) return null;
      throw error;
    }
  }

  /**
   * What happened to the job since it was loaded, as one commit on that very revision.
   *
   * @throws LogError REVISION_CONFLICT when somebody else was faster; ILLEGAL_TRANSITION.
   */
  async save(job: Pick<JobState, 'streamId' | 'revision'>, events: readonly EventInput[]): Promise<AppendReceipt> {
    return await this.#store.append({ streamType: 'job', streamId: job.streamId }, events, { expectedRevision: job.revision });
  }
}

export interface RunJobOptions {
  readonly store?: EventStore;
  readonly name?: string;
  readonly input?: Json;
  readonly params?: JsonObject;
  readonly workerId?: string;
}

/** Steps by name, in order. What a step gives becomes its output in the log, so it must be JSON. */
export interface JobSteps {
  readonly [name: string]: (job: JobState) => Promise<Json | void> | Json | void;
}

/**
 * Runs a job to its end, or on to it: made when there is none, started when it waits, resumed when it stands still or failed, and
 * simply gone on with when it was running. Steps that are done are not done again; a step that was under way when its process
 * died is, and so is one whose end could not be told because somebody had paused the job.
 *
 * @returns the job as it then stands: completed, or paused or cancelled by somebody.
 * @throws what a step throws, once `job.step_failed` and `job.failed` are recorded; LogError ILLEGAL_TRANSITION for a job that was cancelled.
 */
export async function runJob(id: string, steps: JobSteps, options: RunJobOptions = {}): Promise<JobState> {
  const { store = eventStore } = options;
  const jobs = new JobRepository(store);
  const call: Call = async (operation, input = {}) => (await runOperation(operation, await store.opened(), { ...surroundings(), id, ...input })).state as unknown as JobState;
  // Only a running job takes what its worker tells: whoever paused or cancelled it meanwhile was faster.
  const tell: Call = (operation, input) =>
    call(operation, input).catch(async (error: unknown) => {
      const now = isLogError(error, 'ILLEGAL_TRANSITION') ? await jobs.load(id) : null;
      if (now === null || now.status === 'running') throw error;
      return now;
    });

  let job = await takeUp(await jobs.load(id), steps, options, call);
  for (const [step, work] of Object.entries(steps)) {
    if (job.status !== 'running') return job;
    if (job.steps.some(({ name, status }) => name === step && status === 'completed')) continue;
    const output = await doStep(store, job, step, work);
    job = await tell(endJobStep, { step, status: 'completed', ...(output === undefined ? {} : { output }) });
  }
  return job.status === 'running' ? await tell(completeJob) : job;
}

// oxlint-disable-next-line no-explicit-any -- their inputs differ and are parsed; what they answer does not.
type JobOperation = Operation<any, Awaited<ReturnType<typeof startJob.run>>>;
type Call = (operation: JobOperation, input?: object) => Promise<JobState>;

/** The job, running, or as it ended. */
async function takeUp(job: JobState | null, steps: JobSteps, { store: _store, workerId, ...given }: RunJobOptions, call: Call): Promise<JobState> {
  if (job === null) await call(createJob, { ...given, steps: Object.keys(steps) });
  if (job === null || job.status === 'pending') return await call(startJob, workerId === undefined ? {} : { workerId });
  return job.status === 'running' || job.status === 'completed' ? job : await call(resumeJob);
}

async function doStep(store: EventStore, job: JobState, step: string, work: JobSteps[string]): Promise<Json | void> {
  try {
    return await withContext(job.lastEventId === null ? {} : { causationId: job.lastEventId }, () => work(job));
  } catch (failure) {
    const error = errorInfoOf(failure);
    await onRecord(store.append({ streamType: 'job', streamId: job.streamId }, [{ type: 'job.step_failed', data: { step, error } }, { type: 'job.failed', data: { error, failed_step: step } }]), failure);
    throw failure;
  }
}

/** Who works here, and in which session. */
function surroundings(): object {
  const { actor, sessionId, correlationId } = currentContext();
  return { ...(actor === undefined ? {} : { actor }), ...(sessionId === undefined ? {} : { sessionId }), ...(correlationId === undefined ? {} : { correlationId }) };
}
