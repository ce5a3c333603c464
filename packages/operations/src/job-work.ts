/** Jobs as objects: what whoever controls one does, and what the worker that runs it tells (document 004). */
import { decideJobCancellation, decideJobCompletion, decideJobComponent, decideJobCreation, decideJobFailure, decideJobPause, decideJobProgress, decideJobResume, decideJobStart, decideJobStep } from '@refold/catalog';
import type { JobState } from '@refold/catalog';
import { parseInstant } from '@refold/core';
import { z } from 'zod';
import { actingAs } from './acting.ts';
import { defineOperation } from './define.ts';
import { flag, texts } from './inputs.ts';
import { json, jsonObject } from './shapes.ts';
import { carryOut, commandInSession, listWork, newIdOf, workAt, workDone, workList, workListInput, workObject } from './work-objects.ts';

const id = z.string().min(1).meta({ description: 'Id of the job.' });
export const jobAddress = (streamId: string): { streamType: string; streamId: string } => ({ streamType: 'job', streamId });
const reason = z.string().optional();
const durationMs = z.number().nonnegative().optional();
const error = z.union([z.string().transform((message) => ({ message })), jsonObject]).meta({ description: 'A sentence, or a map with message, code, stack.' });

export const createJob = defineOperation({
  name: 'createJob',
  doc: 'Queues a job; with start a worker takes it up at once.',
  scope: 'append',
  kind: 'write',
  input: z.object({
    id: id.optional().meta({ description: 'Default: a new one.' }),
    name: z.string().optional(),
    input: json.optional(),
    params: jsonObject.optional(),
    steps: z.array(z.union([z.string().min(1), jsonObject])).optional().meta({ description: 'Planned steps, in order: names, or maps with name.' }),
    start: flag.optional(),
    ...commandInSession,
  }),
  output: workDone,
  http: { method: 'POST', path: '/jobs', status: 201 },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id ?? newIdOf(context, input.commitId)), target: 'new', decide: () => decideJobCreation(input) }),
});

export const listJobs = defineOperation({
  name: 'listJobs',
  doc: 'Jobs by id, in pages.',
  scope: 'read',
  input: z.object({
    status: texts.optional().meta({ description: 'Any of these.' }),
    name: z.string().optional(),
    rerunOf: z.string().optional(),
    from: z.string().optional().meta({ description: 'Created at this instant or later.' }),
    to: z.string().optional(),
    ...workListInput,
  }),
  output: workList,
  http: { method: 'GET', path: '/jobs' },
  run: (context, { status, name, rerunOf, from, to, ...page }) => {
    const [least, most] = [from, to].map((instant, index) => (instant === undefined ? undefined : parseInstant(instant, index === 0 ? '/from' : '/to')));
    return listWork(context, 'job', { ...page, status: status?.join(), name, rerunOf, from: least, to: most }, (found) => {
      const { status: is, name: called, rerunOf: again, createdAt } = found as unknown as JobState;
      if (least !== undefined && (createdAt ?? '') < least) return false;
      if (most !== undefined && (createdAt ?? '') > most) return false;
      return (status === undefined || status.includes(is)) && (name === undefined || called === name) && (rerunOf === undefined || again === rerunOf);
    });
  },
});

export const getJob = defineOperation({
  name: 'getJob',
  doc: 'One job as it stands.',
  scope: 'read',
  input: z.object({ id }),
  output: workObject,
  http: { method: 'GET', path: '/jobs/{id}' },
  run: (context, input) => workAt(context, jobAddress(input.id)),
});

/* ---- Control ---- */

export const startJob = defineOperation({
  name: 'startJob',
  doc: 'A worker takes a queued job up.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, workerId: z.string().optional(), attempt: z.int().positive().optional(), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/start' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobStart(input) }),
});

export const pauseJob = defineOperation({
  name: 'pauseJob',
  doc: 'Lets a running job stand still until it is resumed.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, reason, atStep: z.string().optional().meta({ description: 'Default: its current step.' }), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/pause' },
  run: (context, input) => carryOut<JobState>(context, { ...input, address: jobAddress(input.id), decide: (job) => decideJobPause(job, input) }),
});

export const resumeJob = defineOperation({
  name: 'resumeJob',
  doc: 'Lets a paused or failed job go on where its log says it stood, or from a step.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, reason, fromStep: z.string().optional(), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/resume' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobResume(input) }),
});

export const cancelJob = defineOperation({
  name: 'cancelJob',
  doc: 'Stops a job for good.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, reason, ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/cancel' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobCancellation({ reason: input.reason, cancelledBy: actingAs(context, input.actor).id }) }),
});

/* ---- What its worker tells ---- */

export const endJobStep = defineOperation({
  name: 'endJobStep',
  doc: 'Tells that a step of a running job is done, or failed; the job goes on.',
  scope: 'append',
  kind: 'write',
  input: z.object({
    id,
    step: z.string().min(1),
    status: z.enum(['completed', 'failed']),
    index: z.int().nonnegative().optional(),
    output: json.optional(),
    durationMs,
    error: error.optional().meta({ description: 'Of a failed step.' }),
    retryable: z.boolean().optional(),
    attempt: z.int().positive().optional(),
    ...commandInSession,
  }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/steps' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobStep(input) }),
});

export const progressJob = defineOperation({
  name: 'progressJob',
  doc: 'Tells how far a running job is.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, progress: z.number().min(0).max(1), step: z.string().optional(), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/progress' },
  run: (context, input) => carryOut<JobState>(context, { ...input, address: jobAddress(input.id), decide: (job) => decideJobProgress(job, input) }),
});

export const moveJobComponent = defineOperation({
  name: 'moveJobComponent',
  doc: 'Tells that the planner, the coder or the critique of a job began, ended or failed an iteration.',
  scope: 'append',
  kind: 'write',
  input: z.object({
    id,
    component: z.enum(['planner', 'coder', 'critique']),
    status: z.enum(['started', 'completed', 'failed']),
    data: jsonObject.optional().meta({ description: 'The payload of the event, as its type has it: iteration, model, tokens_input, verdict, error.' }),
    ...commandInSession,
  }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/components/{component}' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobComponent(input) }),
});

export const completeJob = defineOperation({
  name: 'completeJob',
  doc: 'Tells that a running job reached its end.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, result: json.optional(), durationMs, ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/complete' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobCompletion(input) }),
});

export const failJob = defineOperation({
  name: 'failJob',
  doc: 'Tells that a job gave up.',
  scope: 'append',
  kind: 'write',
  input: z.object({ id, error, failedStep: z.string().optional(), ...commandInSession }),
  output: workDone,
  http: { method: 'POST', path: '/jobs/{id}/fail' },
  run: (context, input) => carryOut(context, { ...input, address: jobAddress(input.id), decide: () => decideJobFailure(input) }),
});
