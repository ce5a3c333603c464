/**
 * What broken producers and attackers hand in through POST /events (bad-inputs section A), row by row, over every engine of
 * this release. Each refusal also shows what all of them promise: nothing was stored, no position was taken, no stream moved,
 * the server is well, and neither a stack, nor a path, nor the input's secret comes back.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openMemoryLog } from '@refold/driver-memory';
import { openSqliteLog } from '@refold/driver-sqlite';
import { LogError } from '@refold/core';
import { withFaults, wrapLog } from '@refold/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World, WorldOptions } from './server-world.ts';

const events = '/api/v1/events';
const mebibyte = 1_048_576;
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const secret = `ghp_${'a1B2'.repeat(9)}`;
/** With a secret, so that every refusal also shows that it keeps one. */
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: secret } } as const;

const engines: { readonly [name: string]: NonNullable<WorldOptions['open']> } = {
  memory: (linker, { clock }) => openMemoryLog({ linker, clock }),
  sqlite: (linker, { clock }) => openSqliteLog({ path: temporaryFile(), linker, clock }),
};

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-bad-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'log.db');
}

/** A log that holds something already, so that it shows when a refusal touched it. */
async function startWitnessed(options: WorldOptions): Promise<World> {
  const world = await startWorld(options);
  await stored(world, { ...note, streamId: 'witness' });
  return world;
}

async function stored(world: World, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await world.post(events, body, headers);
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}

/** All that an append could have moved. */
const standing = async (world: World): Promise<unknown> => ({ head: (await world.log.head()).position, streams: await world.log.streams({}), events: (await world.call(`${events}?limit=1000`)).text });

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** What must stand in `details`, the reason among it. */
  readonly details?: { readonly [name: string]: unknown };
}

async function expectRefused(world: World, send: () => Promise<Answer>, { status, code, details = {} }: Refusal): Promise<Answer> {
  const before = await standing(world);
  const answer = await send();
  expect({ status: answer.status, ...answer.body }).toMatchObject({ status, code, details });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.body.detail).toMatch(/\S/);
  expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d|node_modules|refold-bad-/);
  expect(answer.text).not.toContain(repository);
  for (const text of [answer.text, JSON.stringify(world.lines)]) expect(text).not.toContain(secret);
  expect(await standing(world)).toEqual(before);
  expect((await world.call('/api/v1/health')).body.status).toBe('ok');
  return answer;
}

type Body = string | Buffer | object;
type Row = readonly [row: string, what: string, body: Body, refusal: Refusal, headers?: Record<string, string>];

const refusalOf = (status: number, code: string, reason?: string, more: object = {}): Refusal => ({ status, code, details: { ...(reason === undefined ? {} : { reason }), ...more } });
const badRequest = (reason: string, more?: object): Refusal => refusalOf(400, 'BAD_REQUEST', reason, more);
const badJson = (reason: string, more?: object): Refusal => refusalOf(400, 'BAD_JSON', reason, more);
const badNumber = (reason: string): Refusal => refusalOf(422, 'BAD_NUMBER', reason, { pointer: '/data/v' });

/** An event whose payload is this JSON text as it stands. */
const raw = (data: string): string => `${JSON.stringify({ ...note, data: undefined }).slice(0, -1)},"data":${data}}`;
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const spliced = (...value: readonly number[]): Buffer => bytes(raw('{"v":"').slice(0, -1), value, '"}}');
const nested = (depth: number): object => (depth === 1 ? {} : { v: nested(depth - 1) });
const keyed = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));
const utf16 = (order: 'le' | 'be', mark: string): Buffer => {
  const little = Buffer.from(mark + JSON.stringify(note), 'utf16le');
  return order === 'le' ? little : little.swap16();
};
/** Split as the log splits an address: at the first slash. */
const at = (address: string): object => ({ ...note, streamType: address.split('/')[0], streamId: address.split('/').slice(1).join('/') });

