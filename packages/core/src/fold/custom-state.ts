/** The state of a stream whose kind nobody declared: what came, how often, and the newest payload. */
import type { JsonObject } from '../log/event.ts';
import type { FoldEvent, State } from './aggregate.ts';
import { emptyRecord, getOwn, setOwn } from './record.ts';

export interface CustomState {
  status: 'absent' | 'active';
  byType: Record<string, number>;
  last: JsonObject | null;
}

/** Part of every fold version: it changes when this file's rules do. */
export const customStateVersion = '1.0.0';

export const initialCustomState = (): CustomState => ({ status: 'absent', byType: emptyRecord(), last: null });

export function evolveCustomState(state: State, event: FoldEvent): void {
  // The generic fold only meets states that `initialCustomState` began.
  const custom = state as State<CustomState & Record<string, unknown>>;
  custom.status = 'active';
  setOwn(custom.byType, event.type, (getOwn(custom.byType, event.type) ?? 0) + 1);
  custom.last = event.data;
}
