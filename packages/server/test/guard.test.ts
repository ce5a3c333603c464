/** Who is let in, and what HTTP itself can get wrong. Bytes are written by hand where a client library would not send them. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { defineOperation } from '@refold/operations';
import type { AnyOperation } from '@refold/operations';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const get = (world: World, headers: string, path = '/api/v1/health'): Promise<string> => world.raw(`GET ${path} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
const own = (world: World): string => `Host: localhost:${world.server.port}\r\n`;
const statusOf = (said: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1]);
const reasonOf = (said: string): string | undefined => /"reason":"(\w+)"/.exec(said)?.[1];
const codeOf = (said: string): string | undefined => /"code":"(\w+)"/.exec(said)?.[1];

describe('Host', () => {
  test('bad-input G3: the names of this machine with this port are served', async () => {
    const world = await startWorld();
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) expect(statusOf(await get(world, `Host: ${name}:${world.server.port}\r\n`))).toBe(200);
  });

  test('bad-input G3: a foreign, absent, portless or doubled Host is refused', async () => {
    const world = await startWorld();
    const { port } = world.server;
    for (const headers of ['', 'Host: evil.example\r\n', `Host: evil.example:${port}\r\n`, 'Host: localhost\r\n', `Host: localhost.evil.example:${port}\r\n`, `Host: localhost:${port}@evil.example\r\n`, `Host: localhost:${port + 1}\r\n`, 'Host: \r\n', `${own(world)}Host: evil.example\r\n`]) {
      const said = await get(world, headers);
      expect([headers, statusOf(said), codeOf(said)]).toEqual([headers, 421, 'HOST_NOT_ALLOWED']);
    }
  });

  test('bad-input G3: it is refused before the body is read, on every path, known or not', async () => {
    const world = await startWorld();
    for (const path of ['/api/v1/events', '/', '/no/such', '/%zz']) {
      // The body never comes; the answer does.
      const said = await world.raw(`POST ${path} HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`);
      expect([path, statusOf(said)]).toEqual([path, 421]);
    }
    expect(world.lines.map(({ code, route }) => [code, route])).toEqual(Array.from({ length: 4 }, () => ['HOST_NOT_ALLOWED', null]));
  });

  test('a configured name is served, with and without this port', async () => {
    const world = await startWorld({ allowedHosts: ['Log.example'] });
    for (const host of ['log.example', `log.example:${world.server.port}`]) expect(statusOf(await get(world, `Host: ${host}\r\n`))).toBe(200);
    expect(statusOf(await get(world, 'Host: log.example:1\r\n'))).toBe(421);
  });

  test('a first line that names another server is refused', async () => {
    const world = await startWorld();
    expect(statusOf(await get(world, own(world), 'http://evil.example/api/v1/health'))).toBe(400);
  });
});

describe('Origin', () => {
  test('bad-input G4: no Origin and the own one are served; a foreign one and null are refused', async () => {
    const world = await startWorld();
    const { url, port } = world.server;
    const status = async (origin?: string): Promise<number> => statusOf(await get(world, own(world) + (origin === undefined ? '' : `Origin: ${origin}\r\n`)));
    for (const origin of [undefined, url, `http://localhost:${port}`]) expect([origin, await status(origin)]).toEqual([origin, 200]);
    for (const origin of ['null', 'https://evil.example', `https://localhost:${port}`, 'http://localhost', `http://localhost:${port}.evil.example`, '']) expect([origin, await status(origin)]).toEqual([origin, 403]);
  });

  test('bad-input G4: a page of another origin stores nothing', async () => {
    const world = await startWorld();
    const { status, body } = await world.post('/api/v1/events', { type: 'custom.x' }, { origin: 'https://evil.example' });
    expect([status, body.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
    expect((await world.log.head()).position).toBe(0);
  });

  test('a page of an allowed origin may read, and may ask first', async () => {
    const world = await startWorld({ allowedOrigins: ['https://ui.example'] });
    const headers = { origin: 'https://ui.example' };
    const read = await world.call('/api/v1/health', { headers });
    expect([read.status, read.headers.get('access-control-allow-origin'), read.headers.get('vary')]).toEqual([200, 'https://ui.example', 'Origin, Accept-Encoding']);
    const asked = await world.call('/api/v1/events', { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': 'POST' } });
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, expect.stringContaining('POST')]);
    expect((await world.call('/api/v1/health')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('every answer', () => {
  test('says that it is data, and that nobody may keep, embed or guess at it', async () => {
    const world = await startWorld();
    for (const path of ['/api/v1/health', '/no/such', '/api/v1/events?limit=0']) {
      const { headers } = await world.call(path);
      expect(Object.fromEntries(headers)).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) });
    }
  });
});

describe('HTTP', () => {
  test('bad-input G1: an unknown route is NOT_FOUND as JSON', async () => {
    const world = await startWorld();
    for (const path of ['/nope', '/api/v1/nope', '/api/v1/events/x/y/z', '/api/v1/events/']) {
      const { status, body, headers } = await world.call(path);
      expect([path, status, body.code, headers.get('content-type')]).toEqual([path, 404, 'NOT_FOUND', 'application/problem+json; charset=utf-8']);
    }
  });

  test('bad-input G2: a wrong method is 405 with what is allowed', async () => {
    const world = await startWorld();
    for (const [method, path, allowed] of [
      ['DELETE', '/api/v1/events', ['GET', 'HEAD', 'POST']],
      ['PUT', '/api/orchestration/events', ['GET', 'HEAD', 'POST']],
      ['POST', '/api/v1/health', ['GET', 'HEAD']],
      ['GET', '/api/v1/events/validate', ['POST']],
      ['PATCH', '/api/v1/events/stream', ['GET']],
    ] as const) {
      const { status, body, headers } = await world.call(path, { method });
      expect([path, status, body.code, body.details.reason, headers.get('allow')?.split(', ').toSorted()]).toEqual([path, 405, 'BAD_REQUEST', 'method', allowed]);
    }
  });

  test('a refusal leaves the connection open for the next request, unless a body was left unread', async () => {
    const world = await startWorld();
    const socket = await open(world);
    for (const path of ['/nope', '/api/v1/events?limit=0', '/api/v1/events', '/api/v1/events/none']) {
      socket.write(`GET ${path} HTTP/1.1\r\n${own(world)}\r\n`);
      expect(String((await once(socket, 'data'))[0])).toMatch(/\r\nConnection: keep-alive\r\n/);
    }
    socket.write(`POST /nope HTTP/1.1\r\n${own(world)}Content-Length: 1000000\r\n\r\nx`);
    expect(String((await once(socket, 'data'))[0])).toMatch(/\r\nconnection: close\r\n/);
    await once(socket, 'close');
  });

  test('OPTIONS answers what is allowed', async () => {
    const world = await startWorld();
    const { status, headers } = await world.call('/api/v1/health', { method: 'OPTIONS' });
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD']);
  });

  test('bad-input G8: headers of 64 KiB', async () => {
    const world = await startWorld();
    const said = await get(world, `${own(world)}X-Long: ${'x'.repeat(65_536)}\r\n`);
    expect([statusOf(said), codeOf(said), reasonOf(said)]).toEqual([431, 'BAD_REQUEST', 'headers']);
    expect(statusOf(await get(world, `${own(world)}X-Long: ${'x'.repeat(15_000)}\r\n`))).toBe(200);
  });

  test('bad-input G9: a body that does not arrive in its time is refused, and the connection ends', async () => {
    const world = await startWorld({ limits: { bodyReadMs: 50 } });
    const said = await world.raw(`POST /api/v1/events HTTP/1.1\r\n${own(world)}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
    expect([statusOf(said), codeOf(said), reasonOf(said)]).toEqual([408, 'BAD_REQUEST', 'body_timeout']);
  });

  test('bad-input G10: two lengths of one body are refused by the parser', async () => {
    const world = await startWorld();
    const said = await world.raw(`POST /api/v1/events HTTP/1.1\r\n${own(world)}Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`);
    expect([statusOf(said), codeOf(said), reasonOf(said)]).toEqual([400, 'BAD_REQUEST', 'http']);
    expect((await world.call('/api/v1/health')).status).toBe(200);
  });

  test('bytes that are no HTTP are refused', async () => {
    const world = await startWorld();
    for (const bytes of ['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000', `GET / HTTP/1.1\r\n${own(world)}A B: c\r\n\r\n`]) expect([statusOf(await world.raw(bytes)), bytes]).toEqual([400, bytes]);
  });

  for (const path of ['/api/v1/streams/%2e%2e%2f%2e%2e/etc/state', '/api/v1/streams/job/%2e%2e%2fx/state', '/api/v1/streams/job/%00/state', '/api/v1/streams/job/a%0Ab', '/api/v1/streams/JOB/x/state', `/api/v1/streams/job/${'x'.repeat(5_000)}/state`, '/api/v1/streams/job/%zz/state', '/api/v1/streams/job/%ff/state'])
    test(`bad-input G11: ${path.slice(0, 60)} leads nowhere outside`, async () => {
      const world = await startWorld();
      const said = await get(world, own(world), path);
      expect([400, 404, 422]).toContain(statusOf(said));
      expect(['BAD_REQUEST', 'BAD_STREAM_ADDRESS', 'NOT_FOUND']).toContain(codeOf(said));
    });

  test('bad-input G15: connections beyond the cap are told so, and the others are served', async () => {
    const world = await startWorld({ limits: { socketsMax: 3, surplusSocketMs: 200 } });
    const inside = await Promise.all(Array.from({ length: 3 }, () => open(world)));
    const said = await get(world, own(world));
    expect([statusOf(said), codeOf(said), reasonOf(said)]).toEqual([503, 'LOG_UNAVAILABLE', 'sockets']);
    // One that stays silent is let go.
    const silent = await open(world);
    await once(silent, 'close');
    for (const socket of inside) {
      socket.write(`GET /api/v1/health HTTP/1.1\r\n${own(world)}\r\n`);
      expect(statusOf(String((await once(socket, 'data'))[0]))).toBe(200);
      socket.destroy();
    }
    await Promise.all(inside.filter((socket) => !socket.closed).map((socket) => once(socket, 'close')));
    await expect.poll(async () => statusOf(await get(world, own(world)))).toBe(200);
  });
});

describe('what an operation does', () => {
  const waiting: AnyOperation = defineOperation({
    name: 'waitForSignal',
    doc: 'Waits until it is called off.',
    scope: 'read',
    input: z.object({}),
    output: z.object({}),
    http: { method: 'GET', path: '/wait' },
    run: async ({ signal }) => {
      started();
      await new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason as Error)));
      return {};
    },
  });
  const failing: AnyOperation = defineOperation({
    name: 'fail',
    doc: 'Fails in a way that nobody foresaw.',
    scope: 'read',
    input: z.object({}),
    output: z.object({}),
    http: { method: 'GET', path: '/fail' },
    run: async () => {
      throw new TypeError('password=hunter2 at /home/ada/secret.ts');
    },
  });
  let started: () => void = () => undefined;

  test('bad-input N8: a query beyond its time is called off and says so', async () => {
    const world = await startWorld({ operations: [waiting] });
    started = () => setImmediate(() => world.clock.advance(world.log.limits.queryTimeoutMs));
    const { status, body } = await world.call('/api/v1/wait');
    expect([status, body.code, body.retryable]).toEqual([504, 'QUERY_TIMEOUT', true]);
  });

  test('a read whose client has gone is called off', async () => {
    const world = await startWorld({ operations: [waiting] });
    const gone = new AbortController();
    started = () => gone.abort();
    await expect(world.call('/api/v1/wait', { signal: gone.signal })).rejects.toThrow();
    await expect.poll(() => world.lines.length).toBe(1);
  });

  test('a defect is masked: its text and stack are in the log line, the request id is in both', async () => {
    const world = await startWorld({ operations: [failing] });
    const { status, text, body } = await world.call('/api/v1/fail');
    expect([status, body.code]).toEqual([500, 'INTERNAL']);
    expect(text).not.toMatch(/hunter2|\/home|TypeError/);
    expect(world.lines).toEqual([expect.objectContaining({ requestId: body.requestId, status: 500, error: expect.objectContaining({ message: expect.stringContaining('hunter2') }) })]);
  });
});

async function open(world: World): Promise<Socket> {
  const socket = connect(world.server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
