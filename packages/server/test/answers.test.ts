/** How an answer comes: in which coding, in which media type, and what is said before a body is sent. Bytes are looked at as they arrive. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from 'vitest';
import { bearer, newKey, own, startGuarded } from './guarded-world.ts';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** As it came over the wire: fetch would decode it. */
async function receive(world: World, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Received> {
  const [response] = await once(request(`${world.server.url}${path}`, { method, headers }).end(), 'response');
  const chunks: Buffer[] = await response.toArray();
  return { status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) };
}

const events = '/api/v1/events';
const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

describe('coding', () => {
  test.each(Object.entries(decoders))('an answer comes as %s to who takes that, and is the same', async (coding, decode) => {
    const world = await startWorld();
    await appendSmallRun(world);
    const [plain, coded] = [await receive(world, events), await receive(world, events, { 'accept-encoding': coding })];
    expect([plain.headers['content-encoding'], coded.headers['content-encoding'], coded.headers.vary]).toEqual([undefined, coding, 'Accept-Encoding']);
    expect(coded.bytes.length).toBeLessThan(plain.bytes.length);
    expect(Number(coded.headers['content-length'])).toBe(coded.bytes.length);
    expect(decode(coded.bytes).equals(plain.bytes)).toBe(true);
  });

  test.each([
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['*', 'zstd'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['deflate', undefined],
    ['gzip;q=nonsense', undefined],
  ])('Accept-Encoding %s is answered in %s', async (accepted, coding) => {
    const world = await startWorld();
    await appendSmallRun(world);
    expect((await receive(world, events, { 'accept-encoding': accepted })).headers['content-encoding']).toBe(coding);
  });

  test('the contract is compressed, a small answer and a refusal are not', async () => {
    const world = await startWorld();
    const codingOf = async (path: string): Promise<string | undefined> => (await receive(world, path, { 'accept-encoding': 'gzip' })).headers['content-encoding'];
    expect([await codingOf('/openapi.json'), await codingOf('/api/v1/health'), await codingOf('/nope')]).toEqual(['gzip', undefined, undefined]);
  });

  test('HEAD says how long the coded answer would be', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const [get, head] = [await receive(world, events, { 'accept-encoding': 'br' }), await receive(world, events, { 'accept-encoding': 'br' }, 'HEAD')];
    expect([head.bytes.length, head.headers['content-length'], head.headers['content-encoding']]).toEqual([0, get.headers['content-length'], 'br']);
  });

  test('one digest holds in every coding, and what a client has is not sent again', async () => {
    const world = await startWorld();
    await world.post(events, { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'x'.repeat(2_000) } });
    const { id } = (await world.call(events)).body.items[0] as { id: string };
    const coded = await receive(world, `${events}/${id}`, { 'accept-encoding': 'gzip' });
    expect(coded.headers['content-encoding']).toBe('gzip');
    const again = await receive(world, `${events}/${id}`, { 'accept-encoding': 'br', 'if-none-match': coded.headers.etag! });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  test('an event stream is never compressed', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const stop = new AbortController();
    const response = await fetch(`${world.server.url}${events}/stream?fromStart=true`, { headers: { 'accept-encoding': 'gzip, br, zstd' }, signal: stop.signal });
    expect([response.headers.get('content-encoding'), response.headers.get('cache-control')]).toEqual([null, 'no-store, no-transform']);
    stop.abort();
  });

  test('nothing is compressed for a browser that is known by its cookie, and everything is for a token', async () => {
    const world = await startGuarded();
    const { path } = (await world.post('/api/v1/sign-in-links', {}, own)).body as { path: string };
    const signedIn = await receive(world, path, { accept: 'text/html' });
    const cookie = signedIn.headers['set-cookie']![0]!.split(';')[0]!;
    const { key } = await newKey(world, { role: 'viewer' });
    const types = '/api/v1/event-types';
    const [byCookie, byToken] = [await receive(world, types, { cookie, 'accept-encoding': 'gzip' }), await receive(world, types, { ...bearer(key), 'accept-encoding': 'gzip' })];
    expect([byCookie.status, byCookie.headers['content-encoding']]).toEqual([200, undefined]);
    expect([byToken.status, byToken.headers['content-encoding']]).toEqual([200, 'gzip']);
    expect(gunzipSync(byToken.bytes).equals(byCookie.bytes)).toBe(true);
  });

  test('what else an answer hangs on is still said', async () => {
    const world = await startWorld({ allowedOrigins: ['https://ui.example'] });
    expect((await receive(world, '/openapi.json')).headers.vary).toBe('Origin, Accept-Encoding');
    expect((await receive(world, '/')).headers.vary).toBe('Origin, Accept');
  });
});

describe('media types', () => {
  test.each([undefined, '*/*', 'application/json', 'application/*', 'text/html, */*;q=0.8', 'application/json;q=0.1, text/html', ''])('Accept: %s gets JSON', async (accept) => {
    const world = await startWorld();
    const { status, headers } = await receive(world, '/api/v1/health', accept === undefined ? {} : { accept });
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  });

  test.each(['text/html', 'application/json;q=0, */*', 'text/event-stream', 'application/*;q=0'])('Accept: %s is told what there is', async (accept) => {
    const world = await startWorld();
    const { status, bytes } = await receive(world, '/api/v1/health', { accept });
    expect([status, JSON.parse(bytes.toString())]).toEqual([406, expect.objectContaining({ code: 'BAD_REQUEST', details: { reason: 'accept' } })]);
  });

  test('an event stream is not given to who asks for JSON only', async () => {
    const world = await startWorld();
    expect((await receive(world, `${events}/stream`, { accept: 'application/json' })).status).toBe(406);
  });

  test('what cannot be answered as asked is not done either', async () => {
    const world = await startWorld();
    const { status } = await world.post(events, { type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} }, { accept: 'text/html' });
    expect([status, (await world.log.head()).position]).toEqual([406, 0]);
  });
});

describe('a client that waits to be asked for its body', () => {
  const announce = (world: World, bytes: number, more = ''): string => `POST ${events} HTTP/1.1\r\nHost: localhost:${world.server.port}\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n${more}\r\n`;

  test('is asked for one that is not too large', async () => {
    const world = await startWorld();
    const body = JSON.stringify({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: {} });
    const socket = connect(world.server.port, '127.0.0.1');
    socket.write(announce(world, body.length));
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
    socket.write(body);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 201 /);
    socket.destroy();
  });

  test('is refused without it when it is too large, when Host is foreign, and served when it expects something else', async () => {
    const world = await startWorld();
    expect(await world.raw(announce(world, 9 * 1_048_576))).toMatch(/^HTTP\/1\.1 413 /);
    expect(await world.raw(announce(world, 10).replace(/Host: [^\r]*/, 'Host: evil.example'))).toMatch(/^HTTP\/1\.1 421 /);
    expect(await world.raw(`GET /api/v1/health HTTP/1.1\r\nHost: localhost:${world.server.port}\r\nExpect: miracles\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });
});
