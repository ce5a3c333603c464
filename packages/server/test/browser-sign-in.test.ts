/** A browser signs in by a link, once, and says so itself when it changes something. */
import { describe, expect, test } from 'vitest';
import { bearer, events, get, newKey, note, own, refused, startGuarded, verdict } from './guarded-world.ts';
import type { GuardedWorld } from './guarded-world.ts';

describe('a browser', () => {
  const html = { accept: 'text/html' };

  async function signedIn(options: Parameters<typeof startGuarded>[0] = {}): Promise<{ world: GuardedWorld; cookie: string; page: Record<string, string> }> {
    const world = await startGuarded(options);
    const { headers } = await get(world, html, world.signIn.newLink());
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    return { world, cookie, page: { cookie, origin: world.server.url, 'x-refold-csrf': '1' } };
  }

  test('sees how to sign in, and nothing of the log', async () => {
    const world = await startGuarded();
    const { status, text } = await get(world, html, '/');
    expect(status).toBe(401);
    expect(text).toContain('refold token link');
    expect(text).not.toContain('memory:');
  });

  test('is signed in by a link, and goes on to a page without it', async () => {
    const { world, cookie } = await signedIn();
    const { headers } = await get(world, html, world.signIn.newLink());
    expect(headers.get('set-cookie')).toMatch(/^refold_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers.get('refresh')).toBe('0; url=/');
    const page = await get(world, { ...html, cookie }, '/');
    expect([page.status, page.text.includes('memory:')]).toEqual([200, true]);
    expect((await get(world, { cookie })).status).toBe(200);
  });

  test('a link works once', async () => {
    const world = await startGuarded();
    const link = world.signIn.newLink();
    expect((await get(world, html, link)).status).toBe(200);
    const again = await get(world, html, link);
    expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null]);
    expect(again.text).toContain('refold token link');
    expect(verdict(await get(world, {}, link))).toEqual(refused);
  });

  test('a link works for 60 s', async () => {
    const world = await startGuarded();
    const [first, second] = [world.signIn.newLink(), world.signIn.newLink()];
    world.clock.advance(59_999);
    expect((await get(world, html, first)).status).toBe(200);
    world.clock.advance(1);
    expect(verdict(await get(world, {}, second))).toEqual(refused);
  });

  test('a session ends after twelve hours, and asks for a new link without being a failed login', async () => {
    const { world, cookie } = await signedIn();
    world.clock.advance(12 * 3_600_000);
    for (let time = 0; time < 12; time++) expect(verdict(await get(world, { cookie }))).toEqual(refused);
  });

  test('the cookie is marked Secure behind a proxy with TLS', async () => {
    const world = await startGuarded({ isBehindProxy: true });
    expect((await get(world, html, world.signIn.newLink())).headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('changes something only with the header that no form of another site can send, and with Origin', async () => {
    const { world, page } = await signedIn();
    expect((await world.post(events, note, page)).status).toBe(201);
    const { origin: _origin, ...withoutOrigin } = page;
    const { 'x-refold-csrf': _csrf, ...withoutHeader } = page;
    for (const headers of [withoutOrigin, withoutHeader]) {
      const answer = await world.post(events, note, headers);
      expect([...verdict(answer), answer.body.details.reason]).toEqual([403, 'FORBIDDEN', 'csrf']);
    }
    expect((await world.post(events, note, { ...page, origin: 'https://evil.example' })).body.code).toBe('ORIGIN_NOT_ALLOWED');
    expect((await world.log.head()).position).toBe(1);
  });

  test('a new link is made for the owner of the machine, and for no page and no key', async () => {
    const { world, page } = await signedIn();
    const links = '/api/v1/sign-in-links';
    const { path } = (await world.post(links, '', own)).body;
    expect((await get(world, html, path)).status).toBe(200);
    const keys = [await newKey(world, { role: 'operator' }), await newKey(world, { scopes: ['config'] }), await newKey(world)];
    for (const { key } of keys) expect((await world.post(links, '', bearer(key))).body.code).toBe('FORBIDDEN');
    expect([(await world.post(links, '', {})).status, (await world.post(links, '', page)).body.details]).toEqual([401, { reason: 'link' }]);
  });
});
