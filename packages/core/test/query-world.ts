/** A small domain and its events, for the tests of queries. */
import { z } from 'zod';
import { defineAggregate, definePart } from '../src/fold/aggregate.ts';
import { priorities, severities, zeroHash, actorTypes, type EventEnvelope, type JsonObject } from '../src/log/event.ts';
import { createRegistry } from '../src/schema/registry.ts';
import fc from 'fast-check';

const status = (state: { status?: string }): string => state.status ?? 'absent';

const notes = definePart({ name: 'notes', version: '1', initial: () => ({}), events: { 'note.added': { category: 'talk', aliases: { old: 'NoteAdded' } } } });

export const registry = createRegistry({
  aggregates: [
    defineAggregate<{ status?: string }>({
      type: 'task',
      version: '1',
      initial: () => ({}),
      parts: [notes],
      events: {
        'task.created': { aliases: { old: 'TaskCreated' }, transition: { machine: 'task', status, from: ['absent'], to: 'pending' }, schema: z.object({}) },
        'task.started': { transition: { machine: 'task', status, from: ['pending', 'failed'], to: 'running' }, tags: (data) => (typeof data['lot'] === 'string' ? [`lot:${data['lot']}`] : []) },
        'task.progressed': { transition: { machine: 'task', status, from: ['running'], to: 'same' }, summary: (event) => `${event.streamId} at work` },
        'task.completed': { aliases: { old: 'TaskCompleted' }, transition: { machine: 'task', status, from: ['running'], to: 'completed' } },
        'task.failed': { aliases: { old: 'TaskFailed' }, transition: { machine: 'task', status, from: ['running'], to: (event) => (event.data['final'] === true ? 'given_up' : 'failed') } },
      },
    }),
    defineAggregate({
      type: 'run',
      version: '1',
      initial: () => ({}),
      parts: [notes],
      events: {
        'run.started': { aliases: { old: 'RunStarted' } },
        'tool_call.started': { timeline: { lane: 'tool', mark: 'start', key: (event) => String(event.data['call']) } },
        'tool_call.returned': { timeline: { lane: 'tool', mark: 'end', key: (event) => String(event.data['call']) } },
        'heartbeat.seen': { timeline: { mark: 'hidden' } },
      },
    }),
    defineAggregate({ type: 'box', version: '1', initial: () => ({}), events: { 'box.opened': {} }, otherwise: {} }),
  ],
});

let made = 0;
/** An event; what is not said is dull and valid. */
export function eventOf(more: Partial<EventEnvelope> = {}): EventEnvelope {
  const number = more.position ?? ++made;
  const streamType = more.streamType ?? 'task';
  const streamId = more.streamId ?? 'T-1';
  const correlationId = more.correlationId ?? 'flow';
  return {
    id: uuid(number),
    type: 'task.created',
    schemaVersion: '1.0.0',
    streamType,
    streamId,
    revision: number,
    position: number,
    entityType: streamType,
    entityId: streamId,
    occurredAt: '2026-01-02T03:04:05.678Z',
    recordedAt: '2026-01-02T03:04:06.000Z',
    actor: { type: 'agent', id: 'planner' },
    correlationId,
    correlationChain: [correlationId],
    data: {},
    metadata: {},
    priority: 'P2',
    severity: 'INFO',
    prevHash: zeroHash,
    hash: zeroHash,
    ...more,
  };
}

