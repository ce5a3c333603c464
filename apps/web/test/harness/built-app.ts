/** The app as a user gets it: built by Vite, again when a source is newer. Files that are tested at once wait for one build. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'vite';
import { inRepository } from './paths.ts';

const app = inRepository('apps/web');
const sources = ['apps/web/src', 'apps/web/public', 'apps/web/index.html', 'apps/web/vite.config.ts', ...['core', 'catalog', 'client', 'react'].map((name) => `packages/${name}/src`)].map(inRepository);

export async function buildApp(): Promise<void> {
  const lock = inRepository('node_modules/.cache/refold-web-build');
  for (;;) {
    if (isFresh()) return;
    if (taken(lock)) break;
    await wait(250);
  }
  const nodeEnv = process.env['NODE_ENV'];
  try {
    // A test runner's NODE_ENV would build React for development, which nobody is given.
    process.env['NODE_ENV'] = 'production';
    await build({ root: app, configFile: join(app, 'vite.config.ts'), logLevel: 'warn' });
  } finally {
    if (nodeEnv === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = nodeEnv;
    rmSync(lock, { recursive: true, force: true });
  }
}

const isFresh = (): boolean => timeOf(join(app, 'dist/index.html')) > Math.max(...sources.map(newestIn));

const newestIn = (path: string): number => (statSync(path).isDirectory() ? Math.max(...readdirSync(path, { recursive: true }).map((name) => timeOf(join(path, String(name)))), 0) : timeOf(path));

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** A lock that nobody let go of in a minute was left behind. */
function taken(lock: string): boolean {
  if (Date.now() - timeOf(lock) > 60_000) rmSync(lock, { recursive: true, force: true });
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
