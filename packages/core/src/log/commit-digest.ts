/** What makes two commits of one id the same one. */
import type { Commitments } from '../trust/body.ts';
import type { Hasher } from '../ports.ts';
import { passingUtf8 } from './bytes.ts';
import type { NewEvent } from './driver.ts';

export interface DigestedEvent {
  readonly event: Pick<NewEvent, 'id' | 'stream' | 'type'>;
  readonly commitments: Commitments;
}

/** 32 bytes over ids, streams, types and salted commitments; never over plaintext, so that it may outlive an erased payload. */
export function commitDigest(hasher: Pick<Hasher, 'sha256'>, events: readonly DigestedEvent[]): Uint8Array {
  let text = 'refold/commit/v1\n';
  for (const { event, commitments } of events) text += `${event.id}\n${event.stream}\n${event.type}\n${commitments[0]}\n${commitments[1]}\n`;
  return hasher.sha256(passingUtf8(text));
}