export const uuid = (number: number): string => `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/* ---- Arbitraries: few values, so that filters and events meet ---- */

const awkward = 'x'.repeat(300);
const ids = fc.constantFrom('a', 'b', 'T-1', 'T-2', `${awkward}1`, `${awkward}2`, `${'é'.repeat(150)}`, 'c\u0001', 'c\ufffd', 'q~300', '__proto__');
const types = fc.constantFrom('task.created', 'task.started', 'task.completed', 'task.failed', 'note.added', 'run.started', 'tool_call.started', 'strange.thing', 'task.strange', 'box.opened', 'box.strange');
const streamTypes = fc.constantFrom('task', 'run', 'box', 'foreign');
const instants = fc
  .oneof(fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 3, 1) }), fc.constantFrom(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2), Date.UTC(2026, 0, 2) - 1))
  .map((ms) => new Date(ms).toISOString());
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const payloads: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>({}, { reward: 0.9 }, { reward: 0.1, text: 'Hello\u0000World' }, { lot: 'L1', list: [1, 'two', { three: null }] });

/** Drops what is undefined: an optional field is absent, not undefined. */
const compact = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;

export const events: fc.Arbitrary<EventEnvelope> = fc
  .record({
    position: fc.integer({ min: 1, max: 50 }),
    revision: fc.integer({ min: 1, max: 20 }),
    type: types,
    streamType: streamTypes,
    streamId: ids,
    entityType: maybe(fc.constantFrom('task', 'step')),
    entityId: maybe(ids),
    refs: maybe(fc.array(fc.record({ type: fc.constantFrom('task', 'sprint'), id: ids }), { maxLength: 40, size: 'max' })),
    occurredAt: instants,
    actor: fc.record({ type: fc.constantFrom(...actorTypes), id: ids }),
    serviceName: maybe(ids),
    chain: fc.array(fc.oneof(ids, fc.integer({ min: 0, max: 30 }).map(String)), { minLength: 1, maxLength: 20, size: 'max' }),
    causationId: maybe(ids),
    sessionId: maybe(ids),
    issueKey: maybe(ids),
    phase: maybe(ids),
    agent: maybe(ids),
    data: payloads,
    priority: fc.constantFrom(...priorities),
    severity: fc.constantFrom(...severities),
    trace: maybe(ids.map((traceId) => ({ traceId }))),
    archivedAt: maybe(fc.constant('2026-05-01T00:00:00.000Z')),
  })
  .map(({ chain, ...parts }) => eventOf(compact<Partial<EventEnvelope>>({ ...parts, correlationChain: chain, correlationId: chain.at(-1) })));

/** Named values as a door would hand them in. */
/** Equalities of fields that have tags, joined in ways that imply them and in ways that do not. */
const equalities = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom('agent', 'sessionId', 'issueKey', 'phase', 'serviceName', 'causationId'), ids),
      fc.tuple(fc.constant('type'), types),
    ).chain(([field, value]) => fc.constantFrom(`${field} == ${JSON.stringify(value)}`, `${JSON.stringify(value)} == event["${field}"]`, `event.${field} == ${JSON.stringify(value)}`)),
    { minLength: 1, maxLength: 3 },
  )
  .chain((parts) => fc.constantFrom(parts.join(' && '), parts.join(' || '), `(${parts.join(' && ')}) && revision > 3`, `revision > 3 || ${parts.join(' && ')}`, `!(${parts.join(' && ')})`, `${parts.join(' && ')} ? false : true`));

export const filterInputs: fc.Arbitrary<Record<string, unknown>> = fc
  .record({
    id: maybe(fc.array(fc.integer({ min: 1, max: 50 }).map(uuid), { minLength: 1, maxLength: 30 })),
    type: maybe(fc.array(fc.oneof(types, fc.constantFrom('TaskCreated', 'NoteAdded', 'task.*', '*.created', 'Task*', '*', 'strange.*', 'box.*', 'none.*', 'failed')), { minLength: 1, maxLength: 3 })),
    category: maybe(fc.constantFrom('task', 'talk', 'strange', 'box', 'none')),
    streamType: maybe(streamTypes),
    streamId: maybe(ids),
    entityType: maybe(fc.constantFrom('task', 'step')),
    entityId: maybe(ids),
    entityChain: maybe(fc.record({ type: fc.constantFrom('task', 'sprint'), id: ids })),
    issueKey: maybe(ids),
    sessionId: maybe(ids),
    phase: maybe(ids),
    agent: maybe(ids),
    actorId: maybe(ids),
    actorType: maybe(fc.constantFrom(...actorTypes)),
    serviceName: maybe(ids),
    correlationId: maybe(fc.oneof(ids, fc.integer({ min: 0, max: 30 }).map(String))),
    causationId: maybe(ids),
    from: maybe(instants),
    to: maybe(instants),
    fromRevision: maybe(fc.integer({ min: 0, max: 20 })),
    toRevision: maybe(fc.integer({ min: 0, max: 20 })),
    afterPosition: maybe(fc.integer({ min: 0, max: 50 })),
    priority: maybe(fc.uniqueArray(fc.constantFrom(...priorities), { minLength: 1 })),
    minSeverity: maybe(fc.constantFrom(...severities)),
    traceId: maybe(ids),
    text: maybe(fc.constantFrom('hello', 'WORLD', 'o\u0000w', 'two', 'nothing')),
    expression: maybe(fc.oneof(fc.constantFrom('data.reward > 0.5', 'event.revision % 2 == 0', 'has(event.sessionId)', "event_data.get('reward', 0) > 0.8"), equalities)),
    includeArchived: maybe(fc.boolean()),
  })
  .chain((full) => fc.subarray(Object.entries(full).filter(([, value]) => value !== undefined), { maxLength: 4 }).map((parts) => Object.fromEntries(parts)))
  .filter(({ from, to, fromRevision, toRevision }) => !(from! > to!) && !(fromRevision! > toRevision!));
