/** Histories for tests: events with everything that a fold reads, numbered as they come. */
import { createFold } from '@refold/core';
import type { Fold, FoldEvent, JsonObject, State, Verdict } from '@refold/core';
import { createCatalogRegistry } from '../src/catalog.ts';

export const registry = createCatalogRegistry();
export const fold: Fold = createFold(registry);

export type Fact = readonly [type: string, data?: JsonObject, more?: Partial<FoldEvent>];

/** The event that would follow a state; its id tells its place. */
export function eventAfter(state: State, [type, data = {}, more = {}]: Fact): FoldEvent {
  const revision = state.revision + 1;
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, revision)).toISOString();
  const definition = registry.definitionIn(state.streamType, type);
  const id = more.id ?? `${state.streamId}-${revision}`;
  const entity = definition?.entity?.({ id, data, streamType: state.streamType, streamId: state.streamId });
  return {
    id,
    type,
    schemaVersion: '1.0.0',
    streamType: state.streamType,
    streamId: state.streamId,
    revision,
    entityType: entity?.type ?? state.streamType,
    entityId: entity?.id ?? state.streamId,
    occurredAt: at,
    recordedAt: at,
    actor: { type: 'agent', id: 'tester' },
    correlationId: 'c-1',
    correlationChain: ['c-1'],
    sessionId: `session-${revision}`,
    data,
    metadata: {},
    priority: 'P2',
    severity: 'INFO',
    ...more,
  };
}

/** Folds facts into the stream `type/id`, on top of `from`. */
export function given(address: string, facts: readonly Fact[], from?: State): State {
  const [streamType, streamId] = address.split('/') as [string, string];
  return facts.reduce((state, fact) => fold.apply(state, eventAfter(state, fact)), from ?? fold.initial(streamType, streamId));
}

export const judged = (state: State, fact: Fact): Verdict => fold.judge(state, eventAfter(state, fact));

/** The state as a value one can look into without types. */
// oxlint-disable-next-line no-explicit-any
export const open = (state: State): any => state;

export const anomalyCodes = (state: State): readonly string[] => state.anomalies.map(({ code }) => code);
