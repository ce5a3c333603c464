/** The hooks in a real browser, in StrictMode, over a real server. */
import { createClient } from '@refold/client';
import type { Client } from '@refold/client';
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bundlePage, hasChromium, noChromium, startSite } from './browser.ts';
import type { Site } from './browser.ts';
import type { Browser, Rendering, Shown } from './page/browser-globals.ts';

const actor = 'user:ana';
let script = '';

beforeAll(async () => {
  script = await bundlePage('test/page/page.ts');
});
beforeEach((context) => {
  if (!hasChromium) context.skip(noChromium);
});

interface World {
  readonly site: Site;
  readonly page: Page;
  /** The same server, from outside of the browser. */
  readonly client: Client;
  show(...shown: readonly (readonly [hook: string, ...args: unknown[]])[]): Promise<void>;
  /** What the page shows of a hook now. */
  // oxlint-disable-next-line no-explicit-any -- tests look into results of every shape.
  result(hook: string): Promise<any>;
  renderings(): Promise<readonly Rendering[]>;
  /** Every request that was answered or is under way, by path. */
  readonly requests: readonly string[];
  /** Requests that the page called off. */
  readonly calledOff: readonly string[];
}

async function begin(): Promise<World> {
  const site = await startSite(script);
  const page = await site.open();
  const faults: string[] = [];
  const [requests, calledOff]: [string[], string[]] = [[], []];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => void (request.method() !== 'OPTIONS' && requests.push(new URL(request.url()).pathname)));
  page.on('requestfailed', (request) => void (request.failure()?.errorText === 'net::ERR_ABORTED' && calledOff.push(new URL(request.url()).pathname)));
  // React complains aloud about what is wrong in a component.
  page.on('console', (message) => void (message.type() === 'error' && !/Failed to load resource/.test(message.text()) && faults.push(message.text())));
  onTestFinished(() => expect(faults).toEqual([]));
  return {
    site,
    page,
    client: createClient({ url: site.server, token: site.token }),
    show: (...shown) => page.evaluate((all) => (globalThis as unknown as Browser).show(all), shown.map(([hook, ...args]): Shown => ({ hook, args }))),
    result: async (hook) => JSON.parse((await page.locator(`[data-hook=${hook}]`).first().textContent({ timeout: 10_000 })) ?? 'null'),
    renderings: () => page.evaluate(() => (globalThis as unknown as Browser).renderings),
    requests,
    calledOff,
  };
}

const eventually = { timeout: 10_000 };

describe('useJobSubscription', () => {
  test('D-016 D-069 shows a job as it goes, with the events that made it, and that it ended', async () => {
    const { client, show, result } = await begin();
    await client.createJob({ id: '42', steps: ['build', 'test'], start: true, actor });
    await show(['useJobSubscription', '42']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ jobId: '42', status: 'running', progress: 0, connected: true, connection: 'live', error: null });
    await client.endJobStep({ id: '42', step: 'build', status: 'completed', actor });
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'running', progress: 0.5 });
    await client.completeJob({ id: '42', actor });
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'completed', timestamp: expect.stringMatching(/Z$/) });
    const { events, dropped } = await result('useJobSubscription');
    expect([events.map(({ eventType }: { eventType: string }) => eventType), dropped]).toEqual([['JobStarted', 'JobStepCompleted', 'JobCompleted'], 0]);
    expect(events[0]).toMatchObject({ jobId: '42', sequence: 2, eventData: expect.any(Object), metadata: { version: '1.0.0', userId: 'local' } });
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'completed', connected: false, connection: 'ended', error: null });
  });

  test('another job is shown as nothing yet, never as the one before', async () => {
    const { client, show, result, renderings, calledOff } = await begin();
    await client.createJob({ id: 'a', name: 'first', start: true, actor });
    await client.createJob({ id: 'b', name: 'second', actor });
    await show(['useJobSubscription', 'a']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ jobId: 'a', status: 'running' });
    await show(['useJobSubscription', 'b']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ jobId: 'b', status: 'pending' });
    for (const { args, result: shown } of await renderings()) {
      expect(shown.jobId).toBe(args[0]);
      if (args[0] === 'b') expect([null, 'pending']).toContain(shown.status);
    }
    expect((await renderings()).find(({ args }) => args[0] === 'b')?.result).toMatchObject({ status: null, events: [], connection: 'connecting' });
    expect(calledOff).toContain('/api/v1/jobs/a/stream');
  });

  test('D-094 a server that goes is shown as such, and when it is back nothing was missed', async () => {
    const { site, client, show, result } = await begin();
    await client.createJob({ id: '42', start: true, actor });
    await show(['useJobSubscription', '42']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'running', connected: true });
    await site.stopServer();
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'running', connected: false, connection: 'reconnecting', error: { code: 'LOG_UNAVAILABLE' } });
    await site.startServer();
    await client.progressJob({ id: '42', progress: 0.5, actor });
    await client.failJob({ id: '42', error: 'no space', actor });
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'failed', connected: true, error: null });
    const { events } = await result('useJobSubscription');
    expect(events.map(({ sequence }: { sequence: number }) => sequence)).toEqual([2, 3, 4]);
  });

  test('a job that there is not is an error', async () => {
    const { show, result } = await begin();
    await show(['useJobSubscription', 'nothing']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: null, connection: 'ended', error: { code: 'NOT_FOUND' } });
  });

  test('the subscription of another client can be plugged in; leaving ends it', async () => {
    const { page, show, result } = await begin();
    await page.evaluate(() => (globalThis as unknown as Browser).plug(true));
    await show(['useJobSubscription', '7']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ jobId: '7', status: 'running', currentStep: 'build', progress: 0.25, connected: true });
    await show();
    await expect.poll(() => page.evaluate(() => (globalThis as unknown as Browser).pluggedEnded), eventually).toBe(true);
  });
});

