/** The debugger in a real browser over a real server: the first bad event of the demo, found by hand and by keyboard alone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeOf, hasChromium, noChromium } from './harness/browser.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

const run = '/streams/orchestration/PROJ-123/debug';
let log: ServedLog;

beforeAll(async () => {
  if (hasChromium) log = await openServedApp({ demo: true });
}, 240_000);
afterAll(async () => await log?.close());

/** What does not come within this time does not come; then the failure says what was waited for. */
async function open(...[path, options]: [path: string, options?: Parameters<typeof openApp>[2]]): ReturnType<typeof openApp> {
  const opened = await openApp(log, path, options);
  opened.page.setDefaultTimeout(9_000);
  return opened;
}

/** Once the state of a place is folded and shown. */
async function standsAt(page: Page, revision: number): Promise<void> {
  await page.getByRole('slider', { name: 'Place in the run' }).and(page.locator(`[aria-valuenow="${revision}"]`)).waitFor();
  await page.getByRole('region', { name: 'The event' }).getByText(`orchestration/PROJ-123@${revision}`, { exact: true }).waitFor();
}

const revisionIn = async (page: Page): Promise<number> => Number(await page.getByRole('slider', { name: 'Place in the run' }).getAttribute('aria-valuenow'));

beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

describe('the debugger', () => {
  test('given a failed run, when it is opened without a place, then it stands at its first bad event with what that changed', async () => {
    const { page, incidents } = await open(run);
    await standsAt(page, 6);
    expect(await page.getByRole('button', { name: /first bad @6/ }).isVisible()).toBe(true);
    expect(await page.getByRole('region', { name: 'Changes' }).textContent()).toContain('errors');
    await page.waitForURL(/at=6/);
    expect(incidents).toEqual([]);
  });

  test('given the mouse alone, when one breaks, runs back, looks at the diff and follows a value, then each leads where it says', async () => {
    const { page, incidents } = await open(`${run}?at=end`);
    await standsAt(page, 73);
    const breakpoints = page.getByRole('region', { name: 'Breakpoints' });
    await breakpoints.getByRole('textbox', { name: 'Breakpoint', exact: true }).fill('agent_run.failed');
    await breakpoints.getByRole('button', { name: 'Add' }).click();
    await breakpoints.getByRole('checkbox', { name: 'Stop at agent_run.failed' }).waitFor();
    await page.waitForURL(/ds=/);
    await page.getByRole('button', { name: 'Run back to the breakpoint before' }).click();
    await standsAt(page, 59);
    await page.getByRole('tab', { name: /Diff/ }).click();
    await page.getByRole('grid', { name: 'Diff' }).getByText('failed').first().waitFor();
    await page.getByRole('tab', { name: 'State' }).click();
    const setter = page.getByRole('grid', { name: 'State' }).getByRole('button', { name: /^set @\d+$/ }).first();
    const setAt = Number((await setter.textContent())!.slice('set @'.length));
    await setter.click();
    await standsAt(page, setAt);
    await page.goBack();
    await standsAt(page, 59);
    expect(incidents).toEqual([]);
  });

  test('given the keyboard alone, when the first bad event is looked for and what if is asked, then no mouse is missed', async () => {
    const { page } = await open(`${run}?at=end`);
    await standsAt(page, 73);
    await page.keyboard.press('!');
    await standsAt(page, 6);
    await page.keyboard.press('.');
    await standsAt(page, 7);
    await page.keyboard.press('u');
    await standsAt(page, 6);
    await page.keyboard.press('b');
    await page.getByRole('checkbox', { name: 'Stop at error.occurred' }).waitFor();
    await page.keyboard.press('$');
    await standsAt(page, 73);
    await page.keyboard.press('Shift+C');
    await expect.poll(() => revisionIn(page)).toBeLessThan(73);
    await page.keyboard.press(':');
    await page.keyboard.type('6');
    await page.keyboard.press('Enter');
    await standsAt(page, 6);
    await page.keyboard.press('d');
    await page.getByRole('grid', { name: 'Diff' }).waitFor();
    await page.keyboard.press('Shift+X');
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/What if: event 6/).waitFor();
    await dialog.getByRole('button', { name: 'Fold the variant' }).press('Enter');
    await dialog.getByRole('region', { name: 'Result' }).getByText(/^what-if/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    // Nothing was written.
    expect((await log.client.streamRows({ streamType: 'orchestration', streamId: 'PROJ-123', limit: 1 })).head).toBe(73);
  }, 90_000);

  test('given a filter that finds little, when it is written, then the list has its exact length, and a wrong expression leaves it', async () => {
    const { page } = await open(`${run}?at=6&type=agent_run.*`);
    await standsAt(page, 6);
    const grid = page.getByRole('grid', { name: 'Events' });
    const { rows } = await log.client.streamRows({ streamType: 'orchestration', streamId: 'PROJ-123', type: 'agent_run.*' });
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(rows.length));
    await page.getByRole('combobox', { name: 'Filter' }).selectOption('where');
    await page.getByRole('textbox', { name: /Filter: CEL/ }).fill('no(');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('BAD_EXPRESSION').waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(rows.length));
  });

  test('given a reader in the middle, when the run goes on, then his place is not taken and what came is counted', async () => {
    const { page } = await open('/streams/job/live-1/debug?at=end');
    await page.getByRole('alert').getByText('NOT_FOUND').waitFor();
    await log.client.createJob({ id: 'live-1', name: 'live', steps: ['one'], start: true });
    await page.goto(`${log.url}/streams/job/live-1/debug?at=1`);
    await page.getByRole('slider', { name: 'Place in the run' }).and(page.locator('[aria-valuenow="1"]')).waitFor();
    const before = Number(await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-rowcount'));
    await log.client.progressJob({ id: 'live-1', progress: 0.5 });
    await expect.poll(async () => Number(await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-rowcount'))).toBeGreaterThan(before);
    expect(await revisionIn(page)).toBe(1);
    await page.getByRole('button', { name: /new$/ }).click();
    await expect.poll(() => revisionIn(page)).toBe(before + 1);
  });

  test('given an expired session, a place that is none and a stream that is none, when they are opened, then the page says so', async () => {
    const { page } = await open(`${run}?at=6&ds=ds_gone`);
    await standsAt(page, 6);
    await page.getByText('The debug session of this address is gone').waitFor();
    await page.keyboard.press(':');
    await page.keyboard.type('900');
    await page.keyboard.press('Enter');
    await page.getByText('There is no revision 900').waitFor();
    expect(await revisionIn(page)).toBe(6);
  });

  test.each(['dark', 'light'] as const)('given the %s theme, when axe looks, then it finds nothing serious', async (colorScheme) => {
    for (const viewport of [{ width: 1440, height: 900 }, { width: 400, height: 900 }]) {
      const { page } = await open(`${run}?at=6`, { colorScheme, viewport });
      await page.getByRole('grid', { name: 'State' }).getByText('issueKey').waitFor();
      await page.getByText('set @1', { exact: true }).waitFor();
      expect(await axeOf(page)).toEqual([]);
    }
  }, 90_000);
});
