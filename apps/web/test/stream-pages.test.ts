/** The views of a stream and of the log that are not the debugger's, in a real browser over a real server. */
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { axeOf, hasChromium, noChromium } from './harness/browser.ts';
import { addExampleWork } from './harness/example-work.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

// A browser on a busy machine takes its time; what hangs still ends.
vi.setConfig({ testTimeout: 120_000 });

let log: ServedLog;
beforeAll(async () => {
  if (!hasChromium) return;
  log = await openServedApp({ demo: true });
  await addExampleWork(log.client);
}, 120_000);
afterAll(() => log?.close());
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

describe('a stream', () => {
  test('of a job has its log, of a sprint its tasks, and of neither kind both', async () => {
    const { page, incidents } = await openApp(log, '/streams/job/nightly-1/logs');
    await page.getByText('page 1 of 2').waitFor();
    const views = page.getByRole('navigation', { name: 'Views of this stream' });
    expect(await views.getByRole('link', { name: 'Tasks' }).count()).toBe(0);
    await page.goto(`${log.url}/streams/sprint/S12/members`);
    await page.getByText('7 tasks: ').waitFor();
    await page.getByRole('table', { name: 'Tasks of the sprint' }).getByText('PAY-104').waitFor();
    expect(await axeOf(page)).toEqual([]);
    await page.goto(`${log.url}/streams/orchestration/PROJ-123/logs`);
    await page.getByText('This kind of stream has no such view').waitFor();
    expect(incidents).toEqual([]);
  });

  test('offers what is done with it as a whole, and exports as lines', async () => {
    const { page } = await openApp(log, '/streams/job/nightly-1/story');
    await page.getByRole('button', { name: 'Actions' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export as JSON lines' }).click();
    const lines = readFileSync(await (await saved).path(), 'utf8').trim().split('\n');
    const { revision } = await log.client.getStream({ streamType: 'job', streamId: 'nightly-1' });
    expect([lines.length, (JSON.parse(lines[0]!) as { readonly type: string }).type]).toEqual([revision, 'job.created']);
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Plan a replay…' }).click();
    await page.waitForURL(/\/replays\?plan=job\/nightly-1/);
  });

  test('has a timeline that is wider the closer one looks, by button and key, as the address says', async () => {
    const { page } = await openApp(log, '/streams/orchestration/PROJ-123/timeline');
    const lanes = page.getByRole('group', { name: 'Timeline' });
    await lanes.waitFor();
    const width = async (): Promise<number> => (await lanes.boundingBox())!.width;
    const before = await width();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.keyboard.press('+');
    await page.waitForURL(/zoom=4/);
    expect(await width() / before).toBeCloseTo(4, 0);
    await page.keyboard.press('-');
    await page.waitForURL(/zoom=2/);
  });

  test('of which a checkpoint is restored shows first what that changes and what stays', async () => {
    const { page } = await openApp(log, '/streams/orchestration/PROJ-123/audit');
    const before = (await log.client.getStream({ streamType: 'orchestration', streamId: 'PROJ-123' })).revision;
    await page.getByRole('button', { name: /^Restore / }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What it changes').waitFor();
    expect((await log.client.getStream({ streamType: 'orchestration', streamId: 'PROJ-123' })).revision).toBe(before);
    await dialog.getByLabel('Reason').fill('the plan was right');
    await dialog.getByRole('button', { name: 'Append checkpoint.restored' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await log.client.getStream({ streamType: 'orchestration', streamId: 'PROJ-123' })).revision).toBe(before + 1);
  });
});

describe('the events of the log', () => {
  test('are shown as lines in the dialect that is asked for', async () => {
    const { page } = await openApp(log, '/events?streamType=orchestration&order=asc');
    await page.getByRole('row').first().waitFor();
    await page.getByLabel('Form of the list').selectOption({ label: 'JSON, CloudEvents' });
    await page.waitForURL(/view=cloudevents/);
    await page.getByText('"specversion":"1.0"').first().waitFor();
    await page.goBack();
  });

  test('are shown under what caused them, and the address says so', async () => {
    const { page } = await openApp(log, '/events?streamType=orchestration&view=tree');
    await page.getByRole('row').filter({ hasText: 'caused, level 1' }).first().waitFor();
    await page.getByRole('row').first().click();
    await page.getByRole('group', { name: 'Payload' }).waitFor();
  });

  test('are asked for by an expression that finishes itself', async () => {
    const { page } = await openApp(log, '/events?streamType=job');
    await page.getByRole('row').first().waitFor();
    await page.getByLabel('Expression').fill('event.sev');
    const list = await page.getByLabel('Expression').getAttribute('list');
    expect(await page.locator(`[id="${list}"] option`).allTextContents()).toEqual(['event.severity']);
  });
});

describe('the runs', () => {
  test('show their phases and what models read and wrote for them at a glance', async () => {
    const { page } = await openApp(log, '/runs');
    const rowOf = (address: string): Locator => page.getByRole('row').filter({ has: page.locator(`[data-run="${address}"]`) });
    await rowOf('job/nightly-1').getByRole('img', { name: 'fetch issues completed, plan changes completed, apply patch failed, run tests pending' }).waitFor();
    const [session] = (await log.client.listRuns({ type: 'session' })).items;
    expect(session!.tokens).toBeGreaterThan(1_000_000);
    await rowOf(`session/${session!.streamId}`).getByText(/^[\d.]+M$/).waitFor();
  });

  test('are looked at beside the list, one after the other, without leaving it', async () => {
    const { page } = await openApp(log, '/runs');
    await page.locator('[data-run="job/nightly-1"]').focus();
    await page.keyboard.press('o');
    const peek = page.getByRole('dialog');
    await peek.getByText('Last failure').waitFor();
    await page.waitForURL(/sel=job/);
    await peek.getByRole('link', { name: 'Open' }).waitFor();
    await page.keyboard.press('j');
    await page.waitForURL((url) => url.searchParams.get('sel') !== 'job/nightly-1');
    await peek.getByText('Newest events').waitFor();
    await page.keyboard.press('Escape');
    await peek.waitFor({ state: 'detached' });
  });
});
