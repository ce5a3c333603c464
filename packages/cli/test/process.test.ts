/** The command as a process: what only a process can show. It runs from its sources; Node strips the types. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../src/version.ts';
import { consoleWithRun } from './console.ts';
import type { Console } from './console.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
// Packages lead to sources, as they do in this process.
const sources = fileURLToPath(new URL('../../testing/src/source-resolution.ts', import.meta.url));
// Prints the modules that were loaded when the process ends.
const listOfLoaded = `data:text/javascript,${encodeURIComponent("import { registerHooks } from 'node:module'; const urls = []; registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } }); process.on('exit', () => console.error(JSON.stringify(urls)));")}`;
const options = ['--import', sources, main];

let console: Console;
beforeAll(async () => {
  console = await consoleWithRun();
});
afterAll(() => console.close());

/** Nothing of the person who runs the tests is read or written. */
const env = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: console.folder, XDG_CACHE_HOME: join(console.folder, '.cache'), REFOLD_ACTOR: 'user:ana' });

const run = (args: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, [...options, ...args], { cwd: console.folder, input, encoding: 'utf8', env: env() });
const start = (args: readonly string[]): ChildProcessWithoutNullStreams => spawn(process.execPath, [...options, ...args], { cwd: console.folder, env: env() });

describe('The process', () => {
  test('says its version, that of package.json, and loads nothing else for it', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    const loaded = spawnSync(process.execPath, ['--import', listOfLoaded, main, '--version'], { encoding: 'utf8' });
    expect(loaded.stdout).toBe(`${version}\n`);
    expect(version).toBe(manifest.version);
    const urls = JSON.parse(loaded.stderr) as string[];
    expect(urls.map((url) => url.split('/').at(-1))).toEqual(['main.ts', 'node-version.ts', 'version.ts']);
  });

  test('exits with the code of what went wrong', () => {
    expect(run(['runs'])).toMatchObject({ status: 0, stderr: '2 runs\n' });
    expect(run(['qery'])).toMatchObject({ status: 2, stdout: '' });
    expect(run(['show', 'PROJ-999']).status).toBe(4);
  });

  test('reads stdin', () => {
    expect(run(['append', 'custom.note', '--stream', 'custom/stdin', '--data', '-'], '{"a":1}')).toMatchObject({ status: 0, stderr: '' });
    expect(run(['show', 'custom/stdin', '--json']).stdout).toContain('"a": 1');
  });

  test('a reader that goes away is no error (bad-input F6)', async () => {
    const child = start(['tail', '--from-start', '--jsonl']);
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    const ended = exitOf(child);
    child.stdout.once('data', () => child.stdout.destroy());
    // The next event meets a closed pipe.
    child.stdout.once('close', () => run(['append', 'custom.note', '--stream', 'custom/epipe', '--data', '{}']));
    expect({ exitCode: await ended, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('stdin that is closed is an empty one (bad-input F6)', async () => {
    const child = start(['query', '--count']);
    child.stdin.destroy();
    expect(await exitOf(child)).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('serve ends cleanly at %s', async (signal) => {
    const child = start(['serve', '--port', '0']);
    const ended = exitOf(child);
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    let banner = '';
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (part: Buffer) => {
        banner += part.toString();
        if (banner.includes('Ctrl-C')) resolve();
      }),
    );
    expect(banner).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
    // What stays is bounded, in the process that was started and no other.
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')).toContain('--max-semi-space-size=16');
      expect(readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0')).toContain('MALLOC_MMAP_THRESHOLD_=131072');
    }
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(stderr).toContain('refold: stopping');
  });

  test('Ctrl-C in an import stops cleanly, says how to go on, and going on ends where an undisturbed one does (bad-input F7)', async () => {
    const records = 5_000;
    const record = (index: number): string => `${JSON.stringify({ type: 'user', uuid: `u${index}`, parentUuid: index === 0 ? null : `u${index - 1}`, sessionId: 'long', timestamp: '2026-01-01T10:00:00.000Z', message: { role: 'user', content: `line ${index}` } })}\n`;
    console.write('long.jsonl', Array.from({ length: records }, (_, index) => record(index)).join(''));
    const args = ['import', 'claude-code', 'long.jsonl', '--rejects', 'rejects.jsonl', '--progress', 'json'];
    const child = start(args);
    const ended = exitOf(child);
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString();
      // Once: a second Ctrl-C would not wait for anything.
      if (!child.killed && stderr.includes('"progress"')) child.kill('SIGINT');
    });
    expect({ exitCode: await ended, stderr }).toMatchObject({ exitCode: 130 });
    expect(stderr).toContain('refold: interrupted');
    expect(stderr).toContain(`try: refold ${args.join(' ')}`);
    expect(run(['verify']).status).toBe(0);
    expect(run(['import', 'claude-code', 'long.jsonl']).status).toBe(0);
    expect(run(['import', 'claude-code', 'long.jsonl']).stdout).toBe('0 new, 5,000 records already present\n');
  });
});

const exitOf = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('close', resolve));

test('the folder of a process is left as it was, but for what it was told to write', () => {
  expect(() => readFileSync(join(console.folder, 'rejects.jsonl'))).toThrow();
});
