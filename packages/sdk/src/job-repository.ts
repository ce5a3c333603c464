/** Jobs kept in the log and nowhere else: load folds, save appends (D-066). */
import type { JobState } from '@refold/catalog';
import { isLogError } from '@refold/core';
import type { AppendReceipt, EventInput } from '@refold/core';
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
