/** Starting, stopping, and the page at the root. */
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { defineOperation } from '@refold/operations';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { listen } from '../src/listen.ts';
import { createSignIn } from '../src/auth/sign-in.ts';
import { createServer } from '../src/create-server.ts';
import type { ServerOptions } from '../src/create-server.ts';
import { appendSmallRun, startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const anotherServer = (world: World, more: Partial<ServerOptions> = {}): ReturnType<typeof createServer> => createServer({ ...more, log: world.log, search: { cursor: async () => 0, add: async () => undefined, search: async () => [], reset: async () => undefined, close: async () => undefined }, installation: { version: '0', store: 'memory:', engine: {}, startedAt: '2026-11-20T10:00:00.000Z' }, operations: [] });

describe('where it listens', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.7', '10.0.0.1', 'log.example', '', '127.0.0.1.evil.example', '128.0.0.1', '127.0.0.1/8'])
    test(`bad-input E12: ${JSON.stringify(host)} is refused, because nobody has to sign in`, async () => {
      const world = await startWorld();
      await expect(listen(anotherServer(world), { host, port: 0 })).rejects.toMatchObject({ code: 'INSECURE_BIND', details: { host } });
    });

  test('bad-input E12: with sign-in and without TLS it is refused, because credentials would be overheard', async () => {
    const world = await startWorld();
    const signIn = createSignIn({ log: world.log, localToken: 'x' });
    await expect(listen(anotherServer(world, { signIn }), { host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code: 'INSECURE_BIND', details: { reason: 'no_tls' } });
  });

  test('with sign-in and a proxy in front it listens where it is told', async () => {
    const world = await startWorld();
    const signIn = createSignIn({ log: world.log, localToken: 'x', isBehindProxy: true });
    // The whole of 127 is this machine, and not what the loopback's names stand for.
    const listening = await listen(anotherServer(world, { signIn, allowedHosts: ['127.0.0.2'] }), { host: '127.0.0.2', port: 0 });
    onTestFinished(() => listening.close());
    expect((await fetch(`http://127.0.0.2:${listening.port}/`)).status).toBe(401);
    await expect(listen(anotherServer(world, { signIn }), { host: 'log.example', port: 0 })).rejects.toMatchObject({ code: 'INSECURE_BIND' });
  });

  for (const host of ['127.0.0.1', 'localhost'])
    test(`${host} is this machine`, async () => {
      const world = await startWorld();
      const listening = await listen(anotherServer(world), { host, port: 0 });
      onTestFinished(() => listening.close());
      expect(listening.url).toBe(`http://${host}:${listening.port}`);
      expect((await fetch(`${listening.url}/`)).status).toBe(200);
    });

  test('a port that is taken says so', async () => {
    const world = await startWorld();
    const holder = createTcpServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    await expect(listen(anotherServer(world), { port })).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'port', port } });
  });
});

describe('closing', () => {
  let release: () => void = () => undefined;
  let began: () => void = () => undefined;
  const slow = defineOperation({
    name: 'slow',
    doc: 'Waits until the test lets it go.',
    scope: 'append',
    input: z.object({}),
    output: z.object({ done: z.boolean() }),
    http: { method: 'GET', path: '/slow' },
    run: async () => {
      const released = new Promise<void>((resolve) => (release = resolve));
      began();
      await released;
      return { done: true };
    },
  });

  test('an answer under way is given; a request that comes meanwhile is told', async () => {
    const world = await startWorld({ operations: [slow] });
    const running = new Promise<void>((resolve) => (began = resolve));
    const answer = world.call('/api/v1/slow');
    await running;
    const closed = world.server.close();
    release();
    expect((await answer).body).toEqual({ done: true });
    await closed;
    await expect(world.call('/api/v1/slow')).rejects.toThrow();
  });

  test('an answer that does not come is not waited for for ever', async () => {
    const world = await startWorld({ operations: [slow] });
    const running = new Promise<void>((resolve) => (began = resolve));
    const answer = world.call('/api/v1/slow').catch(() => 'broken');
    await running;
    await world.server.close();
    expect(await answer).toBe('broken');
    release();
  });

  test('closing twice is closing once', async () => {
    const world = await startWorld();
    await Promise.all([world.server.close(), world.server.close()]);
  });
});

describe('the page at the root', () => {
  test('a browser gets a page whose policy allows its own style and nothing else', async () => {
    const world = await startWorld();
    const { status, headers, text } = await world.call('/', { headers: { accept: 'text/html,*/*' } });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]{44}'/);
    expect(text).not.toMatch(/<script|https?:|style="/);
  });

  test('a terminal gets the same as text', async () => {
    const world = await startWorld();
    const { headers, text } = await world.call('/');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toContain('store          memory:');
    expect(text).toContain('refold runs');
  });

  test('every link on it leads somewhere', async () => {
    const world = await startWorld();
    await appendSmallRun(world);
    const { text } = await world.call('/', { headers: { accept: 'text/html' } });
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect([link, (await world.call(link)).status]).toEqual([link, 200]);
  });

  test('bad-input M1: what an installation says of itself is text, never markup', async () => {
    const world = await startWorld({ installation: { version: '<b>1</b>', store: 'sqlite:"><script>alert(1)</script>', engine: { '<i>': "'" }, startedAt: '&' } });
    const { text } = await world.call('/', { headers: { accept: 'text/html' } });
    expect(text).not.toMatch(/<script|<b>|<i>/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('<dt>&lt;i&gt;</dt><dd>&#39;</dd>');
  });
});
