/**
 * Events that say `before` and `after` of one value. The `before` must be what the state holds: a writer who saw something
 * else is told (BEFORE_MISMATCH) and nothing is written; one that is in the log all the same is applied and marked.
 */
import type { FoldEvent, Refusal, State } from '@refold/core';
import { isEqualJson } from './json-equal.ts';
import { shown } from './read.ts';

/** @param path  JSON pointer of the value in the state, for the answer. */
export function beforeMustBe<S extends object>(path: string, actual: (state: State<S>) => unknown) {
  return (state: State<S>, { data }: FoldEvent): Refusal | null => {
    if (data['before'] === undefined || isEqualJson(data['before'], actual(state))) return null;
    return {
      code: 'BEFORE_MISMATCH',
      detail: `"before" is ${shown(data['before'])}, but ${path.slice(1)} is ${shown(actual(state))}`,
      details: { path, actual: actual(state) },
    };
  };
}

/** Which status may follow which when somebody sets it by hand; anything else is illegal. */
export interface StatusPairs {
  readonly [from: string]: readonly string[];
}

/** The rule of `*.status_changed`: (before, after) is in the table, and `before` is the current status. */
export function statusPairRule<S extends { status: string }>(subject: string, pairs: StatusPairs) {
  const beforeIsCurrent = beforeMustBe<S>('/status', (state) => state.status);
  return (state: State<S>, event: FoldEvent): Refusal | null => {
    const { before, after } = event.data;
    const allowed = typeof before === 'string' && Object.hasOwn(pairs, before) ? pairs[before]! : [];
    if (typeof after === 'string' && allowed.includes(after)) return beforeIsCurrent(state, event);
    return { code: 'ILLEGAL_TRANSITION', detail: `a ${subject} cannot go from ${shown(before)} to ${shown(after)}`, details: { to: after ?? null, allowedAfter: allowed } };
  };
}
