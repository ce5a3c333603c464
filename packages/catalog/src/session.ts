/** A session of an agent: started, perhaps resumed, ended (documents 001 and 003; K-021). */
import { defineAggregate } from '@refold/core';
import { links, machine, moveTo, spelled } from './define.ts';
import { payload, string } from './payload.ts';
import { readId, readText, shown, tail } from './read.ts';
import { partsOfARun } from './run.ts';
import type { RunState } from './run.ts';

export interface SessionFields {
  sessionKey: string;
  status: 'absent' | 'initialized' | 'active' | 'ended';
  agentId: string | null;
  agentModel: string | null;
  taskCode: string | null;
  sprintCode: string | null;
  issueKey: string | null;
  startedAt: string | null;
  endedAt: string | null;
  resumeCount: number;
  lastResumedAt: string | null;
  outcome: string | null;
}

export type SessionState = RunState<SessionFields>;

const sessionIs = machine<SessionFields>('session', (state) => state.status);

export const session = defineAggregate<SessionFields>({
  type: 'session',
  version: '1.0.0',
  doc: 'A session of an agent, with everything that was said and done in it.',
  run: true,
  terminal: ['ended'],
  parts: partsOfARun,
  initial: (sessionKey) => ({
    sessionKey,
    status: 'absent',
    agentId: null,
    agentModel: null,
    taskCode: null,
    sprintCode: null,
    issueKey: null,
    startedAt: null,
    endedAt: null,
    resumeCount: 0,
    lastResumedAt: null,
    outcome: null,
  }),
  streamIdOf: ({ sessionId, entityId }) => sessionId ?? entityId,
  contextOf: ({ issueKey }) => (issueKey === null ? {} : { issueKey }),
  events: spelled<SessionFields>({
    'session.initialized': {
      doc: 'A session was prepared; no agent has begun yet.',
      ledger: ['X-027', 'K-060'],
      schema: payload({}, { sprint_code: string, reason: string }),
      transition: sessionIs(['absent'], 'initialized'),
      effect: 'idempotent',
      refs: (data) => links({ sprint: data['sprint_code'] }),
      summary: ({ data }) => `Session prepared${tail(': ', data['reason'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.sprintCode = readText(data['sprint_code']) ?? draft.sprintCode;
      },
    },
    'session.started': {
      doc: 'An agent began its session.',
      ledger: ['C-018'],
      schema: payload({ agent_id: string }, { agent_model: string, task_code: string, issue_key: string }),
      transition: sessionIs(['absent', 'initialized'], 'active'),
      effect: 'idempotent',
      priority: 'P1',
      refs: (data) => links({ task: data['task_code'], orchestration: data['issue_key'], agent: data['agent_id'] }),
      summary: ({ data }) => `Session started by ${shown(data['agent_id'])}${tail(' on ', data['agent_model'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) Object.assign(draft, { startedAt: occurredAt, endedAt: null });
        draft.agentId = readId(data['agent_id']) ?? draft.agentId;
        draft.agentModel = readText(data['agent_model']) ?? draft.agentModel;
        draft.taskCode = readText(data['task_code']) ?? draft.taskCode;
        draft.issueKey = readText(data['issue_key']) ?? draft.issueKey;
      },
    },
    'session.resumed': {
      doc: 'An agent took its session up again.',
      ledger: ['C-019'],
      schema: payload({ agent_id: string }, { reason: string, checkpoint_id: string }),
      transition: sessionIs(['active', 'ended'], 'active'),
      policy: 'tolerate',
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Session resumed by ${shown(data['agent_id'])}${tail(': ', data['reason'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.agentId = readId(data['agent_id']) ?? draft.agentId;
        draft.resumeCount += 1;
        draft.lastResumedAt = occurredAt;
        draft.startedAt ??= occurredAt;
        draft.endedAt = null;
      },
    },
    'session.ended': {
      doc: 'The session is over.',
      ledger: ['X-027'],
      schema: payload({}, { outcome: string, reason: string }),
      transition: sessionIs(['initialized', 'active'], 'ended'),
      effect: 'outcome',
      summary: ({ data }) => `Session ended${tail(': ', data['outcome'] ?? data['reason'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.endedAt = occurredAt;
        draft.outcome = readText(data['outcome']) ?? draft.outcome;
      },
    },
  }),
});
