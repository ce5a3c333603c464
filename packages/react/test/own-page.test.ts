/** A page of the server itself needs no token: whoever opened it by a link is known by a cookie, and the client says that the page asks. */
import { createClient } from '@refold/client';
import { expect, test } from 'vitest';
import { bundlePage, hasChromium, noChromium, openPage, startSite } from './browser.ts';

test('a page that was opened by a one-time link reads, writes and follows without a token', async (context) => {
  if (!hasChromium) context.skip(noChromium);
  const script = await bundlePage('own-page.ts', "import { createClient } from '@refold/client'; globalThis.createClient = createClient;");
  const site = await startSite('');
  const link = await createClient({ url: site.server, token: site.token }).signInLink();
  // The page that is there lets nothing in but itself; a page of ours would bring the client along.
  const page = await openPage(link, { bypassCSP: true });
  await page.waitForURL(`${site.server}/`);
  await page.addScriptTag({ content: script, type: 'module' });
  await page.waitForFunction(() => 'createClient' in globalThis);
  const seen = await page.evaluate(async () => {
    const client = (globalThis as unknown as { createClient: typeof createClient }).createClient({ url: (globalThis as unknown as { location: { origin: string } }).location.origin });
    const { commitId } = await client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'n1', data: {} }] });
    for await (const { position, actor } of client.tailEvents({ fromStart: true })) return { commitId, position, actor };
    return null;
  });
  expect(seen).toEqual({ commitId: expect.any(String), position: 1, actor: { type: 'user', id: 'local' } });
});
