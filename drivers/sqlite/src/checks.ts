/** Judges the checks of a commit inside the write transaction: all of them, so that a conflict tells everything at once (S10). */
import type { Check, FailedCheck, Position, Query, Revision } from '@refold/core';
import type { Connection } from './database.ts';
import { openMatches } from './match.ts';
import type { LabelLookup } from './names.ts';
import { createPostingReader } from './postings.ts';
import type { PostingTail } from './postings.ts';

/** The log as the transaction sees it, with the commits before this one in the same batch. */
export interface Standing {
  readonly position: Position;
  readonly tail: PostingTail;
  revisionOf(stream: string): Revision;
}

export type JudgeChecks = (checks: readonly Check[], standing: Standing) => readonly FailedCheck[];

export function createChecks(db: Connection, labels: LabelLookup): JudgeChecks {
  const openPostings = createPostingReader(db, labels);

  const firstMatch = (query: Query, after: Position, { position, tail }: Standing): Position | undefined =>
    openMatches(query, { low: after + 1, high: position }, 'forward', openPostings(tail)).take(1, Infinity).positions[0];

  /** Null when the check holds, else what was found instead. */
  const judge = (check: Check, standing: Standing): Omit<FailedCheck, 'check'> | null => {
    switch (check.kind) {
      case 'stream': {
        const actual = standing.revisionOf(check.stream);
        return isExpected(actual, check.expect) ? null : { actual };
      }
      case 'query': {
        const match = firstMatch(check.query, check.after, standing);
        return match === undefined ? null : { match };
      }
      case 'head':
        return standing.position === check.at ? null : { actual: standing.position };
    }
  };

  return (checks, standing) =>
    checks.flatMap((check, index) => {
      const failure = judge(check, standing);
      return failure === null ? [] : [{ check: index, ...failure }];
    });
}

function isExpected(actual: Revision, expect: Revision | 'none' | 'exists'): boolean {
  if (expect === 'none') return actual === 0;
  if (expect === 'exists') return actual > 0;
  return actual === expect;
}