const refused: readonly Row[] = [
  ['bad-input A1', 'an empty body', '', badRequest('empty_body')],
  ['bad-input A1', 'an empty body, packed', gzipSync(''), badRequest('empty_body'), { 'content-encoding': 'gzip' }],
  ...['null', '42', '"x"', 'true'].map((text): Row => ['bad-input A2', text, text, badRequest('shape')]),
  ['bad-input A2', 'a list of numbers', '[1,2]', badRequest('events')],
  ['bad-input A3', 'cut JSON', '{"type":"x"', badJson('syntax', { byte: 11 })],
  ['bad-input A5', 'FF FE', bytes([0xff, 0xfe]), refusalOf(400, 'BAD_UTF8', undefined, { byte: 0 })],
  ...([['C3 28', [0xc3, 0x28]], ['overlong C0 AF', [0xc0, 0xaf]], ['ED A0 80', [0xed, 0xa0, 0x80]], ['FF FE', [0xff, 0xfe]]] as const).map(([what, value]): Row => ['bad-input A5', `${what} in a value`, spliced(...value), refusalOf(400, 'BAD_UTF8', 'invalid', { byte: raw('{"v":"').length - 1 })]),
  ...(['le', 'be'] as const).flatMap((order) => ['', '\ufeff'].map((mark): Row => ['bad-input A6', `UTF-16${order}${mark === '' ? '' : ' with a mark'}`, utf16(order, mark), refusalOf(400, 'BAD_UTF8')])),
  ['bad-input A7', 'text/plain', note, refusalOf(415, 'BAD_REQUEST', 'content_type'), { 'content-type': 'text/plain' }],
  ['bad-input A7', 'no declared type', Buffer.from(JSON.stringify(note)), refusalOf(415, 'BAD_REQUEST', 'content_type'), { 'content-type': '' }],
  ['bad-input A8', 'gzip that inflates to 8 MiB and one byte', gzipSync(JSON.stringify(note).padEnd(8 * mebibyte + 1)), refusalOf(413, 'TOO_LARGE', 'body', { limit: 8 * mebibyte }), { 'content-encoding': 'gzip' }],
  ['bad-input A8', 'gzip that inflates to 64 MiB', gzipSync(Buffer.alloc(64 * mebibyte, 0x20), { level: 1 }), refusalOf(413, 'TOO_LARGE', 'body', { limit: 8 * mebibyte }), { 'content-encoding': 'gzip' }],
  ['bad-input A11', '501 events', Array.from({ length: 501 }, () => note), refusalOf(413, 'TOO_LARGE', 'batch', { size: 501, limit: 500 })],
  ['bad-input A12', '100 events of which number 57 breaks its schema', Array.from({ length: 100 }, (_, index) => ({ ...note, type: 'job.created', streamType: 'job', streamId: `j${index}`, data: { name: index === 57 ? 57 : 'nightly' } })), refusalOf(422, 'SCHEMA_VIOLATION', undefined, { index: 57, pointer: '/data/name' })],
  ['bad-input A13', 'an empty list', '[]', badRequest('empty_batch')],
  ['bad-input A13', 'an empty list in its call', { events: [] }, badRequest('empty_batch')],
  ['bad-input A14', 'an unknown type', { ...note, type: 'agent_run.faild', data: {} }, refusalOf(422, 'UNKNOWN_TYPE', undefined, { pointer: '/type', nearest: expect.arrayContaining(['agent_run.failed']) })],
  ['bad-input A15', 'a required field that is absent', { ...note, type: 'phase.started', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 's1', data: {} }, refusalOf(422, 'MISSING_FIELD', undefined, { pointer: '/data/phase' })],
  ['bad-input A15', 'no type at all', { streamType: 'custom', streamId: 'n1', data: {} }, refusalOf(422, 'MISSING_FIELD', undefined, { pointer: '/events/0/type' })],
  ['bad-input A17', 'a schema version from the future', { ...note, type: 'job.created', streamType: 'job', schemaVersion: '99.0.0', data: {} }, refusalOf(422, 'SCHEMA_VIOLATION', 'unknown_schema_version', { pointer: '/schemaVersion' })],
  ...['{"__proto__":{"x":1}}', '{"v":{"w":[{"__proto__":1}]}}', '{"\\u005f_proto__":{"x":1}}', '{"v":[{"\\u005f\\u005fproto\\u005f_":1}]}'].map((data): Row => ['bad-input A18', data, raw(data), badJson('forbidden_key', { pointer: expect.stringMatching(/\/__proto__$/) })]),
  ['bad-input A18', 'beside the payload', `${JSON.stringify(note).slice(0, -1)},"__proto__":{"data":{}}}`, badJson('forbidden_key', { pointer: '/__proto__' })],
  ...['{"a":1,"a":2}', '{"a":1,"\\u0061":2}'].map((data): Row => ['bad-input A20', data, raw(data), badJson('duplicate_key', { pointer: '/data/a' })]),
  ['bad-input A21', 'a payload of depth 65', { ...note, data: nested(65) }, badJson('depth')],
  ['bad-input A21', '100,000 [ as the body', '['.repeat(100_000), badJson('depth')],
  ['bad-input A21', '100,000 [ in the payload', raw(`{"v":${'['.repeat(100_000)}`), badJson('depth')],
  ['bad-input A22', '50,001 keys', { ...note, data: keyed(50_001) }, refusalOf(413, 'TOO_LARGE', 'keys', { limit: 50_000 })],
  ['bad-input A22', 'a key of 513 bytes', { ...note, data: { [`${'é'.repeat(256)}x`]: 0 } }, refusalOf(413, 'TOO_LARGE', 'key', { limit: 512 })],
  ...['12345678901234567890', '9007199254740993.0', '1e30'].map((number): Row => ['bad-input A23', number, raw(`{"v":${number}}`), badNumber('unsafe_integer')]),
  ...['1e400', '-1e999'].map((number): Row => ['bad-input A24', number, raw(`{"v":${number}}`), badNumber('not_finite')]),
  ['bad-input A27', 'half a character in a value', raw('{"v":"\\ud800"}'), refusalOf(400, 'BAD_UTF8', 'lone_surrogate')],
  ['bad-input A27', 'half a character in a key', raw('{"\\ud800":1}'), refusalOf(400, 'BAD_UTF8', 'lone_surrogate')],
  ...([
    ['', 'shape'],
    ['job', 'shape'],
    ['/42', 'shape'],
    ['job/', 'shape'],
    ['job/../x', 'segment'],
    ['job/a//b', 'segment'],
    ['job/a\nb', 'control'],
    ['job/a\u0000', 'control'],
    ['job/ a', 'space'],
    [' job/a', 'space'],
    ['job/e\u0301', 'normal_form'],
    ['job/\u202ea', 'invisible'],
    [`job/${'a'.repeat(509)}`, 'length'],
  ] as const).map(([address, reason]): Row => ['bad-input A29', JSON.stringify(address.slice(0, 20)), at(address), refusalOf(422, 'BAD_STREAM_ADDRESS', reason)]),
  ['bad-input A29', 'no stream, and a type that names none', { ...note, type: 'job.created', streamType: undefined, streamId: undefined }, refusalOf(422, 'BAD_STREAM_ADDRESS', 'missing', { pointer: '/streamId' })],
  ...[-1, 1.5, '3', null].map((expectedRevision): Row => ['bad-input A30', JSON.stringify(expectedRevision), { ...note, expectedRevision }, badRequest('expectedRevision', { pointer: '/expectedRevision' })]),
  // A number beyond 2^53 is none that could be read exactly, whatever it is meant for (A23).
  ['bad-input A30', '2^53', `${JSON.stringify(note).slice(0, -1)},"expectedRevision":9007199254740992}`, refusalOf(422, 'BAD_NUMBER', 'unsafe_integer', { pointer: '/expectedRevision' })],
  ['bad-input A31', 'a wrong expected revision', { ...note, streamId: 'witness', expectedRevision: 3 }, refusalOf(409, 'REVISION_CONFLICT', undefined, { stream: 'custom/witness', expected: 3, actual: 1 })],
  ['bad-input A31', 'two failing checks', { events: [note], expectedRevisions: { 'custom/witness': 7, 'custom/n1': 'exists' } }, refusalOf(409, 'REVISION_CONFLICT', undefined, { failed: expect.arrayContaining([{ stream: 'custom/witness', expected: 7, actual: 1 }, { stream: 'custom/n1', expected: 'exists', actual: 0 }]) })],
  ...['recordedAt', 'position', 'revision', 'hash', 'prevHash'].map((field): Row => ['bad-input A34', field, { ...note, [field]: 1 }, badRequest('reserved_field', { pointer: `/${field}` })]),
  ...['1e-400', '123e-1000'].map((number): Row => ['bad-input A36', number, raw(`{"v":${number}}`), badNumber('underflow')]),
  ['bad-input A39', 'nobody acted', { ...note, actor: undefined }, refusalOf(422, 'ACTOR_MISSING', undefined, { pointer: '/actor' })],
  ...['yesterday', '2026-02-30T00:00:00Z', '2026-11-20T10:00:00', '2026-11-20T10:05:01Z'].map((occurredAt): Row => ['bad-input A40', occurredAt, { ...note, occurredAt }, refusalOf(422, 'BAD_TIMESTAMP', undefined, { pointer: '/occurredAt' })]),
  ...['proj-1', 'PROJ_', 'PROJ-0x1', ''].map((issueKey): Row => ['bad-input A41', JSON.stringify(issueKey), { ...note, issueKey }, refusalOf(422, 'BAD_ISSUE_KEY', undefined, { pointer: '/issueKey' })]),
  ...['a b', 'a\nb', '', 'x'.repeat(10_000)].map((sessionId): Row => ['bad-input A47', JSON.stringify(sessionId.slice(0, 10)), { ...note, sessionId }, refusalOf(422, 'BAD_SESSION_ID', undefined, { pointer: '/sessionId' })]),
  ['bad-input A45', 'a blob that was never uploaded', { ...note, data: { picture: [{ $blob: { sha256: 'a'.repeat(64), bytes: 3, mediaType: 'image/png' } }] } }, refusalOf(412, 'PRECONDITION_FAILED', 'blob', { sha256: 'a'.repeat(64) })],
  ['A-097', 'a field that no event has', { ...note, occuredAt: '2026-11-20T09:00:00Z' }, badRequest('unknown_field', { pointer: '/occuredAt', nearest: ['occurredAt'] })],
  ['A-097', 'a field of another spelling', { ...note, issue_key: 'PROJ-1' }, badRequest('unknown_field', { pointer: '/issue_key', nearest: ['issueKey'] })],
  ['A-097', 'a field of the call, in a list', [{ ...note, commitId: 'c1' }, note], badRequest('unknown_field', { index: 0, pointer: '/commitId' })],
];

