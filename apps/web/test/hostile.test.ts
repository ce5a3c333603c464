/**
 * What the log holds is written by strangers: it is shown as text, bounded, and never does anything (TRUST 12; bad-inputs M). One log
 * holds all of it, and every page is opened over it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hasChromium, noChromium } from './harness/browser.ts';
import { openApp, openServedApp } from './harness/in-test.ts';
import type { ServedLog } from './harness/served-log.ts';

// A browser on a busy machine takes its time; what hangs still ends.
vi.setConfig({ testTimeout: 120_000 });

const script = '<script>alert(1)</script>';
const image = '<img src=x onerror="alert(2)">';
const link = '[click](javascript:alert(3))';
const svg = '<svg onload=alert(4)><a href="data:text/html,<script>alert(5)</script>">x</a></svg>';
const style = '<style>*{display:none}</style>';
const turned = 'main\u202Egpj.exe';
const unseen = 'pay\u200Bload';
const ansi = '\u001B[31mred\u001B[0m \u001B]8;;http://evil.example\u0007link\u001B]8;;\u0007';
const everything = [script, image, link, svg, style, turned, unseen, ansi].join(' ');
const long = 'x'.repeat(900_000);

const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)) as unknown;

let log: ServedLog | undefined;
const served = (): ServedLog => log!;
beforeAll(async () => {
  if (!hasChromium) return;
  log = await openServedApp();
  const { client } = log;
  await client.appendEvents({ events: [{ type: 'custom.noted', streamType: 'custom', streamId: 'hostile', agent: 'agent <b>bold</b>', phase: script, issueKey: 'XSS-1', data: { title: everything, message: script, colour: 'red;background:url(//evil.example/x)', constructor: image, deep: nested(50) as never } }] });
  await client.appendEvents({ events: [{ type: 'custom.constructor', streamType: 'custom', streamId: 'constructor', data: { message: everything } }] });
  await client.appendEvents({ events: [{ type: 'custom.long', streamType: 'custom', streamId: 'long', data: { text: long, lines: 'line\n'.repeat(2_000) } }] });
  await client.createSprint({ sprintCode: 'X1', name: everything, goal: everything, status: 'active' });
  await client.createTask({ taskCode: 'XT-1', title: everything, description: everything, sprintCode: 'X1', assignee: script, blockers: [image], status: 'blocked', priority: 'P0' });
  await client.createJob({ id: 'xss', name: everything, params: { [script]: image, __proto__x: style, long }, steps: [script, image, everything], start: true });
  await client.appendJobLogs({ id: 'xss', lines: [{ level: 'ERROR', message: everything, step: script, source: image }, { level: 'INFO', message: long.slice(0, 200_000) }] });
  await client.failJob({ id: 'xss', error: { message: everything, code: script }, failedStep: script });
}, 120_000);
afterAll(() => log?.close());
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

const pages = ['/events', '/jobs', '/jobs?sel=xss', '/jobs?sel=xss&pane=logs', '/jobs?sel=xss&pane=state', '/board?sprint=X1', '/board?sprint=X1&sel=XT-1', '/agents', '/compare?a=job/xss&b=custom/hostile', '/compare?a=custom/hostile&b=custom/long', '/storage', '/schemas', '/replays?plan=job/xss', '/runs', '/runs?sel=job/xss', '/events?view=tree', '/events?view=cloudevents', '/streams/job/xss/story', '/streams/job/xss/logs', '/streams/job/xss/timeline', '/streams/sprint/X1/members', '/'];

/** Elements that only the data could have made. */
const foreignElements = (): number => document.querySelectorAll('#root script, #root img:not([src="/icon.svg"]), #root style, #root svg[onload], #root a[href^="javascript:"], #root a[href^="data:"], #root b').length;

