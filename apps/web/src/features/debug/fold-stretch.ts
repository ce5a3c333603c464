/**
 * A stretch of a history that is in memory, folded in either direction by the rules that the server folds by. From the state before
 * it and its events follows every state in it, what each step changed, and which event set a value, without asking anybody.
 *
 * What set a value is found for those values that somebody looks at: walking the stretch costs a few milliseconds, comparing
 * whole states at every step would cost seconds.
 */
import { LogError, absent, createStepper, diff, parsePointer, valueAt } from '@refold/core';
import type { EventEnvelope, Fold, Patch, State } from '@refold/core';

export interface FoldFailure {
  readonly revision: number;
  readonly type: string;
  readonly message: string;
}

export interface StretchStep {
  /** The state after the event at the revision; where a definition failed, the one before that. */
  readonly state: State;
  /** What the event at the revision changed; null at the beginning of the stretch, which nobody can tell. */
  readonly patches: readonly Patch[] | null;
  readonly event: EventEnvelope | null;
  readonly failure: FoldFailure | null;
}

export interface Stretch {
  /** Revisions whose states are known here, both inclusive. */
  readonly first: number;
  readonly last: number;
  covers(revision: number): boolean;
  at(revision: number): StretchStep;
  /** Per pointer, the revision of the event that set the value that stands there; null: it was set before this stretch. */
  setBy(revision: number, pointers: readonly string[]): readonly (number | null)[];
  /** What a value was, at every revision of the stretch at which it became another one. */
  changesAt(pointer: string): readonly { readonly revision: number; readonly value: unknown }[];
  eventAt(revision: number): EventEnvelope | null;
}

/** Keyframes of a stretch: a step back folds at most so many events. */
const keyframeDistance = 64;
const keyframesMax = 12;

/**
 * @param from    The state before the first of the events.
 * @param events  In revision order, without a hole.
 * @param skipped Revisions whose definitions failed and that the reader goes on without.
 */
export function createStretch(fold: Fold, from: State, events: readonly EventEnvelope[], skipped: ReadonlySet<number> = new Set()): Stretch {
  const folded = events.filter(({ revision }) => !skipped.has(revision));
  const stepper = createStepper(fold, folded, { from, cut: skipped.size > 0, distance: keyframeDistance, countMax: keyframesMax });
  const first = from.revision;
  const last = events.at(-1)?.revision ?? first;
  let failure: { readonly found: FoldFailure; readonly before: State } | null = null;
  /** The state that was last shown: a step forward needs no other one to compare with. */
  let shown: { readonly revision: number; readonly state: State } | null = null;

  /** How many of the folded events stand at or before a revision. */
  const countTo = (revision: number): number => (skipped.size === 0 ? revision - first : folded.findLastIndex((event) => event.revision <= revision) + 1);
  const eventAt = (revision: number): EventEnvelope | null => events[revision - first - 1] ?? null;

  function stateAt(revision: number): State {
    if (shown?.revision === revision) return shown.state;
    const upTo = failure === null ? revision : Math.min(revision, failure.found.revision - 1);
    try {
      return stepper.stateAfter(countTo(upTo));
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'FOLD_FAILED') throw error;
      const { revision: failed, type, state } = error.details as { readonly revision: number; readonly type: string; readonly state: State };
      failure = { found: { revision: failed, type, message: error.message }, before: state };
      return state;
    }
  }

  function at(revision: number): StretchStep {
    const before = revision > first ? stateAt(revision - 1) : null;
    const state = stateAt(revision);
    shown = { revision, state };
    const failed = failure !== null && revision >= failure.found.revision ? failure.found : null;
    return { state, patches: before === null || failed !== null ? null : diff(before, state), event: eventAt(revision), failure: failed };
  }

  /** Tells of every revision up to one, with a draft that must not be kept. */
  function walk(upTo: number, look: (draft: State) => void): void {
    let draft = fold.copy(from);
    look(draft);
    for (const event of folded) {
      if (event.revision > upTo || (failure !== null && event.revision >= failure.found.revision)) return;
      draft = fold.evolveDraft(draft, event, { cut: skipped.size > 0 });
      look(draft);
    }
  }

  return {
    first,
    last,
    covers: (revision) => revision >= first && revision <= last,
    at,
    eventAt,
    setBy(revision, pointers) {
      const paths = pointers.map(parsePointer);
      const texts: (string | undefined)[] = [];
      const setters: (number | null)[] = pointers.map(() => null);
      let isFirst = true;
      walk(revision, (draft) => {
        for (let index = 0; index < paths.length; index++) {
          const text = textOf(valueAt(draft, paths[index]!));
          if (!isFirst && text !== texts[index]) setters[index] = draft.revision;
          texts[index] = text;
        }
        isFirst = false;
      });
      return setters;
    },
    changesAt(pointer) {
      const path = parsePointer(pointer);
      const changes: { revision: number; value: unknown }[] = [];
      let text: string | undefined;
      let isFirst = true;
      walk(last, (draft) => {
        const value = valueAt(draft, path);
        const now = textOf(value);
        if (!isFirst && now !== text) changes.push({ revision: draft.revision, value: now === undefined ? undefined : (JSON.parse(now) as unknown) });
        text = now;
        isFirst = false;
      });
      return changes;
    },
  };
}

const textOf = (value: unknown): string | undefined => (value === absent || value === undefined ? undefined : JSON.stringify(value));
