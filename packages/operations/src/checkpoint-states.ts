/** Checkpoints as states keep them. Which kinds of stream have some is their aggregate's business: it has them or not. */
import { LogError } from '@refold/core';
import type { Fold, State } from '@refold/core';

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
export function refuseWithoutCheckpoints(fold: Fold, streamType: string): void {
  const keepsSome = (type: string): boolean => 'checkpoints' in fold.initial(type, '');
  if (keepsSome(streamType)) return;
  const types = fold.registry.aggregates().flatMap(({ type }) => (keepsSome(type) ? [type] : []));
  throw new LogError('BAD_REQUEST', `A stream of type ${streamType} has no checkpoints.`, { details: { reason: 'no_checkpoints', streamType }, hint: `These have: ${types.join(', ')}.` });
}
