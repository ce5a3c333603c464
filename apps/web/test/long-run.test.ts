/**
 * The debugger over a run of 100,000 events: what it keeps is bounded, and what it shows is right wherever one looks. How fast it is
 * is measured by `npm run bench -- web`, where the machine is its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hasChromium, noChromium } from './harness/browser.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import { inRepository } from './harness/paths.ts';
import type { ServedLog } from './harness/served-log.ts';

const address = { streamType: 'orchestration', streamId: 'LONG-1' };
const run = `/streams/${address.streamType}/${address.streamId}/debug`;
const events = 100_000;
const megabyte = 1_048_576;

let folder: string;
let log: ServedLog;

beforeAll(async () => {
  if (!hasChromium) return;
  folder = mkdtempSync(join(tmpdir(), 'refold-long-'));
  // The bench's own run, written by the bench's own process: a test of the app names no engine.
  const written = spawnSync(process.execPath, ['--import', inRepository('packages/testing/src/source-resolution.ts'), inRepository('bench/src/travel.ts'), 'fill', JSON.stringify({ directory: folder, events, commitEventsMax: 500 })], { encoding: 'utf8' });
  if (written.status !== 0) throw new Error(`The long run was not written: ${written.stderr}`);
  log = await openServedApp({ store: `sqlite:${join(folder, 'travel.db')}` });
}, 600_000);
afterAll(async () => {
  await log?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

async function standsAt(page: Page, revision: number): Promise<void> {
  await page.getByRole('region', { name: 'The event' }).getByText(`orchestration/LONG-1@${revision}`, { exact: true }).waitFor();
}

const nodesIn = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length);

/** Of the page, after a collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize / megabyte;
}

describe('a run of 100,000 events', () => {
  test('given its list, when the scrollbar is drawn anywhere, then the rows are those of the log, and few of them are on the page', async () => {
    const { page, incidents } = await openApp(log, `${run}?at=50000`);
    await standsAt(page, 50_000);
    const grid = page.getByRole('grid', { name: 'Events' });
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(events));
    for (const share of [0.137, 0.731, 0.994]) {
      await grid.evaluate((element, to) => element.scrollTo({ top: to * (element.scrollHeight - element.clientHeight) }), share);
      const near = Math.round(share * events);
      const rows = page.locator('[role=grid][aria-label="Events"] [data-revision]');
      // Whole pages of rows come at once: when one of those wanted is there, all that are seen are.
      await expect.poll(async () => Math.abs(Number(await rows.first().getAttribute('data-revision')) - near), { timeout: 20_000 }).toBeLessThan(100);
      await expect.poll(() => grid.getByLabel('loading').count()).toBe(0);
      const shown = await rows.evaluateAll((all) => all.map((row) => [Number((row as HTMLElement).dataset['revision']), row.querySelectorAll('[role=gridcell]')[4]?.textContent ?? ''] as const));
      const told = await log.client.streamRows({ ...address, fromRevision: shown[0]![0], limit: shown.length });
      expect(shown).toEqual(told.rows.map(([revision, , , , type, summary]) => [revision, `${type}${summary}`]));
    }
    expect(incidents).toEqual([]);
  }, 120_000);

  test('given a hand that steps and scrubs, when it rests, then the state is that of its place, and page and heap are as small as before', async () => {
    const { page, incidents } = await openApp(log, `${run}?at=20000`);
    await standsAt(page, 20_000);
    for (let step = 1; step <= 20; step++) await page.keyboard.press('.');
    await standsAt(page, 20_020);
    const before = { heap: await heapOf(page), nodes: await nodesIn(page) };
    const slider = page.getByRole('slider', { name: 'Place in the run' });
    const { x, y, width } = (await slider.boundingBox())!;
    await page.mouse.move(x + 30, y + 40);
    await page.mouse.down();
    for (let scrub = 1; scrub <= 20; scrub++) await page.mouse.move(x + 30 + ((scrub * 617) % Math.floor(width - 60)), y + 40);
    await page.mouse.up();
    const revision = Number(await slider.getAttribute('aria-valuenow'));
    await standsAt(page, revision);
    const { state } = await log.client.stateAt({ ...address, revision });
    await page.getByRole('textbox', { name: 'Find a value or a path' }).fill('/currentPhase');
    await page.getByRole('grid', { name: 'State' }).getByText(String(state['currentPhase']), { exact: true }).waitFor();
    expect(await nodesIn(page)).toBeLessThan(3_000);
    expect(before.nodes).toBeLessThan(3_000);
    // Generous: what a leak of states would be is ten times as much.
    expect(await heapOf(page)).toBeLessThan(before.heap + 60);
    expect(incidents).toEqual([]);
  }, 120_000);

  test('given a run that takes long to read, when it is opened, then its coverage is asked for when somebody wants it', async () => {
    const { page } = await openApp(log, `${run}?at=50000`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await standsAt(page, 50_000);
    const chip = page.getByRole('button', { name: 'coverage not asked' });
    await chip.waitFor();
    const wasAsked = (): boolean => asked.some((path) => path.endsWith('/coverage'));
    expect(wasAsked()).toBe(false);
    await chip.click();
    await expect.poll(wasAsked).toBe(true);
    await chip.waitFor({ state: 'detached' });
  }, 60_000);

  test('given more marks than are told at once, when one goes to the next phase, then it is the next one of the log', async () => {
    const { page } = await openApp(log, `${run}?at=50000`);
    await standsAt(page, 50_000);
    await page.keyboard.press('}');
    const { rows } = await log.client.streamRows({ ...address, type: 'phase.started', fromRevision: 50_001, limit: 1 });
    await standsAt(page, rows[0]![0]);
  }, 60_000);
});
