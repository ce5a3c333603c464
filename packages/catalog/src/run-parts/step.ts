/**
 * Steps of a run. Most runs keep them by id; a job and a workflow have a list of named steps already (documents 002 and 004),
 * and there a step that a producer tells joins that list.
 */
import { getOwn } from '@refold/core';
import type { FoldEvent, State } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { json, looseFact, number, string } from '../payload.ts';
import { readError, readId, readNumber, readText, shown, tail } from '../read.ts';
import type { ErrorInfo } from '../read.ts';
import { emptySpan, endSpan, spanOf, startSpan } from './span.ts';
import type { SpanState } from './span.ts';
import type { RunTotals } from './totals.ts';

/** A step of a job or a workflow. */
export interface StepState {
  name: string;
  index: number;
  status: 'pending' | 'running' | 'completed' | 'failed';
  attempt: number;
  endedAt: string | null;
  durationMs: number | null;
  error: ErrorInfo | null;
}

/** A step of any other run. */
export interface RunStepState extends SpanState {
  name: string;
  kind: string | null;
}

export interface StepsById {
  steps: Record<string, RunStepState>;
  totals: Pick<RunTotals, 'steps'>;
}

export interface StepsInList {
  steps: StepState[];
}

/** The step of that name, made when it is new. `index` is its place in the list unless the payload gives one. */
export function stepNamed(steps: StepState[], name: string, index: number | null = null): StepState {
  const known = steps.find((step) => step.name === name);
  if (known !== undefined) return known;
  const added: StepState = { name, index: index ?? steps.length, status: 'pending', attempt: 0, endedAt: null, durationMs: null, error: null };
  steps.push(added);
  return added;
}

/** Notes how a step of a list ended. */
export function endStep(step: StepState, event: FoldEvent, status: 'completed' | 'failed'): void {
  const { data } = event;
  const seconds = readNumber(data['duration_seconds']);
  step.status = status;
  step.attempt = Math.max(step.attempt, readNumber(data['attempt']) ?? 1);
  step.endedAt = event.occurredAt;
  step.durationMs = readNumber(data['duration_ms']) ?? (seconds === null ? step.durationMs : seconds * 1_000);
  step.error = status === 'failed' ? readError(data['error']) : null;
}

export function stepsById<S extends StepsById>(): Events<S> {
  const newStep = (id: string, event: FoldEvent): RunStepState => ({ ...emptySpan(id, event), name: stepName(event), kind: null });
  const stepOf = (draft: State<S>, event: FoldEvent): RunStepState => {
    const step = spanOf<'steps', RunStepState>(draft, 'steps', stepId(event), event, newStep);
    step.name = readText(event.data['name']) ?? step.name;
    step.kind = readText(event.data['kind']) ?? step.kind;
    return step;
  };
  return stepEvents<S>({
    status: (state, event) => getOwn(state.steps, stepId(event))?.status ?? 'absent',
    start: (draft, event) => void startSpan(stepOf(draft, event), event),
    end: (draft, event, status) => void endSpan<'steps', RunStepState>(draft, 'steps', stepOf(draft, event), event, status),
  });
}

export function stepsInList<S extends StepsInList>(): Events<S> {
  return stepEvents<S>({
    status: (state, event) => state.steps.find((step) => step.name === stepName(event))?.status ?? 'absent',
    start(draft, event, status) {
      const step = stepNamed(draft.steps, stepName(event));
      if (status !== null && (step.status === 'pending' || step.status === 'running')) Object.assign(step, { status: 'running', attempt: step.attempt + 1 });
    },
    end(draft, event, status) {
      if (status !== null) endStep(stepNamed(draft.steps, stepName(event)), event, status === 'failed' ? 'failed' : 'completed');
    },
  });
}

interface StepKeeper<S extends object> {
  readonly status: (state: State<S>, event: FoldEvent) => string;
  readonly start: (draft: State<S>, event: FoldEvent, status: string | null) => void;
  readonly end: (draft: State<S>, event: FoldEvent, status: string | null) => void;
}

function stepEvents<S extends object>(keep: StepKeeper<S>): Events<S> {
  const step = machine<S>('step', keep.status);
  const fact = { policy: 'tolerate', effect: 'outcome', entity: partOf('step', 'step_id') } as const;
  return {
    'step.started': {
      doc: 'A step of the run began.',
      aliases: { jira: 'StepStarted' },
      schema: looseFact({ step_id: string, name: string }, { kind: string, attributes: json }),
      transition: step(['absent', 'pending'], 'running'),
      ...fact,
      summary: ({ data }) => `Step ${shown(data['name'])} started`,
      evolve: keep.start,
    },
    'step.completed': {
      doc: 'A step of the run is done.',
      aliases: { jira: 'StepCompleted' },
      schema: looseFact({ step_id: string }, { name: string, kind: string, attributes: json, duration_ms: number }),
      transition: step(['running'], 'completed'),
      ...fact,
      summary: ({ data }) => `Step ${shown(data['name'] ?? data['step_id'])} completed${tail(', ms ', data['duration_ms'])}`,
      evolve: keep.end,
    },
    'step.failed': {
      doc: 'A step of the run failed.',
      aliases: { jira: 'StepFailed' },
      schema: looseFact({ step_id: string }, { name: string, kind: string, attributes: json, error: json, duration_ms: number }),
      transition: step(['running'], 'failed'),
      ...fact,
      severity: 'ERROR',
      summary: ({ data }) => `Step ${shown(data['name'] ?? data['step_id'])} failed${tail(': ', data['error'])}`,
      evolve: keep.end,
    },
  };
}

const stepId = (event: FoldEvent): string => partId(event, 'step', 'step_id');
const stepName = (event: FoldEvent): string => readText(event.data['name']) ?? readId(event.data['step_id']) ?? event.id;
