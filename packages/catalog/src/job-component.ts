/** Planner, coder and critique: the three that work on a job in turns (document 004). One machine for all of them. */
import type { EventDefinition, FoldEvent, Refusal, State } from '@refold/core';
import { machine, moveTo } from './define.ts';
import type { Events } from './define.ts';
import { error, integer, json, number, object, objects, oneOf, payload, string, strings } from './payload.ts';
import { readError, readInteger, readText, shown, tail } from './read.ts';
import type { ErrorInfo } from './read.ts';

export type ComponentName = 'planner' | 'coder' | 'critique';

export interface ComponentState {
  status: 'idle' | 'running' | 'completed' | 'failed';
  iteration: number;
  model: string | null;
  startedAt: string | null;
  endedAt: string | null;
  /** Over all iterations. */
  tokensInput: number;
  tokensOutput: number;
  lastVerdict: string | null;
  error: ErrorInfo | null;
}

export interface ComponentFields {
  status: string;
  components: Record<ComponentName, ComponentState>;
}

export const idleComponent = (): ComponentState => ({
  status: 'idle',
  iteration: 0,
  model: null,
  startedAt: null,
  endedAt: null,
  tokensInput: 0,
  tokensOutput: 0,
  lastVerdict: null,
  error: null,
});

/** What a component hands over when it is done. */
const results = {
  planner: { plan: objects, tokens_input: integer, tokens_output: integer },
  coder: { files: strings, tokens_input: integer, tokens_output: integer },
  critique: { verdict: oneOf('approve', 'revise', 'reject'), score: number, comments: strings },
} as const;

const names = { planner: 'Planner', coder: 'Coder', critique: 'Critique' } as const;
const rows: { readonly [name in ComponentName]: readonly [string, string] } = { planner: ['D-026', 'D-027'], coder: ['D-028', 'D-029'], critique: ['D-030', 'D-031'] };

export const componentEvents = <S extends ComponentFields>(): Events<S> => ({ ...eventsOf<S>('planner'), ...eventsOf<S>('coder'), ...eventsOf<S>('critique') });

function eventsOf<S extends ComponentFields>(name: ComponentName): Events<S> {
  const component = machine<S>('component', (state) => state.components[name].status);
  const entity: NonNullable<EventDefinition['entity']> = () => ({ type: 'component', id: name });
  const title = names[name];

  return {
    [`${name}.started`]: {
      doc: `The ${name} began an iteration.`,
      ledger: [rows[name][0]],
      aliases: { job: `${title}Started` },
      schema: payload({}, { iteration: integer, model: string, model_params: object, input: json }),
      transition: component(['idle', 'completed', 'failed'], 'running'),
      refuse: whileTheJobRuns,
      effect: 'costly',
      entity,
      summary: ({ data }) => `${title} started${tail(', iteration ', data['iteration'])}${tail(' on ', data['model'])}`,
      evolve(draft, { data, occurredAt }, status) {
        const found = draft.components[name];
        found.model = readText(data['model']) ?? found.model;
        if (status === null) return;
        moveTo(found, status);
        Object.assign(found, { iteration: readInteger(data['iteration']) ?? found.iteration + 1, startedAt: occurredAt, endedAt: null, error: null });
      },
    },
    [`${name}.completed`]: {
      doc: `The ${name} finished an iteration.`,
      ledger: [rows[name][1]],
      aliases: { job: `${title}Completed` },
      schema: payload({}, { iteration: integer, ...results[name], duration_ms: number }),
      transition: component(['running'], 'completed'),
      effect: 'outcome',
      entity,
      summary: ({ data }) => `${title} completed${tail(', verdict ', data['verdict'])}${tail(', ms ', data['duration_ms'])}`,
      evolve(draft, event, status) {
        const found = end(draft.components[name], event, status);
        found.tokensInput += readInteger(event.data['tokens_input']) ?? 0;
        found.tokensOutput += readInteger(event.data['tokens_output']) ?? 0;
        found.lastVerdict = readText(event.data['verdict']) ?? found.lastVerdict;
      },
    },
    [`${name}.failed`]: {
      doc: `The ${name} could not finish an iteration.`,
      ledger: ['X-027'],
      aliases: { job: `${title}Failed` },
      schema: payload({ error }, { iteration: integer }),
      transition: component(['running'], 'failed'),
      effect: 'outcome',
      priority: 'P1',
      severity: 'ERROR',
      entity,
      summary: ({ data }) => `${title} failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const found = end(draft.components[name], event, status);
        found.error = readError(event.data['error']) ?? found.error;
      },
    },
  };
}

function end(component: ComponentState, { data, occurredAt }: FoldEvent, status: string | null): ComponentState {
  moveTo(component, status);
  if (status !== null) component.endedAt = occurredAt;
  component.iteration = readInteger(data['iteration']) ?? component.iteration;
  return component;
}

/** The parent rule: a component can start only while its job runs; its end is a fact and may come late. */
function whileTheJobRuns(state: State<ComponentFields>): Refusal | null {
  if (state.status === 'running') return null;
  return { code: 'ILLEGAL_TRANSITION', detail: `the job is ${shown(state.status)}, not running`, details: { parent: { type: 'job', id: state.streamId, status: state.status } } };
}
