/** POST /events as JSON lines: a body of lines is one commit, and what is wrong is told by the number of its line. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { Answer, World } from './server-world.ts';

const note = (text: string, more: object = {}): string => JSON.stringify({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text }, ...more });
const hundred = Array.from({ length: 100 }, (_, index) => note(`line ${index + 1}`));

const send = (world: World, body: string | Buffer, headers: Record<string, string> = {}, path = '/api/v1/events'): Promise<Answer> =>
  world.call(path, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers }, body: new Uint8Array(Buffer.from(body)) });

async function expectNothingStored(world: World): Promise<void> {
  expect((await world.log.head()).position).toBe(0);
  expect((await world.call('/api/v1/health')).body.status).toBe('ok');
}

describe('R1: POST /events takes JSON lines', () => {
  test('A-004: a hundred lines are one commit in their order', async () => {
    const world = await startWorld();
    const { status, body } = await send(world, `${hundred.join('\n')}\n`);
    expect([status, body.first, body.last, body.events.length]).toEqual([201, 1, 100, 100]);
    const { body: read } = await world.call('/api/v1/events?limit=100');
    expect(read.items.map((event: { data: { text: string } }) => event.data.text)).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index + 1}`));
  });

  test('sent again under its key it is stored once, and If-Match holds for the whole', async () => {
    const world = await startWorld();
    const first = await send(world, hundred.join('\n'), { 'idempotency-key': 'batch-1', 'if-match': '"0"' });
    const again = await send(world, hundred.join('\n'), { 'idempotency-key': 'batch-1', 'if-match': '"0"' });
    expect([first.status, again.status, again.body.duplicate]).toEqual([201, 200, true]);
    expect(await send(world, note('late'), { 'if-match': '"7"' })).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } });
    expect((await world.log.head()).position).toBe(100);
  });

  test('blank lines, CRLF, a byte order mark, gzip and line separators inside strings are no trouble', async () => {
    const world = await startWorld();
    const body = `\u{feff}${note('a')}\r\n\n   \n${note('b\u2028c')}`;
    expect((await send(world, gzipSync(body), { 'content-encoding': 'gzip' })).body).toMatchObject({ first: 1, last: 2 });
    expect((await world.call('/api/v1/events')).body.items[1].data.text).toBe('b\u2028c');
  });

  test('each line may be of another form, and the alias path takes lines, too', async () => {
    const world = await startWorld();
    const jira = JSON.stringify({ event_id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c01', event_type: 'ErrorOccurred', timestamp: '2026-11-20T09:00:00Z', issue_key: 'PROJ-7', session_id: 'sess-7', actor: { type: 'agent', id: 'planner' }, metadata: { error_type: 'timeout', message: 'late' } });
    expect((await send(world, `${note('a')}\n${jira}\n`, {}, '/api/orchestration/events')).status).toBe(201);
    expect((await world.call('/api/v1/events')).body.items.map(({ type }: { type: string }) => type)).toEqual(['custom.noted', 'error.occurred']);
  });
});

describe('one bad line is named by its number, and nothing is stored', () => {
  const withLine = (number: number, line: string): string => hundred.map((good, index) => (index + 1 === number ? line : good)).join('\n');
  const bad: readonly (readonly [string, string, number, string])[] = [
    ['bad-input A3: cut JSON', '{"type":"custom.noted"', 400, 'BAD_JSON'],
    ['bad-input A18: a forbidden key', '{"type":"custom.noted","data":{"__proto__":1}}', 400, 'BAD_JSON'],
    ['bad-input A23: a number that is not kept', note('x').replace('"x"', '9007199254740993'), 422, 'BAD_NUMBER'],
    ['bad-input A14: an unknown type', note('x', { type: 'no.such_type' }), 422, 'UNKNOWN_TYPE'],
    ['bad-input A15: a field is missing', note('x', { type: 'phase.started', streamType: 'orchestration', streamId: 'PROJ-1', issueKey: 'PROJ-1', sessionId: 's1', data: {} }), 422, 'MISSING_FIELD'],
    ['bad-input A29: an address that is none', note('x', { streamId: ' lead' }), 422, 'BAD_STREAM_ADDRESS'],
    ['bad-input A2: a value that is no event', '42', 400, 'BAD_REQUEST'],
    ['a type that is no text', note('x', { type: 7 }), 400, 'BAD_REQUEST'],
    ['a foreign form without its time', '{"event_id":"5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c01","event_type":"ErrorOccurred","issue_key":"PROJ-7","session_id":"s","actor":{"type":"agent","id":"p"},"metadata":{},"timestamp":"yesterday"}', 422, 'BAD_TIMESTAMP'],
  ];
  for (const [what, line, status, code] of bad)
    test(`bad-input A12: ${what}, in line 57 of 100`, async () => {
      const world = await startWorld();
      const answer = await send(world, withLine(57, line));
      expect([answer.status, answer.body.code, answer.body.details.line]).toEqual([status, code, 57]);
      expect(answer.body.detail).toMatch(/^Line 57: /);
      await expectNothingStored(world);
    });

  test('blank lines count, and a byte is counted from the start of the body', async () => {
    const world = await startWorld();
    const { body } = await send(world, Buffer.concat([Buffer.from(`\n${note('a')}\n\n{"a":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]));
    expect(body).toMatchObject({ code: 'BAD_UTF8', details: { line: 4, byte: 1 + note('a').length + 2 + 6 } });
    await expectNothingStored(world);
  });

  test('bad-input A11, A13: too many lines, or none', async () => {
    const world = await startWorld();
    expect(await send(world, [...hundred, ...hundred, ...hundred, ...hundred, ...hundred, note('x')].join('\n'))).toMatchObject({ status: 413, body: { code: 'TOO_LARGE', details: { reason: 'batch' } } });
    expect(await send(world, '\n\n')).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', details: { reason: 'empty_batch' } } });
    await expectNothingStored(world);
  });

  test('bad-input A7: lines are taken only where events go in', async () => {
    const world = await startWorld();
    expect(await send(world, '{}', {}, '/api/v1/jobs')).toMatchObject({ status: 415, body: { code: 'BAD_REQUEST', details: { reason: 'content_type' } } });
  });

  test('R12: lines can be judged without being appended', async () => {
    const world = await startWorld();
    const { status, body } = await send(world, `${note('a')}\n${note('b', { type: 'no.such_type' })}`, {}, '/api/v1/events/validate');
    expect([status, body.ok, body.results.map(({ ok }: { ok: boolean }) => ok)]).toEqual([200, false, [true, false]]);
    await expectNothingStored(world);
  });
});
