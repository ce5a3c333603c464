/** Jobs, board, comparison, events, event types, storage: what a person does there, in a real browser over a real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { axeOf, hasChromium, noChromium } from './harness/browser.ts';
import { addExampleWork } from './harness/example-work.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

// A browser on a busy machine takes its time; what hangs still ends.
vi.setConfig({ testTimeout: 120_000 });

let log: ServedLog | undefined;
const served = (): ServedLog => log!;
beforeAll(async () => {
  if (!hasChromium) return;
  log = await openServedApp();
  await addExampleWork(log.client);
}, 120_000);
afterAll(() => log?.close());
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

const statusOf = async (id: string): Promise<unknown> => (await served().client.getJob({ id })).state['status'];

describe('jobs', () => {
  test('D-093: given a failed job, when it is run again with another parameter, then the plan is shown first and both can be compared', async () => {
    const { page, incidents } = await openApp(served(), '/jobs?sel=nightly-1');
    await page.getByRole('button', { name: 'Run again…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('model', { exact: true }).fill('huge');
    await dialog.getByText('"small" → "huge"').waitFor();
    await dialog.getByLabel('From').selectOption('apply patch');
    await dialog.getByText('2 steps will run: apply patch, run tests. 2 steps kept: fetch issues, plan changes.').waitFor();
    expect((await served().client.listJobs({ rerunOf: 'nightly-1' })).items).toHaveLength(1);
    await dialog.getByRole('button', { name: 'Start it: 2 steps will run' }).click();
    await page.getByRole('link', { name: 'Compare with nightly-1' }).click();
    await page.getByText('First divergence').waitFor();
    await page.getByText('A "huge" · B "small"').waitFor();
    expect((await served().client.listJobs({ rerunOf: 'nightly-1' })).items.map(({ state }) => String(state['status'])).toSorted((a, b) => a.localeCompare(b))).toEqual(['completed', 'running']);
    expect(incidents).toEqual([]);
  });

  test('D-092: given a running job, when its worker reports, then the page shows it without being asked', async () => {
    const { client } = served();
    await client.createJob({ id: 'live-1', name: 'live', steps: ['one', 'two'], start: true });
    const { page } = await openApp(served(), '/jobs?sel=live-1');
    await page.getByText('live', { exact: true }).last().waitFor();
    await client.progressJob({ id: 'live-1', progress: 0.37, step: 'one' });
    await page.getByRole('progressbar', { name: 'Progress', exact: true }).and(page.locator('[aria-valuenow="37"]')).waitFor();
    await page.getByRole('tab', { name: 'Log' }).click();
    await client.appendJobLogs({ id: 'live-1', lines: [{ level: 'WARN', message: 'the disk is nearly full' }] });
    await page.getByText('the disk is nearly full').waitFor();
    await client.completeJob({ id: 'live-1', result: { ok: true } });
    await page.getByText('ended', { exact: true }).waitFor();
  });

  test('given a job, when it is created, paused, resumed and cancelled by the buttons, then the log says so', async () => {
    const { page } = await openApp(served(), '/jobs');
    await page.getByRole('button', { name: 'New job' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Id').fill('by-hand');
    await dialog.getByLabel('Parameters').fill('[1]');
    expect(await dialog.getByRole('button', { name: 'Create' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Parameters').fill('{"n": 1}');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('no longer needed');
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('button', { name: 'Run again…' }).waitFor();
    expect(await statusOf('by-hand')).toBe('cancelled');
  });

  test('given a job, when one goes back in it, then the state is that of the place, and the place is in the address', async () => {
    const { page } = await openApp(served(), '/jobs?sel=nightly-1&pane=state&at=1');
    await page.getByText('1 of ', { exact: false }).first().waitFor();
    await page.getByRole('group', { name: 'State after event 1' }).getByText('pending').first().waitFor();
    await page.getByRole('button', { name: 'Event after' }).click();
    await page.getByRole('group', { name: 'State after event 2' }).getByText('running').first().waitFor();
    expect(page.url()).toContain('at=2');
  });
});

describe('the board', () => {
  test('given a task, when it is moved by its menu, then the events are shown before they are written, and then in its history', async () => {
    const { page } = await openApp(served(), '/board?sprint=S12');
    await page.getByRole('button', { name: 'Move PAY-103' }).click();
    await page.getByRole('menuitem', { name: 'Move to blocked…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('task.status_changed').waitFor();
    await dialog.getByText('task.blocked').waitFor();
    expect((await served().client.getTask({ code: 'PAY-103' })).state['status']).toBe('pending');
    await dialog.getByRole('button', { name: 'Append 2 events' }).click();
    await page.getByRole('region', { name: 'blocked' }).getByText('PAY-103').waitFor();
    await page.getByRole('region', { name: 'blocked' }).getByText('Alert when an invoice').click();
    await page.getByRole('list', { name: 'History, the newest first' }).getByText('task.blocked').waitFor();
  });

  test('given a task that somebody else has changed, when it is moved, then nothing is written and the page says why', async () => {
    const { page } = await openApp(served(), '/board?sprint=S12');
    await page.getByRole('button', { name: 'Move PAY-106' }).click();
    await page.getByRole('menuitem', { name: 'Move to in progress…' }).click();
    await page.getByRole('button', { name: 'Append 1 event' }).waitFor();
    await served().client.updateTask({ code: 'PAY-106', progress: 10 });
    await page.getByRole('button', { name: 'Append 1 event' }).click();
    await page.getByRole('alert').getByText('REVISION_CONFLICT').waitFor();
    expect((await served().client.getTask({ code: 'PAY-106' })).state['status']).toBe('received');
  });
});

describe('events', () => {
  test('given an expression that cannot be read, when it is typed, then what is wrong is said and the list stays', async () => {
    const { page } = await openApp(served(), '/events?streamType=job');
    const before = await page.getByRole('row').first().innerText();
    const line = page.getByLabel('Expression');
    await line.fill('event.severity ==');
    await line.press('Enter');
    await page.getByRole('alert').first().waitFor();
    expect([await page.getByRole('row').first().innerText(), page.url().includes('where')]).toEqual([before, false]);
    await line.fill("event.severity == 'ERROR'");
    await line.press('Enter');
    await page.waitForURL(/where=/);
    await page.getByRole('row').filter({ hasText: 'job.failed' }).first().waitFor();
  });

  test('given filters that fit nothing, then the removal that gives most is offered', async () => {
    const { page } = await openApp(served(), '/events?streamType=job&agent=nobody');
    await page.getByRole('button', { name: /^Without agent nobody: \d+ events$/ }).click();
    await page.getByRole('row').first().waitFor();
    expect(page.url()).not.toContain('agent');
  });

  test('given a list, when an event comes, then it is counted and the list does not move until it is asked to', async () => {
    const { page } = await openApp(served(), '/events?streamType=custom');
    await page.getByText('No event is like that').waitFor();
    await page.waitForTimeout(500);
    await served().client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'late', data: { message: 'here I am' } }] });
    await page.getByRole('button', { name: '1 new' }).click();
    await page.getByText('here I am').waitFor();
  });
});

describe('replays', () => {
  test('given a stream, when its plan is asked for, then nothing is called, and the list says that a plan was made', async () => {
    const { page } = await openApp(served(), '/replays?plan=job/nightly-1');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('table', { name: 'Event by event' }).getByText('job.failed').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('cell', { name: 'dry run, analysis' }).waitFor();
    const { items } = await served().client.listReplays({ target: 'job/nightly-1' });
    expect(items.map(({ mode, stepsDone }) => [mode, stepsDone])).toEqual([['dry_run', 0]]);
  });
});

describe('storage', () => {
  test('when the log is verified, then the page says what holds and what was not checked', async () => {
    const { page } = await openApp(served(), '/storage');
    await page.getByRole('button', { name: 'Verify now' }).click();
    await page.getByText(/^Intact: \d+ events of \d+ streams$/).waitFor();
    await page.getByText('Not checked').waitFor();
  });
});

describe('every page of these', () => {
  const paths = ['/jobs', '/jobs?sel=nightly-1', '/jobs?sel=nightly-1&pane=logs', '/jobs?sel=nightly-1&pane=state', '/board?sprint=S12', '/agents', '/compare?a=job/nightly-1-again&b=job/nightly-1', '/schemas/job.failed', '/storage', '/replays', '/replays?plan=job/nightly-1', '/events', '/events?agent=nobody', '/events?view=tree', '/events?view=job', '/runs?sel=job/nightly-1', '/streams/job/nightly-1/logs', '/streams/job/nightly-1/audit', '/streams/sprint/S12/members'];

  // Each theme at one width: what colours do wrong they do at every width, and what a width does wrong it does in every colour.
  test.each([['dark', 1440], ['light', 400]] as const)('has nothing serious for axe in the %s theme, %i wide', async (colorScheme, width) => {
    const { page, incidents } = await openApp(served(), '/', { colorScheme, viewport: { width, height: 900 } });
    for (const path of paths) {
      await page.goto(served().url + path);
      await page.waitForSelector('h1');
      await page.waitForTimeout(500);
      expect([path, await axeOf(page), incidents]).toEqual([path, [], []]);
    }
  }, 240_000);
});
