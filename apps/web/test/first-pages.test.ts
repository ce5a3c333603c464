/** The first pages in a real browser over a real server: from an empty log to the first bad event of the run that failed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeOf, hasChromium, noChromium } from './harness/browser.ts';
import { openApp, openServedApp, startApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

const run = '/streams/orchestration/PROJ-123';

describe('An empty log', () => {
  test('shows how to send the first event, and turns into the list with it', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const log = await startApp();
    const { page, incidents } = await openApp(log);
    await page.getByRole('heading', { name: 'No event yet' }).waitFor();
    expect(await page.getByRole('region', { name: 'Send over HTTP' }).textContent()).toContain(`${log.url}/api/v1/events`);
    await log.client.createJob({ id: 'first', name: 'the first job', params: {}, start: true });
    await page.getByRole('link', { name: 'the first job' }).waitFor();
    expect(await page.getByRole('heading', { name: 'No event yet' }).count()).toBe(0);
    expect(incidents).toEqual([]);
  });

  test('loads the demo run, whose failure is the first row', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const log = await startApp();
    const { page, incidents } = await openApp(log);
    await page.getByRole('button', { name: 'Load the demo run' }).click();
    await page.getByRole('link', { name: /Orchestration failed in CODE/ }).waitFor();
    expect((await log.client.systemInfo()).events).toBe(73);
    expect(incidents).toEqual([]);
  });
});

describe('The demo runs', () => {
  let log: ServedLog;
  beforeAll(async () => {
    if (hasChromium) log = await openServedApp({ demo: true });
  }, 120_000);
  afterAll(() => log?.close());

  test('the failed run is the first row, and Enter on it leads to its first bad event', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const { page, incidents } = await openApp(log);
    const failure = page.getByRole('table', { name: /Failures/ }).getByRole('link').first();
    await failure.waitFor();
    expect(await failure.textContent()).toContain('Orchestration failed in CODE');
    await failure.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/streams\/orchestration\/PROJ-123\/debug\?at=/);
    expect(incidents).toEqual([]);
  });

  test('filters of the runs stand in the address, and a fresh page shows the same', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const { page } = await openApp(log, '/runs');
    await page.getByLabel(/^failed/).check();
    await page.waitForURL(/status=failed/);
    const { page: fresh } = await openApp(log, '/runs?status=failed');
    const names = async (of: typeof page): Promise<readonly string[]> => {
      await of.getByRole('status').filter({ hasText: '1 of 2 runs' }).waitFor();
      return await of.locator('[data-run]').allTextContents();
    };
    expect(await names(fresh)).toEqual(await names(page));
  });

  test('a place in an address leads to its stream, and one that is none is said to be', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const { page } = await openApp(log, '/p/orchestration/PROJ-123');
    await page.waitForURL(`${log.url}${run}/story`);
    await page.goto(`${log.url}/p/orchestration/PROJ-123@later`);
    await page.getByText('BAD_TIMESTAMP').waitFor();
    await page.goto(`${log.url}/streams/job/nowhere/story`);
    await page.getByText('NOT_FOUND').waitFor();
  });

  test('the story names the first bad event, and the audit verifies the stream', { timeout: 120_000 }, async (context) => {
    if (!hasChromium) context.skip(noChromium);
    const { page, incidents } = await openApp(log, `${run}/story`);
    await page.getByRole('region', { name: 'First bad event' }).getByText('jira.getIssue(PROJ-77): 404 Not Found').waitFor();
    await page.getByRole('navigation', { name: 'Views of this stream' }).getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText('73 events hold').waitFor();
    expect(incidents).toEqual([]);
  });

  test.for(['/', '/runs', '/settings', `${run}/story`, `${run}/timeline`, `${run}/state?at=54`, `${run}/audit`])('X-024: axe finds nothing serious on %s, dark and light', { timeout: 120_000 }, async (path, context) => {
    if (!hasChromium) context.skip(noChromium);
    for (const colorScheme of ['dark', 'light'] as const) {
      const { page, incidents } = await openApp(log, path, { colorScheme });
      await page.locator('table, [role=group], fieldset').first().waitFor();
      expect({ colorScheme, found: await axeOf(page) }).toEqual({ colorScheme, found: [] });
      expect(incidents).toEqual([]);
    }
  });
});
