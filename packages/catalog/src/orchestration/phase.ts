/** Phases of a run: EXPLORE, PLAN, CODE, TEST, ...; each may run again after it ended. */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { error, integer, number, object, payload, string, strings } from '../payload.ts';
import { readError, readId, readInteger, readNumber, readObject, secondsBetween, shown, tail } from '../read.ts';
import type { PhaseState, WorkFields, WorkRules } from './work.ts';

export function phaseEvents<S extends WorkFields>(rules: WorkRules<S>): Events<S> {
  const phase = machine<S>('phase', (state, event) => getOwn(state.phases, nameOf(event))?.status ?? 'absent');
  const entity = partOf('phase', 'phase');
  const { policy } = rules;

  return {
    'phase.started': {
      doc: 'A phase of the run began.',
      ledger: ['A-035'],
      aliases: { jira: 'PhaseStarted' },
      schema: payload({ phase: string }, { attempt: integer, planned_agents: strings }),
      transition: phase(['absent', 'completed', 'failed'], 'running'),
      refuse: rules.mayStart,
      policy,
      effect: 'idempotent',
      priority: 'P1',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Phase ${shown(data['phase'])} started${tail(', attempt ', data['attempt'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        rules.onStart(draft, event);
        const name = nameOf(event);
        const attempt = Math.max((getOwn(draft.phases, name)?.attempt ?? 0) + 1, readInteger(event.data['attempt']) ?? 0);
        setOwn(draft.phases, name, startedPhase(name, attempt, event.occurredAt));
        draft.currentPhase = name;
      },
    },
    'phase.completed': {
      doc: 'A phase of the run reached its end.',
      ledger: ['A-036'],
      aliases: { jira: 'PhaseCompleted' },
      schema: payload({ phase: string }, { duration_seconds: number, quality_score: number, outputs: object }),
      transition: phase(['running'], 'completed'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Phase ${shown(data['phase'])} completed${tail(', quality ', data['quality_score'])}`,
      evolve(draft, event, status) {
        const ended = endPhase(draft, event, status);
        if (ended === null) return;
        ended.qualityScore = readNumber(event.data['quality_score']) ?? ended.qualityScore;
        ended.outputs = readObject(event.data['outputs']) ?? ended.outputs;
        if (status !== null && !draft.completedPhases.includes(ended.name)) draft.completedPhases.push(ended.name);
      },
    },
    'phase.failed': {
      doc: 'A phase of the run ended with an error.',
      ledger: ['A-037'],
      aliases: { jira: 'PhaseFailed' },
      schema: payload({ phase: string, error }),
      transition: phase(['running'], 'failed'),
      policy,
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      entity,
      timeline: { landmark: true },
      summary: ({ data }) => `Phase ${shown(data['phase'])} failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const ended = endPhase(draft, event, status);
        if (ended === null) return;
        ended.error = readError(event.data['error']);
        draft.lastError = ended.error;
      },
    },
  };
}

const nameOf = (event: FoldEvent): string => readId(event.data['phase']) ?? event.phase ?? event.id;

const startedPhase = (name: string, attempt: number, at: string): PhaseState => ({
  name,
  status: 'running',
  attempt,
  startedAt: at,
  endedAt: null,
  durationSeconds: null,
  qualityScore: null,
  error: null,
  outputs: null,
});

/** The phase with its end noted; null when there is none to end. */
function endPhase(draft: WorkFields, event: FoldEvent, status: string | null): PhaseState | null {
  const name = nameOf(event);
  const known = getOwn(draft.phases, name);
  if (status === null) return known ?? null;
  const phase = known ?? setOwn(draft.phases, name, startedPhase(name, 1, event.occurredAt));
  phase.status = status === 'failed' ? 'failed' : 'completed';
  phase.endedAt = event.occurredAt;
  phase.durationSeconds = readNumber(event.data['duration_seconds']) ?? secondsBetween(phase.startedAt, event.occurredAt);
  if (draft.currentPhase === name) draft.currentPhase = null;
  return phase;
}
