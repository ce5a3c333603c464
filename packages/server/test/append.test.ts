/** What goes in through POST /events: bodies, headers, foreign forms, and what is refused with nothing stored. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const events = '/api/v1/events';
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'hello' } };

/** Every refusal says the same things, stores nothing and leaves the server well. */
async function expectRefused(world: World, answer: Answer, status: number, code: string, reason?: string): Promise<void> {
  expect([answer.status, answer.body.code, ...(reason === undefined ? [] : [answer.body.details.reason])]).toEqual([status, code, ...(reason === undefined ? [] : [reason])]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.body.detail).toMatch(/\S/);
  expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d|\/work\/|node_modules/);
  expect((await world.log.head()).position).toBe(0);
  expect((await world.call('/api/v1/health')).body.status).toBe('ok');
}

describe('one event', () => {
  test('A-004: POST /events appends one event and answers where it stands', async () => {
    const world = await startWorld();
    const { status, body } = await world.post(events, note);
    expect(status).toBe(201);
    expect(body).toMatchObject({ duplicate: false, first: 1, last: 1, events: [{ streamType: 'custom', streamId: 'n1', revision: 1, position: 1 }] });
    const read = await world.call(`${events}/${body.events[0].id}`);
    expect(read.body).toMatchObject({ type: 'custom.noted', data: { text: 'hello' }, position: 1 });
  });

  test('a list is one commit; fields of the call may stand beside one event', async () => {
    const world = await startWorld();
    expect((await world.post(events, [note, note])).body).toMatchObject({ first: 1, last: 2 });
    expect((await world.post(events, { ...note, expectedRevision: 2, commitId: 'key-1' })).body).toMatchObject({ commitId: 'key-1', first: 3 });
    expect((await world.post(events, { events: [note], expectedRevision: 3 })).body).toMatchObject({ first: 4 });
  });

  test('snake_case keys of the envelope are taken with naming=snake, payload keys stay as they are', async () => {
    const world = await startWorld();
    const { status, body } = await world.post(`${events}?naming=snake`, { type: 'custom.noted', stream_type: 'custom', stream_id: 'n1', actor: note.actor, data: { snake_key: { camelKey: 1 } } });
    expect(status).toBe(201);
    expect(body.events[0]).toMatchObject({ stream_type: 'custom', stream_id: 'n1' });
    expect((await world.call(`${events}/${body.events[0].id}?naming=snake`)).body).toMatchObject({ stream_type: 'custom', data: { snake_key: { camelKey: 1 } } });
  });
});

