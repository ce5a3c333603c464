import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { LogError } from '@refold/core';
import type { EventEnvelope, JsonObject } from '@refold/core';
import { createCatalogRegistry, createDialects, dialectNames, recogniseDialect } from '../src/index.ts';
import { agentLightningRow, envelope, jiraRow, jobEvent, orchestrationRow } from './envelope-arbitrary.ts';

const dialects = createDialects(createCatalogRegistry());
const runs = { numRuns: 2_000 };

describe('law L1: an event comes back from a foreign form as it was', () => {
  it.each(dialectNames)('K-011 X-002 from %s, with its residue trusted', (name) => {
    const dialect = dialects[name];
    fc.assert(fc.property(envelope, (event) => void expect(dialect.fromForeign(dialect.toForeign(event), { trustResidue: true })).toEqual(event)), runs);
  });

  it.each(dialectNames)('D-060 K-011 from the JSON text of %s as well', (name) => {
    const dialect = dialects[name];
    fc.assert(fc.property(envelope, (event) => void expect(dialect.fromForeign(JSON.parse(JSON.stringify(dialect.toForeign(event))), { trustResidue: true })).toEqual(event)), { numRuns: 300 });
  });
});

describe('law L2: a foreign form comes back from the event as it was', () => {
  const rows: readonly (readonly [(typeof dialectNames)[number], fc.Arbitrary<unknown>])[] = [
    ['jira', jiraRow],
    ['agentLightning', agentLightningRow],
    ['orchestration', orchestrationRow],
    ['job', jobEvent],
  ];
  it.each(rows)('K-011 X-002 %s, without residue', (name, arbitrary) => {
    const dialect = dialects[name];
    fc.assert(fc.property(arbitrary, (row) => void expect(dialect.toForeign(dialect.fromForeign(row), { residue: false })).toEqual(row)), runs);
  });

  it.each(rows)('%s: what was read is a whole event, which then keeps law L1', (name, arbitrary) => {
    const dialect = dialects[name];
    fc.assert(
      fc.property(arbitrary, (row) => {
        const event = dialect.fromForeign(row);
        expect(dialect.fromForeign(dialect.toForeign(event), { trustResidue: true })).toEqual(event);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the documents own examples', () => {
  it('A-162 to A-175 K-007 reads a jira line, its payload under metadata', () => {
    const event = dialects.jira.fromForeign({
      event_id: '0f6a1c1e-0000-4000-8000-000000000001',
      event_type: 'AgentSpawned',
      event_version: '1.0.0',
      timestamp: '2025-12-22T10:00:00.123456+00:00',
      event_sequence: 3,
      issue_key: 'PROJ-123',
      session_id: 's-1',
      correlation_id: 'c-1',
      causation_id: null,
      actor: { type: 'agent', id: 'planner', model: 'opus' },
      metadata: { agent_name: 'planner', fooBar: 1 },
      git_sha: 'abc',
      branch: 'main',
    });
    expect(event).toMatchObject({
      type: 'agent_run.spawned',
      streamType: 'orchestration',
      streamId: 'PROJ-123',
      revision: 3,
      occurredAt: '2025-12-22T10:00:00.123Z',
      actor: { type: 'agent', id: 'planner', model: 'opus' },
      data: { agent_name: 'planner', fooBar: 1 },
      git: { sha: 'abc', branch: 'main' },
      ext: { jira: { timestamp: '2025-12-22T10:00:00.123456+00:00' } },
    });
  });

  it('B-008 to B-019 K-015 K-072 reads a row of document 002; its version is a claim, its own row id is kept', () => {
    const row = {
      id: 'row-1', event_id: 'e-1', aggregate_id: 'a-1', aggregate_type: 'agent', event_type: 'updated', event_data: { config: {} },
      timestamp: '2025-01-01T00:00:00', version: 4, correlation_id: 'c', causation_id: null, user_id: null, service_name: 'runner', metadata: { schema_version: '1.0.0' },
    };
    const { input, claimedRevision } = dialects.agentLightning.inputFrom(row);
    expect(claimedRevision).toBe(4);
    expect(input).toMatchObject({ type: 'agent.updated', streamType: 'agent', streamId: 'a-1', actor: { type: 'service', id: 'runner' }, serviceName: 'runner', occurredAt: '2025-01-01T00:00:00.000Z' });
    expect(input.ext).toEqual({ agentLightning: { id: 'row-1', timestamp: '2025-01-01T00:00:00' } });
    for (const reserved of ['revision', 'position', 'recordedAt', 'prevHash', 'hash', 'archivedAt']) expect(input).not.toHaveProperty(reserved);
  });

  it('C-023 C-024 C-026 K-007 writes actor, time, changes and chain into the metadata of document 003', () => {
    const event = { ...sample(), changes: { status: { before: 'pending', after: 'blocked' } } };
    expect(dialects.orchestration.toForeign(event, { residue: false })).toMatchObject({
      event_type: 'orchestration.task.status_changed',
      metadata: { actor: 'ada', timestamp: event.occurredAt, changes: event.changes, correlation_chain: ['c-0', 'c-1'] },
    });
  });

  it('D-032 to D-040 writes a JobEvent with a Date, and reads one whose time is a text', () => {
    const event: EventEnvelope = { ...sample(), type: 'job.created', streamType: 'job', streamId: 'j-1' };
    const form = dialects.job.toForeign(event, { residue: false });
    expect(form).toMatchObject({ jobId: 'j-1', eventType: 'JobCreated', sequence: 7, timestamp: new Date(event.occurredAt), metadata: { userId: 'ada', version: '1.0.0' } });
    expect(dialects.job.fromForeign(JSON.parse(JSON.stringify(form)))).toMatchObject({ type: 'job.created', streamId: 'j-1', occurredAt: event.occurredAt, actor: { type: 'user', id: 'ada' } });
  });

  it('writes CloudEvents whose attribute names are lower case and at most 20 long', () => {
    const form = dialects.cloudevents.toForeign({ ...sample(), trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } }, { residue: false });
    for (const name of Object.keys(form)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
    expect(form).toMatchObject({ specversion: '1.0', type: 'io.refold.task.status_changed', sequence: '0000000000000007', partitionkey: 'task/t-1', severitynumber: 9, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
  });

  it('reads a CloudEvent of somebody else: type cleaned, stream from the subject, own attributes kept, base64 decoded', () => {
    const foreign = { specversion: '1.0', id: 'x-1', source: '/shop', type: 'com.Example.Order-Placed', subject: 'order/42', time: '2025-01-01T00:00:00Z', data_base64: btoa('{"total":3}'), shopzone: 'eu' };
    const event = dialects.cloudevents.fromForeign(foreign);
    expect(event).toMatchObject({ type: 'custom.com_example_order_placed', streamType: 'order', streamId: '42', data: { total: 3 }, actor: { type: 'unknown', id: '/shop' } });
    expect(event.ext?.['cloudEvents']).toMatchObject({ rest: { shopzone: 'eu', data_base64: foreign.data_base64 } });
    expect(dialects.cloudevents.fromForeign({ specversion: '0.3', id: 'x', source: 's', type: 't', time: '2025-01-01T00:00:00Z', datacontentencoding: 'base64', data: btoa('{"a":1}') }).data).toEqual({ a: 1 });
  });
});

describe('what comes from outside is not believed', () => {
  it.each(dialectNames)('X-003 a forged residue in %s is passed over unless it is trusted', (name) => {
    const dialect = dialects[name];
    const form = dialect.toForeign(sample());
    const event = dialect.fromForeign(form);
    expect([event.position, event.hash]).toEqual([0, '']);
    expect(JSON.stringify(dialect.inputFrom(form))).not.toMatch(/_refold|refoldenvelope/);
    expect(dialect.fromForeign(form, { trustResidue: true })).toMatchObject({ position: 99 });
  });

  it.each([
    ['jira', { event_type: 'AgentSpawned', timestamp: '2025-01-01T00:00:00Z', metadata: {} }, 'MISSING_FIELD', '/event_id'],
    ['jira', { event_id: 'e', event_type: 'AgentSpawned', timestamp: 'yesterday', metadata: {} }, 'BAD_TIMESTAMP', '/timestamp'],
    ['agentLightning', { event_id: 'e', aggregate_id: 'a', aggregate_type: 'agent', event_type: 'created', timestamp: '2025-01-01T00:00:00Z', event_data: [] }, 'SCHEMA_VIOLATION', '/event_data'],
    ['orchestration', { id: 'e', event_type: 'task.created', entity_type: 'task', entity_id: 't', emitted_at: '2025-01-01T00:00:00Z' }, 'MISSING_FIELD', '/payload'],
    ['job', { id: 'e', jobId: 'j', eventType: 'JobCreated', timestamp: new Date(Number.NaN), eventData: {} }, 'BAD_TIMESTAMP', '/timestamp'],
    ['cloudevents', 'text', 'SCHEMA_VIOLATION', ''],
  ] as const)('%s: %j is refused as %s at %s', (name, value, code, pointer) => {
    const refused = (): unknown => {
      try {
        return dialects[name].fromForeign(value);
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toBeInstanceOf(LogError);
    expect(refused()).toMatchObject({ code, details: { pointer } });
  });

  it('tells the forms apart by their keys', () => {
    for (const name of dialectNames) expect(recogniseDialect(dialects, dialects[name].toForeign(sample()))).toBe(name);
    for (const value of [null, 1, [], {}, { type: 'task.created', data: {} }]) expect(recogniseDialect(dialects, value)).toBeNull();
  });

  it('bad-input A35 keys such as __proto__ and constructor travel as own keys and change nothing', () => {
    const data = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}') as JsonObject;
    for (const name of dialectNames) expect(JSON.stringify(dialects[name].fromForeign(dialects[name].toForeign({ ...sample(), data })).data)).toBe(JSON.stringify(data));
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  });
});

function sample(): EventEnvelope {
  return {
    id: '0f6a1c1e-0000-7000-8000-000000000009',
    type: 'task.status_changed',
    schemaVersion: '1.0.0',
    streamType: 'task',
    streamId: 't-1',
    revision: 7,
    position: 99,
    entityType: 'task',
    entityId: 't-1',
    occurredAt: '2025-12-22T10:00:00.000Z',
    recordedAt: '2025-12-22T10:00:01.000Z',
    actor: { type: 'user', id: 'ada' },
    correlationId: 'c-1',
    correlationChain: ['c-0', 'c-1'],
    data: { before: 'pending', after: 'blocked' },
    metadata: {},
    priority: 'P1',
    severity: 'INFO',
    prevHash: '1'.repeat(64),
    hash: '2'.repeat(64),
  };
}
