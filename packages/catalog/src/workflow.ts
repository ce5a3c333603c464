/** A workflow of named steps (document 002). */
import { defineAggregate } from '@refold/core';
import type { Json } from '@refold/core';
import { machine, moveTo, spelled } from './define.ts';
import { error, integer, json, number, objects, payload, string } from './payload.ts';
import { readError, readId, readInteger, readJson, readObjects, readText, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';
import { endStep, stepNamed } from './run-parts/step.ts';
import type { StepState } from './run-parts/step.ts';
import { partsOfAListedRun } from './run.ts';
import type { ListedRunState } from './run.ts';

export interface WorkflowFields {
  status: 'absent' | 'pending' | 'running' | 'completed' | 'failed';
  name: string | null;
  steps: StepState[];
  attempt: number;
  startedAt: string | null;
  endedAt: string | null;
  result: Json;
  error: ErrorInfo | null;
  failedStep: string | null;
}

export type WorkflowState = ListedRunState<WorkflowFields>;

const workflowIs = machine<WorkflowFields>('workflow', (state) => state.status);

export const workflow = defineAggregate<WorkflowFields>({
  type: 'workflow',
  version: '1.0.0',
  doc: 'A workflow of named steps.',
  run: true,
  terminal: ['completed', 'failed'],
  parts: partsOfAListedRun,
  initial: () => ({ status: 'absent', name: null, steps: [], attempt: 0, startedAt: null, endedAt: null, result: null, error: null, failedStep: null }),
  events: spelled<WorkflowFields>({
    'workflow.created': {
      doc: 'A workflow was set up.',
      ledger: ['B-035'],
      aliases: { agentLightning: 'workflow.created' },
      schema: payload({ name: string }, { steps: objects, input: json }),
      transition: workflowIs(['absent'], 'pending'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Workflow ${shown(data['name'])} created`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.name = readText(data['name']) ?? draft.name;
        for (const step of readObjects(data['steps'])) stepNamed(draft.steps, readId(step['name']) ?? `step ${draft.steps.length + 1}`);
      },
    },
    'workflow.started': {
      doc: 'The workflow began to run.',
      ledger: ['B-036'],
      aliases: { agentLightning: 'workflow.started' },
      schema: payload({}, { input: json, attempt: integer }),
      transition: workflowIs(['absent', 'pending', 'failed'], 'running'),
      effect: 'costly',
      priority: 'P1',
      summary: ({ data }) => `Workflow started${tail(', attempt ', data['attempt'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status === null) return;
        draft.attempt = Math.max(draft.attempt + 1, readInteger(data['attempt']) ?? 0);
        Object.assign(draft, { startedAt: occurredAt, endedAt: null, error: null, failedStep: null });
      },
    },
    'workflow.step_completed': {
      doc: 'A step of the workflow is done.',
      ledger: ['B-039'],
      aliases: { agentLightning: 'workflow.step_completed' },
      schema: payload({ step: string }, { index: integer, output: json, duration_seconds: number }),
      transition: workflowIs(['running'], 'running'),
      effect: 'outcome',
      summary: ({ data }) => `Step ${shown(data['step'])} completed${tail(', seconds ', data['duration_seconds'])}`,
      evolve(draft, event) {
        endStep(stepNamed(draft.steps, readId(event.data['step']) ?? event.id, readInteger(event.data['index'])), event, 'completed');
      },
    },
    'workflow.completed': {
      doc: 'The workflow reached its end.',
      ledger: ['B-037'],
      aliases: { agentLightning: 'workflow.completed' },
      schema: payload({}, { result: json, duration_seconds: number }),
      transition: workflowIs(['running'], 'completed'),
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Workflow completed${tail(', seconds ', data['duration_seconds'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.endedAt = occurredAt;
        if (data['result'] !== undefined) draft.result = readJson(data['result']);
      },
    },
    'workflow.failed': {
      doc: 'The workflow gave up.',
      ledger: ['B-038'],
      aliases: { agentLightning: 'workflow.failed' },
      schema: payload({ error }, { failed_step: string }),
      transition: workflowIs(['pending', 'running'], 'failed'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Workflow failed${tail(' in ', data['failed_step'])}${tail(': ', data['error'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.endedAt = occurredAt;
        draft.error = readError(data['error']) ?? draft.error;
        draft.failedStep = readText(data['failed_step']) ?? draft.failedStep;
      },
    },
  }),
});
