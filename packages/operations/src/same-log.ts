/**
 * Whoever goes on after a position has to stand before the same log as then. A log that was restored from a backup has another epoch: the
 * same positions hold other events, and going on as if nothing were would skip some of them (bad-input I7, TRUST.md). One place, for
 * every stream and every door.
 */
import { LogError } from '@refold/core';
import type { Log } from '@refold/core';
import { z } from 'zod';

/** What a client may say beside the position after which it goes on. */
export const epochInput = { epoch: z.string().max(200).optional().meta({ description: 'The log that the position is of, as this door told it; of another one it is refused.' }) };

/** @throws LogError LOG_ROLLED_BACK `epoch`, `position` {cursor, epoch}. */
export async function refuseOtherLog(log: Log, input: unknown): Promise<void> {
  const { afterPosition, epoch } = input as { readonly afterPosition?: unknown; readonly epoch?: string };
  const after = afterPosition === undefined ? 0 : Number(afterPosition);
  if (epoch === undefined && !(after > 0)) return;
  const head = await log.head();
  const reason = epoch !== undefined && epoch !== head.epoch ? 'epoch' : after > head.position ? 'position' : null;
  if (reason === null) return;
  throw new LogError('LOG_ROLLED_BACK', reason === 'epoch' ? 'The position is of another log than this one.' : `The log has no position ${after} yet: it ends at ${head.position}.`, {
    details: { reason, cursor: head.position, epoch: head.epoch },
    hint: 'Read anew what you show, then go on after details.cursor with details.epoch.',
  });
}