describe('foreign forms', () => {
  const forms: readonly (readonly [string, string, object, object])[] = [
    [
      'jira (A-004)',
      events,
      { event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c01', event_type: 'ErrorOccurred', timestamp: '2026-11-20T09:00:00Z', issue_key: 'PROJ-7', session_id: 'sess-7', actor: { type: 'agent', id: 'planner' }, metadata: { error_type: 'timeout', message: 'late' } },
      { type: 'error.occurred', streamType: 'orchestration', streamId: 'PROJ-7' },
    ],
    [
      'the event row of document 002 (B-022)',
      events,
      { event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c02', event_type: 'custom.made', aggregate_id: 'a1', aggregate_type: 'custom', event_data: { x: 1 }, timestamp: '2026-11-20T09:00:00Z', version: 1, user_id: 'ada' },
      { streamType: 'custom', streamId: 'a1', actor: { type: 'user', id: 'ada' } },
    ],
    [
      'the JobEvent of document 004 at its own path (D-011)',
      '/api/orchestrator/events',
      { id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c03', jobId: 'j1', eventType: 'custom.seen', eventData: { x: 1 }, timestamp: '2026-11-20T09:00:00.000Z', sequence: 1, metadata: { version: '1.0.0' } },
      { streamType: 'job', streamId: 'j1', data: { x: 1 } },
    ],
    [
      'CloudEvents 1.0',
      events,
      { specversion: '1.0', id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c04', source: '/sensors/1', type: 'com.example.read', time: '2026-11-20T09:00:00Z', data: { x: 1 }, subject: 'custom/s1' },
      { type: 'custom.com_example_read', streamType: 'custom', streamId: 's1', data: { x: 1 } },
    ],
  ];

  for (const [name, path, form, expected] of forms) {
    test(`${name} is recognised by its keys and stored as an event`, async () => {
      const world = await startWorld();
      const { status, text, body } = await world.post(path, form);
      expect([status, text]).toEqual([201, expect.any(String)]);
      const id = body.events[0].id as string;
      expect((await world.call(`${events}/${id}`)).body).toMatchObject(expected);
    });
  }

  test('B-014: a version in the form of document 002 is the revision it expects to make, else a conflict', async () => {
    const world = await startWorld();
    const row = { event_type: 'custom.made', aggregate_id: 'a1', aggregate_type: 'custom', event_data: {}, timestamp: '2026-11-20T09:00:00Z', user_id: 'ada' };
    expect((await world.post(events, { ...row, event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c05', version: 1 })).status).toBe(201);
    const late = await world.post(events, { ...row, event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c06', version: 1 });
    expect([late.status, late.body.code]).toEqual([409, 'REVISION_CONFLICT']);
    expect((await world.post(events, { ...row, event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c07', version: 2 })).status).toBe(201);
  });

  test('X-003: residue in a foreign form is not believed', async () => {
    const world = await startWorld();
    const { body } = await world.post(events, { ...forms[0]![2], _refold: { actor: { type: 'user', id: 'forged' }, position: 99, type: 'custom.forged' } });
    expect((await world.call(`${events}/${body.events[0].id}`)).body).toMatchObject({ actor: { type: 'agent', id: 'planner' }, position: 1, type: 'error.occurred' });
  });
});

describe('bodies that are refused', () => {
  const refusals: readonly (readonly [string, string | Buffer, number, string, string?])[] = [
    ['bad-input A1: an empty body', '', 400, 'BAD_REQUEST', 'empty_body'],
    ['bad-input A2: null', 'null', 400, 'BAD_REQUEST', 'shape'],
    ['bad-input A2: a number', '42', 400, 'BAD_REQUEST', 'shape'],
    ['bad-input A2: a text', '"x"', 400, 'BAD_REQUEST', 'shape'],
    ['bad-input A3: cut JSON', '{"type":"x"', 400, 'BAD_JSON', 'syntax'],
    ['bad-input A5: FF FE', Buffer.from([0xff, 0xfe]), 400, 'BAD_UTF8'],
    ['bad-input A5: C3 28', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 400, 'BAD_UTF8'],
    ['bad-input A5: overlong C0 AF', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 400, 'BAD_UTF8'],
    ['bad-input A5: a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 400, 'BAD_UTF8'],
    ['bad-input A6: UTF-16 without a mark', Buffer.from(JSON.stringify(note), 'utf16le'), 400, 'BAD_UTF8'],
    ['bad-input A6: UTF-16 with a mark', Buffer.from(`\ufeff${JSON.stringify(note)}`, 'utf16le'), 400, 'BAD_UTF8'],
    ['bad-input A13: an empty list', '[]', 400, 'BAD_REQUEST', 'empty_batch'],
    ['bad-input A13: an empty list in its call', '{"events":[]}', 400, 'BAD_REQUEST', 'empty_batch'],
    ['bad-input A18: a key called __proto__', '{"type":"custom.x","data":{"__proto__":{"x":1}}}', 400, 'BAD_JSON', 'forbidden_key'],
    ['bad-input A18: the same, escaped', '{"type":"custom.x","data":{"\\u005f_proto__":{"x":1}}}', 400, 'BAD_JSON', 'forbidden_key'],
    ['bad-input A20: a key twice', '{"a":1,"\\u0061":2}', 400, 'BAD_JSON', 'duplicate_key'],
    ['bad-input A21: a hundred thousand brackets', '['.repeat(100_000), 400, 'BAD_JSON', 'depth'],
    ['bad-input A21: a payload of depth 65', JSON.stringify({ ...note, data: nested(65) }), 400, 'BAD_JSON', 'depth'],
    ['bad-input A22: 50,001 keys', JSON.stringify({ ...note, data: Object.fromEntries(Array.from({ length: 50_001 }, (_, index) => [`k${index}`, 0])) }), 413, 'TOO_LARGE', 'keys'],
    ['bad-input A23: an integer beyond 2^53', '{"type":"custom.x","data":{"v":9007199254740993}}', 422, 'BAD_NUMBER', 'unsafe_integer'],
    ['bad-input A24: 1e400', '{"type":"custom.x","data":{"v":1e400}}', 422, 'BAD_NUMBER', 'not_finite'],
    ['bad-input A27: half a character', JSON.stringify({ ...note, data: { v: '\ud800' } }), 400, 'BAD_UTF8', 'lone_surrogate'],
    ['bad-input A30: a negative expected revision', JSON.stringify({ ...note, expectedRevision: -1 }), 400, 'BAD_REQUEST', 'expectedRevision'],
    ['bad-input A34: a position of the caller', JSON.stringify({ ...note, position: 7 }), 400, 'BAD_REQUEST', 'reserved_field'],
  ];

  for (const [name, body, status, code, reason] of refusals) {
    test(`${name} is ${code}${reason === undefined ? '' : ` ${reason}`}`, async () => {
      const world = await startWorld();
      await expectRefused(world, await world.call(events, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body as string }), status, code, reason);
    });
  }

  test('bad-input A4: a byte order mark before JSON is no part of it', async () => {
    const world = await startWorld();
    const { status, body } = await world.post(events, `\ufeff${JSON.stringify(note)}`);
    expect(status).toBe(201);
    expect((await world.call(`${events}/${body.events[0].id}`)).text).not.toContain('\ufeff');
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'multipart/form-data; boundary=x', 'json', 'application/jsonp'])
    test(`bad-input A7: a body of ${type} is refused`, async () => {
      const world = await startWorld();
      await expectRefused(world, await world.post(events, note, { 'content-type': type }), 415, 'BAD_REQUEST', 'content_type');
    });

  test('bad-input A7: a body of no declared type is refused', async () => {
    const world = await startWorld();
    const said = await world.raw(`POST ${events} HTTP/1.1\r\nHost: localhost:${world.server.port}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
    expect(said).toMatch(/^HTTP\/1\.1 415 /);
    expect(said).toContain('"reason":"content_type"');
  });

  test('bad-input A8: gzip is inflated, up to the limit and no further', async () => {
    const world = await startWorld();
    const packed = { method: 'POST', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } };
    await expectRefused(world, await world.call(events, { ...packed, body: gzipSync(Buffer.alloc(9 * 1_048_576, 0x20)) }), 413, 'TOO_LARGE', 'body');
    await expectRefused(world, await world.call(events, { ...packed, body: gzipSync(JSON.stringify(note)).subarray(0, 30) }), 400, 'BAD_REQUEST', 'content_encoding');
    await expectRefused(world, await world.call(events, { ...packed, headers: { ...packed.headers, 'content-encoding': 'br' }, body: '{}' }), 415, 'BAD_REQUEST', 'content_encoding');
    expect((await world.call(events, { ...packed, body: gzipSync(JSON.stringify(note)) })).status).toBe(201);
  });

  test('a body of 8 MiB and one byte is refused, declared or not', async () => {
    const world = await startWorld({ limits: { bodyBytesMax: 2_000 } });
    await expectRefused(world, await world.post(events, ' '.repeat(2_001)), 413, 'TOO_LARGE', 'body');
    const chunks = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 3; index++) controller.enqueue(Buffer.alloc(1_000, 0x20));
        controller.close();
      },
    });
    await expectRefused(world, await world.call(events, { method: 'POST', headers: { 'content-type': 'application/json' }, body: chunks, duplex: 'half' } as RequestInit), 413, 'TOO_LARGE', 'body');
    expect((await world.post(events, JSON.stringify(note).padEnd(2_000))).status).toBe(201);
  });
});

describe('retries and checks', () => {
  test('bad-input A32, G12: an Idempotency-Key answers the first receipt again, and refuses other content', async () => {
    const world = await startWorld();
    const key = { 'idempotency-key': 'order-17' };
    const first = await world.post(events, { ...note, id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c10' }, key);
    const again = await world.post(events, { ...note, id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c10' }, { 'idempotency-key': '"order-17"' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual({ ...first.body, duplicate: true });
    const other = await world.post(events, { ...note, data: { text: 'other' } }, key);
    expect([other.status, other.body.code]).toEqual([409, 'DUPLICATE_ID']);
    expect((await world.log.head()).position).toBe(1);
  });

  test('an Idempotency-Key and a commitId that differ are refused', async () => {
    const world = await startWorld();
    await expectRefused(world, await world.post(events, { ...note, commitId: 'a' }, { 'idempotency-key': 'b' }), 400, 'BAD_REQUEST', 'contradiction');
  });

  test('bad-input A31: an expected revision that does not hold is a conflict that says where the stream is', async () => {
    const world = await startWorld();
    const answer = await world.post(events, { ...note, expectedRevision: 3 });
    await expectRefused(world, answer, 409, 'REVISION_CONFLICT');
    expect(answer.body.retryable).toBe(true);
  });

  test('bad-input G14: If-Match is the expected revision; when it does not hold nothing is stored', async () => {
    const world = await startWorld();
    await expectRefused(world, await world.post(events, note, { 'if-match': '"1"' }), 412, 'PRECONDITION_FAILED', 'if_match');
    await expectRefused(world, await world.post(events, note, { 'if-match': '*' }), 412, 'PRECONDITION_FAILED', 'if_match');
    for (const nonsense of ['abc', '"-1"', 'W/"1"', '1, 2']) await expectRefused(world, await world.post(events, note, { 'if-match': nonsense }), 400, 'BAD_REQUEST', 'if_match');
    expect((await world.post(events, note, { 'if-match': '"0"' })).status).toBe(201);
    expect((await world.post(events, note, { 'if-match': '1' })).status).toBe(201);
    expect((await world.post(events, note, { 'if-match': '*' })).status).toBe(201);
  });

  test('bad-input A44: a secret in a payload is in no answer and no line', async () => {
    const world = await startWorld();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const stored = await world.post(events, { ...note, data: { text: secret } });
    const refused = await world.post(events, { ...note, type: 'no.such_type', data: { text: secret } });
    const all = (await world.call(events)).text;
    expect(stored.status).toBe(201);
    expect(refused.status).toBe(422);
    for (const text of [stored.text, refused.text, all, JSON.stringify(world.lines)]) expect(text).not.toContain(secret);
  });

  test('a refused request writes one line, with the code and without the payload', async () => {
    const world = await startWorld();
    await world.post(events, { ...note, type: 'no.such_type', data: { text: 'private words' } });
    expect(world.lines).toEqual([{ message: 'request failed', requestId: expect.any(String), method: 'POST', route: '/api/v1/events', status: 422, code: 'UNKNOWN_TYPE', durationMs: 0 }]);
  });
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}
