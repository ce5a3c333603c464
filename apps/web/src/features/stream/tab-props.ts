/** What every view of a stream is given. */
import type { OutputOf } from '@refold/client';

export interface StreamTabProps {
  readonly streamType: string;
  readonly streamId: string;
  /** The stream as it stands: newest revision and state. */
  readonly stream: OutputOf<'getStream'>;
  /** Newest revision that was heard of; it may be ahead of `stream` for a moment. */
  readonly head: number;
}
