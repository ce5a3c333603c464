/** Bad inputs that only a program can hand in, or that only a setting refuses (bad-inputs section A), at the log itself. */
import { createRegistry, defineAggregate } from '@refold/core';
import type { AppendRequest, EventInput, Log, LogDriver } from '@refold/core';
import { wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { allEvents, event, openJobLog, refusal } from './job-log.ts';

const secret = `ghp_${'a1B2'.repeat(9)}`;
const noted = (data: unknown, more: Partial<EventInput> = {}): EventInput => event('job.noted', { data: data as never, ...more });

/** A log that counts what reaches its engine. */
async function openCounted(options: Parameters<typeof openJobLog>[0] = {}): Promise<{ readonly log: Log; writes(): number }> {
  let writes = 0;
  const counted = (driver: LogDriver): LogDriver =>
    wrapLog(driver, {
      append(commits) {
        writes++;
        return driver.append(commits);
      },
      kvPut(key, value, expected) {
        writes++;
        return driver.kvPut(key, value, expected);
      },
    });
  const log = await openJobLog({ ...options, wrap: counted });
  const atOpen = writes;
  return { log, writes: () => writes - atOpen };
}

async function expectRefused(request: AppendRequest, details: object, options: Parameters<typeof openJobLog>[0] = {}): Promise<void> {
  const { log, writes } = await openCounted(options);
  const error = await refusal(log, request);
  expect(error).toMatchObject(details);
  expect(`${error.message} ${JSON.stringify(error.details)} ${error.hint}`).not.toContain(secret);
  expect([writes(), (await log.head()).position, await log.streams({})]).toEqual([0, 0, []]);
}

describe('values that no JSON holds', () => {
  class Point {
    readonly x = 1;
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = [cycle];
  const throwing = { get value(): never { throw new Error(secret); } };
  const values: readonly (readonly [row: string, what: string, value: unknown, code: string, reason: string])[] = [
    ['bad-input A25', 'NaN', Number.NaN, 'BAD_NUMBER', 'not_finite'],
    ['bad-input A25', 'Infinity', -Infinity, 'BAD_NUMBER', 'not_finite'],
    ['bad-input A25', '10n', 10n, 'BAD_NUMBER', 'bigint'],
    ['bad-input A25', 'undefined', undefined, 'BAD_JSON', 'value'],
    ['bad-input A25', 'a function', () => 1, 'BAD_JSON', 'value'],
    ['bad-input A25', 'a symbol', Symbol(secret), 'BAD_JSON', 'value'],
    ['bad-input A26', 'a Date', new Date(0), 'BAD_JSON', 'not_plain'],
    ['bad-input A26', 'a Map', new Map([[1, 2]]), 'BAD_JSON', 'not_plain'],
    ['bad-input A26', 'a Buffer', Buffer.from('x'), 'BAD_JSON', 'not_plain'],
    ['bad-input A26', 'an instance of a class', new Point(), 'BAD_JSON', 'not_plain'],
    ['bad-input A26', 'a cycle', cycle, 'BAD_JSON', 'cycle'],
    // oxlint-disable-next-line no-sparse-arrays
    ['bad-input A26', 'a sparse array', [1, , 2], 'BAD_JSON', 'sparse'],
    ['bad-input A26', 'a getter that throws', throwing, 'BAD_JSON', 'not_plain'],
    ['bad-input A26', 'an object that writes itself', { toJSON: () => 'x' }, 'BAD_JSON', 'not_plain'],
    ['bad-input A27', 'half a character', '\ud800', 'BAD_UTF8', 'lone_surrogate'],
    ['bad-input A27', 'half a character as a key', { '\udfff': 1 }, 'BAD_UTF8', 'lone_surrogate'],
  ];
  for (const where of ['data', 'metadata', 'changes'] as const)
    test.each(values)(`%s: %s in ${where} is refused before any I/O`, async (_row, _what, value, code, reason) => {
      const placed = { data: noted({ v: [value] }), metadata: noted({}, { metadata: { v: [value] } as never }), changes: noted({}, { changes: { v: { before: null, after: [value] } } as never }) }[where];
      await expectRefused({ events: [placed] }, { code, details: { reason, pointer: expect.stringContaining('/v') } });
    });

  test('bad-input A27: with sanitize half a character is replaced, in values and keys, and the event says so', async () => {
    const log = await openJobLog();
    await log.append({ events: [noted({ v: 'a\ud800', '\udfffk': 1 }), noted({ v: 'whole' })], sanitize: true });
    const [replaced, whole] = await allEvents(log);
    expect(replaced).toMatchObject({ data: { v: 'a\ufffd', '\ufffdk': 1 }, metadata: { sanitized: true } });
    expect(whole!.metadata).toEqual({});
  });
});

describe('payloads', () => {
  const scale = defineAggregate({ type: 'scale', version: '1', initial: () => ({}), events: { 'scale.read': { schema: z.strictObject({ grams: z.number() }) } } });

  test('bad-input A16: a field that a closed schema does not have is refused with its pointer', async () => {
    const ports = { registry: createRegistry({ aggregates: [scale] }) };
    const log = await openJobLog(ports);
    const read = (data: object): AppendRequest => ({ events: [{ type: 'scale.read', streamType: 'scale', streamId: '1', actor: { type: 'service', id: 's' }, data: data as never }] });
    expect(await refusal(log, read({ grams: 3, ounces: 1 }))).toMatchObject({ code: 'SCHEMA_VIOLATION', details: { reason: 'unknown_field', pointer: '/data/ounces' } });
    expect((await log.head()).position).toBe(0);
    expect(await log.append(read({ grams: 3 }))).toMatchObject({ first: 1 });
  });

  test.each([
    ['a value', { header: `token ${secret}` }],
    ['a key', { [secret]: 1 }],
    ['an error text', { error: { message: `401 for ${secret}` } }],
  ])('bad-input A44: with redaction set to reject, a token in %s is SENSITIVE_DATA and comes back nowhere', async (_where, data) => {
    await expectRefused({ events: [noted(data)] }, { code: 'SENSITIVE_DATA' }, { redaction: { mode: 'reject' } });
  });

  test('bad-input A45: a blob of 32 MiB is stored, one byte more is refused', async () => {
    const { log, writes } = await openCounted();
    const limit = 32 * 1_048_576;
    await expect(log.blobs.put(new Uint8Array(limit + 1))).rejects.toMatchObject({ code: 'TOO_LARGE', details: { reason: 'blob', size: limit + 1, limit } });
    expect(writes()).toBe(0);
    const { $blob } = await log.blobs.put(new Uint8Array(limit));
    expect((await log.blobs.get($blob.sha256))?.content).toHaveLength(limit);
  });
});

describe('fields that no event has (A-097)', () => {
  const misspelt = { ...event('job.noted'), occuredAt: '2026-01-01T00:00:00Z' } as EventInput;

  test('strict refuses them, names the nearest field, and says all of them', async () => {
    await expectRefused({ events: [misspelt] }, { code: 'BAD_REQUEST', details: { reason: 'unknown_field', pointer: '/occuredAt', nearest: ['occurredAt'] }, hint: expect.stringContaining('occurredAt') });
    await expectRefused({ events: [event('job.noted'), { ...misspelt, sessionid: 's' } as EventInput] }, { code: 'BAD_REQUEST', details: { index: 1, violations: [{ code: 'BAD_REQUEST', pointer: '/occuredAt' }, { code: 'BAD_REQUEST', pointer: '/sessionid' }] } });
    await expectRefused({ events: [{ ...event('job.noted'), 'a/~b': 1 } as EventInput] }, { details: { pointer: '/a~1~0b', nearest: [] }, hint: expect.stringContaining('data') });
  });

  test('they are said before what may follow from them: a stream that seems not to be named', async () => {
    const { streamId: _id, ...unnamed } = event('job.noted');
    await expectRefused({ events: [{ ...unnamed, streamID: '42' } as EventInput] }, { details: { reason: 'unknown_field', pointer: '/streamID', nearest: ['streamId'] } });
  });

  test('flag takes the event, warns, and marks it', async () => {
    const log = await openJobLog();
    const { warnings } = await log.append({ events: [misspelt], validation: 'flag' });
    expect(warnings).toEqual(['BAD_REQUEST: occuredAt is no field of an event.']);
    expect((await allEvents(log))[0]).toMatchObject({ metadata: { violations: ['BAD_REQUEST'] } });
  });
});
