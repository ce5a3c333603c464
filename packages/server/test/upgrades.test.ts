/** What is settled before a WebSocket is handed over: where it may come from, who asks, whether there is room. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LogError } from '@refold/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { SignIn } from '../src/auth/sign-in.ts';
import { defaultHttpLimits } from '../src/http-limits.ts';
import { registerUpgrades } from '../src/upgrades.ts';
import type { UpgradeHandler, UpgradeOptions } from '../src/upgrades.ts';
import { bearer, get, newKey, startGuarded } from './guarded-world.ts';
import { startWorld } from './server-world.ts';

const upgrade = (path: string, ...headers: readonly string[]): string => [`GET ${path} HTTP/1.1`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...headers, '', ''].join('\r\n');
const verdictOf = (answer: string): unknown[] => [Number(answer.slice(9, 12)), (JSON.parse(answer.split('\r\n\r\n')[1]!) as { code: string }).code];

describe('an upgrade is refused on the socket, in the form of every other refusal', () => {
  test.each([
    ['a path that has no WebSocket', '/nowhere', [], [404, 'NOT_FOUND']],
    ['bad-input G3: a foreign Host', '/', ['Host: evil.example'], [421, 'HOST_NOT_ALLOWED']],
    ['bad-input I1: a foreign Origin', '/', ['Origin: https://evil.example'], [403, 'ORIGIN_NOT_ALLOWED']],
  ])('%s', async (_what, path, headers, expected) => {
    const world = await startGuarded();
    const host = headers.some((header) => header.startsWith('Host')) ? [] : [`Host: 127.0.0.1:${world.server.port}`];
    expect(verdictOf(await world.raw(upgrade(path, ...host, ...headers)))).toEqual(expected);
    expect(world.lines).toHaveLength(1);
    expect((await get(world, {}, '/api/v1/health')).status).toBe(200);
  });

  test('an offer of another protocol is answered in this one', async () => {
    const world = await startWorld();
    const answer = await world.raw(`GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:${world.server.port}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 200 OK');
  });
});

interface Hall {
  readonly url: string;
  readonly refusals: unknown[];
  connect(headers?: Record<string, string>): Promise<WebSocket>;
  close(): Promise<void>;
}

async function openHall({ limits, signIn = null, handler }: { limits?: Partial<UpgradeOptions['limits']>; signIn?: SignIn | null; handler?: UpgradeHandler } = {}): Promise<Hall> {
  const refusals: unknown[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer();
  const upgrades = registerUpgrades(server, {
    door: { refusalOf: () => null, requestIdOf: () => 'r1' },
    signIn,
    limits: { ...defaultHttpLimits, webSocketCloseMs: 50, ...limits },
    routes: new Map<string, UpgradeHandler>([['/ws', handler ?? ((request, socket, head) => sockets.handleUpgrade(request, socket, head, () => undefined))]]),
    onRefused: (_request, error) => void refusals.push(error instanceof LogError ? [error.code, error.details.reason] : error),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
  const close = async (): Promise<void> => {
    await upgrades.close();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    url,
    refusals,
    connect: (headers = {}) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, { headers });
        socket.once('open', () => resolve(socket)).once('error', reject);
      }),
    close,
  };
}

describe('a WebSocket that may pass', () => {
  test('is let in while there is room, and again when somebody has gone', async () => {
    const hall = await openHall({ limits: { webSocketsMax: 2 } });
    const [first] = [await hall.connect(), await hall.connect()];
    await expect(hall.connect()).rejects.toThrow('503');
    expect(hall.refusals).toEqual([['LOG_UNAVAILABLE', 'sockets']]);
    first.terminate();
    await expect.poll(async () => await hall.connect().then(() => true, () => false)).toBe(true);
  });

  test('D-118: so many with one credential, whether it is shown before or after', async () => {
    const guarded = await startGuarded();
    const [mine, other] = [await newKey(guarded, { role: 'viewer' }), await newKey(guarded, { role: 'viewer' })];
    const sockets = new WebSocketServer({ noServer: true });
    const hall = await openHall({
      signIn: guarded.signIn,
      limits: { webSocketsPerCredentialMax: 1 },
      handler: (request, socket, head, _caller, visit) =>
        sockets.handleUpgrade(request, socket, head, (open) =>
          open.once('message', (token) => void guarded.signIn.callerWithToken(request, String(token)).then(visit.admit).then(() => open.send('in'), (error: LogError) => open.close(4429, error.code))),
        ),
    });
    await hall.connect(bearer(mine.key));
    await expect(hall.connect(bearer(mine.key))).rejects.toThrow('429');
    const late = await hall.connect();
    const closed = new Promise((resolve) => late.once('close', (code, reason) => resolve([code, String(reason)])));
    late.send(mine.key);
    expect(await closed).toEqual([4429, 'RATE_LIMITED']);
    const stranger = await hall.connect();
    const said = new Promise((resolve) => stranger.once('message', (text) => resolve(String(text))));
    stranger.send(other.key);
    expect(await said).toBe('in');
  });

  test('bad-input I1: needs the Origin of its page when it shows a cookie', async () => {
    const guarded = await startGuarded();
    const { headers } = await get(guarded, { accept: 'text/html' }, guarded.signIn.newLink());
    const name = headers.get('set-cookie')!.split('=')[0]!;
    const session = headers.get('set-cookie')!.split(';')[0]!.slice(name.length + 1);
    const hall = await openHall({ signIn: guarded.signIn });
    const cookie = `refold_${new URL(hall.url).port}=${session}`;
    await expect(hall.connect({ cookie })).rejects.toThrow('403');
    expect(hall.refusals).toEqual([['ORIGIN_NOT_ALLOWED', 'origin']]);
    expect((await hall.connect({ cookie, origin: 'http://127.0.0.1' })).readyState).toBe(WebSocket.OPEN);
  });

  test('is refused when it shows a token that is not valid', async () => {
    const guarded = await startGuarded();
    const hall = await openHall({ signIn: guarded.signIn });
    await expect(hall.connect(bearer('nonsense'))).rejects.toThrow('401');
    expect(hall.refusals).toEqual([['UNAUTHENTICATED', 'credential']]);
  });

  test('is cut when the server closes and it does not', async () => {
    const hall = await openHall();
    const socket = await hall.connect();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await hall.close();
    expect(await closed).toBe(1006);
  });
});
