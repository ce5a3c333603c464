/** An agent as it is configured (document 002), not one run of it (K-022). */
import { defineAggregate } from '@refold/core';
import type { JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import { object, payload, string, strings } from './payload.ts';
import { readObject, readText, readTexts, shown, tail } from './read.ts';

export interface AgentFields {
  status: 'absent' | 'created' | 'deployed';
  name: string;
  model: string | null;
  capabilities: string[];
  config: JsonObject;
  configVersion: number;
  /** What the agent says of itself, free text: idle, busy, offline, error, ... */
  runtimeStatus: string | null;
  deployments: { environment: string | null; deploymentId: string | null; endpoint: string | null; at: string }[];
}

export type AgentState = State<AgentFields>;

const agentIs = machine<AgentFields>('agent', (state) => state.status);

export const agent = defineAggregate<AgentFields>({
  type: 'agent',
  version: '1.0.0',
  doc: 'A configured agent.',
  parts: [anyStream],
  initial: (name) => ({ status: 'absent', name, model: null, capabilities: [], config: {}, configVersion: 0, runtimeStatus: null, deployments: [] }),
  streamIdOf: ({ entityId, data }) => entityId ?? readText(data['name']) ?? undefined,
  events: spelled<AgentFields>({
    'agent.created': {
      doc: 'An agent was configured.',
      ledger: ['B-027'],
      aliases: { agentLightning: 'agent.created' },
      schema: payload({ name: string }, { model: string, capabilities: strings, config: object }),
      transition: agentIs(['absent'], 'created'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Agent ${shown(data['name'])} configured${tail(' on ', data['model'])}`,
      evolve(draft, { data }, status) {
        if (status !== null) draft.configVersion = 1;
        moveTo(draft, status);
        configure(draft, data);
      },
    },
    'agent.updated': {
      doc: 'The configuration of an agent changed.',
      ledger: ['B-028'],
      aliases: { agentLightning: 'agent.updated' },
      schema: payload({}, { name: string, model: string, capabilities: strings, config: object }),
      transition: agentIs(['created', 'deployed'], 'same'),
      effect: 'idempotent',
      priority: 'P1',
      summary: ({ data }) => `Agent reconfigured: ${Object.keys(data).join(', ')}`,
      evolve(draft, { data }, status) {
        if (status !== null) draft.configVersion += 1;
        configure(draft, data);
      },
    },
    'agent.deployed': {
      doc: 'An agent was put to work somewhere.',
      ledger: ['B-029'],
      aliases: { agentLightning: 'agent.deployed' },
      schema: payload({}, { environment: string, deployment_id: string, endpoint: string }),
      transition: agentIs(['created', 'deployed'], 'deployed'),
      effect: 'non-repeatable',
      priority: 'P1',
      summary: ({ data }) => `Agent deployed${tail(' to ', data['environment'])}${tail(' at ', data['endpoint'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.deployments.push({
          environment: readText(data['environment']),
          deploymentId: readText(data['deployment_id']),
          endpoint: readText(data['endpoint']),
          at: occurredAt,
        });
      },
    },
    'agent.status': {
      doc: 'An agent says how it is.',
      ledger: ['B-030'],
      aliases: { agentLightning: 'agent.status' },
      schema: payload({ status: string }, { previous: string, reason: string }),
      transition: agentIs(['created', 'deployed'], 'same'),
      effect: 'outcome',
      summary: ({ data }) => `Agent is ${shown(data['status'])}${tail(': ', data['reason'])}`,
      evolve(draft, { data }) {
        draft.runtimeStatus = readText(data['status']) ?? draft.runtimeStatus;
      },
    },
  }),
});

/** Shallow merge: what the payload does not name stays as it is. */
function configure(draft: AgentFields, data: JsonObject): void {
  draft.name = readText(data['name']) ?? draft.name;
  draft.model = readText(data['model']) ?? draft.model;
  if (Array.isArray(data['capabilities'])) draft.capabilities = readTexts(data['capabilities']);
  const config = readObject(data['config']);
  if (config !== null) draft.config = { ...draft.config, ...config };
}
