/** Judges the checks of a commit on the committed state: queries are answered by looking at every event. */
import { judgeChecks, matchesQuery } from '@refold/core';
import type { Check, FailedCheck, Position, Query } from '@refold/core';
import { headOf, revisionOf } from './state.ts';
import type { LogState } from './state.ts';

export function failedChecks(state: LogState, checks: readonly Check[]): readonly FailedCheck[] {
  return judgeChecks(checks, { position: headOf(state), revisionOf: (stream) => revisionOf(state, stream), firstMatch: (query, after) => firstMatch(state, query, after) });
}

function firstMatch(state: LogState, query: Query, after: Position): Position | undefined {
  for (let index = after; index < state.events.length; index += 1) {
    const event = state.events[index];
    if (event !== undefined && matchesQuery(query, event)) return event.position;
  }
  return undefined;
}
