/** Tells the log how a job goes, and knows how the job then stands without asking, as long as nobody else tells of it. */
import type { JobState } from '@refold/catalog';
import { isLogError } from '@refold/core';
import type { EventInput, PendingEvent, State } from '@refold/core';
import type { Durable } from './around.ts';
import { currentContext } from './context.ts';
import type { EventStore } from './event-store.ts';
import { JobRepository } from './job-repository.ts';
import type { AppendOptions } from './store-types.ts';

/** A job of which something was told. */
export interface Telling {
  /** As it stands once that is written: enough to go on with. */
  readonly job: JobState;
  /** As it stands in the log when that is written. Rejects when it cannot be. */
  readonly written: Promise<JobState>;
}

type Told = Pick<EventInput, 'type' | 'data'>;

export interface JobTeller {
  load(): Promise<JobState | null>;
  /** A job that there was not. @throws LogError REVISION_CONFLICT when there is one by now. */
  create(events: readonly Told[]): Promise<Telling>;
  /** @throws LogError ILLEGAL_TRANSITION */
  write(job: JobState, events: readonly Told[]): Promise<Telling>;
  /** Tells how a running job goes on. Whoever paused or cancelled it meanwhile was faster: then that is how it stands, and nothing is told. */
  goOn(job: JobState, events: readonly Told[]): Promise<Telling>;
}

export function createJobTeller(id: string, store: EventStore, durable: Durable): JobTeller {
  const jobs = new JobRepository(store);
  const load = (): Promise<JobState | null> => jobs.load(id);

  async function write(from: JobState, events: readonly Told[], options: AppendOptions = {}): Promise<Telling> {
    const { fold } = (await store.opened()).log;
    const { actor = { type: 'system', id: 'refold' } } = currentContext();
    const queued = Promise.withResolvers<JobState>();
    let after: JobState | null = null;
    const onQueued = (pending: readonly PendingEvent[]): void => {
      // Where somebody told of it in between, only the log knows what became of the job.
      after = pending[0]!.revision === from.revision + 1 ? (fold.foldAll(pending, { from: from as unknown as State }) as unknown as JobState) : null;
      if (after !== null && durable === 'behind') queued.resolve(after);
    };
    // Safe: what was written to is there.
    const written = store.append({ streamType: 'job', streamId: id }, events.map(({ type, data }) => ({ type, data, actor })), { ...options, onQueued }).then(async () => after ?? (await load())!);
    return telling(queued.promise, written);
  }

  /** Whoever waits for what is written hears of a failure; until then nobody does. */
  async function telling(queued: Promise<JobState>, written: Promise<JobState>): Promise<Telling> {
    written.catch(() => undefined);
    return { job: await Promise.race([queued, written]), written };
  }

  /** What others told, in this process or another, counts before anything more is done. */
  async function newest(job: JobState): Promise<JobState> {
    const { log } = await store.opened();
    const isNewest = (await log.stream(`job/${id}`))?.revision === job.revision;
    // Safe: it was there.
    return isNewest ? job : (await load())!;
  }

  async function unlessStopped(error: unknown): Promise<JobState> {
    const now = isLogError(error, 'ILLEGAL_TRANSITION') ? await load() : null;
    if (now === null || now.status === 'running') throw error;
    return now;
  }

  return {
    load,
    async create(events) {
      const { fold } = (await store.opened()).log;
      return await write(fold.initial('job', id) as unknown as JobState, events, { expectedRevision: 'none' });
    },
    write,
    async goOn(known, events) {
      const job = await newest(known);
      if (job.status !== 'running') return { job, written: Promise.resolve(job) };
      try {
        const { job: after, written } = await write(job, events);
        return await telling(Promise.resolve(after), written.catch(unlessStopped));
      } catch (error) {
        const stopped = await unlessStopped(error);
        return { job: stopped, written: Promise.resolve(stopped) };
      }
    },
  };
}
