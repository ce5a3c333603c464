/** Tasks of a board as objects: created, read, changed, deleted (document 003). Every change is told by the events that apply. */
import { decideTaskCreation, decideTaskDeletion, decideTaskUpdate } from '@refold/catalog';
import type { TaskState } from '@refold/catalog';
import { priorities } from '@refold/core';
import type { Priority } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { carryOut, commandInSession, httpOfBoard as http, listWork, workAt, workDone, workList, workListInput, workObject } from './work-objects.ts';

const code = z.string().min(1).meta({ description: 'Code of the task.' });
const address = (streamId: string): { streamType: string; streamId: string } => ({ streamType: 'task', streamId });

const details = {
  title: z.string().optional(),
  description: z.string().optional(),
  sprintCode: z.string().optional(),
  sprintId: z.union([z.string(), z.int().transform(String)]).optional().meta({ description: 'Id of the sprint in the store it comes from.' }),
  estimate: z.string().optional(),
  blockers: z.array(z.string()).optional(),
  status: z.enum(['pending', 'received', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled']).optional(),
  priority: z.enum(priorities as [Priority, ...Priority[]]).optional(),
  progress: z.number().min(0).max(100).optional().meta({ description: 'Percent.' }),
  assignee: z
    .union([z.string().min(1).transform((id) => ({ id, type: 'agent' })), z.object({ id: z.string().min(1), type: z.enum(['agent', 'user']).default('agent') })])
    .optional()
    .meta({ description: 'Id of an agent, or id and type (agent, user).' }),
};

export const createTask = defineOperation({
  name: 'createTask',
  doc: 'Puts a task on the board.',
  scope: 'append',
  kind: 'write',
  input: z.object({ taskCode: code, ...details, phase: z.int().optional(), ...commandInSession }),
  output: workDone,
  http: http('POST', '/tasks', { status: 201 }),
  run: (context, input) => carryOut(context, { ...input, address: address(input.taskCode), target: 'new', decide: () => decideTaskCreation(input) }),
});

export const listTasks = defineOperation({
  name: 'listTasks',
  doc: 'Tasks that were not deleted, by code, in pages.',
  scope: 'read',
  input: z.object({ status: z.string().optional(), sprint: z.string().optional().meta({ description: 'Code or id of the sprint.' }), assignee: z.string().optional(), priority: z.string().optional(), ...workListInput }),
  output: workList,
  http: http('GET', '/tasks'),
  run: (context, { status, sprint, assignee, priority, ...page }) =>
    listWork(context, 'task', { ...page, status, sprint, assignee, priority }, (found) => {
      const task = found as unknown as TaskState;
      return fits(status, task.status) && fits(sprint, task.sprintCode, task.sprintId) && fits(assignee, task.assignee?.id) && fits(priority, task.priority);
    }),
});

const fits = (asked: string | undefined, ...actual: readonly (string | null | undefined)[]): boolean => asked === undefined || actual.includes(asked);

export const getTask = defineOperation({
  name: 'getTask',
  doc: 'One task as it stands.',
  scope: 'read',
  input: z.object({ code }),
  output: workObject,
  http: http('GET', '/tasks/{code}'),
  run: (context, input) => workAt(context, address(input.code)),
});

export const updateTask = defineOperation({
  name: 'updateTask',
  doc: 'Changes a task: exactly the events that apply (status, blocked, priority, progress, assignee, other fields), with before and after; none when nothing changes.',
  scope: 'append',
  kind: 'write',
  input: z.object({ code, ...details, reason: z.string().optional().meta({ description: 'Why the status changes.' }), ...commandInSession }),
  output: workDone,
  http: http('PATCH', '/tasks/{code}'),
  run: (context, input) => carryOut<TaskState>(context, { ...input, address: address(input.code), decide: (task) => decideTaskUpdate(task, input) }),
});

export const deleteTask = defineOperation({
  name: 'deleteTask',
  doc: 'Takes a task off the board; its history stays.',
  scope: 'append',
  kind: 'write',
  input: z.object({ code, reason: z.string().optional(), ...commandInSession }),
  output: workDone,
  http: http('DELETE', '/tasks/{code}'),
  run: (context, { reason, ...input }) => carryOut(context, { ...input, address: address(input.code), decide: () => decideTaskDeletion(reason) }),
});
