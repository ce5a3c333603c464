/**
 * Commands on a task: create, update, delete. An update gives exactly the events that apply, each with before and after: status
 * (and `task.blocked` as its companion), priority, progress, assignee, and one for all other fields together.
 * Source: the unified model 3.3.1, rule 10; C-010, C-014 to C-017, C-022, C-079, K-057.
 */
import type { Priority } from '@refold/core';
import type { TaskState } from '../task.ts';
import { changed, payloadOf, updated } from './decision.ts';
import type { Decision } from './decision.ts';

export interface TaskDetails {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly sprintCode?: string | undefined;
  readonly sprintId?: string | undefined;
  readonly estimate?: string | undefined;
  readonly blockers?: readonly string[] | undefined;
  readonly status?: string | undefined;
  readonly priority?: Priority | undefined;
  /** 0 to 100. */
  readonly progress?: number | undefined;
  readonly assignee?: { readonly id: string; readonly type: string } | undefined;
}

export interface NewTask extends TaskDetails {
  readonly taskCode: string;
  readonly phase?: number | undefined;
}

export interface TaskPatch extends TaskDetails {
  /** Why the status changes. */
  readonly reason?: string | undefined;
}

/** The payload has no assignee, so that one is given by an event of its own. */
export function decideTaskCreation({ taskCode, status, priority, phase, progress, assignee, ...rest }: NewTask): readonly Decision[] {
  const created: Decision = { type: 'task.created', data: payloadOf({ task_code: taskCode, ...fieldsOf(rest), status, priority, phase, progress }) };
  return [created, ...assigned(null, assignee).map((event) => ({ ...event, causedBy: 0 }))];
}

export function decideTaskUpdate(state: TaskState, patch: TaskPatch): readonly Decision[] {
  const { status, reason, priority, progress, assignee } = patch;
  const moved = changed('task.status_changed', 'status', state.status, status, { reason });
  return [
    ...moved,
    ...moved.flatMap(({ changes = {} }) => (status === 'blocked' ? [{ type: 'task.blocked', data: payloadOf({ reason, blocked_by: patch.blockers }), changes, causedBy: 0 }] : [])),
    ...changed('task.priority_changed', 'priority', state.priority, priority),
    ...changed('task.progress_updated', 'progress', state.progress, progress),
    ...assigned(state.assignee, assignee),
    ...updated('task.updated', { title: state.title, description: state.description, sprint_code: state.sprintCode, sprint_id: state.sprintId, estimate: state.estimate, blockers: state.blockers }, fieldsOf(patch)),
  ];
}

export const decideTaskDeletion = (reason?: string): readonly Decision[] => [{ type: 'task.deleted', data: payloadOf({ reason }) }];

const fieldsOf = ({ title, description, sprintCode, sprintId, estimate, blockers }: TaskDetails) => ({ title, description, sprint_code: sprintCode, sprint_id: sprintId, estimate, blockers });

function assigned(before: TaskState['assignee'], after: TaskDetails['assignee']): readonly Decision[] {
  return changed('task.assigned', 'assignee', before, after).map(({ changes }) => ({
    type: 'task.assigned',
    data: payloadOf({ assignee_id: after?.id, assignee_type: after?.type, before: before?.id, after: after?.id }),
    ...(changes === undefined ? {} : { changes }),
  }));
}
