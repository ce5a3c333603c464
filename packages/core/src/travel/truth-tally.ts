/** Keeps the truth of an expression along a history: what it turns to, and how often. */
import type { Evaluation, Expression } from '../expression/expression.ts';

export type Truth = boolean | 'unknown';

/**
 * flip: true became false or the other way. first: the first place where it is known, when it was not known before the range.
 * unknown: from here on it cannot be evaluated. known: it can again, and is what it was before.
 */
export type FlipKind = 'flip' | 'first' | 'unknown' | 'known';

/** A change of truth. */
export interface Turn {
  readonly kind: FlipKind;
  readonly from: Truth;
  readonly to: Truth;
  readonly error?: string;
}

export interface FlipsSummary {
  /** Events evaluated. */
  readonly events: number;
  /** Changes between true and false. */
  readonly flips: number;
  /** Events over which the expression could not be evaluated. */
  readonly unknown: number;
  /** Truth before the first event of the range, and after the last. */
  readonly start: Truth;
  readonly end: Truth;
  /** First of the reasons for `unknown`. */
  readonly firstError: string | null;
}

export interface TruthTally {
  /** The answer over the next events, as many as share it; what turned at the first of them. */
  step(answer: Evaluation<boolean>, events: number): Turn | null;
  summary(): FlipsSummary;
}

/** @param start  Truth before the first event of the range. */
export function createTally(start: Truth): TruthTally {
  let truth: Truth = start;
  let lastKnown: Truth = start;
  let [events, flips, unknown] = [0, 0, 0];
  let firstError: string | null = null;

  return {
    step(answer, count) {
      events += count;
      if (!answer.ok) {
        unknown += count;
        firstError ??= answer.error.message;
      }
      const to = truthOf(answer);
      if (to === truth) return null;
      const kind: FlipKind = to === 'unknown' ? 'unknown' : lastKnown === 'unknown' ? 'first' : to === lastKnown ? 'known' : 'flip';
      const from = kind === 'flip' ? lastKnown : truth;
      if (kind === 'flip') flips++;
      truth = to;
      if (to !== 'unknown') lastKnown = to;
      return { kind, from, to, ...(answer.ok ? {} : { error: answer.error.message }) };
    },
    summary: () => ({ events, flips, unknown, start, end: truth, firstError }),
  };
}

export const truthOf = (answer: Evaluation<boolean>): Truth => (answer.ok ? answer.value : 'unknown');

const placeNames: ReadonlySet<string> = new Set(['state', 'after', 'now']);

/** It cannot be answered before the first event. */
export const asksForEvent = ({ names }: Expression<boolean>): boolean => [...names].some((name) => !placeNames.has(name));
