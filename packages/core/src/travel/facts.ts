/** A state without its bookkeeping: what every event changes says nothing about what happened. */
import type { State } from '../fold/aggregate.ts';

const bookkeeping = ['revision', 'eventCount', 'lastEventId', 'lastEventAt', 'updatedAt'] as const;

/** Shares its values with the state. */
export function factsOf(state: State): Omit<State, (typeof bookkeeping)[number]> {
  const { revision: _revision, eventCount: _eventCount, lastEventId: _lastEventId, lastEventAt: _lastEventAt, updatedAt: _updatedAt, ...facts } = state;
  return facts;
}
