/** A repository: facts about code that no run has claimed (INTAKE.md section 4). */
import { defineAggregate } from '@refold/core';
import { partsOfARun } from './run.ts';
import type { RunState } from './run.ts';

export interface RepoFields {
  /** `owner/name`. */
  name: string;
}

export type RepoState = RunState<RepoFields>;

export const repo = defineAggregate<RepoFields>({
  type: 'repo',
  version: '1.0.0',
  doc: 'A repository, with what happened to its code.',
  parts: partsOfARun,
  initial: (name) => ({ name }),
  events: {},
});
