/** An event as a step of a run: what it is, and what it says without ids and times. Pure. */
import type { EventEnvelope, Json } from '@refold/core';
import type { Step } from './align.ts';

export interface EventStep extends Step {
  readonly event: EventEnvelope;
  /** What tells two steps of one type apart; empty when nothing does. */
  readonly name: string;
}

export function stepOf(event: EventEnvelope): EventStep {
  const name = nameOf(event);
  return { revision: event.revision, event, name, key: [event.type, event.agent ?? '', name].join('\u0000'), text: JSON.stringify(normalised(event.data, 0)) };
}

/** What tells two tool calls, steps or phases of one type apart. */
function nameOf({ data, phase }: EventEnvelope): string {
  for (const field of ['tool', 'tool_name', 'step', 'step_name', 'title', 'name', 'agent_name', 'model', 'phase', 'component']) if (typeof data[field] === 'string') return data[field];
  return phase ?? '';
}

const passing = /(?:^|_)(?:id|ids|uuid|hash|sha|sha256|at|time|timestamp|duration|duration_ms|elapsed|cursor)$/i;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const depthMax = 12;

function normalised(value: Json | undefined, depth: number): Json {
  if (typeof value === 'string') return instant.test(value) || value.startsWith('/tmp/') ? '·' : value;
  if (typeof value !== 'object' || value === null || value === undefined) return value ?? null;
  if (depth >= depthMax) return '…';
  if (Array.isArray(value)) return value.map((member) => normalised(member as Json, depth + 1));
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (passing.test(snake(key)) ? [] : [[key, normalised(member, depth + 1)]])));
}

const snake = (key: string): string => key.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
