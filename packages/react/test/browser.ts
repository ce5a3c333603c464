/** A real Chromium over a page that is bundled from sources and served beside a real server. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operations } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { createServer, createSignIn, listen } from '@refold/server';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import type { RolldownOptions } from 'rolldown';
import { afterAll, onTestFinished } from 'vitest';

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

export const hasChromium = executable !== undefined;
export const noChromium = 'no chromium: apt-get install -y chromium';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const sourceOf = (name: string): string => path(`../../${name}/src/index.ts`);

/** One file that a browser runs, from an entry or from code that stands for one. */
export async function bundlePage(input: string, code?: string): Promise<string> {
  const options: RolldownOptions = {
    input,
    platform: 'browser',
    cwd: path('..'),
    resolve: { alias: { '@refold/client': sourceOf('client'), '@refold/core': sourceOf('core'), '@refold/react': sourceOf('react') } },
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
    ...(code === undefined ? {} : { plugins: [{ name: 'code', resolveId: (id) => (id === input ? path(`./${input}`) : null), load: (id) => (id === path(`./${input}`) ? code : null) }] }),
  };
  const bundle = await rolldown(options);
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return output[0].code;
}

let browser: Promise<Browser> | null = null;
afterAll(async () => await (await browser)?.close());

/** A page of its own: no cookie, no storage, no cache of another. One browser serves the tests of a file. */
export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executable!, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  const context = await (await browser).newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

export interface Site {
  /** Address of the page; its origin may call the server. */
  readonly url: string;
  readonly server: string;
  readonly token: string;
  open(): Promise<Page>;
  /** The server goes, and comes back at the same address over the same log. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
}

export async function startSite(script: string): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'refold-react-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const token = 'refold-local-token-for-tests';
  const pages = createHttpServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' }).end(isScript ? script : `<!doctype html><div id="root"></div><script>var settings = ${JSON.stringify({ server, token })}</script><script type="module" src="/page.js"></script>`);
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    pages.closeAllConnections();
    await new Promise((resolve) => pages.close(resolve));
  });
  const url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;

  let stop: (() => Promise<void>) | null = null;
  const start = async (port: number): Promise<number> => {
    const { log, search, installation, close } = await openStore(`sqlite:${join(folder, 'log.db')}`);
    const listening = await listen(createServer({ log, search, installation, operations, allowedOrigins: [url], signIn: createSignIn({ log, localToken: token }) }), { port, drainMs: 100 });
    stop = async () => {
      stop = null;
      await listening.close();
      await close();
    };
    return listening.port;
  };
  const port = await start(0);
  onTestFinished(() => stop?.());
  const server = `http://127.0.0.1:${port}`;

  return {
    url,
    server,
    token,
    open: () => openPage(url),
    stopServer: async () => await stop?.(),
    startServer: async () => void (await start(port)),
  };
}
