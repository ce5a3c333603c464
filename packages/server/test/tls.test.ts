/** A server that speaks TLS itself, with a certificate made for the test. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createMemorySearch } from '@refold/core';
import { operations } from '@refold/operations';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TestContext } from 'vitest';
import { createSignIn } from '../src/auth/sign-in.ts';
import type { SignIn } from '../src/auth/sign-in.ts';
import { createServer } from '../src/create-server.ts';
import type { ServerOptions } from '../src/create-server.ts';
import { listen } from '../src/listen.ts';
import type { Listening } from '../src/listen.ts';
import { localToken, own } from './guarded-world.ts';
import { startWorld } from './server-world.ts';

/** Skips the test where nothing can make a certificate. */
function certificate(context: TestContext): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'refold-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2', '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: folder });
  if (made.status !== 0) context.skip('openssl is not installed');
  return { cert: readFileSync(join(folder, 'cert.pem'), 'utf8'), key: readFileSync(join(folder, 'key.pem'), 'utf8') };
}

interface Started {
  readonly listening: Listening;
  readonly signIn: SignIn;
  call(path: string, headers?: Record<string, string>): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }>;
}

async function start(tls: { readonly cert: string; readonly key: string }, host: string, more: Partial<ServerOptions> = {}): Promise<Started> {
  const { log } = await startWorld();
  const signIn = createSignIn({ log, localToken });
  const app = createServer({ log, search: createMemorySearch(), installation: { version: '0', store: 'memory:', engine: {}, startedAt: '2026-11-20T10:00:00.000Z' }, operations, signIn, tls, ...more });
  const listening = await listen(app, { host, port: 0 });
  onTestFinished(() => listening.close());
  return {
    listening,
    signIn,
    call: (path, headers = {}) =>
      new Promise((resolve, reject) => {
        request(listening.url + path, { ca: tls.cert, headers, agent: false }, (answer) => void text(answer).then((body) => resolve({ status: answer.statusCode!, headers: answer.headers, text: body })))
          .on('error', reject)
          .end();
      }),
  };
}

describe('TLS', () => {
  test('with a certificate and sign-in it listens beyond the names of this machine, without a proxy', async (context) => {
    const { listening, call } = await start(certificate(context), '127.0.0.2', { allowedHosts: ['127.0.0.2'] });
    expect(listening.url).toBe(`https://127.0.0.2:${listening.port}`);
    expect([(await call('/api/v1/events')).status, (await call('/api/v1/events', own)).status]).toEqual([401, 200]);
  });

  test('bad-input E12: a certificate does not make up for sign-in', async (context) => {
    const tls = certificate(context);
    const { log } = await startWorld();
    const app = createServer({ log, search: createMemorySearch(), installation: { version: '0', store: 'memory:', engine: {}, startedAt: '2026-11-20T10:00:00.000Z' }, operations: [], tls });
    await expect(listen(app, { host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code: 'INSECURE_BIND', details: { reason: 'host' } });
  });

  test('bad-input G4: its own pages come from https, and only from there', async (context) => {
    const { listening, call } = await start(certificate(context), '127.0.0.1');
    const status = async (origin: string): Promise<number> => (await call('/api/v1/events', { ...own, origin })).status;
    expect([await status(`https://127.0.0.1:${listening.port}`), await status(`http://127.0.0.1:${listening.port}`)]).toEqual([200, 403]);
  });

  test('the cookie of a browser is sent over TLS only', async (context) => {
    const { call, signIn } = await start(certificate(context), '127.0.0.1');
    expect(String((await call(signIn.newLink(), { accept: 'text/html' })).headers['set-cookie'])).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Secure$/);
  });

  test('who speaks plain HTTP, or nothing that it knows, is let go, and the others are served', async (context) => {
    const { listening, call } = await start(certificate(context), '127.0.0.1');
    const said = await new Promise<string>((resolve) => {
      let bytes = '';
      const socket = connect(listening.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
      socket.on('data', (chunk) => (bytes += chunk.toString('latin1'))).on('error', () => undefined).on('close', () => resolve(bytes));
    });
    expect(said).not.toContain('HTTP/1.1 200');
    expect((await call('/api/v1/health/live')).status).toBe(200);
  });
});
