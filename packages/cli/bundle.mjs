/**
 * After the compiler: the command and all it loads, some 500 modules, as few files. Node spends half of a short command's time
 * on finding and linking modules (docs/decisions/0011-one-bundle-for-the-command.md). Names and lines stay readable in a stack;
 * what is native or only measured stays outside and is imported from where npm put it.
 */
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = join(here, 'bundle');

rmSync(target, { recursive: true, force: true });
const bundle = await rolldown({ input: join(here, 'dist/main.js'), cwd: fileURLToPath(new URL('../..', import.meta.url)), platform: 'node', external: ['better-sqlite3', '@refold/bench', 'pg-native'] });
const { output } = await bundle.write({ dir: target, format: 'esm', chunkFileNames: '[name].js' });
writeFileSync(join(target, 'LICENSES.txt'), licences(output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))));

// The web app goes along, so that `refold serve` shows it wherever the package is installed.
const webApp = fileURLToPath(new URL('../../apps/web/dist', import.meta.url));
if (existsSync(join(webApp, 'index.html'))) cpSync(webApp, join(target, 'web'), { recursive: true });

/**
 * What the copied packages ask for: their notices go along.
 *
 * @param {string[]} modules  Paths of every module in the bundle.
 */
function licences(modules) {
  const folders = new Set(modules.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.replaceAll('\\', '/'))?.[0] ?? []));
  return [...folders].sort().map((folder) => `${notice(folder)}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

/** @param {string} folder */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n${file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`}`;
}
