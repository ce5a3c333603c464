/**
 * `npm run screenshots`: every page at 1440x900 and 400 wide, dark and light, into `screenshots/`, which git ignores. With words
 * behind it, only the pages whose names begin with one of them: `npm run screenshots jobs board`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { appPages } from './app-pages.ts';
import { hasChromium, launchChromium, noChromium, openSignedIn } from './harness/browser.ts';
import { buildApp } from './harness/built-app.ts';
import { addExampleWork } from './harness/example-work.ts';
import { inRepository } from './harness/paths.ts';
import { serveLog } from './harness/served-log.ts';

const looks = [
  { name: 'wide-dark', viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  { name: 'wide-light', viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  { name: 'narrow-dark', viewport: { width: 400, height: 900 }, colorScheme: 'dark' },
  { name: 'narrow-light', viewport: { width: 400, height: 900 }, colorScheme: 'light' },
] as const;

if (!hasChromium) {
  console.error(noChromium);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const target = inRepository('screenshots');
mkdirSync(target, { recursive: true });
await buildApp();
const log = await serveLog({ demo: true });
const browser = await launchChromium();
try {
  await addExampleWork(log.client);
  const pages = (await appPages(log.client)).filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
  for (const { name: look, viewport, colorScheme } of looks) {
    const { page, incidents } = await openSignedIn(browser, log, '/', { viewport, colorScheme });
    for (const { name, path } of pages) {
      await page.goto(log.url + path);
      // Live connections never let the network fall silent: what a page asks first is there within this time.
      await page.waitForTimeout(900);
      await page.screenshot({ path: join(target, `${name}.${look}.png`) });
    }
    for (const incident of new Set(incidents)) console.log(`${look}: ${incident}`);
    await page.context().close();
  }
  console.log(`${pages.length * looks.length} pictures in ${target}`);
} finally {
  await browser.close();
  await log.close();
}
