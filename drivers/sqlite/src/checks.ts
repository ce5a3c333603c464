/** Judges the checks of a commit inside the write transaction: all of them, so that a conflict tells everything at once (S10). */
import { judgeChecks, openMatches } from '@refold/core';
import type { Check, FailedCheck, Position, PostingTail, Query, Revision } from '@refold/core';
import type { Connection } from './database.ts';
import type { LabelLookup } from './names.ts';
import { openPostingReader } from './postings.ts';

/** The log as the transaction sees it, with the commits before this one in the same batch. */
export interface Standing {
  readonly position: Position;
  readonly tail: PostingTail;
  revisionOf(stream: string): Revision;
}

export type JudgeChecks = (checks: readonly Check[], standing: Standing) => readonly FailedCheck[];

export function createChecks(db: Connection, labels: LabelLookup): JudgeChecks {
  const openPostings = openPostingReader(db, labels);

  const firstMatch = (query: Query, after: Position, { position, tail }: Standing): Position | undefined =>
    openMatches(query, { low: after + 1, high: position }, 'forward', openPostings(tail)).take(1, Infinity).positions[0];

  return (checks, standing) => judgeChecks(checks, { position: standing.position, revisionOf: (stream) => standing.revisionOf(stream), firstMatch: (query, after) => firstMatch(query, after, standing) });
}
