/** What an expression of a debugger sees at a place: the event, the state after it and before it. */
import type { Expression } from '../expression/expression.ts';
import type { ExpressionValues } from '../expression/scope.ts';
import type { State } from '../fold/aggregate.ts';
import type { EventEnvelope } from '../log/event.ts';
import { instantMs } from '../log/instant.ts';

/** A place that something is asked about. Before the first event there is no event, and nothing before it. */
export interface AskedPlace {
  readonly event: EventEnvelope | null;
  readonly state: State | null;
  readonly previous: State | null;
}

/**
 * `before` and `after` are the states too: here the entity is the stream. `entity(type, id)` knows this stream only. `now` is
 * the hour of the event, so that an expression means the same whenever it is asked.
 */
export function placeValues({ event, state, previous }: AskedPlace): ExpressionValues {
  const entity = (type: string, id: string): State | null => (state !== null && type === state.streamType && id === state.streamId ? state : null);
  const values = { state, after: state, previous, before: previous, entity };
  if (event === null) return values;
  return {
    ...values,
    event,
    // Few expressions ask for the hour, and reading it costs more than the rest.
    get now() {
      return instantMs(event.occurredAt) ?? Number.NaN;
    },
  };
}

const stateNames = ['state', 'after', 'previous', 'before'] as const;

/** True when a fold is needed to evaluate it. A look-up of entities shows in the text alone. */
export const asksForState = ({ names, source }: Pick<Expression<unknown>, 'names' | 'source'>): boolean => stateNames.some((name) => names.has(name)) || /\b(?:entity|children)\s*\(/.test(source);
