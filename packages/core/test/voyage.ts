/** A small aggregate of its own for the tests of fold and travel: a ship's voyage, its cargo, and what others report of it. */
import fc from 'fast-check';
import { z } from 'zod';
import { defineAggregate, definePart } from '../src/fold/aggregate.ts';
import type { FoldEvent, State } from '../src/fold/aggregate.ts';
import { emptyRecord, getOwn, setOwn } from '../src/fold/record.ts';
import type { EventEnvelope, JsonObject } from '../src/log/event.ts';
import { zeroHash } from '../src/log/event.ts';
import { createRegistry } from '../src/schema/registry.ts';

export interface Voyage {
  status: 'absent' | 'planned' | 'sailing' | 'arrived' | 'cancelled';
  ship: string | null;
  knots: number;
  log: string[];
  cargo: Record<string, { id: string; status: 'loaded' | 'unloaded'; tons: number; implicit: boolean }>;
}

interface Crew {
  crew: { id: string; role: string }[];
}

const crewPart = definePart<Crew>({
  name: 'crew',
  version: '1.0.0',
  initial: () => ({ crew: [] }),
  events: {
    'crew.joined': { evolve: (draft, { data }) => void draft.crew.push({ id: String(data['id']), role: String(data['role'] ?? 'sailor') }) },
    'crew.left': { evolve: (draft, { data }) => ({ crew: draft.crew.filter(({ id }) => id !== data['id']) }) },
  },
});

const cargoStatus = (state: State<Voyage>, { data }: FoldEvent): string => getOwn(state.cargo, String(data['id']))?.status ?? 'absent';

export const voyage = defineAggregate<Voyage>({
  type: 'voyage',
  version: '1.0.0',
  initial: () => ({ status: 'absent', ship: null, knots: 0, log: [], cargo: emptyRecord() }),
  parts: [crewPart],
  events: {
    'voyage.planned': {
      schema: z.object({ ship: z.string(), knots: z.number().optional() }),
      schemaVersion: '2.0.0',
      upcasts: [{ from: '1.0.0', to: '2.0.0', step: ({ vessel, ...rest }) => ({ ...rest, ship: sureText(vessel) }) }],
      transition: { machine: 'voyage', status: ({ status }) => status, from: ['absent'], to: 'planned' },
      evolve(draft, { data }, status) {
        draft.ship = typeof data['ship'] === 'string' ? data['ship'] : null;
        if (status === 'planned') draft.status = 'planned';
      },
    },
    // Moves the stream's own machine and nothing else: no evolve.
    'voyage.departed': { transition: { machine: 'voyage', status: ({ status }) => status, from: ['planned'], to: 'sailing' } },
    'voyage.arrived': {
      transition: { machine: 'voyage', status: ({ status }) => status, from: ['sailing'], to: 'arrived' },
      // Returns a new state instead of changing the draft; both ways are allowed.
      evolve: (draft, _event, status) => (status === 'arrived' ? { ...draft, status: 'arrived' as const, knots: 0 } : undefined),
    },
    'voyage.cancelled': { deletes: true, transition: { machine: 'voyage', status: ({ status }) => status, from: ['planned', 'sailing'], to: 'cancelled' } },
    'speed.changed': {
      schema: z.strictObject({ before: z.number(), after: z.number() }),
      refuse: (state, { data }) => (data['before'] === state.knots ? null : { code: 'BEFORE_MISMATCH', detail: `speed is ${state.knots}`, details: { path: '/knots', actual: state.knots } }),
      evolve: (draft, { data }) => void (draft.knots = Number(data['after'])),
    },
    'cargo.loaded': {
      transition: { machine: 'cargo', status: cargoStatus, from: ['absent', 'unloaded'], to: 'loaded' },
      evolve(draft, { data }, status) {
        if (status !== null) setOwn(draft.cargo, String(data['id']), { id: String(data['id']), status: 'loaded', tons: Number(data['tons'] ?? 1), implicit: false });
      },
    },
    // Told by the harbour: a fact from outside.
    'cargo.unloaded': {
      policy: 'tolerate',
      transition: { machine: 'cargo', status: cargoStatus, from: ['loaded'], to: 'unloaded' },
      evolve(draft, { data }, status) {
        if (status === null) return;
        const id = String(data['id']);
        const known = getOwn(draft.cargo, id);
        setOwn(draft.cargo, id, { id, status: 'unloaded', tons: known?.tons ?? 0, implicit: known === undefined });
      },
    },
    'note.added': { schema: z.object({ text: z.string() }), evolve: (draft, { data }) => void draft.log.push(String(data['text'])) },
    'voyage.wrecked': {
      evolve(draft) {
        draft.knots = -1;
        throw new Error('this definition is broken');
      },
    },
  },
});

