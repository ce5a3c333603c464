import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { refusalOf } from '../../test/refusal.ts';
import { event, minute, voyage } from '../../test/voyage.ts';
import type { LogError } from '../errors.ts';
import { defineAggregate, definePart } from '../fold/aggregate.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createRegistry } from './registry.ts';
import { refuseReservedFields, validateEvent } from './validate.ts';
import type { IncomingEvent, ValidateOptions } from './validate.ts';

const shared = definePart({ name: 'shared', version: '1', initial: () => ({}), events: { 'remark.made': {} } });
const parcel = defineAggregate({
  type: 'parcel',
  version: '1',
  initial: () => ({ status: 'absent' }),
  parts: [shared],
  requires: ['issueKey', 'sessionId'],
  events: {
    'parcel.sent': {
      schema: z.object({ to: z.object({ street: z.string(), city: z.string() }), items: z.array(z.object({ sku: z.string(), count: z.number().int() })), speed: z.enum(['slow', 'fast']).optional() }),
    },
    'parcel.weighed': { schema: z.strictObject({ grams: z.number() }) },
  },
});
const registry = createRegistry({ aggregates: [voyage, parcel] });
const now = minute(100);

const sent = (data: object, more: Partial<EventEnvelope> = {}): IncomingEvent => ({ ...event(1, 'parcel.sent', data as never), streamType: 'parcel', issueKey: 'PROJ-1', sessionId: 's1', ...more });
const whole = { to: { street: 'Quay 1', city: 'Oslo' }, items: [{ sku: 'a', count: 1 }] };
const refusal = (input: IncomingEvent, options: ValidateOptions = {}): LogError => refusalOf(() => validateEvent(input, registry, { now, ...options }));
const seen = (input: IncomingEvent, options: ValidateOptions = {}): readonly (readonly [string, string | undefined])[] =>
  validateEvent(input, registry, { now, mode: 'flag', ...options }).map(({ code, pointer }) => [code, pointer]);

