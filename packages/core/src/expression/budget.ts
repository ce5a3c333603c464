/**
 * What one evaluation may cost. The engine has no run-time budget of its own, so the nodes whose work depends on the data
 * (loops, comparisons of collections, calls over text) report to the running evaluation's budget.
 *
 * Evaluation is synchronous, so one variable holds the evaluation that runs now; an evaluation inside another (an entity
 * look-up that evaluates an expression) is kept apart by `runWithin`.
 */
import { LogError } from '../errors.ts';
import type { ExpressionValues } from './scope.ts';

interface RunningEvaluation {
  costLeft: number;
  readonly costMax: number;
  readonly values: ExpressionValues;
  exhausted?: LogError;
}

let running: RunningEvaluation | null = null;
/** What is left for evaluations that follow each other without a turn for anybody else. */
let shared: { costLeft: number } | null = null;

/** Gives several evaluations in a row one budget beside their own: a debug session may have hundreds of expressions. */
export function shareBudget<T>(costMax: number, work: () => T): T {
  const outer = shared;
  shared = { costLeft: costMax };
  try {
    return work();
  } finally {
    shared = outer;
  }
}

/**
 * Runs one evaluation within its budget.
 *
 * @throws LogError BAD_EXPRESSION `cost`, also when `exists` or `||` swallowed the error that `spend` threw, or kept an
 *         earlier one.
 */
export function runWithin<T>(values: ExpressionValues, costMax: number, work: () => T): T {
  const [outer, pool] = [running, shared];
  const given = pool === null ? costMax : Math.max(0, Math.min(costMax, pool.costLeft));
  const own: RunningEvaluation = { costLeft: given, costMax: given, values };
  running = own;
  try {
    const answer = work();
    if (own.costLeft >= 0) return answer;
  } catch (error) {
    if (own.costLeft >= 0) throw error;
  } finally {
    running = outer;
    if (pool !== null) pool.costLeft -= given - own.costLeft;
  }
  throw tooCostly(given);
}

/** The values of the evaluation that runs now, for functions that look beyond their arguments. */
export const runningValues = (): ExpressionValues => running?.values ?? {};

/** @throws LogError BAD_EXPRESSION `cost` when the evaluation has used up what it may. */
export function spend(cost: number): void {
  if (running === null) return;
  running.costLeft -= cost;
  if (running.costLeft < 0) throw (running.exhausted ??= tooCostly(running.costMax));
}

export const tooCostly = (limit: number): LogError =>
  new LogError('BAD_EXPRESSION', 'The expression costs more than it may.', {
    details: { reason: 'cost', limit },
    hint: 'Loop over smaller lists, nest fewer loops, or narrow the events with a filter first.',
  });

const charactersPerUnit = 64;

/** What looking at all of a value costs: its elements, keys and text, counted no further than the budget reaches. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length < charactersPerUnit ? 0 : value.length / charactersPerUnit;
  if (typeof value !== 'object' || value === null) return 0;
  const limit = running?.costLeft ?? 0;
  const open: unknown[] = [value];
  let weight = 0;
  while (open.length > 0 && weight <= limit) {
    const next = open.pop();
    if (typeof next === 'string') weight += next.length / charactersPerUnit;
    else if (typeof next === 'object' && next !== null) {
      const parts = Array.isArray(next) ? next : Object.values(next);
      weight += parts.length;
      for (const part of parts) open.push(part);
    }
  }
  return weight;
}