describe('Other live hooks', () => {
  test('D-042 useJobLogs shows the lines in order', async () => {
    const { client, show, result } = await begin();
    await client.createJob({ id: '42', start: true, actor });
    await client.appendJobLogs({ id: '42', lines: [{ level: 'INFO', message: 'one', step: 'build' }], actor });
    await show(['useJobLogs', '42']);
    await expect.poll(async () => (await result('useJobLogs')).lines, eventually).toHaveLength(1);
    await client.appendJobLogs({ id: '42', lines: [{ level: 'WARN', message: 'two' }, { level: 'ERROR', message: 'three' }], actor });
    await expect.poll(async () => (await result('useJobLogs')).lines, eventually).toHaveLength(3);
    expect((await result('useJobLogs')).lines).toMatchObject([{ jobId: '42', sequence: 1, level: 'INFO', message: 'one', step: 'build', source: null }, { sequence: 2, message: 'two' }, { sequence: 3, level: 'ERROR', message: 'three' }]);
  });

  test('D-043 useOrchestratorHealth shows how it is, and that a job began to run', async () => {
    const { client, show, result } = await begin();
    await show(['useOrchestratorHealth']);
    await expect.poll(() => result('useOrchestratorHealth'), eventually).toMatchObject({ health: { state: 'HEALTHY', runningJobs: 0 }, connected: true });
    await client.createJob({ id: '42', start: true, actor });
    await expect.poll(() => result('useOrchestratorHealth'), eventually).toMatchObject({ health: { runningJobs: 1 } });
  });

  test('useEvents shows each position once, in order, across a server that starts again, and keeps the newest', async () => {
    const { site, client, show, result } = await begin();
    const append = (count: number): Promise<unknown> => client.appendEvents({ events: Array.from({ length: count }, () => ({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ana' } as const, data: {} })) });
    await append(2);
    await show(['useEvents', { streamType: 'custom', fromStart: true }, { itemsMax: 10 }]);
    await expect.poll(async () => (await result('useEvents')).events.length, eventually).toBe(2);
    await site.stopServer();
    await site.startServer();
    await append(20);
    await expect.poll(async () => (await result('useEvents')).events.at(-1)?.position, eventually).toBe(22);
    const { events, dropped } = await result('useEvents');
    expect([events.map(({ position }: { position: number }) => position), dropped]).toEqual([Array.from({ length: 10 }, (_, index) => index + 13), 12]);
  });

  test('a busy log does not render a page for every event', async () => {
    const { client, show, result, renderings } = await begin();
    for (let batch = 0; batch < 4; batch++) await client.appendEvents({ events: Array.from({ length: 500 }, () => ({ type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ana' } as const, data: {} })) });
    await show(['useEvents', { fromStart: true }]);
    await expect.poll(async () => (await result('useEvents')).events.at(-1)?.position, eventually).toBe(2_000);
    // StrictMode renders twice.
    expect((await renderings()).length).toBeLessThan(500);
    expect(await result('useEvents')).toMatchObject({ dropped: 1_500 });
  });

  test('one source is asked once, however many show it, and called off when the last has gone', async () => {
    const { page, client, show, result, requests, calledOff } = await begin();
    await client.createJob({ id: '42', start: true, actor });
    await show(['useJobLogs', '42'], ['useJobSubscription', '42'], ['useJobSubscription', '42'], ['useJobSubscription', '42']);
    await expect.poll(() => result('useJobSubscription'), eventually).toMatchObject({ status: 'running' });
    // StrictMode shows everything twice; what the first look began was called off.
    const streams = (): number => requests.filter((path) => path === '/api/v1/jobs/42/stream').length - calledOff.filter((path) => path === '/api/v1/jobs/42/stream').length;
    await expect.poll(streams, eventually).toBe(1);
    expect(await page.locator('[data-hook=useJobSubscription]').allTextContents()).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('"status":"running"')));
    await show(['useJobLogs', '42'], ['useJobSubscription', '42']);
    expect(streams()).toBe(1);
    await show();
    await expect.poll(streams, eventually).toBe(0);
  });
});

describe('Questions', () => {
  test('useStateAt shows the state now and after every event; at a place it stays', async () => {
    const { client, show, result, renderings } = await begin();
    await client.createJob({ id: '42', start: true, actor });
    await show(['useStateAt', 'job/42']);
    await expect.poll(() => result('useStateAt'), eventually).toMatchObject({ state: { status: 'running' }, view: { revision: 2 }, isLoading: false, connected: true });
    await client.completeJob({ id: '42', actor });
    await expect.poll(() => result('useStateAt'), eventually).toMatchObject({ state: { status: 'completed' }, view: { revision: 3 } });
    await show(['useStateAt', 'job/42', 1]);
    await expect.poll(() => result('useStateAt'), eventually).toMatchObject({ state: { status: 'pending' }, view: { revision: 1 }, isLoading: false, connection: 'ended' });
    for (const { args, result: shown } of await renderings()) if (args[1] === 1) expect([undefined, 'pending']).toContain(shown.state?.status);
    await show(['useStateAt', 'job/nothing', '~1']);
    await expect.poll(() => result('useStateAt'), eventually).toMatchObject({ state: null, isLoading: false, error: { code: 'NOT_FOUND' } });
  });

  test('useTimeline answers, and the answer to another filter never shows under this one', async () => {
    const { client, show, result, renderings } = await begin();
    const filterOf = (streamId: string) => ({ streamType: 'job', streamId });
    for (const id of ['a', 'b']) await client.createJob({ id, start: true, actor });
    for (const id of ['a', 'b']) {
      await show(['useTimeline', filterOf(id)]);
      await expect.poll(() => result('useTimeline'), eventually).toEqual({ answer: await client.timeline(filterOf(id)), isLoading: false, error: null });
    }
    for (const { args, result: shown } of await renderings()) if (shown.answer !== null) expect(shown.answer).toEqual(await client.timeline(args[0] as ReturnType<typeof filterOf>));
    await show(['useTimeline', { colour: 'red' }]);
    await expect.poll(() => result('useTimeline'), eventually).toMatchObject({ answer: null, isLoading: false, error: { code: 'BAD_REQUEST' } });
  });

  test('useAnswer asks any operation', async () => {
    const { show, result } = await begin();
    await show(['useAnswer', 'health', {}]);
    await expect.poll(() => result('useAnswer'), eventually).toMatchObject({ answer: { status: 'ok' }, isLoading: false });
  });
});

describe('useDebugSession', () => {
  test('walks a stream, shows what went wrong, and closes its session when nobody shows it', async () => {
    const { page, client, show, result } = await begin();
    await client.createJob({ id: '42', steps: ['build'], start: true, actor });
    await client.endJobStep({ id: '42', step: 'build', status: 'completed', actor });
    await show(['useDebugSession', { aggregateId: 'job/42', fromRevision: 1 }]);
    await expect.poll(() => result('useDebugSession'), eventually).toMatchObject({ session: { state: 'paused', revision: 1 }, isBusy: false, error: null });
    const tell = (control: string, input?: object): Promise<void> => page.evaluate(([name, given]) => (globalThis as unknown as Browser).results['useDebugSession'][name](given), [control, input] as [string, object?]);

    // Told at once, done one after the other.
    await Promise.all([tell('addBreakpoint', { eventType: 'job.step_completed' }), tell('addWatch', { expression: 'state.status' }), tell('resume')]);
    await expect.poll(() => result('useDebugSession'), eventually).toMatchObject({ session: { revision: 3, breakpoints: [{ eventType: 'job.step_completed', hits: 1 }], watches: [{ value: 'running' }] }, isBusy: false });
    await tell('step', { back: true });
    await expect.poll(() => result('useDebugSession'), eventually).toMatchObject({ session: { revision: 2 } });
    await tell('addWatch', { expression: 'state.(' });
    await expect.poll(() => result('useDebugSession'), eventually).toMatchObject({ error: { code: 'BAD_EXPRESSION' }, session: { revision: 2 } });
    await tell('seek', { revision: 1 });
    await expect.poll(() => result('useDebugSession'), eventually).toMatchObject({ error: null, session: { revision: 1 } });

    await show();
    await expect.poll(async () => (await client.listDebugSessions()).items.map(({ state }) => state), eventually).toSatisfy((states: string[]) => states.every((state) => state === 'stopped'));
  });
});