describe('hostile content', () => {
  test('does nothing on any page: no dialog, no request, no element, no breach of the policy, and the page goes on (bad-input M1, M2, M4 to M7, M9, M13)', async () => {
    const { page, incidents } = await openApp(served());
    for (const path of pages) {
      await page.goto(served().url + path);
      await page.waitForSelector('h1');
      await page.waitForTimeout(500);
      expect([path, await page.evaluate(foreignElements), await page.locator('h1').isVisible(), incidents]).toEqual([path, 0, true, []]);
    }
  });

  test('is shown as the text it is, turning and unseen characters by their number (bad-input M1, M8, M14)', async () => {
    const { page } = await openApp(served(), '/board?sprint=X1');
    const card = page.getByRole('listitem').filter({ hasText: 'XT-1' });
    await card.waitFor();
    const text = await card.innerText();
    expect(text).toContain('<script>alert(1)</script>');
    const { page: jobs } = await openApp(served(), '/jobs?sel=xss&pane=logs');
    const logged = jobs.getByRole('log');
    await logged.getByText('alert(2)').first().waitFor();
    const lines = await logged.innerText();
    expect(lines).toContain('<img src=x onerror="alert(2)">');
    expect(lines).toContain('202E');
    expect(lines).toContain('200B');
    expect(lines).toContain('001B');
    expect(lines).not.toMatch(/[\u202E\u200B\u001B]/u);
  });

  test('of nearly a megabyte is cut, and said to be, and the page goes on at once (bad-input M10)', async () => {
    const { page, incidents } = await openApp(served(), '/events?streamId=long');
    await page.getByRole('row').first().click();
    const payload = page.getByRole('group', { name: 'Payload' });
    await payload.waitFor();
    await payload.getByRole('button', { name: /KiB/ }).first().waitFor();
    expect((await payload.innerText()).length).toBeLessThan(20_000);
    await payload.getByRole('button', { name: /KiB/ }).first().click();
    expect((await payload.innerText()).length).toBeLessThan(100_000);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3_000);
    expect(incidents).toEqual([]);
  });

  test('that is nested deep is a tree that opens level by level (bad-input M11)', async () => {
    const { page } = await openApp(served(), '/events?streamId=hostile');
    await page.getByRole('row').first().click();
    const payload = page.getByRole('group', { name: 'Payload' });
    const closed = payload.getByRole('button', { expanded: false });
    await closed.first().waitFor();
    for (let level = 0; level < 10; level++) await closed.first().click();
    expect(await payload.getByRole('button', { expanded: true }).count()).toBeGreaterThan(10);
  });

  test('10,000 levels deep is refused where it comes in, in words', async () => {
    const { page } = await openApp(served());
    const body = `{"events":[{"type":"custom.noted","streamType":"custom","streamId":"deep","data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}]}`;
    const answer = await page.evaluate(async (text) => {
      const response = await fetch('/api/v1/events', { method: 'POST', headers: { 'content-type': 'application/json', 'x-refold-csrf': '1' }, body: text });
      return { status: response.status, problem: (await response.json()) as { readonly code: string; readonly hint?: string } };
    }, body);
    expect([answer.status, answer.problem.code]).toEqual([expect.toSatisfy((status: number) => status >= 400 && status < 500), expect.stringMatching(/^[A-Z_]+$/)]);
    expect((await served().client.listStreams({ prefix: 'custom/deep' })).items).toEqual([]);
  });

  test('in the address is text, too', async () => {
    const { page, incidents } = await openApp(served());
    for (const path of [`/jobs?sel=${encodeURIComponent(script)}`, `/compare?a=${encodeURIComponent(script)}&b=%00`, `/events?type=${encodeURIComponent(image)}&where=${encodeURIComponent('event.constructor.constructor("alert(1)")()')}`, `/schemas/${encodeURIComponent(script)}`, `/replays/${encodeURIComponent(image)}`, '/board?sprint=__proto__', '/agents?sort=-constructor', '/jobs?at=9e99&pane=constructor&sel=xss']) {
      await page.goto(served().url + path);
      await page.waitForSelector('h1');
      await page.waitForTimeout(300);
      expect([path, await page.evaluate(foreignElements), incidents]).toEqual([path, 0, []]);
    }
  });
}, 120_000);
