/** What an append is answered: a receipt, or why it was not written. */
import { LogError } from '../errors.ts';
import type { AppendReceipt } from './append.ts';
import type { PendingEvent } from './complete.ts';
import type { AppendResult, Commit } from './driver.ts';

/** A commit and what its events were judged to be. */
export interface JudgedCommit {
  readonly commit: Commit;
  readonly pending: readonly PendingEvent[];
  readonly warnings: readonly string[];
}

/** The checks of a commit hold its streams where they were judged, so the revisions are those that were foreseen. */
export const receiptOf = ({ commit, pending, warnings }: JudgedCommit, { duplicate, first, last, recordedAt }: Extract<AppendResult, { ok: true }>): AppendReceipt => ({
  commitId: commit.id,
  duplicate,
  events: pending.map(({ id, type, streamType, streamId, revision }, index) => ({ id, type, streamType, streamId, revision, position: first + index })),
  first,
  last,
  recordedAt,
  warnings,
});

/** The engine's refusal of a commit that lost no race. */
export function refusalOf({ reason, detail }: Extract<AppendResult, { readonly detail: string }>, commitId: string): LogError {
  switch (reason) {
    case 'commit-reused':
      return new LogError('DUPLICATE_ID', `Commit ${commitId} is already in the log with other content.`, { details: { reason: 'commit', commitId }, hint: 'Use a new commit id for new content.' });
    case 'event-id-taken':
      return new LogError('DUPLICATE_ID', `An event id of this commit is already in the log: ${detail}`, { details: { reason: 'event', commitId }, hint: 'Leave the id out, or use a new one.' });
    case 'too-large':
      return new LogError('TOO_LARGE', `The engine refuses this commit: ${detail}`, { details: { reason: 'batch' }, hint: 'Split the batch, or move large values to blobs.' });
    case 'read-only':
      return new LogError('LOG_UNAVAILABLE', `The log cannot be written: ${detail}`, { details: { reason: 'read_only' }, hint: 'Open it with write access.' });
  }
}

/** A caller who expects nothing lost more races than the front goes through with him. */
export const tooBusy = (stream: string, rounds: number): LogError =>
  new LogError('REVISION_CONFLICT', `${stream} moved ${rounds} times while this was appended.`, { details: { stream, rounds }, hint: 'Send it again; fewer writers at once on one stream help.' });
