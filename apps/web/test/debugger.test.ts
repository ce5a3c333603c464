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

  test('given a session with a note, a bookmark and a breakpoint, when it is exported and imported elsewhere, then all of it stands there', async () => {
    const { page, incidents } = await open(`${run}?at=6`);
    await standsAt(page, 6);
    await page.keyboard.press('m');
    await page.getByText('Event 6 is bookmarked.').waitFor();
    await page.keyboard.press('.');
    await standsAt(page, 7);
    await page.keyboard.press('b');
    await page.getByRole('checkbox', { name: /^Stop at / }).waitFor();
    const drawer = page.getByRole('region', { name: 'Drawer' });
    await drawer.getByRole('button', { name: 'Notes' }).click();
    await drawer.getByRole('textbox', { name: 'Note about event 7' }).fill('here it was not noticed');
    await page.keyboard.press('Enter');
    await drawer.getByText('here it was not noticed').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), drawer.getByRole('button', { name: 'Export session' }).click()]);
    const file = await download.path();

    const { page: other } = await open(`${run}?at=end&drawer=notes`);
    await standsAt(other, 73);
    await other.getByLabel('Debug session to import').setInputFiles(file);
    const notes = other.getByRole('region', { name: 'Notes' });
    await notes.getByText('here it was not noticed').waitFor();
    await other.getByRole('checkbox', { name: /^Stop at / }).waitFor();
    await notes.getByRole('button', { name: '@6' }).click();
    await standsAt(other, 6);
    await notes.getByRole('button', { name: 'Remove the bookmark at event 6' }).click();
    await expect.poll(() => notes.getByRole('listitem').count()).toBe(1);
    expect(incidents).toEqual([]);
  }, 60_000);

  test('given a file that is no session, when it is imported, then that is said and nothing else happens', async () => {
    const { page } = await open(`${run}?at=6&drawer=notes`);
    await standsAt(page, 6);
    await page.getByLabel('Debug session to import').setInputFiles({ name: 'other.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"cake"}') });
    await page.getByRole('alert').getByText('BAD_REQUEST').first().waitFor();
    await page.getByText('Nothing is noted').waitFor();
  });

  test('given the list, when the menu of a row is asked for, then what it offers is done for that row', async () => {
    const { page } = await open(`${run}?at=6`);
    await standsAt(page, 6);
    const rows = page.getByRole('grid', { name: 'Events' });
    await rows.locator('[data-revision="9"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Travel here' }).click();
    await standsAt(page, 9);
    const type = await rows.locator('[data-revision="8"] [role=gridcell]').nth(4).locator('span').first().textContent();
    await rows.locator('[data-revision="8"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: `Leave ${type} out of the list` }).click();
    const { rows: left } = await log.client.streamRows({ streamType: 'orchestration', streamId: 'PROJ-123', where: `event.type != "${type}"` });
    await expect.poll(() => rows.getAttribute('aria-rowcount')).toBe(String(left.length));
    await rows.locator('[data-revision="9"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Take the diff against this' }).click();
    await page.waitForURL(/base=9/);
  });

  test('given a diff, when it is split and taken against a place of any run, then both sides stand beside each other', async () => {
    const { page } = await open(`${run}?at=59&pane=diff`);
    await standsAt(page, 59);
    const diff = page.getByRole('grid', { name: 'Diff' });
    await diff.waitFor();
    const before = Number(await diff.getAttribute('aria-rowcount'));
    await page.getByRole('combobox', { name: 'Base of the diff' }).selectOption('other');
    await page.getByRole('textbox', { name: 'Place of the base' }).fill('orchestration/PROJ-123@start');
    await page.keyboard.press('Enter');
    await expect.poll(async () => Number(await diff.getAttribute('aria-rowcount'))).toBeGreaterThan(before);
    await page.waitForURL(/base=orchestration/);
    await page.getByRole('radio', { name: 'split' }).click();
    const { patches } = await log.client.diffStates({ streamType: 'orchestration', streamId: 'PROJ-123', fromPlace: '1', toPlace: '59' });
    const changed = patches.find(({ op, path, after }) => op === 'replace' && path === '/currentPhase' && typeof after === 'string')!;
    const row = diff.getByRole('row').filter({ has: page.locator('code[title="currentPhase"]') });
    await page.getByRole('textbox', { name: 'Filter by path' }).fill('/currentPhase');
    await row.waitFor();
    expect(await row.locator('span[title]').allTextContents()).toEqual([changed.before, changed.after].map(String));
  });

  test('given an instant, when what was known is asked for, then the cut is by when the log took it, and the address says so', async () => {
    const { page } = await open(`${run}?at=59`);
    await standsAt(page, 59);
    await page.keyboard.press('h');
    await page.waitForURL(/clock=known/);
    const { items } = await log.client.streamEvents({ streamType: 'orchestration', streamId: 'PROJ-123', fromRevision: 59, limit: 1 });
    const { revision } = await log.client.stateAt({ streamType: 'orchestration', streamId: 'PROJ-123', recordedAt: items[0]!.occurredAt });
    await page.keyboard.press(':');
    await page.keyboard.type(items[0]!.occurredAt);
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'Place in the run' }).and(page.locator(`[aria-valuenow="${revision}"]`)).waitFor();
  });

  test('given an invariant that does not last, when one runs to where it breaks, then that is where it turns false', async () => {
    const { page } = await open(`${run}?at=start`);
    await standsAt(page, 1);
    const breakpoints = page.getByRole('region', { name: 'Breakpoints' });
    await breakpoints.getByRole('combobox', { name: 'What stops' }).selectOption('invariant');
    await breakpoints.getByRole('textbox', { name: 'Breakpoint', exact: true }).fill('size(state.errors) == 0');
    await breakpoints.getByRole('button', { name: 'Add' }).click();
    await breakpoints.getByRole('checkbox', { name: /ceases to hold/ }).waitFor();
    await page.getByRole('button', { name: 'Run to the next breakpoint' }).click();
    await standsAt(page, 6);
  });

  test('given the console, when expressions and commands are written, then they are answered at the cursor and lead where they say', async () => {
    const { page } = await open(`${run}?at=59`);
    await standsAt(page, 59);
    const here = page.getByRole('grid', { name: 'Events' }).locator('[data-revision="59"]');
    await page.keyboard.press('`');
    const line = page.getByRole('textbox', { name: 'Console line' });
    await line.waitFor();
    const answers = page.getByRole('list', { name: 'Console' });
    for (const [asked, answer] of [['event.type', '"agent_run.failed"'], ['/count event.type == "agent_run.failed"', ' events'], ['/cake', 'There is no command /cake.'], ['no(', '✗ (?!There is no command)']] as const) {
      await line.fill(asked);
      await line.press('Enter');
      await answers.getByText(new RegExp(answer)).first().waitFor();
    }
    // The list got lower, and the place of the cursor is still seen.
    const [row, list] = [await here.boundingBox(), await page.getByRole('grid', { name: 'Events' }).boundingBox()];
    expect(row!.y + row!.height).toBeLessThanOrEqual(list!.y + list!.height);
    await line.fill('/go 6');
    await line.press('Enter');
    await standsAt(page, 6);
  });

  test('given a run that changed files, when they are looked at, then those known at the place are listed', async () => {
    const { state } = await log.client.stateAt({ streamType: 'orchestration', streamId: 'PROJ-123' });
    const commits = Object.values(state['commits'] as object) as { readonly sha: string }[];
    expect(commits.length).toBeGreaterThan(0);
    const { page } = await open(`${run}?at=end&pane=files`);
    await standsAt(page, 73);
    for (const { sha } of commits) await page.getByRole('region', { name: 'Files' }).getByText(sha.slice(0, 12)).waitFor();
    await page.keyboard.press('0');
    await page.getByText('No file and no commit is known here').waitFor();
  });

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
