/**
 * The debugger of the app on one long run: a real `refold serve` in a process of its own, a real Chromium, and a person's hand at
 * keyboard and mouse. What counts is from the touch of a key to the frame that shows the answer, as the page's own clock tells it.
 * The browser driver is a development dependency of the repository: where it or a Chromium is not installed, the rows are left
 * out and said so.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CDPSession, Page } from 'playwright-core';
import { figureOf, percentile } from './measure.ts';
import type { Row } from './report.ts';
import { fillTravel, longRunAddress } from './travel.ts';
import { createRandom } from './workload.ts';

export interface WebOptions {
  /** The command's main file. */
  readonly cli: string;
  readonly directory: string;
  readonly events: number;
  readonly commitEventsMax: number;
  readonly print?: (text: string) => void;
}

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

export async function measureWeb({ print = () => undefined, ...options }: WebOptions): Promise<Row[]> {
  const driver = await import('playwright-core').catch((error: unknown) => {
    if ((error as { readonly code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return null;
  });
  if (driver === null || executable === undefined) {
    print('\nThe group web is left out: playwright-core and a Chromium in /usr/bin are needed.');
    return [];
  }
  const folder = join(options.directory, 'web');
  mkdirSync(folder);
  await fillTravel({ ...options, directory: folder });
  const server = await serve([options.cli], folder, join(folder, 'travel.db'));
  try {
    return await measureDebugger(driver.chromium, server, options.events);
  } finally {
    await server.stop();
  }
}

export interface Served {
  readonly url: string;
  /** Signs a browser in, once. */
  readonly link: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param command  What follows `node`: the command's main file, and what leads there. */
export async function serve(command: readonly string[], folder: string, database: string): Promise<Served> {
  const child = spawn(process.execPath, [...command, 'serve', '--port', '0', '--json', '--store', `sqlite:${database}`], { cwd: folder, env: { ...process.env, HOME: folder }, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told: { [field: string]: string } = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, field, value] = /^ {2}"(\w+)": "(.*)"/.exec(line) ?? [];
    if (field !== undefined && value !== undefined) told[field] = value;
    if (line === '}') break;
  }
  const { url, link } = told;
  if (url === undefined || link === undefined) throw new Error('refold serve ended without saying where it listens');
  return {
    url,
    link,
    pid: child.pid!,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

const { streamType, streamId } = longRunAddress;
const path = `/streams/${streamType}/${streamId}/debug`;
const waitMsMax = 300_000;
const idleMsMax = 20_000;

export async function measureDebugger(chromium: typeof import('playwright-core').chromium, server: Served, events: number): Promise<Row[]> {
  const group = `web, the debugger on one run of ${events.toLocaleString('en-US')} events`;
  const browser = await chromium.launch({ executablePath: executable!, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(waitMsMax);
    await page.addInitScript(watchInPage);
    await page.goto(server.link);
    await page.waitForURL(`${server.url}/`);
    const processor = await processorOf(await browser.newBrowserCDPSession(), server.pid);
    const random = createRandom(11);
    const middle = Math.floor(events * random());
    const rows: Omit<Row, 'group'>[] = [];
    rows.push(await opening(page, server, processor, events, 'opened at its end, the first after the server began', '?at=end'));
    rows.push({ ...(await opening(page, server, processor, events, 'interactive at its end', '?at=end')), target: { atMost: 1_500 } });
    rows.push({ ...(await opening(page, server, processor, middle, 'interactive somewhere in it', `?at=${middle}`)), target: { atMost: 1_500 } });
    rows.push(await steps(page, processor), await scrubs(page, processor, random), await listScrolls(page, processor, random));
    const heap = await heapOf(await context.newCDPSession(page));
    const resident = residentMbOf(server.pid);
    rows.push(
      { measure: 'heap after all of this', unit: 'MB', ours: figureOf([heap.page + heap.workers]), target: { atMost: 300 }, note: `page ${heap.page.toFixed(1)} MB, fold worker ${heap.workers.toFixed(1)} MB; after a collection` },
      { measure: 'DOM nodes', unit: '', ours: figureOf([await page.evaluate(() => document.querySelectorAll('*').length)]), target: { atMost: 3_000 } },
      ...(resident === null ? [] : [{ measure: 'resident memory of the server', unit: 'MB', ours: figureOf([resident]) }]),
      { measure: 'machine: load average of the last minute', unit: '', ours: figureOf([loadavg()[0]!]), note: `${availableParallelism()} cores for server, browser and what else runs` },
    );
    return rows.map((row) => ({ group, ...row }));
  } finally {
    await browser.close();
  }
}

/* ---- What the page shows, and when ---- */

/** What the page tells of itself; made in it before anything of the app is there. */
interface Watch {
  /** Milliseconds from the start of the navigation to the frame after the one in which a place stood there, folded. */
  opened(revision: number): Promise<number>;
  /** Begins to wait for the next touch of a key or the pointer, and for the place that it leads to. */
  arm(): void;
  /** Milliseconds from that touch to the frame after the one in which its place stood there, folded. */
  settled(): Promise<number>;
}

/** What of a browser's page the functions below use that run in it. */
interface PageElement {
  readonly textContent: string;
  readonly dataset: { readonly [name: string]: string };
  readonly scrollHeight: number;
  readonly clientHeight: number;
  scrollTop: number;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
}
declare const watch: Watch;
declare const document: PageElement;
declare const requestAnimationFrame: (next: (ms: number) => void) => void;
declare const addEventListener: (name: string, hear: (event: { readonly timeStamp: number }) => void, captures: boolean) => void;

function watchInPage(): void {
  let touchedMs = 0;
  let answer: Promise<number> = Promise.resolve(0);
  const asked = (): number => Number(document.querySelector('[role=slider][aria-label="Place in the run"]')?.getAttribute('aria-valuenow') ?? Number.NaN);
  /** The event and the tree of the state come with one answer of the fold. */
  const shown = (): number => {
    const text = document.querySelector('[aria-label="The event"] code')?.textContent ?? '';
    const isThere = document.querySelector('[role=grid][aria-label="State"] [role=row]') !== null;
    return isThere ? Number(text.slice(text.lastIndexOf('@') + 1)) : Number.NaN;
  };
  const when = (isSo: () => boolean, sinceMs: () => number): Promise<number> =>
    new Promise((resolve) => {
      const look = (): void => void requestAnimationFrame(() => (isSo() ? requestAnimationFrame(() => resolve(performance.now() - sinceMs())) : look()));
      look();
    });
  const made: Watch = {
    opened: (revision) => when(() => shown() === revision, () => 0),
    arm() {
      const [from, armedMs] = [asked(), performance.now()];
      answer = when(() => touchedMs >= armedMs && asked() !== from && shown() === asked(), () => touchedMs);
    },
    settled: () => answer,
  };
  const touched = (event: { readonly timeStamp: number }): void => void (touchedMs = event.timeStamp);
  addEventListener('keydown', touched, true);
  addEventListener('pointermove', touched, true);
  Object.assign(globalThis, { watch: made });
}

async function opening(page: Page, { url }: Served, processor: Processor, revision: number, measure: string, search: string): Promise<Omit<Row, 'group'>> {
  const spent = await processor();
  await page.goto(`${url}${path}${search}`, { waitUntil: 'commit' });
  const ms = await page.evaluate((wanted) => watch.opened(wanted), revision);
  const note = await spent();
  // What is fetched behind the first paint is no part of the next measurement.
  await page.waitForLoadState('networkidle', { timeout: idleMsMax }).catch(() => undefined);
  return { measure, unit: 'ms', ours: figureOf([ms]), note };
}

async function answered(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => watch.arm());
  await act();
  return await page.evaluate(() => watch.settled());
}

const stepCount = 50;

async function steps(page: Page, processor: Processor): Promise<Omit<Row, 'group'>> {
  const spent = await processor();
  const all: number[] = [];
  for (let step = 0; step < stepCount; step++) all.push(await answered(page, () => page.keyboard.press(step < stepCount / 2 ? '.' : ',')));
  return { measure: 'step to paint, by key, forward and back', unit: 'ms', ours: p95Of(all), target: { atMost: 50 }, note: `${p95Note(all)}; ${await spent()}` };
}

const scrubCount = 20;

/** Where a hand goes: anywhere, one place after the other. */
async function scrubs(page: Page, processor: Processor, random: () => number): Promise<Omit<Row, 'group'>> {
  const { x, y, width } = (await page.getByRole('slider', { name: 'Place in the run' }).boundingBox())!;
  await page.mouse.move(x + width / 2, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 5, y + 40);
  await page.waitForTimeout(500);
  const spent = await processor();
  const all: number[] = [];
  for (let scrub = 0; scrub < scrubCount; scrub++) {
    all.push(await answered(page, () => page.mouse.move(x + 8 + Math.floor(random() * (width - 16)), y + 40)));
    await page.waitForTimeout(100);
  }
  const note = await spent();
  await page.mouse.up();
  return { measure: 'scrub, the state following', unit: 'ms', ours: p95Of(all), target: { atMost: 150 }, note: `${p95Note(all)}; ${note}` };
}

/** By the scrollbar, which is scaled: every row that comes is held against the one that the server tells. */
async function listScrolls(page: Page, processor: Processor, random: () => number): Promise<Omit<Row, 'group'>> {
  const spent = await processor();
  const all: number[] = [];
  for (let scroll = 0; scroll < 3; scroll++) {
    const { ms, rows } = await page.evaluate(async (share) => {
      const grid = document.querySelector('[role=grid][aria-label="Events"]')!;
      const before = performance.now();
      grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight);
      for (;;) {
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        const there = [...grid.querySelectorAll('[data-revision]')].map((row) => ({ revision: Number(row.dataset['revision']), text: row.textContent }));
        if (there.length >= grid.clientHeight / 28 && grid.querySelector('[aria-label=loading]') === null) return { ms: performance.now() - before, rows: there };
      }
    }, random());
    all.push(ms);
    const { revision: first } = rows[0]!;
    const told = await page.evaluate(async (url) => (await (await fetch(url)).json()) as { readonly rows: readonly (readonly [number, string, string, string, string])[] }, `/api/v1/streams/${streamType}/${streamId}/rows?fromRevision=${first}&limit=${rows.length}`);
    for (const [index, [revision, , , , type]] of told.rows.entries())
      if (rows[index]?.revision !== revision || !rows[index].text.includes(type)) throw new Error(`Row ${index} of the list is not event ${revision}, ${type}: ${rows[index]?.text}`);
  }
  return { measure: 'list: scrolled to a random row, rows correct', unit: 'ms', ours: figureOf(all), note: `3 of 3 correct; ${await spent()}` };
}

/* ---- What it takes ---- */

/** What browser and server worked from the first call to the second, in words. */
type Processor = () => Promise<() => Promise<string>>;

/** On a machine that others use, the rest of the time is theirs. */
async function processorOf(session: CDPSession, serverPid: number): Promise<Processor> {
  const now = async (): Promise<{ readonly page: number; readonly server: number | null }> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return { page: 1_000 * processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0), server: cpuMsOf(serverPid) };
  };
  return async () => {
    const before = await now();
    return async () => {
      const after = await now();
      const server = before.server === null || after.server === null ? '' : `, server ${Math.round(after.server - before.server)} ms`;
      return `CPU page ${Math.round(after.page - before.page)} ms${server}`;
    };
  };
}

/** Ticks of ten milliseconds, as Linux counts them (proc(5), fields 14 and 15); null elsewhere. */
function cpuMsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}

function residentMbOf(pid: number): number | null {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
  } catch {
    return null;
  }
}

/** Of the page and of its workers, in MB, after a collection. A worker is spoken to through the page's own session. */
async function heapOf(session: CDPSession): Promise<{ readonly page: number; readonly workers: number }> {
  const own = async (ask: (method: 'HeapProfiler.collectGarbage' | 'Runtime.getHeapUsage') => Promise<unknown>): Promise<number> => {
    await ask('HeapProfiler.collectGarbage');
    return ((await ask('Runtime.getHeapUsage')) as { readonly usedSize: number }).usedSize / 1_048_576;
  };
  const page = await own((method) => session.send(method));
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'worker' }] });
  let workers = 0;
  let id = 0;
  for (const { targetId } of targetInfos) {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    workers += await own(async (method) => {
      const [asked, { promise, resolve }] = [++id, Promise.withResolvers<unknown>()];
      session.on('Target.receivedMessageFromTarget', ({ message }) => {
        const heard = JSON.parse(message) as { readonly id?: number; readonly result?: unknown };
        if (heard.id === asked) resolve(heard.result);
      });
      await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: asked, method }) });
      return await promise;
    });
  }
  return { page, workers };
}

const p95Of = (all: readonly number[]): Row['ours'] => ({ ...figureOf(all), median: percentile(all, 0.95) });
const p95Note = (all: readonly number[]): string => `p95 of ${all.length}; median ${figureOf(all).median.toFixed(1)} ms`;