describe('the quality gates', () => {
  it('let a good event through, with fields that the schema does not name', () => {
    expect(validateEvent(sent({ ...whole, colour: 'red' }), registry, { now })).toEqual([]);
  });

  it('refuse an unknown type and name the nearest ones (A-248, bad-input A14)', () => {
    const error = refusal(sent(whole, { type: 'parcel.snet' }));
    expect([error.code, error.details.pointer]).toEqual(['UNKNOWN_TYPE', '/type']);
    expect(error.details['nearest']).toContain('parcel.sent');
    expect(error.hint).toContain('parcel.sent');
  });

  it('take custom types, and unknown ones where the settings say so (B-092)', () => {
    expect(seen(sent({}, { type: 'custom.anything' }))).toEqual([]);
    expect(seen(sent({}, { type: 'acme.thing' }), { mode: 'strict', customTypePrefixes: ['acme.'] })).toEqual([]);
    expect(seen(sent({}, { type: 'odd.thing' }), { mode: 'strict', unknownTypes: 'allow' })).toEqual([]);
    expect(seen(sent({}, { type: 'odd.thing' }), { mode: 'strict', unknownTypes: 'flag' })).toEqual([['UNKNOWN_TYPE', '/type']]);
    expect(seen(sent({}, { type: 'odd.thing' }))).toEqual([['UNKNOWN_TYPE', '/type']]);
    expect(refusal(sent({}, { type: 'odd.thing' }), { mode: 'flag', unknownTypes: 'reject' }).code).toBe('UNKNOWN_TYPE');
    expect(refusal(sent({}, { type: 'custom.' })).code).toBe('UNKNOWN_TYPE');
  });

  it.each(['', 'a b', 'ä.b', 'x'.repeat(129), 'a/b'])('refuse %j as the name of a type in every mode', (type) => {
    expect(refusal(sent({}, { type }), { mode: 'flag' }).details.reason).toBe('name');
  });

  it.each([
    [{ ...whole, to: undefined }, '/data/to'],
    [{ ...whole, to: { street: 'Quay 1' } }, '/data/to/city'],
    [{ ...whole, items: [{ sku: 'a', count: 1 }, { sku: 'b' }] }, '/data/items/1/count'],
  ])('name each missing field by its pointer (A-250, A-254, bad-input A15) %#', (data, pointer) => {
    const error = refusal(sent(JSON.parse(JSON.stringify(data)) as object));
    expect([error.code, error.details.pointer]).toEqual(['MISSING_FIELD', pointer]);
  });

  it.each([
    [{ ...whole, to: 7 }, '/data/to'],
    [{ ...whole, to: { street: 1, city: 'Oslo' } }, '/data/to/street'],
    [{ ...whole, items: [{ sku: 'a', count: 1.5 }] }, '/data/items/0/count'],
    [{ ...whole, items: null }, '/data/items'],
    [{ ...whole, speed: 'warp' }, '/data/speed'],
  ])('name each field that breaks its schema by its pointer (A-249) %#', (data, pointer) => {
    const error = refusal(sent(data));
    expect([error.code, error.details.pointer]).toEqual(['SCHEMA_VIOLATION', pointer]);
  });

  it('refuse a field that a closed schema does not have (bad-input A16)', () => {
    const weighed = sent({ grams: 3, 'a/b': 1 }, { type: 'parcel.weighed' });
    expect(seen(weighed)).toEqual([['SCHEMA_VIOLATION', '/data/a~1b']]);
    expect(seen(sent({ ...whole, colour: 'red' }), { additionalProperties: 'reject' })).toEqual([['SCHEMA_VIOLATION', '/data/colour']]);
  });

  it('check an old payload as its upcasts make it, and refuse versions nobody knows (bad-input A17)', () => {
    const planned = (schemaVersion: string, data: object): IncomingEvent => event(1, 'voyage.planned', data as never, { schemaVersion });
    expect(seen(planned('1.0.0', { vessel: 'Fram' }))).toEqual([]);
    expect(seen(planned('2.0.0', { vessel: 'Fram' }))).toEqual([['MISSING_FIELD', '/data/ship']]);
    for (const version of ['2.0.1', '3.0.0', '0.1.0', 'newest', '']) {
      const error = refusal(planned(version, { ship: 'Fram' }));
      expect([error.code, error.details.reason, error.details.pointer]).toEqual(['SCHEMA_VIOLATION', 'unknown_schema_version', '/schemaVersion']);
    }
  });

  it('refuse a type in a kind of stream that does not take it', () => {
    expect(seen(sent(whole, { streamType: 'voyage' }))).toEqual([['SCHEMA_VIOLATION', '/streamType']]);
    expect(seen(sent({}, { type: 'remark.made' }))).toEqual([]);
    expect(seen(sent({}, { type: 'remark.made', streamType: 'voyage' }))).toEqual([['SCHEMA_VIOLATION', '/streamType']]);
    expect(seen(sent({}, { type: 'remark.made', streamType: 'elsewhere' }))).toEqual([]);
  });

  it.each(['yesterday', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00', '', 7])('refuse %j as a time in every mode (A-251, bad-input A40)', (occurredAt) => {
    const error = refusal(sent(whole, { occurredAt: occurredAt as string }), { mode: 'flag' });
    expect([error.code, error.details.pointer]).toEqual(['BAD_TIMESTAMP', '/occurredAt']);
  });

  it('allow the clock of a producer to be 300 s ahead, and no more (bad-input A40)', () => {
    const ahead = (ms: number): IncomingEvent => sent(whole, { occurredAt: new Date(Date.parse(now) + ms).toISOString() });
    expect(seen(ahead(300_000))).toEqual([]);
    expect(seen(ahead(300_001))).toEqual([['BAD_TIMESTAMP', '/occurredAt']]);
    expect(refusal(ahead(301_000)).details.reason).toBe('future');
    expect(seen(ahead(2_000), { limits: { clockSkewMsMax: 1_000, eventTypeCharactersMax: 128 } })).toEqual([['BAD_TIMESTAMP', '/occurredAt']]);
    expect(validateEvent(ahead(1e9), registry)).toEqual([]);
  });

  it.each(['proj-1', 'PROJ_', 'PROJ-0x1', 'PROJ-1\n', 'P-1', ''])('refuse %j as an issue key (A-167, A-252, bad-input A41)', (issueKey) => {
    expect(refusal(sent(whole, { issueKey })).code).toBe('BAD_ISSUE_KEY');
  });

  it.each(['', 'a b', 'a\nb', 'a\u202eb', 'x'.repeat(10_000)])('refuse a session id that breaks its pattern (A-252, bad-input A47) %#', (sessionId) => {
    expect(refusal(sent(whole, { sessionId })).code).toBe('BAD_SESSION_ID');
  });

  it('ask for the envelope fields that a kind of stream needs (A-168)', () => {
    const { issueKey: _issueKey, sessionId: _sessionId, ...bare } = sent(whole);
    expect(seen(bare)).toEqual([['MISSING_FIELD', '/issueKey'], ['MISSING_FIELD', '/sessionId']]);
  });

  it('ask who acted (A-253, bad-input A39)', () => {
    const { actor: _actor, ...nobody } = sent(whole);
    expect(refusal(nobody).code).toBe('ACTOR_MISSING');
    expect(seen(sent(whole, { actor: { type: 'user', id: '' } }))).toEqual([['ACTOR_MISSING', '/actor/id']]);
    expect(seen(sent(whole, { actor: { type: 'robot' as never, id: 'r' } }))).toEqual([['SCHEMA_VIOLATION', '/actor/type']]);
  });

  it('know their priorities and severities', () => {
    expect(seen(sent(whole, { priority: 'P9' as never, severity: 'LOUD' as never }))).toEqual([['SCHEMA_VIOLATION', '/priority'], ['SCHEMA_VIOLATION', '/severity']]);
  });

  it.each([null, [], 'x', 7, undefined])('refuse %j as a payload in every mode', (data) => {
    const error = refusal({ ...sent(whole), data: data as never }, { mode: 'flag' });
    expect([error.code, error.details.reason, error.details.pointer]).toEqual(['BAD_REQUEST', 'shape', '/data']);
  });

  it('tell everything that is wrong: returned when flagged, beside the first one when refused', () => {
    const bad = sent({ to: { street: 'Quay 1' }, items: 3 }, { issueKey: 'x', sessionId: '' });
    const all = [['MISSING_FIELD', '/data/to/city'], ['SCHEMA_VIOLATION', '/data/items'], ['BAD_ISSUE_KEY', '/issueKey'], ['BAD_SESSION_ID', '/sessionId']];
    expect(seen(bad)).toEqual(all);
    const error = refusal(bad);
    expect([error.code, error.details.pointer]).toEqual(all[0]);
    expect((error.details['violations'] as { code: string; pointer: string }[]).map(({ code, pointer }) => [code, pointer])).toEqual(all);
  });
});

describe('fields that only the log writes', () => {
  it.each(['recordedAt', 'position', 'revision', 'hash', 'prevHash'])('refuse %s from a caller (bad-input A34)', (field) => {
    expect(() => refuseReservedFields({ type: 'x', [field]: 1 })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: { reason: 'reserved_field', pointer: `/${field}` } }));
  });

  it('say nothing about an input without them', () => {
    expect(() => refuseReservedFields({ type: 'x', data: { position: 1 } })).not.toThrow();
  });
});
