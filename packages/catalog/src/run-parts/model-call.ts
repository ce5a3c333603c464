/** Calls of a model, with what they used and cost. */
import { getOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { json, looseFact, number, string } from '../payload.ts';
import { readId, readNumber, readText, shown, tail } from '../read.ts';
import { emptySpan, endSpan, spanOf, startSpan } from './span.ts';
import type { SpanState } from './span.ts';
import { countTokens } from './tokens.ts';
import type { TokenFields } from './tokens.ts';
import type { Totals } from './totals.ts';

export interface ModelCallState extends SpanState {
  operation: string | null;
  provider: string | null;
  model: string | null;
  cost: number | null;
}

export interface ModelCallFields extends TokenFields {
  modelCalls: Record<string, ModelCallState>;
  /** Sum of what the model calls cost, in the producer's currency (US dollars where none is named). */
  cost: number;
  totals: Pick<Totals, 'modelCalls' | 'usage'>;
}

export const initialModelCalls = (): Omit<ModelCallFields, keyof TokenFields> => ({ modelCalls: {}, cost: 0 });

export function modelCallEvents<S extends ModelCallFields>(): Events<S> {
  const modelCall = machine<S>('model_call', (state, event) => getOwn(state.modelCalls, callId(event))?.status ?? 'absent');
  const fact = { policy: 'tolerate', entity: partOf('model_call', 'model_call_id') } as const;
  const what = { operation: string, provider: string, model: string };

  return {
    'model_call.started': {
      doc: 'A model was asked.',
      aliases: { jira: 'ModelCallStarted' },
      schema: looseFact({ model_call_id: string }, { ...what, params: json, input: json }),
      transition: modelCall(['absent'], 'running'),
      ...fact,
      effect: 'costly',
      summary: ({ data }) => `Model ${shown(data['model'])} asked${tail(': ', data['operation'])}`,
      evolve: (draft, event) => void startSpan(callOf(draft, event), event),
    },
    'model_call.completed': {
      doc: 'The model answered.',
      aliases: { jira: 'ModelCallCompleted' },
      schema: looseFact({ model_call_id: string }, { ...what, output: json, finish_reasons: json, tokens: json, cost: json, duration_ms: number }),
      transition: modelCall(['running'], 'completed'),
      ...fact,
      effect: 'outcome',
      summary: ({ data }) => `Model ${shown(data['model'] ?? data['model_call_id'])} answered${tail(', ms ', data['duration_ms'])}`,
      evolve: endCall,
    },
    'model_call.failed': {
      doc: 'The call of the model failed.',
      aliases: { jira: 'ModelCallFailed' },
      schema: looseFact({ model_call_id: string }, { ...what, error: json, tokens: json, cost: json, duration_ms: number }),
      transition: modelCall(['running'], 'failed'),
      ...fact,
      effect: 'outcome',
      severity: 'ERROR',
      summary: ({ data }) => `Model ${shown(data['model'] ?? data['model_call_id'])} failed${tail(': ', data['error'])}`,
      evolve: endCall,
    },
  };
}

const callId = (event: FoldEvent): string => partId(event, 'model_call', 'model_call_id');

const newCall = (id: string, event: FoldEvent): ModelCallState => ({ ...emptySpan(id, event), operation: null, provider: null, model: null, cost: null });

function callOf(draft: ModelCallFields, event: FoldEvent): ModelCallState {
  const { data } = event;
  const call = spanOf(draft, 'modelCalls', callId(event), event, newCall);
  call.operation = readText(data['operation']) ?? call.operation;
  call.provider = readText(data['provider']) ?? call.provider;
  call.model = readText(data['model']) ?? call.model;
  return call;
}

/** The same call told twice (a transcript and a trace) costs once; `response_id` is what both know of it. */
function endCall(draft: ModelCallFields, event: FoldEvent, status: string | null): void {
  const { data } = event;
  const call = endSpan(draft, 'modelCalls', callOf(draft, event), event, status);
  countTokens(draft, readId(data['response_id']) ?? call.id, data['tokens'], event);
  const cost = readNumber(data['cost']);
  if (cost === null) return;
  draft.cost += cost - (call.cost ?? 0);
  call.cost = cost;
}
