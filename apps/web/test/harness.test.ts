/** The harness itself: the app comes from a real server, is signed in by a link, and nothing unwanted happens on the way. */
import { expect, test } from 'vitest';
import { hasChromium, noChromium } from './harness/browser.ts';
import { openApp, startApp } from './harness/in-test.ts';
import { firstLoadOf } from './harness/first-load.ts';
import { pages } from '../src/pages.ts';

test('the app is served by refold serve to whoever opened its link, and answers for itself alone', async (context) => {
  if (!hasChromium) context.skip(noChromium);
  const log = await startApp();
  const { page, incidents } = await openApp(log);
  await page.waitForSelector('#root > *');
  expect([await page.title(), page.url()]).toEqual([expect.stringContaining('Refold'), `${log.url}/`]);
  expect(incidents).toEqual([]);
}, 120_000);

test('every page of the app has an address that the server knows', async (context) => {
  if (!hasChromium) context.skip(noChromium);
  const log = await startApp();
  const { page } = await openApp(log);
  for (const { path } of pages) {
    const answer = await page.goto(log.url + path.replaceAll(/\$\w+/g, 'x'));
    expect([path, answer?.status(), answer?.headers()['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
  }
}, 120_000);

test('the home page is no more than 250 KB for who has nothing of it yet', async (context) => {
  if (!hasChromium) context.skip(noChromium);
  const log = await startApp();
  const { page } = await openApp(log, '/settings');
  const visitor = await page.context().browser()!.newContext({ storageState: await page.context().storageState() });
  const { bytes, files } = await firstLoadOf(await visitor.newPage(), log.url);
  expect(files).toBeGreaterThan(2);
  expect(bytes).toBeLessThanOrEqual(250_000);
  await visitor.close();
}, 120_000);
