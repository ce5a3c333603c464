/** Checkpoints as states keep them. Which kinds of stream have some is their aggregate's business: it has them or not. */
import { LogError } from '@refold/core';
import type { Registry, State } from '@refold/core';

export interface CheckpointView {
  readonly id: string;
  readonly label: string | null;
  /** Revision of its `checkpoint.created`. */
  readonly sequence: number;
  readonly stateHash: string;
  readonly createdAt: string;
  readonly restoredCount: number;
  /** What a restore brings back. */
  readonly saved: { readonly [field: string]: unknown };
}

/** Oldest first; none where this kind of stream has none. */
export function checkpointsOf(state: State): readonly CheckpointView[] {
  const kept = state['checkpoints'];
  // The fold of `checkpoint.created` is the only one that writes there.
  return typeof kept === 'object' && kept !== null ? (Object.values(kept) as CheckpointView[]).toSorted((a, b) => a.sequence - b.sequence) : [];
}

/** @throws LogError BAD_REQUEST `no_checkpoints`. */
export function refuseWithoutCheckpoints(registry: Registry, streamType: string): void {
  if (registry.definitionIn(streamType, 'checkpoint.created') !== undefined) return;
  const types = registry.aggregates().flatMap(({ type }) => (registry.definitionIn(type, 'checkpoint.created') === undefined ? [] : [type]));
  throw new LogError('BAD_REQUEST', `A ${streamType} has no checkpoints.`, { details: { reason: 'no_checkpoints', streamType }, hint: `These have: ${types.join(', ')}.` });
}
