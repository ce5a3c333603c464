/** A change of truth as it is told, and what a search for them may be told. */
import type { Instant, Revision } from '../log/driver.ts';
import type { Json } from '../log/event.ts';
import type { EventName } from './event-spine.ts';
import type { FlipKind, Truth, Turn } from './truth-tally.ts';

export interface Flip {
  readonly kind: FlipKind;
  readonly revision: Revision;
  readonly eventId: string;
  readonly type: string;
  /** When it happened. */
  readonly at: Instant;
  /** For a flip the last truth that was known; for the others the truth of the event before. */
  readonly from: Truth;
  readonly to: Truth;
  /** Values that the expression looks at, by their text: `state.coverage`. A long collection is told by its size. */
  readonly values: { readonly [operand: string]: FlipValue };
  /** Why it cannot be evaluated; only for `unknown`. */
  readonly error?: string;
}

/** null: nothing is there. */
export interface FlipValue {
  readonly before: Json;
  readonly after: Json;
}

export interface FlipsOptions {
  /** Exclusive lower and inclusive upper bound. Default: the whole stream. */
  readonly after?: Revision;
  readonly upTo?: Revision;
  /** Milliseconds since the epoch that `now` stands for; without it `now` is null. */
  readonly now?: number;
  /** Told after every page. */
  readonly onProgress?: (progress: { readonly events: number; readonly revision: Revision; readonly upTo: Revision }) => void;
  readonly signal?: AbortSignal;
}

export function flipOf({ revision, id, type, occurredAt }: EventName, { kind, from, to, error }: Turn, values: Flip['values']): Flip {
  const flip = { kind, revision, eventId: id, type, at: occurredAt, from, to, values };
  return error === undefined ? flip : { ...flip, error };
}
