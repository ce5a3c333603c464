/** Sprints as objects: created, read, changed, deleted (document 003). Every change is told by the events that apply. */
import { decideSprintCreation, decideSprintDeletion, decideSprintUpdate } from '@refold/catalog';
import type { SprintState } from '@refold/catalog';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { jsonObject } from './shapes.ts';
import { carryOut, commandInSession, httpOfBoard as http, listWork, workAt, workDone, workList, workListInput, workObject } from './work-objects.ts';

const code = z.string().min(1).meta({ description: 'Code of the sprint.' });
const address = (streamId: string): { streamType: string; streamId: string } => ({ streamType: 'sprint', streamId });

const details = {
  name: z.string().optional(),
  goal: z.string().optional(),
  startDate: z.iso.date().optional(),
  endDate: z.iso.date().optional(),
  status: z.enum(['planned', 'active', 'paused', 'completed', 'cancelled']).optional(),
  metadata: jsonObject.optional().meta({ description: 'Free data; it takes the place of what was there.' }),
};

export const createSprint = defineOperation({
  name: 'createSprint',
  doc: 'Plans a sprint.',
  scope: 'append',
  kind: 'write',
  input: z.object({ sprintCode: code, ...details, ...commandInSession }),
  output: workDone,
  http: http('POST', '/sprints', { status: 201 }),
  run: (context, input) => carryOut(context, { ...input, address: address(input.sprintCode), target: 'new', decide: () => decideSprintCreation(input) }),
});

export const listSprints = defineOperation({
  name: 'listSprints',
  doc: 'Sprints that were not deleted, by code, in pages.',
  scope: 'read',
  input: z.object({ status: z.string().optional(), ...workListInput }),
  output: workList,
  http: http('GET', '/sprints'),
  run: (context, { status, ...page }) => listWork(context, 'sprint', { ...page, status }, (sprint) => status === undefined || sprint['status'] === status),
});

export const getSprint = defineOperation({
  name: 'getSprint',
  doc: 'One sprint as it stands.',
  scope: 'read',
  input: z.object({ code }),
  output: workObject,
  http: http('GET', '/sprints/{code}'),
  run: (context, input) => workAt(context, address(input.code)),
});

export const updateSprint = defineOperation({
  name: 'updateSprint',
  doc: 'Changes a sprint: exactly the events that apply (status, metadata, other fields), with before and after; none when nothing changes.',
  scope: 'append',
  kind: 'write',
  input: z.object({ code, ...details, reason: z.string().optional().meta({ description: 'Why the status changes.' }), ...commandInSession }),
  output: workDone,
  http: http('PATCH', '/sprints/{code}'),
  run: (context, input) => carryOut<SprintState>(context, { ...input, address: address(input.code), decide: (sprint) => decideSprintUpdate(sprint, input) }),
});

export const deleteSprint = defineOperation({
  name: 'deleteSprint',
  doc: 'Deletes a sprint; its history stays.',
  scope: 'append',
  kind: 'write',
  input: z.object({ code, reason: z.string().optional(), ...commandInSession }),
  output: workDone,
  http: http('DELETE', '/sprints/{code}'),
  run: (context, { reason, ...input }) => carryOut(context, { ...input, address: address(input.code), decide: () => decideSprintDeletion(reason) }),
});
