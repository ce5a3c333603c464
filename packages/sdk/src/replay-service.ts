/** Document 003's replay service, under its own method names. */
import type { ChainReport, Reconstruction } from '@refold/core';
import type { ReplayAnswer } from '@refold/operations';
import type { EventStore } from './event-store.ts';
import type { ReplayRequest } from './recovery.ts';

export class ReplayService {
  readonly #store: EventStore;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Replays the events of a conversation, in the log's order (C-048). Real unless `dryRun` says otherwise (K-048). */
  replayEvents(correlationId: string, options: Omit<ReplayRequest, 'correlationId' | 'issueKey' | 'stream'> = {}): Promise<ReplayAnswer> {
    return this.#store.replayEvents({ ...options, correlationId });
  }

  /** The state of an entity at an instant (C-049). */
  reconstructState(entityType: string, entityId: string, at: string | Date): Promise<Reconstruction> {
    return this.#store.reconstructState(entityType, entityId, at);
  }

  /** Is a conversation whole (C-050)? */
  validateEventChain(correlationId: string): Promise<ChainReport> {
    return this.#store.validateEventChain(correlationId);
  }
}
