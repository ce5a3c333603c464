/** A rollout: one attempt of an agent at a task, with its reward (document 002). */
import { defineAggregate } from '@refold/core';
import type { Json } from '@refold/core';
import { links, machine, moveTo, spelled } from './define.ts';
import { error, integer, json, number, object, payload, string } from './payload.ts';
import { readError, readId, readInteger, readJson, readNumber, secondsBetween, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';
import { partsOfARun } from './run.ts';
import type { RunState } from './run.ts';

export interface RolloutFields {
  status: 'absent' | 'running' | 'completed' | 'failed';
  taskId: string | null;
  agentId: string | null;
  attempt: number;
  reward: number | null;
  result: Json;
  startedAt: string | null;
  endedAt: string | null;
  durationSeconds: number | null;
  error: ErrorInfo | null;
}

export type RolloutState = RunState<RolloutFields>;

const rolloutIs = machine<RolloutFields>('rollout', (state) => state.status);

export const rollout = defineAggregate<RolloutFields>({
  type: 'rollout',
  version: '1.0.0',
  doc: 'One attempt of an agent at a task.',
  run: true,
  terminal: ['completed', 'failed'],
  parts: partsOfARun,
  initial: () => ({
    status: 'absent',
    taskId: null,
    agentId: null,
    attempt: 0,
    reward: null,
    result: null,
    startedAt: null,
    endedAt: null,
    durationSeconds: null,
    error: null,
  }),
  events: spelled<RolloutFields>({
    'rollout.started': {
      doc: 'An agent set out on a task.',
      ledger: ['B-040'],
      aliases: { agentLightning: 'rollout.started' },
      schema: payload({}, { task_id: string, agent_id: string, attempt: integer, resources: object }),
      transition: rolloutIs(['absent', 'failed'], 'running'),
      effect: 'costly',
      priority: 'P1',
      refs: (data) => links({ task: data['task_id'], agent: data['agent_id'] }),
      summary: ({ data }) => `Rollout started${tail(' on task ', data['task_id'])}${tail(' by ', data['agent_id'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.taskId = readId(data['task_id']) ?? draft.taskId;
        draft.agentId = readId(data['agent_id']) ?? draft.agentId;
        if (status === null) return;
        draft.attempt = Math.max(draft.attempt + 1, readInteger(data['attempt']) ?? 0);
        Object.assign(draft, { startedAt: occurredAt, endedAt: null, durationSeconds: null, error: null });
      },
    },
    'rollout.completed': {
      doc: 'The attempt came to its end.',
      ledger: ['B-041'],
      aliases: { agentLightning: 'rollout.completed' },
      schema: payload({}, { reward: number, result: json, duration_seconds: number }),
      transition: rolloutIs(['running'], 'completed'),
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Rollout completed${tail(', reward ', data['reward'])}${tail(', seconds ', data['duration_seconds'])}`,
      evolve(draft, event, status) {
        end(draft, event, status);
        draft.reward = readNumber(event.data['reward']) ?? draft.reward;
        if (event.data['result'] !== undefined) draft.result = readJson(event.data['result']);
      },
    },
    'rollout.failed': {
      doc: 'The attempt failed.',
      ledger: ['B-042'],
      aliases: { agentLightning: 'rollout.failed' },
      schema: payload({ error }, { duration_seconds: number }),
      transition: rolloutIs(['running'], 'failed'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Rollout failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        end(draft, event, status);
        draft.error = readError(event.data['error']) ?? draft.error;
      },
    },
  }),
});

function end(draft: RolloutFields, { data, occurredAt }: { readonly data: { readonly [key: string]: Json }; readonly occurredAt: string }, status: string | null): void {
  moveTo(draft, status);
  if (status !== null) draft.endedAt = occurredAt;
  draft.durationSeconds = readNumber(data['duration_seconds']) ?? draft.durationSeconds ?? secondsBetween(draft.startedAt, occurredAt);
}
