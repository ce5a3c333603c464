/** Clients that mean harm or know no better: floods, sizes, half a request, tricks with paths. The server answers, and serves the next one. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const events = '/api/v1/events';
const note = { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} };

let world: World;
beforeEach(async () => void (world = await startWorld({ limits: { bodyReadMs: 100 } })));

/** Nothing was stored, nothing is held against the next client. */
afterEach(async () => {
  expect((await world.log.head()).position).toBe(0);
  expect((await world.post(events, note)).status).toBe(201);
});

const own = (): string => `Host: localhost:${world.server.port}\r\nConnection: close\r\n`;
const json = 'Content-Type: application/json\r\n';
const verdict = (said: string): unknown[] => [Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1]), /"code":"(\w+)"/.exec(said)?.[1], /"reason":"(\w+)"/.exec(said)?.[1]];

describe('headers', () => {
  test('bad-input G8: a flood of small ones is as much as one large one', async () => {
    const flood = Array.from({ length: 4_000 }, (_, index) => `X-${index}: y\r\n`).join('');
    expect(verdict(await world.raw(`GET /api/v1/health HTTP/1.1\r\n${own()}${flood}\r\n`))).toEqual([431, 'BAD_REQUEST', 'headers']);
  });

  test('bad-input G8: an address longer than the headers may be is refused with them', async () => {
    expect(verdict(await world.raw(`GET ${events}?text=${'x'.repeat(20_000)} HTTP/1.1\r\n${own()}\r\n`))).toEqual([431, 'BAD_REQUEST', 'headers']);
  });

  test.each([
    ['a folded line', 'X-A: one\r\n two\r\n'],
    ['a space before the colon', 'Content-Length : 5\r\n'],
    ['a length that is no number', 'Content-Length: 5x\r\n'],
    ['a negative length', 'Content-Length: -5\r\n'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['a coding after the last', 'Transfer-Encoding: chunked, identity\r\n'],
    ['NUL in a value', 'X-A: a\u0000b\r\n'],
    ['a bare CR', 'X-A: a\rX-B: b\r\n'],
  ])('bad-input G10: %s is no request, and smuggles none', async (_what, header) => {
    const said = await world.raw(`POST ${events} HTTP/1.1\r\n${own()}${json}${header}\r\nGET /api/v1/health HTTP/1.1\r\n${own()}\r\n`);
    expect([verdict(said)[0], said.match(/HTTP\/1\.1 \d{3}/g)]).toEqual([400, ['HTTP/1.1 400']]);
  });
});

describe('bodies', () => {
  test('bad-input G9: bytes that trickle in are not waited for longer than for none', async () => {
    const socket = connect(world.server.port, '127.0.0.1');
    const said: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => said.push(chunk)).on('error', () => undefined);
    socket.write(`POST ${events} HTTP/1.1\r\n${own()}${json}Content-Length: 100000\r\n\r\n`);
    const drip = setInterval(() => socket.write(' '), 5);
    await once(socket, 'close');
    clearInterval(drip);
    expect(verdict(Buffer.concat(said).toString())).toEqual([408, 'BAD_REQUEST', 'body_timeout']);
  });

  test('bad-input G9: headers that never end are given up', async () => {
    const slow = await startWorld({ limits: { bodyReadMs: 100, requestMs: 200, connectionsCheckMs: 20 } });
    expect(verdict(await slow.raw('POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-A: '))).toEqual([408, 'BAD_REQUEST', 'request_timeout']);
  });

  test('chunks without a declared length stop at the limit', async () => {
    const small = await startWorld({ limits: { bodyBytesMax: 1_000 } });
    const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`;
    const said = await small.raw(`POST ${events} HTTP/1.1\r\nHost: localhost:${small.server.port}\r\nConnection: close\r\n${json}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}`);
    expect(verdict(said)).toEqual([413, 'TOO_LARGE', 'body']);
  });

  test.each([
    ['a chunk of 2^64 bytes', 'ffffffffffffffff\r\nx'],
    ['a chunk whose size is no number', 'zz\r\nx\r\n'],
    ['an extension of a chunk of 32 KiB', `1;${'a'.repeat(32_768)}\r\nx\r\n`],
  ])('%s is no body', async (_what, bytes) => {
    const [status] = verdict(await world.raw(`POST ${events} HTTP/1.1\r\n${own()}${json}Transfer-Encoding: chunked\r\n\r\n${bytes}`));
    expect([400, 408, 413]).toContain(status);
  });

  test('a length that is announced and not sent costs no memory: it is refused before a byte is read', async () => {
    expect(verdict(await world.raw(`POST ${events} HTTP/1.1\r\n${own()}${json}Content-Length: 999999999999\r\n\r\n{`))).toEqual([413, 'TOO_LARGE', 'body']);
  });

  test('bad-input A8: what was compressed twice is inflated once, and then is no JSON', async () => {
    const twice = gzipSync(gzipSync(JSON.stringify(note)));
    const said = await world.raw(Buffer.concat([Buffer.from(`POST ${events} HTTP/1.1\r\n${own()}${json}Content-Encoding: gzip\r\nContent-Length: ${twice.length}\r\n\r\n`), twice]));
    expect(verdict(said).slice(0, 2)).toEqual([400, 'BAD_UTF8']);
  });

  test('a body where none belongs changes nothing', async () => {
    const body = JSON.stringify(note);
    expect(verdict(await world.raw(`GET /api/v1/health HTTP/1.1\r\n${own()}${json}Content-Length: ${body.length}\r\n\r\n${body}`))[0]).toBe(200);
  });
});

describe('paths', () => {
  test.each([
    ['/api/v1/../../etc/passwd', 404],
    ['/api/v1/%2e%2e/%2e%2e/etc/passwd', 404],
    ['//api/v1/health', 404],
    ['/api//v1/health', 404],
    ['/api/v1/health/', 404],
    ['/API/V1/HEALTH', 404],
    ['/api/v1/health%00', 404],
    ['/api/v1/health;a=b', 404],
    ['/api/v1/events/..%2f..%2fhealth', 404],
    ['/api/v1/streams/custom/%2e%2e/state', 422],
    ['/api/v1/streams/custom/a%2F..%2Fb/state', 422],
    ['/api/v1/streams/%c0%ae%c0%ae/x/state', 400],
    ['/api/v1/events/%E0%A4%A', 400],
    ['/api/v1/blobs/..%2f..%2fsecret', 404],
  ] as const)('bad-input G11: %s leads nowhere', async (path, status) => {
    const said = await world.raw(`GET ${path} HTTP/1.1\r\n${own()}\r\n`);
    expect([path, verdict(said)[0], said.includes('root:')]).toEqual([path, status, false]);
  });

  test('bad-input G16: thousands of parameters are refused by the first that there is not', async () => {
    const query = Array.from({ length: 1_500 }, (_, index) => `p${index}=1`).join('&');
    expect(verdict(await world.raw(`GET ${events}?${query} HTTP/1.1\r\n${own()}\r\n`))).toEqual([400, 'BAD_REQUEST', 'unknown_parameter']);
    expect(verdict(await world.raw(`GET ${events}?__proto__=1&constructor=2 HTTP/1.1\r\n${own()}\r\n`))[0]).toBe(400);
  });
});

describe('connections', () => {
  test('a hundred requests down one line are answered in order', async () => {
    const socket = connect(world.server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const one = (id: number, close: boolean): string => `GET /api/v1/events/none-${id} HTTP/1.1\r\nHost: localhost:${world.server.port}\r\n${close ? 'Connection: close\r\n' : ''}\r\n`;
    socket.write(Array.from({ length: 100 }, (_, index) => one(index, index === 99)).join(''));
    await once(socket, 'close');
    const ids = [...Buffer.concat(chunks).toString().matchAll(/There is no event none-(\d+)/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('fifty clients that leave in the middle of their body leave nothing behind', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = connect(world.server.port, '127.0.0.1');
        await once(socket, 'connect');
        socket.write(`POST ${events} HTTP/1.1\r\n${own()}${json}Content-Length: 100\r\n\r\n{"type":`);
        socket.destroy();
        await once(socket, 'close');
      }),
    );
    await expect.poll(() => world.lines.length).toBe(50);
    expect(new Set(world.lines.map(({ reason }) => reason))).toEqual(new Set(['aborted']));
  });
});
