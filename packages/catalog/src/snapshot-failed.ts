/**
 * What stands in the log for a stream that stays without a snapshot (B-141). The message of a fold may quote an event; what
 * is kept is its code and the place. For `openLog({ emitSnapshotFailed })`.
 */
import { parseStreamAddress } from '@refold/core';
import type { EventInput, UnfoldableStream } from '@refold/core';

export function snapshotFailed({ stream, revision, error }: UnfoldableStream): EventInput {
  const { streamType: type, streamId: id } = parseStreamAddress(stream);
  return {
    streamType: 'store',
    streamId: 'log',
    type: 'store.snapshot_failed',
    actor: { type: 'system', id: 'refold' },
    correlationId: 'store',
    data: { stream: { type, id }, revision, error: { code: error.code, message: 'The stream could not be folded.' } },
  };
}