const sent = (body: Body): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe.each(Object.entries(engines))('what is refused (%s)', (_engine, open) => {
  for (const [row, what, body, refusal, headers] of refused)
    test(`${row}: ${what} is ${refusal.code} ${String(refusal.details?.['reason'] ?? '')}`.trimEnd(), async () => {
      const world = await startWitnessed({ open });
      const { 'content-type': type = 'application/json', ...others } = headers ?? {};
      await expectRefused(world, () => world.call(events, { method: 'POST', headers: { ...others, ...(type === '' ? {} : { 'content-type': type }) }, body: sent(body) }), refusal);
      // No prototype was reached by anything that was sent.
      expect(({} as { x?: unknown }).x).toBeUndefined();
    });

  test('bad-inputs A9 and A10: 1 MiB of canonical bytes is stored, one byte more is refused with its size and a way out', async () => {
    const world = await startWitnessed({ open });
    const sized = (length: number): object => ({ ...note, data: { text: 'x'.repeat(length) } });
    const tooLarge = await expectRefused(world, () => world.post(events, sized(mebibyte)), refusalOf(413, 'TOO_LARGE', 'event', { limit: mebibyte }));
    const room = 2 * mebibyte - (tooLarge.body.details.size as number);
    const refusal = await expectRefused(world, () => world.post(events, sized(room + 1)), refusalOf(413, 'TOO_LARGE', 'event', { size: mebibyte + 1, limit: mebibyte }));
    expect(refusal.body.hint).toContain('blob');
    await stored(world, sized(room));
  });

  test('bad-input A11: 4 MiB in one commit are stored, one byte more is refused', async () => {
    const world = await startWitnessed({ open });
    const sized = (length: number): object[] => [...Array.from({ length: 4 }, () => ({ ...note, data: { text: 'x'.repeat(900_000) } })), { ...note, data: { text: 'x'.repeat(length) } }];
    const probe = await expectRefused(world, () => world.post(events, sized(900_000)), refusalOf(413, 'TOO_LARGE', 'batch', { limit: 4 * mebibyte }));
    const room = 900_000 + 4 * mebibyte - (probe.body.details.size as number);
    await expectRefused(world, () => world.post(events, sized(room + 1)), refusalOf(413, 'TOO_LARGE', 'batch', { size: 4 * mebibyte + 1, limit: 4 * mebibyte }));
    await stored(world, sized(room));
  });

  test('bad-input A33: the same commit id with other content, and an event id of another commit, are DUPLICATE_ID', async () => {
    const world = await startWitnessed({ open });
    const id = '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c20';
    await stored(world, { ...note, id, commitId: 'c1' });
    await expectRefused(world, () => world.post(events, { ...note, id, commitId: 'c1', data: { text: 'other' } }), refusalOf(409, 'DUPLICATE_ID', 'commit', { commitId: 'c1' }));
    await expectRefused(world, () => world.post(events, { ...note, id, commitId: 'c2' }), refusalOf(409, 'DUPLICATE_ID', 'event'));
    await expectRefused(world, () => world.post(events, [{ ...note }, { ...note, id }]), refusalOf(409, 'DUPLICATE_ID', 'event'));
  });

  test('bad-input A42: a job that was cancelled cannot complete', async () => {
    const world = await startWitnessed({ open });
    const job = { ...note, streamType: 'job', streamId: 'j1', data: {} };
    await stored(world, ['job.created', 'job.cancelled'].map((type) => ({ ...job, type })));
    await expectRefused(world, () => world.post(events, { ...job, type: 'job.completed' }), refusalOf(422, 'ILLEGAL_TRANSITION', undefined, { from: 'cancelled', to: 'completed', allowed: expect.any(Array) }));
  });

  test('bad-input A43: a before that is not so says what is', async () => {
    const world = await startWitnessed({ open });
    const task = { ...note, streamType: 'task', streamId: 't1' };
    await stored(world, [{ ...task, type: 'task.created', data: { task_code: 't1' } }, { ...task, type: 'task.progress_updated', data: { before: 0, after: 40 } }]);
    await expectRefused(world, () => world.post(events, { ...task, type: 'task.progress_updated', data: { before: 0, after: 50 } }), refusalOf(409, 'BEFORE_MISMATCH', undefined, { path: '/progress', actual: 40 }));
  });

  test('bad-input A45: a blob unlike its digest is refused; one that fits its digest may be referred to', async () => {
    const world = await startWitnessed({ open });
    const base64 = Buffer.from('hello').toString('base64');
    await expectRefused(world, () => world.post('/api/v1/blobs', { base64, sha256: 'a'.repeat(64) }), badRequest('digest'));
    const put = await world.post('/api/v1/blobs', { base64, mediaType: 'text/plain' });
    expect(put.status).toBe(201);
    await stored(world, { ...note, data: { file: put.body } });
  });

  test('bad-input A19: an edit that aims at a prototype is refused', async () => {
    const world = await startWitnessed({ open });
    for (const pointer of ['/__proto__/x', '/constructor/prototype/x', '/v/__proto__/x'])
      await expectRefused(world, () => world.post('/api/v1/streams/custom/witness/fork', { edits: [{ op: 'set', at: 1, pointer: `/data${pointer}`, value: 1 }] }), badRequest('path'));
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});

describe.each(Object.entries(engines))('what is stored (%s)', (_engine, open) => {
  /** The stored payload as it comes back, in its own bytes. */
  async function takenIn(data: string): Promise<string> {
    const world = await startWorld({ open });
    const { body } = await stored(world, raw(data));
    return /"data":(\{.*?\}),"metadata"/su.exec((await world.call(`${events}/${body.events[0].id}`)).text)![1]!;
  }

  test('bad-input A4: a byte order mark before JSON is no part of what is stored', async () => {
    const world = await startWorld({ open });
    await stored(world, `\ufeff${JSON.stringify(note)}`);
    for await (const page of world.log.driver.read({})) for (const { body } of page.events) expect(Buffer.from(body).includes('\ufeff')).toBe(false);
  });

  test.each([
    ['1.0', '1'],
    ['1E2', '100'],
    ['-0', '0'],
    ['0.1000000000000000055', '0.1'],
  ])('bad-input A37: %s is stored as %s', async (number, kept) => {
    expect(await takenIn(`{"v":${number}}`)).toBe(`{"v":${kept}}`);
  });

  test.each(['{"constructor":{"prototype":{"x":1}}}', '{"hasOwnProperty":1,"toString":2,"valueOf":3}', '{"10":1,"9":2}'])('bad-input A35: %s comes back equal and pollutes nothing', async (data) => {
    expect(JSON.parse(await takenIn(data))).toEqual(JSON.parse(data));
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(String({})).toBe('[object Object]');
  });

  test('bad-input A22: 50,000 keys and a key of 512 bytes are at the limit', async () => {
    const world = await startWorld({ open });
    await stored(world, { ...note, data: keyed(50_000) });
    await stored(world, { ...note, data: { ['é'.repeat(256)]: 0 } });
  });

  test('bad-input A28: NUL, U+2028 and U+FFFF come back unchanged, and the words beside them are found', async () => {
    const world = await startWorld({ open });
    const text = 'needle\u0000thread\u2028cloth\uffffend';
    const { body } = await stored(world, { ...note, data: { text } });
    expect((await world.call(`${events}/${body.events[0].id}`)).body.data.text).toBe(text);
    const found = async (words: string): Promise<unknown> => [words, (await world.call(`${events}?text=${encodeURIComponent(words)}`)).body.items.length];
    for (const words of ['needle', 'thread', 'cloth', 'end', 'needle\u0000thread', 'thread\u2028cloth', 'cloth\uffff']) expect(await found(words)).toEqual([words, 1]);
    expect(await found('needlethread')).toEqual(['needlethread', 0]);
  });

  const addresses = ['🚀 launch', 'a b', '*', '>', 'a.b', '100%', 'ann@example.org', 'CON', 'a', 'x'.repeat(505)];
  test('bad-input A38: odd ids are streams of their own: no wildcard, no pattern, no path', async () => {
    const world = await startWorld({ open });
    for (const streamId of addresses) await stored(world, { ...note, streamType: 'custom', streamId, data: { streamId } });
    expect(new TextEncoder().encode(`custom/${addresses.at(-1)}`)).toHaveLength(512);
    for (const streamId of addresses) {
      const path = `/api/v1/streams/custom/${encodeURIComponent(streamId)}/events`;
      expect((await world.call(path)).body.items.map(({ data }: { data: object }) => data)).toEqual([{ streamId }]);
      expect((await world.call(`${events}?streamType=custom&streamId=${encodeURIComponent(streamId)}`)).body.items).toHaveLength(1);
    }
    expect((await world.call(`/api/v1/streams?type=custom&prefix=${encodeURIComponent('%')}`)).body.items).toEqual([]);
    expect((await world.call(`/api/v1/streams?type=custom&prefix=${encodeURIComponent('a')}`)).body.items.map(({ streamId }: { streamId: string }) => streamId).toSorted()).toEqual(['a', 'a b', 'a.b', 'ann@example.org']);
  });

  test('bad-input A44: a token in a value, a key and an error text is masked, on record, and in no answer and no line', async () => {
    const world = await startWorld({ open });
    const { body, text } = await stored(world, { ...note, data: { header: `token ${secret}`, [secret]: 1, error: { message: `401 for ${secret}`, stack: `at ${secret}` } } });
    const read = await world.call(`${events}/${body.events[0].id}`);
    expect(read.body.metadata.redactions.map(({ pointer }: { pointer: string }) => pointer)).toEqual(expect.arrayContaining([expect.stringContaining('/data/header'), expect.stringContaining('/data/error/message')]));
    const refusedAnswer = await world.post(events, { ...note, type: `no.${secret}`, data: { text: secret } });
    const all = await world.call(`${events}?limit=1000`);
    const found = await world.call(`${events}?text=${secret}`);
    expect(found.body.items).toEqual([]);
    const bodies: string[] = [];
    for await (const page of world.log.driver.read({})) for (const record of page.events) bodies.push(Buffer.from(record.body).toString(), ...record.tags);
    for (const where of [text, read.text, all.text, refusedAnswer.text.replace(`no.${secret}`, ''), ...bodies]) expect(where.replaceAll(`no.${secret}`, '')).not.toContain(secret);
  });

  test('bad-input A46: 515 naughty strings come back as they went in', async () => {
    const world = await startWorld({ open });
    const naughty = JSON.parse(readFileSync(new URL('fixtures/naughty-strings/blns.json', import.meta.url), 'utf8')) as string[];
    expect(naughty).toHaveLength(515);
    for (const part of [naughty.slice(0, 500), naughty.slice(500)]) await stored(world, part.map((v) => ({ ...note, data: { v } })));
    const { items } = (await world.call(`${events}?limit=1000`)).body;
    expect(items.map(({ data }: { data: { v: string } }) => data.v)).toEqual(naughty);
  });

  test('bad-input A46: every file of JSONTestSuite, spliced in raw: 188 n_ and 35 i_ refused, 88 y_ stored, 7 y_ refused', async () => {
    const world = await startWorld({ open });
    const folder = new URL('../../core/test/fixtures/JSONTestSuite/', import.meta.url);
    const outcome = new Map<string, number[]>();
    const refusedByName: string[] = [];
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
      const before = (await world.log.head()).position;
      const body = bytes(raw('{"v":').slice(0, -1), [...readFileSync(new URL(encodeURIComponent(name), folder))], '}}');
      const answer = await world.call(events, { method: 'POST', headers: { 'content-type': 'application/json' }, body: sent(body) });
      const isStored = answer.status === 201;
      if (!isStored) expect([name, answer.body.code]).toEqual([name, expect.stringMatching(/^BAD_(JSON|UTF8|NUMBER)$/)]);
      expect((await world.log.head()).position).toBe(before + (isStored ? 1 : 0));
      const kind = name.slice(0, 1);
      const counts = outcome.get(kind) ?? [0, 0];
      counts[isStored ? 0 : 1]!++;
      outcome.set(kind, counts);
      if (kind === 'y' && !isStored) refusedByName.push(name);
    }
    expect(Object.fromEntries(outcome)).toEqual({ y: [88, 7], n: [0, 188], i: [0, 35] });
    expect(refusedByName.toSorted()).toEqual(['y_number.json', 'y_number_real_capital_e.json', 'y_number_real_exponent.json', 'y_number_real_fraction_exponent.json', 'y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json', 'y_object_extreme_numbers.json']);
    expect((await world.call('/api/v1/health')).body.status).toBe('ok');
  });
});

describe('once, however often it is sent', () => {
  test('bad-input A32: by its commit id, or by its event ids, the first receipt comes again: from another process, after a restart, after erasure', async () => {
    const path = temporaryFile();
    const overFile = (seed: number): Promise<World> => startWorld({ seed, open: (linker, { clock }) => openSqliteLog({ path, linker, clock }) });
    const [named, unnamed] = [{ ...note, commitId: 'c1' }, { ...note, id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c30' }];
    const first = await overFile(1);
    const other = await overFile(2);
    const receipts = [await stored(first, named), await stored(first, unnamed)].map(({ body }) => ({ ...body, duplicate: true }));
    const again = async (world: World): Promise<void> => {
      const answers = [await world.post(events, named), await world.post(events, unnamed)];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(({ body }) => body)).toEqual(receipts);
    };
    await again(first);
    await again(other);
    await first.log.driver.forget([1, 2], 'test');
    await again(other);
    await Promise.all([first.server.close(), other.server.close()]);
    const restarted = await overFile(3);
    await again(restarted);
    expect((await restarted.log.head()).position).toBe(2);
  });
});

describe('weather', () => {
  test('bad-input N9: with every answer lost the outcome is unknown and names the commit; resent it is one copy', async () => {
    let isDown = false;
    const world = await startWitnessed({ open: (linker, { clock }) => withFaults(openMemoryLog({ linker, clock }), { loss: () => (isDown ? 'reply' : 'none') }) });
    isDown = true;
    const answer = await settled(world.post(events, { ...note, commitId: 'c1' }), world.clock);
    expect([answer.status, answer.body.code, answer.body.retryable, answer.body.details.commitId]).toEqual([503, 'OUTCOME_UNKNOWN', true, 'c1']);
    isDown = false;
    expect(await world.post(events, { ...note, commitId: 'c1' })).toMatchObject({ status: 200, body: { duplicate: true, first: 2 } });
    expect((await world.log.head()).position).toBe(2);
  });

  test.each(['io', 'no_space', 'stopped'])('bad-input N10: an engine that fails with %s acknowledges nothing, and is well afterwards', async (reason) => {
    let isDown = false;
    const world = await startWitnessed({
      open: (linker, { clock }) => {
        const engine = openMemoryLog({ linker, clock });
        return wrapLog(engine, {
          append: async (commits) => {
            if (isDown) throw new LogError('LOG_UNAVAILABLE', 'The engine cannot write.', { details: { reason } });
            return await engine.append(commits);
          },
        });
      },
    });
    isDown = true;
    await expectRefused(world, () => settled(world.post(events, note), world.clock), refusalOf(503, 'LOG_UNAVAILABLE', reason));
    isDown = false;
    await stored(world, note);
  });

  test('bad-input N10: a SQLite file that may not grow refuses with no_space, and goes on when there is room', async () => {
    let fileBytesMax = Infinity;
    const world = await startWitnessed({ open: (linker, { clock }) => openSqliteLog({ path: temporaryFile(), linker, clock, fileBytesMax: () => fileBytesMax }) });
    fileBytesMax = 1;
    const refusal = await expectRefused(world, () => settled(world.post(events, { ...note, data: { text: 'x'.repeat(500_000) } }), world.clock), refusalOf(503, 'LOG_UNAVAILABLE', 'no_space'));
    expect(refusal.body.retryable).toBe(true);
    fileBytesMax = Infinity;
    await stored(world, note);
  });

  test('bad-input N5: a stream with a missing revision has no state, and says where it breaks', async () => {
    const world = await startWitnessed({
      open: (linker, { clock }) => {
        const engine = openMemoryLog({ linker, clock });
        return wrapLog(engine, {
          async *read(request, signal) {
            for await (const page of engine.read(request, signal)) yield { ...page, events: page.events.filter(({ position }) => position !== 3) };
          },
        });
      },
    });
    await stored(world, ['job.created', 'job.started', 'job.completed'].map((type) => ({ ...note, type, streamType: 'job', streamId: 'j1', data: {} })));
    const { status, body } = await world.call('/api/v1/streams/job/j1/state');
    expect([status, body.code, body.details.expected, body.details.found]).toEqual([422, 'INCOMPLETE_HISTORY', 2, 3]);
  });
});

/** The answer of a request whose retries wait for the clock. */
async function settled(asked: Promise<Answer>, clock: World['clock']): Promise<Answer> {
  let isOver = false;
  void asked.finally(() => void (isOver = true));
  while (!isOver) {
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await asked;
}
