/**
 * Walking through events that are in memory, in either direction and at any stride: a debugger, a browser worker, a fork.
 * Keyframes are laid on the way, so a step back never costs the whole history.
 */
import { parseJson } from '../trust/parse-json.ts';
import { LogError } from '../errors.ts';
import type { FoldEvent, State } from './aggregate.ts';
import { withStateBefore } from './fold.ts';
import type { Fold, FoldOptions } from './fold.ts';
import { createKeyframes } from './keyframes.ts';
import type { KeyframeLimits } from './keyframes.ts';

export interface Stepper {
  /** Number of events that can be stepped over. */
  readonly length: number;
  /**
   * The state after the first `count` events; 0 = where the stepper starts. The caller owns the copy.
   *
   * Cost: a fold of at most one distance of events once a place was passed; one event when walking forward.
   * @throws LogError NOT_FOUND {head} beyond the events; FOLD_FAILED as the fold, with the state before it.
   */
  stateAfter(count: number): State;
}

/** Steps over events of one stream, in revision order, from the state before the first of them. */
export function createStepper(fold: Fold, events: readonly FoldEvent[], options: FoldOptions & { readonly from: State } & KeyframeLimits): Stepper {
  const keyframes = createKeyframes(options);
  const start = JSON.stringify(options.from);
  let draft = parseJson(start) as State;
  let done = 0;

  /** Revisions rise with the index, so the index of a keyframe is found by its revision. */
  function restart(count: number): void {
    const wanted = events[count - 1]?.revision ?? options.from.revision;
    draft = keyframes.nearest(wanted) ?? (parseJson(start) as State);
    done = events.findIndex(({ revision }) => revision > draft.revision);
    if (done < 0) done = events.length;
  }

  function walk(count: number): void {
    while (done < count) {
      const event = events[done]!;
      try {
        draft = fold.evolveDraft(draft, event, options);
      } catch (error) {
        // The draft is spoilt; what stood before it is folded anew, told, and gone on from.
        const before = fold.foldAll(events.slice(0, done), { ...options, from: parseJson(start) as State });
        draft = fold.copy(before);
        throw withStateBefore(error, () => before);
      }
      done++;
      keyframes.offer(draft);
    }
  }

  /** True when a keyframe stands between here and there: a long jump forward over ground that was walked before. */
  function keyframesAhead(count: number): boolean {
    return count - done > keyframes.distance && keyframes.revisionNear(events[count - 1]!.revision) > draft.revision;
  }

  return {
    length: events.length,
    stateAfter(count) {
      if (!Number.isSafeInteger(count) || count < 0 || count > events.length)
        throw new LogError('NOT_FOUND', `There is no place ${count}; the history has ${events.length} events.`, { details: { head: events.length }, hint: 'Ask for a place within the history.' });
      if (count < done || keyframesAhead(count)) restart(count);
      walk(count);
      return fold.copy(draft);
    },
  };
}
