/** A real Chromium, and pages of it that are signed in as a person would: by the one-time link, which leaves a cookie. */
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { inRepository } from './paths.ts';
import type { ServedLog } from './served-log.ts';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

export const hasChromium = executable !== undefined;
export const noChromium = 'no chromium: apt-get install -y chromium';

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: executable!, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });

export interface OpenedPage {
  readonly page: Page;
  /** What must never be there: dialogs, requests to elsewhere, violations of the page's policy, errors nobody caught. */
  readonly incidents: readonly string[];
}

/** A page of its own, with a cookie of its own, at a path of the app. */
export async function openSignedIn(browser: Browser, log: ServedLog, path = '/', options: BrowserContextOptions = {}): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const incidents: string[] = [];
  page.on('dialog', (dialog) => {
    incidents.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(log.url) && !/^(?:data|blob):/.test(request.url())) incidents.push(`request: ${request.url()}`);
  });
  page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) incidents.push(`policy: ${message.text()}`);
  });
  if (!log.isOpen) {
    await page.goto(await log.client.signInLink());
    // The page of the link goes on by itself, so that the code leaves the address.
    await page.waitForURL(`${log.url}/`);
  }
  if (path !== '/' || log.isOpen) await page.goto(log.url + path);
  return { page, incidents };
}

const axe = readFileSync(inRepository('node_modules/axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical (WCAG 2.2 A and AA), each with where and what to do. */
export async function axeOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as { readonly axe: { run(options: object): Promise<{ violations: readonly { id: string; impact: string | null; help: string; nodes: readonly { target: readonly unknown[]; failureSummary?: string }[] }[] }> } };
    const { violations } = await tool.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary?.split('\n').slice(1).join(' ').trim()})`).join('; ')}`);
  });
}
