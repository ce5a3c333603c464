/**
 * What runs of any kind can be set side by side by: how they went, with which parameters, step by step, to which result.
 * Kinds of run keep this in their own words; here is the one reading of them.
 */
import type { Json, JsonObject, State } from '@refold/core';

export interface StepFacts {
  readonly name: string;
  readonly status: string;
  /** null when nobody said; it is not guessed. */
  readonly durationMs: number | null;
  readonly attempt: number;
}

export interface RunFacts {
  readonly status: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly rerunOf: string | null;
  readonly reruns: readonly string[];
  readonly input: Json;
  readonly params: JsonObject;
  readonly result: Json;
  readonly error: JsonObject | null;
  /** Named steps of a job or a workflow, phases of an orchestration; in their order. */
  readonly steps: readonly StepFacts[];
}

export function runFacts(state: State): RunFacts {
  const startedAt = textOf(state['startedAt']) ?? state.createdAt;
  const endedAt = textOf(state['endedAt']) ?? textOf(newestRun(state)?.['endedAt']);
  return {
    status: textOf(state['status']) ?? 'unknown',
    startedAt,
    endedAt,
    durationMs: startedAt === null || endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
    rerunOf: textOf(state['rerunOf']),
    reruns: Array.isArray(state['reruns']) ? state['reruns'].filter((id): id is string => typeof id === 'string') : [],
    input: jsonOf(state['input']),
    params: objectOf(state['params']) ?? {},
    result: jsonOf(state['result']),
    error: objectOf(state['error']) ?? objectOf(state['lastError']),
    steps: stepsOf(state),
  };
}

/** An orchestration may run several times; it has ended when its newest run has. */
const newestRun = ({ runs }: State): JsonObject | null => (Array.isArray(runs) ? objectOf(runs.at(-1)) : null);

/** A list of steps, else steps or phases by id. */
function stepsOf(state: State): readonly StepFacts[] {
  const { steps, phases } = state;
  const kept = Array.isArray(steps) ? steps.map(objectOf) : [steps, phases].flatMap((parts) => Object.entries(objectOf(parts) ?? {}).map(([name, part]) => ({ name, ...objectOf(part) })));
  return kept.flatMap((step) => {
    const { name, status, durationMs, durationSeconds, attempt } = (step ?? {}) as { readonly [field: string]: unknown };
    if (typeof name !== 'string') return [];
    const ms = typeof durationMs === 'number' ? durationMs : typeof durationSeconds === 'number' ? durationSeconds * 1_000 : null;
    return [{ name, status: textOf(status) ?? 'unknown', durationMs: ms, attempt: typeof attempt === 'number' ? attempt : 0 }];
  });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const objectOf = (value: unknown): JsonObject | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null);
/** States hold JSON. */
const jsonOf = (value: unknown): Json => (value === undefined ? null : (value as Json));
