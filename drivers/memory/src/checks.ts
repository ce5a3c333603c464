/** Judges the checks of a commit on the committed state: all of them, so that a conflict tells everything at once (S10). */
import { matchesQuery } from '@refold/core';
import type { Check, FailedCheck, Position, Query, Revision } from '@refold/core';
import { headOf, revisionOf } from './state.ts';
import type { LogState } from './state.ts';

export function failedChecks(state: LogState, checks: readonly Check[]): readonly FailedCheck[] {
  return checks.flatMap((check, index) => {
    const failure = judge(state, check);
    return failure === null ? [] : [{ check: index, ...failure }];
  });
}

/** Null when the check holds, else what was found instead. */
function judge(state: LogState, check: Check): Omit<FailedCheck, 'check'> | null {
  switch (check.kind) {
    case 'stream': {
      const actual = revisionOf(state, check.stream);
      return isExpected(actual, check.expect) ? null : { actual };
    }
    case 'query': {
      const match = firstMatch(state, check.query, check.after);
      return match === null ? null : { match };
    }
    case 'head': {
      const actual = headOf(state);
      return actual === check.at ? null : { actual };
    }
  }
}

function isExpected(actual: Revision, expect: Revision | 'none' | 'exists'): boolean {
  if (expect === 'none') return actual === 0;
  if (expect === 'exists') return actual > 0;
  return actual === expect;
}

function firstMatch(state: LogState, query: Query, after: Position): Position | null {
  for (let index = after; index < state.events.length; index += 1) {
    const event = state.events[index];
    if (event !== undefined && matchesQuery(query, event)) return event.position;
  }
  return null;
}
