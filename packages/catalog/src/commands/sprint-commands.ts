/** Commands on a sprint: create, update, delete. Source: the unified model 3.3.1, rule 10; C-010, C-012, C-013. */
import type { JsonObject } from '@refold/core';
import type { SprintState } from '../sprint.ts';
import { changed, payloadOf, updated } from './decision.ts';
import type { Decision } from './decision.ts';

export interface SprintDetails {
  readonly name?: string | undefined;
  readonly goal?: string | undefined;
  /** Days, `2026-11-20`. */
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly status?: string | undefined;
  /** Whole: it takes the place of what was there. */
  readonly metadata?: JsonObject | undefined;
}

export interface NewSprint extends SprintDetails {
  readonly sprintCode: string;
}

export interface SprintPatch extends SprintDetails {
  /** Why the status changes. */
  readonly reason?: string | undefined;
}

export const decideSprintCreation = ({ sprintCode, status, metadata, ...rest }: NewSprint): readonly Decision[] => [
  { type: 'sprint.created', data: payloadOf({ sprint_code: sprintCode, ...fieldsOf(rest), status, metadata }) },
];

export const decideSprintUpdate = (state: SprintState, { status, reason, metadata, ...rest }: SprintPatch): readonly Decision[] => [
  ...changed('sprint.status_changed', 'status', state.status, status, { reason }),
  ...changed('sprint.metadata_updated', 'metadata', state.metadata, metadata),
  ...updated('sprint.updated', { name: state.name, goal: state.goal, start_date: state.startDate, end_date: state.endDate }, fieldsOf(rest)),
];

export const decideSprintDeletion = (reason?: string): readonly Decision[] => [{ type: 'sprint.deleted', data: payloadOf({ reason }) }];

const fieldsOf = ({ name, goal, startDate, endDate }: SprintDetails) => ({ name, goal, start_date: startDate, end_date: endDate });
