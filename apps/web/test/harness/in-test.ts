/** The harness inside a test file: one browser for the file, one served log where a test asks for it, everything gone afterwards. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { launchChromium, openSignedIn } from './browser.ts';
import type { OpenedPage } from './browser.ts';
import { buildApp } from './built-app.ts';
import { serveLog } from './served-log.ts';
import type { ServedLog, ServedLogOptions } from './served-log.ts';

let browser: Promise<Browser> | null = null;
afterAll(async () => await (await browser)?.close());

/** A page that is closed after the test. Ask `hasChromium` first, and skip with `noChromium`. */
export async function openApp(log: ServedLog, path = '/', options: BrowserContextOptions = {}): Promise<OpenedPage> {
  browser ??= launchChromium();
  const opened = await openSignedIn(await browser, log, path, options);
  onTestFinished(() => opened.page.context().close());
  return opened;
}

/** A served log with the app, for one test. */
export async function startApp(options: ServedLogOptions = {}): Promise<ServedLog> {
  const log = await openServedApp(options);
  onTestFinished(() => log.close());
  return log;
}

/** The same, closed by whoever opened it: for the tests of a file that share one. */
export async function openServedApp(options: ServedLogOptions = {}): Promise<ServedLog> {
  await buildApp();
  return await serveLog(options);
}
