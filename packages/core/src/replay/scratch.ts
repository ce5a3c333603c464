/** The state that a replay works on beside the live one: folded event by event, seen by handlers and conditions. */
import type { State } from '../fold/aggregate.ts';
import type { Fold } from '../fold/fold.ts';
import type { EventEnvelope } from '../log/event.ts';

export interface Scratch {
  /** null when no start is known: a chain runs through several streams. Live; it changes with the next event. */
  readonly state: State | null;
  apply(event: EventEnvelope): void;
}

export function createScratch(fold: Fold, start: State | null): Scratch {
  let state = start === null ? null : structuredClone(start);
  return {
    get state() {
      return state;
    },
    apply(event) {
      // A filtered set has holes; what lies in them was not asked for.
      if (state !== null && event.streamType === state.streamType && event.streamId === state.streamId) state = fold.evolveDraft(state, event, { cut: true });
    },
  };
}
