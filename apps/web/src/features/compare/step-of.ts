/** An event as a step of a run: what it is, and what it says as two runs are compared everywhere, without ids and times. Pure. */
import { createNormalForm, defaultIgnoreRules, noOwnNames } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import type { Step } from './align.ts';

export interface EventStep extends Step {
  readonly event: EventEnvelope;
  /** What tells two steps of one type apart; empty when nothing does. */
  readonly name: string;
}

/** @param streamId  Of the run, which its own texts may mention. */
export function stepsOf(streamId: string): (event: EventEnvelope) => EventStep {
  const form = createNormalForm(defaultIgnoreRules, noOwnNames, streamId);
  return (event) => {
    const name = nameOf(event);
    return { revision: event.revision, event, name, key: JSON.stringify([event.type, event.agent ?? '', form.of(name, event.type)]), text: JSON.stringify(form.of(event.data, event.type)) };
  };
}

/** What tells two tool calls, steps or phases of one type apart. */
function nameOf({ data, phase }: EventEnvelope): string {
  for (const field of ['tool', 'tool_name', 'step', 'step_name', 'title', 'name', 'agent_name', 'model', 'phase', 'component']) if (typeof data[field] === 'string') return data[field];
  return phase ?? '';
}