function sureText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('vessel is no text');
  return value;
}

export const registry = createRegistry({ aggregates: [voyage] });
export const voyageId = 'V-1';

const hexOf = (value: number): string => value.toString(16).padStart(12, '0');
const startMs = Date.UTC(2026, 0, 1);

/** An instant so many minutes after the first day of 2026. */
export const minute = (minutes: number): string => new Date(startMs + minutes * 60_000).toISOString();

/** One event; times default to one minute per revision, recorded half a minute later. */
export function event(revision: number, type: string, data: JsonObject = {}, more: Partial<EventEnvelope> = {}): EventEnvelope {
  return {
    id: `00000000-0000-7000-8000-${hexOf(revision)}`,
    type,
    schemaVersion: registry.eventType(type)?.schemaVersion ?? '1.0.0',
    streamType: 'voyage',
    streamId: voyageId,
    revision,
    position: revision * 2,
    entityType: 'voyage',
    entityId: voyageId,
    occurredAt: minute(revision),
    recordedAt: minute(revision + 0.5),
    actor: { type: 'user', id: 'captain' },
    correlationId: 'c1',
    correlationChain: ['c1'],
    data,
    metadata: {},
    priority: 'P2',
    severity: 'INFO',
    prevHash: zeroHash,
    hash: revision.toString(16).padStart(64, '0'),
    ...more,
  };
}

export type Fact = readonly [type: string, data?: JsonObject, more?: Partial<EventEnvelope>];

/** A history by its facts, one event each. */
export const history = (...facts: readonly Fact[]): readonly EventEnvelope[] =>
  facts.map(([type, data, more], index) => event(index + 1, type, data, more));

const cargoId = fc.constantFrom('tea', 'silk', 'constructor', '__proto__', 'toString');
const fact: fc.Arbitrary<readonly [string, JsonObject]> = fc.oneof(
  fc.record({ ship: fc.constantFrom('Beagle', 'Endurance') }).map((data) => ['voyage.planned', data] as const),
  fc.constantFrom('voyage.departed', 'voyage.arrived', 'voyage.cancelled', 'voyage.unheard').map((type) => [type, {}] as const),
  fc.record({ before: fc.constantFrom(0, 5), after: fc.constantFrom(0, 5, 9) }).map((data) => ['speed.changed', data] as const),
  fc.record({ id: cargoId, tons: fc.integer({ min: 1, max: 9 }) }).map((data) => ['cargo.loaded', data] as const),
  cargoId.map((id) => ['cargo.unloaded', { id }] as const),
  fc.record({ text: fc.string({ maxLength: 4 }) }).map((data) => ['note.added', data] as const),
  fc.record({ id: fc.constantFrom('a', 'b', 'c') }).map((data) => ['crew.joined', data] as const),
  fc.record({ id: fc.constantFrom('a', 'b', 'c') }).map((data) => ['crew.left', data] as const),
);

/** Histories with illegal, unknown and repeated facts; a producer's clock that runs backwards; some erased payloads. */
export const arbitraryHistory = (maxLength = 40): fc.Arbitrary<readonly EventEnvelope[]> =>
  fc
    .array(fc.tuple(fact, fc.integer({ min: 0, max: maxLength }), fc.boolean(), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength })
    .map((facts) =>
      facts.map(([[type, data], late, isLate, chance], index) => {
        const more = { ...(isLate ? { occurredAt: minute(late) } : {}), ...(chance === 0 ? { erased: true as const } : {}) };
        return event(index + 1, type, chance === 0 ? {} : data, more);
      }),
    );

/** Makes any change of it throw. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
