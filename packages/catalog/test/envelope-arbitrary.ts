/** Random events and random rows of each foreign form, with everything that is allowed and odd in them. */
import fc from 'fast-check';
import type { EventEnvelope, JsonObject } from '@refold/core';
import { catalogue } from './samples.ts';

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonObject[string]>;
/** Values as they are after a parse: no -0, which JSON writes as 0. */
const plain = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> => arbitrary.map((value) => JSON.parse(JSON.stringify(value)) as T);
const jsonObject: fc.Arbitrary<JsonObject> = plain(fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 4 })).filter((object) => !Object.hasOwn(object, '_refold'));

const text = fc.string({ minLength: 1, maxLength: 12 });
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/);
const instant = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }).map((date) => date.toISOString());
/** Times as programs write them: microseconds, offsets, no zone, a space. */
const sourceTime = fc
  .tuple(instant, fc.constantFrom('', '123', '000'), fc.constantFrom('Z', '+00:00', '-05:30', ''), fc.constantFrom('T', ' '))
  .map(([time, micros, zone, between]) => `${time.slice(0, 10)}${zone === '' ? between : 'T'}${time.slice(11, 23)}${micros}${zone}`);
const hex = (length: number): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });

const type = fc.oneof(fc.constantFrom(...catalogue.map((row) => row.type)), fc.tuple(word, word).map(([noun, verb]) => `${noun}.${verb}`));
const actor = fc.record({ type: fc.constantFrom('user', 'agent', 'service', 'system', 'unknown'), id: text, model: text, name: text }, { requiredKeys: ['type', 'id'] });
const git = fc.record({ sha: text, branch: text, codebaseState: jsonObject }, { requiredKeys: [] });
const trace = fc.record({ traceId: hex(32), spanId: hex(16), traceFlags: fc.constantFrom(0, 1), traceState: text }, { requiredKeys: ['traceId'] });
const reference = fc.record({ type: word, id: text, rel: word }, { requiredKeys: ['type', 'id'] });

export const envelope: fc.Arbitrary<EventEnvelope> = fc
  .record(
    {
      id: fc.uuid(),
      type,
      schemaVersion: fc.constantFrom('1.0.0', '2.1.0'),
      streamType: fc.oneof(fc.constantFrom('orchestration', 'task', 'job', 'agent'), word),
      streamId: text,
      revision: fc.integer({ min: 1, max: 1_000_000 }),
      position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      entityType: word,
      entityId: text,
      refs: fc.array(reference, { minLength: 1, maxLength: 2 }),
      occurredAt: instant,
      recordedAt: instant,
      actor,
      serviceName: text,
      correlationChain: fc.array(text, { minLength: 1, maxLength: 3 }),
      causationId: fc.uuid(),
      sessionId: text,
      issueKey: fc.constantFrom('PROJ-1', 'AB2-77'),
      phase: text,
      agent: text,
      data: jsonObject,
      changes: fc.dictionary(word, fc.record({ before: plain(json), after: plain(json) }), { minKeys: 1, maxKeys: 2 }),
      metadata: jsonObject,
      priority: fc.constantFrom('P0', 'P1', 'P2', 'P3'),
      severity: fc.constantFrom('TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'),
      git,
      trace,
      prevHash: hex(64),
      hash: hex(64),
      archivedAt: instant,
    },
    {
      requiredKeys: [
        'id', 'type', 'schemaVersion', 'streamType', 'streamId', 'revision', 'position', 'entityType', 'entityId', 'occurredAt', 'recordedAt', 'actor', 'correlationChain', 'data', 'metadata',
        'priority', 'severity', 'prevHash', 'hash',
      ],
    },
  )
  // Safe: the values of each field are drawn from what its type allows.
  .map((event) => ({ ...event, correlationId: event.correlationChain.at(-1)! }));

/** Keys that no document names; not our residue. */
const extraKeys = jsonObject.map((object) => Object.fromEntries(Object.entries(object).map(([key, value]) => [`x_${key}`, value])));
const orNull = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof(arbitrary, fc.constant(null));
const spelling = fc.oneof(type, fc.constantFrom('AgentSpawned', 'JobCreated', 'orchestration.task.created', 'created', 'SomethingElse'));

const row = (fields: { readonly [key: string]: fc.Arbitrary<unknown> }, required: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.tuple(fc.record(fields, { requiredKeys: [...required] }), extraKeys).map(([known, extra]) => ({ ...known, ...extra }) as JsonObject);

export const jiraRow = row(
  {
    event_id: fc.oneof(fc.uuid(), text),
    event_type: spelling,
    event_version: fc.constantFrom('1.0.0', '1.2.0'),
    timestamp: sourceTime,
    event_sequence: fc.integer({ min: 1, max: 999 }),
    issue_key: orNull(text),
    session_id: orNull(text),
    correlation_id: orNull(text),
    causation_id: orNull(text),
    actor: fc.oneof(actor, fc.constant({ type: 'robot', id: 'x', badge: 7 })),
    metadata: jsonObject,
    git_sha: orNull(text),
    branch: orNull(text),
    codebase_state: orNull(jsonObject),
  },
  ['event_id', 'event_type', 'timestamp', 'metadata'],
);

export const agentLightningRow = row(
  {
    id: fc.oneof(text, fc.integer()),
    event_id: text,
    aggregate_id: text,
    aggregate_type: word,
    event_type: spelling,
    event_data: jsonObject,
    timestamp: sourceTime,
    version: fc.integer({ min: 1, max: 999 }),
    correlation_id: orNull(text),
    causation_id: orNull(text),
    user_id: orNull(text),
    service_name: orNull(text),
    metadata: orNull(jsonObject),
  },
  ['event_id', 'aggregate_id', 'aggregate_type', 'event_type', 'event_data', 'timestamp'],
);

const orchestrationMetadata = fc
  .tuple(
    fc.record({ actor: fc.oneof(text, actor), timestamp: sourceTime, changes: orNull(fc.dictionary(word, fc.record({ before: plain(json), after: plain(json) }), { maxKeys: 2 })), correlation_chain: fc.array(text, { maxLength: 3 }) }, { requiredKeys: [] }),
    extraKeys,
  )
  .map(([standard, extra]) => ({ ...standard, ...extra }));

export const orchestrationRow = row(
  {
    id: text,
    event_type: fc.oneof(spelling, type.map((name) => `orchestration.${name}`)),
    entity_type: word,
    entity_id: text,
    correlation_id: orNull(text),
    session_key: orNull(text),
    payload: jsonObject,
    metadata: orchestrationMetadata,
    emitted_at: sourceTime,
    archived_at: orNull(instant),
  },
  ['id', 'event_type', 'entity_type', 'entity_id', 'payload', 'metadata', 'emitted_at'],
);

export const jobEvent = fc
  .tuple(
    fc.record({ id: text, jobId: text, eventType: spelling, eventData: jsonObject, sequence: fc.integer({ min: 0, max: 999 }) }),
    instant,
    fc.record({ traceId: fc.oneof(hex(32), text), userId: text, version: fc.constantFrom('1.0.0', '1.1.0') }, { requiredKeys: ['version'] }),
    extraKeys,
  )
  .map(([fields, time, metadata, extra]) => ({ ...fields, timestamp: new Date(time), metadata: { ...metadata, ...extra } }));
