/**
 * Judges the checks of a commit against the log as the serial section of an engine sees it: all of them, so that a conflict
 * tells everything at once (S10). The engine answers where things stand; what a check means stands here.
 */
import type { Check, FailedCheck, Position, Query, Revision } from './driver.ts';

/** The log with the commits before this one in the same batch. */
export interface JudgedStanding {
  readonly position: Position;
  revisionOf(stream: string): Revision;
  /** The first position above `after` that matches. */
  firstMatch(query: Query, after: Position): Position | undefined;
}

export function judgeChecks(checks: readonly Check[], standing: JudgedStanding): readonly FailedCheck[] {
  return checks.flatMap((check, index) => {
    const failure = judge(check, standing);
    return failure === null ? [] : [{ check: index, ...failure }];
  });
}

/** Null when the check holds, else what was found instead. */
function judge(check: Check, standing: JudgedStanding): Omit<FailedCheck, 'check'> | null {
  switch (check.kind) {
    case 'stream': {
      const actual = standing.revisionOf(check.stream);
      return isExpected(actual, check.expect) ? null : { actual };
    }
    case 'query': {
      const match = standing.firstMatch(check.query, check.after);
      return match === undefined ? null : { match };
    }
    case 'head':
      return standing.position === check.at ? null : { actual: standing.position };
  }
}

function isExpected(actual: Revision, expect: Revision | 'none' | 'exists'): boolean {
  if (expect === 'none') return actual === 0;
  if (expect === 'exists') return actual > 0;
  return actual === expect;
}
