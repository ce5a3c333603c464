/**
 * A small world for the questions over history: a relay run of agents that call tools and hand their results on. None of its
 * names is known to the core; what begins, ends and fails is told by its definitions alone.
 */
import { defineAggregate } from '../src/fold/aggregate.ts';
import type { EventDefinition, FoldEvent, State } from '../src/fold/aggregate.ts';
import { emptyRecord, getOwn, setOwn } from '../src/fold/record.ts';
import type { EventEnvelope, JsonObject } from '../src/log/event.ts';
import { zeroHash } from '../src/log/event.ts';
import { createFold } from '../src/fold/fold.ts';
import { createRegistry } from '../src/schema/registry.ts';
import { readerOver } from '../src/travel/stream-reader.ts';
import type { TravelParts } from '../src/travel/reconstruct.ts';
import { nodeHasher } from './node-hasher.ts';

interface Relay {
  status: string;
  runners: Record<string, { status: string; result: string | null }>;
  tools: Record<string, { status: string }>;
  total: number;
}

const statusIn = (part: 'runners' | 'tools') => (state: State<Relay>, { entityId }: FoldEvent): string => getOwn<{ status: string }>(state[part], entityId)?.status ?? 'absent';

const runner = (from: readonly string[], to: string, more: Partial<EventDefinition<Relay>> = {}): EventDefinition<Relay> => ({
  transition: { machine: 'runner', status: statusIn('runners'), from, to },
  policy: 'tolerate',
  entity: ({ data }) => ({ type: 'runner', id: String(data['runner_id']) }),
  evolve(draft, { data, entityId }, status) {
    if (status !== null) setOwn(draft.runners, entityId, { status, result: typeof data['result'] === 'string' ? data['result'] : null });
  },
  ...more,
});

const tool = (mark: 'start' | 'end', status: string, more: Partial<EventDefinition<Relay>> = {}): EventDefinition<Relay> => ({
  policy: 'tolerate',
  entity: ({ data }) => ({ type: 'tool', id: String(data['tool_id']) }),
  timeline: { mark, lane: 'tools' },
  evolve: (draft, { entityId }) => void setOwn(draft.tools, entityId, { status }),
  ...more,
});

const relayIs = (from: readonly string[], to: string): NonNullable<EventDefinition<Relay>['transition']> => ({ machine: 'relay', status: ({ status }) => status, from, to });

const relay = defineAggregate<Relay>({
  type: 'relay',
  version: '1.0.0',
  initial: () => ({ status: 'absent', runners: emptyRecord(), tools: emptyRecord(), total: 0 }),
  events: {
    'relay.begun': { transition: relayIs(['absent'], 'running') },
    'relay.won': { transition: relayIs(['running'], 'completed'), effect: 'outcome' },
    'relay.lost': { transition: relayIs(['running'], 'failed'), effect: 'outcome', severity: 'ERROR' },
    'runner.off': runner(['absent'], 'running'),
    'runner.home': runner(['running'], 'completed', { effect: 'outcome', summary: ({ data }) => `Home: ${String(data['result'])}` }),
    'runner.fell': runner(['running'], 'failed', { effect: 'outcome', severity: 'ERROR' }),
    'tool.taken': tool('start', 'taken'),
    'tool.returned': tool('end', 'returned', { effect: 'outcome' }),
    'tool.broken': tool('end', 'broken', { effect: 'outcome', severity: 'WARN' }),
    'water.drunk': { severity: 'DEBUG' },
    'score.counted': { evolve: (draft, { data }) => void (draft.total += Number(data['points'] ?? 0)) },
  },
});

export const relayRegistry = createRegistry({ aggregates: [relay] });
const relayFold = createFold(relayRegistry);

/** `causedBy` is the number (from 1) of the step that caused this one. */
export type RelayStep = readonly [type: string, data?: JsonObject | undefined, more?: (Partial<EventEnvelope> & { readonly causedBy?: number }) | undefined];
export type RelaySteps = readonly RelayStep[];

const startMs = Date.UTC(2026, 4, 1);

/** A run by its steps, one second each. */
export function relayRun(streamId: string, steps: RelaySteps): readonly EventEnvelope[] {
  const idOf = (revision: number): string => `${streamId}-event-${revision}`;
  return steps.map(([type, data = {}, { causedBy, ...more } = {}], index) => {
    const definition = relayRegistry.eventType(type)?.definition;
    const id = idOf(index + 1);
    const entity = definition?.entity?.({ data, streamId, streamType: 'relay', id });
    return {
      id,
      type,
      schemaVersion: '1.0.0',
      streamType: 'relay',
      streamId,
      revision: index + 1,
      position: index + 1,
      entityType: entity?.type ?? 'relay',
      entityId: entity?.id ?? streamId,
      occurredAt: new Date(startMs + index * 1_000).toISOString(),
      recordedAt: new Date(startMs + index * 1_000 + 5).toISOString(),
      actor: { type: 'system', id: 'referee' },
      correlationId: streamId,
      correlationChain: [streamId],
      data,
      metadata: {},
      priority: 'P2',
      severity: definition?.severity ?? 'INFO',
      prevHash: zeroHash,
      hash: zeroHash,
      ...(causedBy === undefined ? {} : { causationId: idOf(causedBy) }),
      ...more,
    };
  });
}

export const relayParts = (...events: readonly EventEnvelope[]): TravelParts => ({ reader: readerOver(events, 4), fold: relayFold, hasher: nodeHasher });
export const relayAt = (streamId: string): { readonly streamType: string; readonly streamId: string } => ({ streamType: 'relay', streamId });
