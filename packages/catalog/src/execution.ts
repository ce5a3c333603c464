/** An execution of a specification (document 002). */
import { defineAggregate } from '@refold/core';
import type { FoldEvent, Json } from '@refold/core';
import { links, machine, moveTo, spelled } from './define.ts';
import { error, json, number, payload, string } from './payload.ts';
import { readError, readId, readJson, readNumber, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';
import { partsOfARun } from './run.ts';
import type { RunState } from './run.ts';

export interface ExecutionFields {
  status: 'absent' | 'running' | 'completed' | 'failed';
  specId: string;
  agentId: string | null;
  result: Json;
  /** Seconds. */
  executionTime: number | null;
  startedAt: string | null;
  endedAt: string | null;
  error: ErrorInfo | null;
  attempt: number;
}

export type ExecutionState = RunState<ExecutionFields>;

const executionIs = machine<ExecutionFields>('execution', (state) => state.status);

export const execution = defineAggregate<ExecutionFields>({
  type: 'execution',
  version: '1.0.0',
  doc: 'An execution of a specification.',
  run: true,
  terminal: ['completed', 'failed'],
  parts: partsOfARun,
  initial: () => ({ status: 'absent', specId: '', agentId: null, result: null, executionTime: null, startedAt: null, endedAt: null, error: null, attempt: 0 }),
  events: spelled<ExecutionFields>({
    'execution.started': {
      doc: 'A specification is being carried out.',
      ledger: ['B-045'],
      aliases: { agentLightning: 'execution.started' },
      schema: payload({ spec_id: string }, { agent_id: string, input: json }),
      transition: executionIs(['absent', 'failed'], 'running'),
      effect: 'costly',
      priority: 'P1',
      refs: (data) => links({ spec: data['spec_id'], agent: data['agent_id'] }),
      summary: ({ data }) => `Execution of ${shown(data['spec_id'])} started${tail(' by ', data['agent_id'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.specId = readId(data['spec_id']) ?? draft.specId;
        draft.agentId = readId(data['agent_id']) ?? draft.agentId;
        if (status === null) return;
        draft.attempt += 1;
        Object.assign(draft, { startedAt: occurredAt, endedAt: null, error: null });
      },
    },
    'execution.completed': {
      doc: 'The specification was carried out.',
      ledger: ['B-046'],
      aliases: { agentLightning: 'execution.completed' },
      schema: payload({}, { result: json, execution_time: number }),
      transition: executionIs(['running'], 'completed'),
      effect: 'outcome',
      priority: 'P1',
      summary: ({ data }) => `Execution completed${tail(', seconds ', data['execution_time'])}`,
      evolve(draft, event, status) {
        end(draft, event, status);
        if (event.data['result'] !== undefined) draft.result = readJson(event.data['result']);
      },
    },
    'execution.failed': {
      doc: 'The specification could not be carried out.',
      ledger: ['B-047'],
      aliases: { agentLightning: 'execution.failed' },
      schema: payload({ error }, { execution_time: number }),
      transition: executionIs(['running'], 'failed'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      summary: ({ data }) => `Execution failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        end(draft, event, status);
        draft.error = readError(event.data['error']) ?? draft.error;
      },
    },
  }),
});

function end(draft: ExecutionFields, { data, occurredAt }: FoldEvent, status: string | null): void {
  moveTo(draft, status);
  if (status !== null) draft.endedAt = occurredAt;
  draft.executionTime = readNumber(data['execution_time']) ?? draft.executionTime;
}
