/**
 * Judges what a user would get: packs every publishable package as npm would, and has the tarballs examined by publint
 * (entries, formats, files) and attw (types under every way of resolving ES modules). A command that is shipped is run. Needs a
 * build.
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

/** What one of them holds besides. */
const requiredOf = new Map([['refold', ['bundle/main.js', 'bundle/web/index.html']]]);

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
function passes({ name, folder: path, manifest }) {
  console.log(`\n== ${name}`);
  const packed = pack(path);
  if (packed === null) return false;
  const offences = [
    ...[...required, ...(requiredOf.get(name) ?? [])].filter((file) => !packed.files.includes(file)).map((file) => `missing: ${file}`),
    ...packed.files.filter((file) => unwanted.some((pattern) => pattern.test(file))).map((file) => `packed, but should not be: ${file}`),
  ];
  for (const offence of offences) console.log(offence);
  const judgements = [
    runTool('publint/src/cli.js', ['run', packed.tarball, '--strict']),
    runTool('@arethetypeswrong/cli/dist/index.js', [packed.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']),
  ];
  for (const bin of Object.values(manifest.bin ?? {})) judgements.push(answers(packed.tarball, bin, manifest.version));
  return offences.length === 0 && judgements.every((passed) => passed);
}

/**
 * Runs the packed command on a new log, unpacked where its dependencies are found.
 *
 * @param {string} tarball
 * @param {string} bin   The command's file, as package.json names it.
 * @param {string} version
 */
function answers(tarball, bin, version) {
  const unpacked = mkdtempSync(join(root, 'node_modules/.packed-'));
  const place = mkdtempSync(join(folder, 'log-'));
  const run = (/** @type {string[]} */ ...words) => spawnSync(process.execPath, [join(unpacked, 'package', bin), ...words], { cwd: place, encoding: 'utf8' });
  try {
    const { status } = spawnSync('tar', ['-xzf', tarball, '-C', unpacked], { stdio: 'inherit' });
    const append = ['append', 'custom.note', '--stream', 'custom/packed', '--data', '{"a":1}'];
    const steps = [['--version'], ['init', '.', '--no-input'], append, ['state', 'custom/packed', '--json'], ['verify', '--all'], ['help']].map((words) => run(...words));
    const isGood = status === 0 && steps.every((step) => step.status === 0) && steps[0]?.stdout === `${version}\n`;
    console.log(isGood ? `${bin} answers` : `${bin} does not answer: ${steps.map(({ stderr }) => stderr).join('')}`);
    return isGood;
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
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
