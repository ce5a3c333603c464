/** The built web app as files: which addresses show its page, who sees it, what a browser may keep, and what stays a refusal. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { appPlaces } from '../src/web-app.ts';
import { get, startGuarded } from './guarded-world.ts';
import { startWorld } from './server-world.ts';

const html = { accept: 'text/html' };
const pageText = '<!doctype html><title>App</title><script type="module" src="/assets/main-abc123.js"></script>';
const script = `console.log(${'"text", '.repeat(400)}1);`;

function builtApp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-web-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), pageText);
  writeFileSync(join(folder, 'assets/main-abc123.js'), script);
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'notes.txt'), 'not for browsers');
  return folder;
}

describe('the web app', () => {
  test('is the page of every place of its own, with nothing inline and nothing from elsewhere (TRUST 12)', async () => {
    const world = await startWorld({ webApp: builtApp() });
    for (const path of ['/', ...appPlaces.map((place) => `/${place}`), '/streams/job/a%2Fb.c/debug?at=first-bad', '/p/job/42@3']) {
      const { status, headers, text } = await world.call(path, { headers: html });
      expect([path, status, text]).toEqual([path, 200, pageText]);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-cache']);
    }
  });

  test('never answers for the API: what is not there is refused as ever, whatever the caller accepts', async () => {
    const world = await startWorld({ webApp: builtApp() });
    for (const path of ['/api/v1/nothing', '/api/v1', '/runsomething', '/assets/gone-abc123.js', '/index.html', '/notes.txt', '/assets/../../etc/passwd', '/assets/%2e%2e/%2e%2e/package.json', '/assets/main-abc123.js%00']) {
      const { status, text } = await world.call(path, { headers: html });
      expect([path, status, text.includes('<!doctype')]).toEqual([path, 404, false]);
    }
    expect((await world.call('/runs', { method: 'POST', headers: html })).status).toBe(404);
  });

  test('lets a browser keep hashed files for ever, and asks for the rest again', async () => {
    const world = await startWorld({ webApp: builtApp() });
    const hashed = await world.call('/assets/main-abc123.js');
    expect([hashed.text, hashed.headers.get('content-type'), hashed.headers.get('cache-control')]).toEqual([script, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable']);
    const icon = await world.call('/favicon.svg');
    expect([icon.headers.get('content-type'), icon.headers.get('cache-control')]).toEqual(['image/svg+xml', 'no-cache']);
    expect((await world.call('/favicon.svg', { headers: { 'if-none-match': icon.headers.get('etag')! } })).status).toBe(304);
  });

  test('is sent coded, the same text each time', async () => {
    const { port } = (await startWorld({ webApp: builtApp() })).server;
    const { get: ask } = await import('node:http');
    for (let time = 0; time < 2; time++) {
      const { promise, resolve } = Promise.withResolvers<{ coding: string | undefined; bytes: Buffer }>();
      ask({ host: '127.0.0.1', port, path: '/assets/main-abc123.js', headers: { 'accept-encoding': 'br' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ coding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) }));
      });
      const { coding, bytes } = await promise;
      expect([coding, brotliDecompressSync(bytes).toString(), bytes.length < script.length]).toEqual(['br', script, true]);
    }
  });

  test('is shown to whoever signed in; everybody else reads how to', async () => {
    const world = await startGuarded({ webApp: builtApp() });
    for (const path of ['/', '/runs', '/streams/job/42/debug']) {
      const { status, text } = await get(world, html, path);
      expect([path, status, text.includes('refold token link'), text.includes(pageText)]).toEqual([path, 401, true, false]);
    }
    const cookie = (await get(world, html, world.signIn.newLink())).headers.get('set-cookie')!.split(';')[0]!;
    for (const path of ['/', '/runs', '/streams/job/42/debug']) expect((await get(world, { ...html, cookie }, path)).text).toBe(pageText);
  });

  test('stays out of the way of a terminal', async () => {
    const world = await startWorld({ webApp: builtApp() });
    expect((await world.call('/', { headers: { accept: '*/*' } })).text).toContain('refold runs');
  });

  test('says in words how to build it where nobody has', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'refold-web-app-'));
    onTestFinished(() => rmSync(bare, { recursive: true, force: true }));
    for (const webApp of [null, bare]) {
      const world = await startWorld({ webApp });
      expect((await world.call('/', { headers: html })).text).toContain('npm run build');
      expect((await world.call('/runs', { headers: html })).status).toBe(404);
    }
    expect((await (await startWorld()).call('/', { headers: html })).text).not.toContain('npm run build');
  });
});
