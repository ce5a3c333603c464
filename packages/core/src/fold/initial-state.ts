/** The state of a stream before its first event: nothing has happened, but what will be kept has its shape. */
import type { Registry } from '../schema/registry.ts';
import type { State, StateBase } from './aggregate.ts';
import { initialCustomState } from './custom-state.ts';

export function initialState(registry: Registry, streamType: string, streamId: string): State {
  const base: StateBase = {
    streamType,
    streamId,
    exists: false,
    revision: 0,
    lastEventId: null,
    lastEventAt: null,
    createdAt: null,
    updatedAt: null,
    correlationChain: [],
    eventCount: 0,
    anomalies: [],
  };
  return { ...ownPart(registry, streamType, streamId), ...base };
}

/** What the aggregate and its parts keep, before the first event. */
export function ownPart(registry: Registry, streamType: string, streamId: string): Record<string, unknown> {
  const aggregate = registry.aggregate(streamType);
  if (aggregate === null) return { ...initialCustomState() };
  return { ...aggregate.initial(streamId), ...Object.assign({}, ...(aggregate.parts ?? []).map((part) => part.initial(streamId))) };
}
