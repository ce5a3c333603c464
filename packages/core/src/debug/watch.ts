/** Watch expressions: what a person wants to see at every place. */
import { shareBudget } from '../expression/budget.ts';
import { compileExpression } from '../expression/expression.ts';
import type { Expression } from '../expression/expression.ts';
import { defaultLimits } from '../limits.ts';
import type { Json } from '../log/event.ts';
import { placeValues } from './place-values.ts';
import type { AskedPlace } from './place-values.ts';

export interface Watch {
  readonly id: string;
  readonly expression: string;
  readonly compiled: Expression;
}

export interface WatchValue {
  readonly id: string;
  readonly expression: string;
  /** null when it cannot be evaluated here; `error` says why. */
  readonly value: Json | null;
  readonly error: string | null;
}

/** @throws LogError BAD_EXPRESSION (bad-input C1 to C10). */
export const createWatch = (id: string, expression: string): Watch => ({ id, expression, compiled: compileExpression(expression, { scope: 'debug' }) });

/** The values at a place; copies, so that they stay when the place is left. What they may cost is bounded together. */
export function watchValues(watches: readonly Watch[], place: AskedPlace): readonly WatchValue[] {
  if (watches.length === 0) return [];
  const values = placeValues(place);
  return shareBudget(defaultLimits.debugPlaceCostMax, () =>
    watches.map(({ id, expression, compiled }) => {
      const answer = compiled.evaluate(values);
      return answer.ok ? { id, expression, value: answer.value, error: null } : { id, expression, value: null, error: answer.error.message };
    }),
  );
}
