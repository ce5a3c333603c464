/**
 * The events of one run of an agent inside a run. Which run an event speaks of, and how the runs are listed: agent-runs.ts.
 */
import { getOwn } from '@refold/core';
import type { EventDefinition, FoldEvent, TimelineHint } from '@refold/core';
import { links, machine } from '../define.ts';
import type { Events } from '../define.ts';
import { boolean, error, integer, json, number, payload, string, strings } from '../payload.ts';
import { readError, readId, readInteger, readNumber, readText, readTexts, secondsBetween, shown, tail } from '../read.ts';
import { bindAgentRun, moveAgentRun, runIdOf, spawnAgentRun } from './agent-runs.ts';
import type { AgentRunState, WorkFields, WorkRules } from './work.ts';

const entity: NonNullable<EventDefinition['entity']> = ({ data, id }) => ({ type: 'agent_run', id: readId(data['agent_run_id']) ?? readId(data['agent_name']) ?? id });

/** An end may say only which agent it was; `runIdOf` has the same rule for the state. */
const timeline: TimelineHint = { name: ({ data }) => readId(data['agent_name']) };

export function agentRunEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const agentRun = machine<S>('agent_run', (state, event) => getOwn(state.agentRuns, runIdOf(state, event))?.status ?? 'absent');
  const { policy } = rules;

  return {
    'agent_run.spawned': {
      doc: 'An agent was started on a task.',
      ledger: ['A-038'],
      aliases: { jira: 'AgentSpawned' },
      schema: payload({ agent_name: string }, { agent_model: string, assigned_task: string, agent_run_id: string, phase: string, parent_agent_run_id: string }),
      transition: agentRun(['absent'], 'running'),
      refuse: rules.mayStart,
      policy,
      effect: 'costly',
      priority: 'P1',
      entity,
      timeline,
      refs: (data) => links({ agent: data['agent_name'] }),
      fillWithId: ['agent_run_id'],
      summary: ({ data }) => `Agent ${shown(data['agent_name'])} spawned${tail(' on ', data['agent_model'])}${tail(': ', data['assigned_task'])}`,
      evolve(draft, event, status) {
        if (status !== null) rules.onStart(draft, event);
        const id = runIdOf(draft, event);
        const known = getOwn(draft.agentRuns, id);
        if (known === undefined && status === null) return;
        // A start that is told after the end adds what it knows; it does not open the run again.
        const run = known ?? spawnAgentRun(draft, id, event);
        run.revision = event.revision;
        run.model = readText(event.data['agent_model']) ?? event.actor.model ?? run.model;
        run.task = readText(event.data['assigned_task']) ?? run.task;
        run.parentId = readId(event.data['parent_agent_run_id']) ?? run.parentId;
        bindAgentRun(draft, event.data['agent_id'], id);
      },
    },
    'agent_run.completed': {
      doc: 'An agent finished its task.',
      ledger: ['A-039'],
      aliases: { jira: 'AgentCompleted' },
      schema: payload(
        { agent_name: string },
        { agent_run_id: string, quality_score: number, duration_seconds: number, result: json, artifacts: strings, tokens_input: integer, tokens_output: integer },
      ),
      transition: agentRun(['running', 'blocked'], 'completed'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      entity,
      timeline,
      summary: ({ data }) => `Agent ${shown(data['agent_name'])} completed${tail(', quality ', data['quality_score'])}${tail(', seconds ', data['duration_seconds'])}`,
      evolve(draft, event, status) {
        const run = endRun(draft, event, status);
        if (run === null) return;
        run.qualityScore = readNumber(event.data['quality_score']) ?? run.qualityScore;
        run.tokensInput = readInteger(event.data['tokens_input']) ?? run.tokensInput;
        run.tokensOutput = readInteger(event.data['tokens_output']) ?? run.tokensOutput;
      },
    },
    'agent_run.failed': {
      doc: 'An agent ended with an error.',
      ledger: ['A-040'],
      aliases: { jira: 'AgentFailed' },
      schema: payload({ agent_name: string, error }, { agent_run_id: string, retryable: boolean }),
      transition: agentRun(['running', 'blocked'], 'failed'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      entity,
      timeline,
      summary: ({ data }) => `Agent ${shown(data['agent_name'])} failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const run = endRun(draft, event, status);
        if (run === null) return;
        run.error = readError(event.data['error']);
        draft.lastError = run.error;
      },
    },
    'agent_run.blocked': {
      doc: 'An agent cannot go on until something else happens.',
      ledger: ['A-041'],
      aliases: { jira: 'AgentBlocked' },
      schema: payload({ agent_name: string, reason: string }, { agent_run_id: string, blocked_by: strings }),
      transition: agentRun(['running'], 'blocked'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      severity: 'WARN',
      entity,
      timeline,
      summary: ({ data }) => `Agent ${shown(data['agent_name'])} blocked${tail(': ', data['reason'])}`,
      evolve(draft, event, status) {
        const run = runOf(draft, event, status);
        if (run === null) return;
        moveAgentRun(draft, run, status);
        run.blockedReason = readText(event.data['reason']);
        run.blockedBy = readTexts(event.data['blocked_by']);
      },
    },
    'agent_run.unblocked': {
      doc: 'A blocked agent goes on.',
      ledger: ['X-027'],
      aliases: { jira: 'AgentUnblocked' },
      schema: payload({ agent_name: string }, { agent_run_id: string, resolution: string }),
      transition: agentRun(['blocked'], 'running'),
      policy,
      entity,
      timeline,
      summary: ({ data }) => `Agent ${shown(data['agent_name'])} unblocked${tail(': ', data['resolution'])}`,
      evolve(draft, event, status) {
        const run = runOf(draft, event, status);
        if (run === null || status === null) return;
        moveAgentRun(draft, run, status);
        Object.assign(run, { blockedReason: null, blockedBy: [] });
      },
    },
  };
}

/** The run of an event; one that was never announced is made when the event is accepted. */
function runOf(draft: WorkFields, event: FoldEvent, status: string | null): AgentRunState | null {
  const id = runIdOf(draft, event);
  const run = getOwn(draft.agentRuns, id) ?? (status === null ? null : spawnAgentRun(draft, id, event));
  if (run !== null) run.revision = event.revision;
  return run;
}

function endRun(draft: WorkFields, event: FoldEvent, status: string | null): AgentRunState | null {
  const run = runOf(draft, event, status);
  if (run === null) return null;
  if (status !== null) {
    run.completedAt = event.occurredAt;
    run.durationSeconds = readNumber(event.data['duration_seconds']) ?? secondsBetween(run.spawnedAt, event.occurredAt);
    moveAgentRun(draft, run, status === 'failed' ? 'failed' : 'completed');
  }
  bindAgentRun(draft, event.data['agent_id'], run.id);
  return run;
}
