/** What comes while somebody looks: it is there by itself, in every tab, and takes nobody's place. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hasChromium, noChromium } from './harness/browser.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

// A browser on a busy machine takes its time; what hangs still ends.
vi.setConfig({ testTimeout: 120_000 });

let log: ServedLog;
beforeAll(async () => {
  if (hasChromium) log = await openServedApp();
}, 120_000);
afterAll(() => log?.close());
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

const note = (streamId: string): Promise<unknown> => log.client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId, data: {} }] });

const isLive = (page: Page): Promise<void> => page.getByRole('banner').getByText('live', { exact: true }).waitFor();

describe('what a running agent tells', () => {
  test('is in the list of its stream without being asked for, and the rows that are read stay where they are', async () => {
    for (let index = 1; index <= 120; index++) await note('agent');
    const { page, incidents } = await openApp(log, '/streams/custom/agent/events');
    const grid = page.getByRole('grid', { name: 'Events' });
    await grid.getByRole('row').nth(3).waitFor();
    await isLive(page);
    await grid.hover();
    await page.mouse.wheel(0, 600);
    const place = async (): Promise<unknown> => {
      const row = grid.getByRole('row').nth(12);
      return [(await row.boundingBox())?.y, await row.getAttribute('aria-rowindex'), await row.innerText()];
    };
    await expect.poll(async () => Number(await grid.getByRole('row').nth(12).getAttribute('aria-rowindex'))).toBeGreaterThan(20);
    let before = await place();
    const rests = async (): Promise<boolean> => {
      const last = before;
      before = await place();
      return JSON.stringify(before) === JSON.stringify(last);
    };
    await expect.poll(rests, { interval: 300 }).toBe(true);
    for (let index = 121; index <= 125; index++) await note('agent');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('125');
    await expect.poll(place).toEqual(before);
    expect(incidents).toEqual([]);
  });

  test('reaches every tab of a browser, however many there are', async () => {
    // Six connections are what a browser has for one server, for all its tabs.
    const { page: first } = await openApp(log, '/runs');
    const tabs = [first];
    for (let index = 1; index < 9; index++) {
      const page = await first.context().newPage();
      await page.goto(`${log.url}${['/', '/events', '/streams/custom/agent/story', '/jobs'][index % 4]}`);
      await isLive(page);
      tabs.push(page);
    }
    await log.client.createJob({ id: 'for-all', name: 'seen everywhere', start: true });
    await first.getByText('seen everywhere').waitFor();
    await tabs.at(-1)!.getByText('seen everywhere').first().waitFor();
  });
});

describe('a job that runs', () => {
  test('is watched by keyboard alone: found, opened, its log read, its end seen', async () => {
    await log.client.createJob({ id: 'by-keys', name: 'watched by keys', steps: ['one', 'two'], start: true });
    const { page } = await openApp(log, '/');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await page.waitForURL(/\/jobs/);
    await page.getByRole('button', { name: 'watched by keys' }).waitFor();
    await tabTo(page, 'watched by keys');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'watched by keys' }).waitFor();
    await tabTo(page, 'Steps');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await log.client.appendJobLogs({ id: 'by-keys', lines: [{ level: 'INFO', message: 'halfway there' }] });
    await page.getByText('halfway there').waitFor();
    await log.client.completeJob({ id: 'by-keys', result: {} });
    await page.getByText('ended', { exact: true }).waitFor();
  });

  test('is run again with another parameter and compared, by keyboard alone', async () => {
    await log.client.createJob({ id: 'again-keys', name: 'again by keys', params: { model: 'small' }, steps: ['one'], start: true });
    await log.client.endJobStep({ id: 'again-keys', step: 'one', status: 'failed', error: { message: 'no' } });
    await log.client.failJob({ id: 'again-keys', error: { message: 'no' } });
    const { page } = await openApp(log, '/jobs?sel=again-keys');
    await page.getByRole('button', { name: 'Run again…' }).waitFor();
    await tabTo(page, 'Run again…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'model');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('large');
    await page.getByText('"small" → "large"').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Compare with again-keys' }).waitFor();
    await tabTo(page, 'Compare with again-keys');
    await page.keyboard.press('Enter');
    await page.getByText('First divergence').waitFor();
    await page.getByText('A "large" · B "small"').waitFor();
  });
});

describe('two runs', () => {
  beforeAll(async () => {
    if (!hasChromium) return;
    for (const id of ['left', 'right']) {
      await log.client.createJob({ id, name: `the ${id} one`, params: { model: id === 'left' ? 'small' : 'large' }, steps: ['one'], start: true });
      await log.client.completeJob({ id, result: {} });
    }
  });

  test('are chosen in the list and compared, by mouse', async () => {
    const { page } = await openApp(log, '/runs');
    for (const name of ['the left one', 'the right one']) await page.getByLabel(`Select ${name}`).check();
    await page.getByRole('button', { name: 'Compare the two' }).click();
    await page.getByText('First divergence').waitFor();
  });

  test('are chosen in the list and compared, by keyboard alone', async () => {
    const { page } = await openApp(log, '/runs');
    await page.getByRole('link', { name: 'the left one' }).waitFor();
    for (const name of ['the left one', 'the right one']) {
      await tabTo(page, name);
      await page.keyboard.press('x');
      await page.getByLabel(`Select ${name}`).and(page.locator(':checked')).waitFor();
    }
    await page.keyboard.press('Shift+Tab');
    await tabTo(page, 'Compare the two');
    await page.keyboard.press('Enter');
    await page.getByText('First divergence').waitFor();
    expect(page.url()).toMatch(/compare\?a=.*&b=/);
  });
});

/** Presses Tab until what is called so has the focus, as a person would who sees where it stands. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      const labels = (element as HTMLInputElement | null)?.labels;
      return [element?.getAttribute('aria-label'), element?.textContent, element?.firstElementChild?.textContent, ...[...(labels ?? [])].map((label) => label.textContent)].map((text) => text?.trim());
    });
    if (focused.includes(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to "${name}".`);
}
