/**
 * Judges what a user would get: packs every publishable package as npm would, and has the tarballs examined by publint
 * (entries, formats, files) and attw (types under every way of resolving ES modules). Needs a build.
 *
 * Exit: 0 when every package passes, 1 otherwise.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspacePackages } from './workspaces.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What every tarball holds: a user has no repository around it. */
const required = ['package.json', 'README.md', 'LICENSE'];

/** What has no business in a tarball. */
const unwanted = [/\.tsbuildinfo$/, /\.test\./, /(^|\/)test\//, /(^|\/)node_modules\//];

const folder = mkdtempSync(join(tmpdir(), 'refold-pack-'));
try {
  const failed = workspacePackages(root)
    .filter(({ isPublishable }) => isPublishable)
    .filter((workspace) => !passes(workspace));
  console.log(failed.length === 0 ? '\nEvery package passes.' : `\nFailed: ${failed.map(({ name }) => name).join(', ')}.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {import('./workspaces.mjs').WorkspacePackage} workspace */
function passes({ name, folder: path }) {
  console.log(`\n== ${name}`);
  const packed = pack(path);
  if (packed === null) return false;
  const offences = [
    ...required.filter((file) => !packed.files.includes(file)).map((file) => `missing: ${file}`),
    ...packed.files.filter((file) => unwanted.some((pattern) => pattern.test(file))).map((file) => `packed, but should not be: ${file}`),
  ];
  for (const offence of offences) console.log(offence);
  const judgements = [
    runTool('publint/src/cli.js', ['run', packed.tarball, '--strict']),
    runTool('@arethetypeswrong/cli/dist/index.js', [packed.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']),
  ];
  return offences.length === 0 && judgements.every((passed) => passed);
}

/**
 * @param {string} path  Folder of the package.
 * @returns {{ tarball: string, files: string[] } | null} null when npm could not pack it.
 */
function pack(path) {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: join(root, path),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.log(stderr);
    return null;
  }
  const [{ filename, files }] = JSON.parse(stdout);
  return { tarball: join(folder, filename), files: files.map((/** @type {{ path: string }} */ file) => file.path) };
}

/**
 * @param {string} script  Below node_modules.
 * @param {string[]} options
 */
function runTool(script, options) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...options], { cwd: root, stdio: 'inherit' });
  return status === 0;
}
