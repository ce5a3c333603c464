import type { Position } from './driver.ts';
import type { EventEnvelope } from './event.ts';

/** A page of envelopes; `next` and `head` as in the port. */
export interface EventPage {
  readonly events: readonly EventEnvelope[];
  readonly next: number | null;
  readonly head: Position;
}
