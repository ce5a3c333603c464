/**
 * `npm run bench:web`: what the home page loads (target 250 KB compressed) and when it is painted (1 s), by a browser that has nothing
 * yet; and from the answer to an append (the event is durable then) to its row in the open page of its stream (100 ms). Page and process
 * share one clock. Targets: issue 5, D and acceptance 6.
 */
import { hasChromium, launchChromium, noChromium, openSignedIn } from './harness/browser.ts';
import { buildApp } from './harness/built-app.ts';
import { firstLoadOf } from './harness/first-load.ts';
import { serveLog } from './harness/served-log.ts';

const events = 60;
const pauseMs = 250;

if (!hasChromium) {
  console.error(noChromium);
  process.exit(1);
}
await buildApp();
const log = await serveLog();
const browser = await launchChromium();
try {
  const { page: fresh } = await openSignedIn(browser, log, '/settings');
  const visitor = await browser.newContext({ storageState: await fresh.context().storageState() });
  const { bytes, files, paintMs, headingMs } = await firstLoadOf(await visitor.newPage(), log.url);
  console.log(`home, nothing cached: ${files} files, ${(bytes / 1_000).toFixed(0)} KB; first paint ${paintMs} ms, heading ${headingMs} ms`);
  await visitor.close();
  const append = (): Promise<unknown> => log.client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'agent', data: {} }] });
  await append();
  const { page } = await openSignedIn(browser, log, '/streams/custom/agent/events', { viewport: { width: 1440, height: 2_200 } });
  const grid = page.getByRole('grid', { name: 'Events' });
  await grid.getByText('custom.noted').first().waitFor();
  await page.getByRole('banner').getByText('live', { exact: true }).waitFor();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    // A row that is on its way has a place already, and no type.
    const look = (): void => {
      const rows = [...document.querySelectorAll('[role=grid] [role=row]')].filter(({ textContent }) => textContent.includes('custom.noted')).length;
      while (seen.length < rows) seen.push(Date.now());
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const committed: number[] = [];
  for (let index = 0; index < events; index++) {
    await append();
    committed.push(Date.now());
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await page.waitForTimeout(1_000);
  const [, ...seen] = await page.evaluate(() => (globalThis as unknown as { readonly seen: readonly number[] }).seen);
  const delays = committed.flatMap((at, index) => (seen[index] === undefined ? [] : [seen[index] - at])).toSorted((a, b) => a - b);
  const at = (share: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
  console.log(`commit to row, ${delays.length} of ${events} events, one every ${pauseMs} ms: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${delays.at(-1)} ms`);
} finally {
  await browser.close();
  await log.close();
}
