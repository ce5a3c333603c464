/** Who may call a server of this log: the token of this machine, links, keys; and what the commands do with them by themselves. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTokenFile, readTokenFile } from '../src/token-file.ts';
import { consoleWithRun } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';

let console: Console;
beforeEach(async () => {
  console = await consoleWithRun();
});
afterEach(() => console.close());

const status = async (url: string, headers: Record<string, string> = {}): Promise<number> => (await fetch(url, { headers })).status;

describe('The token of this machine', () => {
  const path = (): string => join(console.folder, 'token');

  test('is 256 bits in a file that its owner alone may read, and stays', () => {
    const token = makeTokenFile(console.folder);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect([makeTokenFile(console.folder), readTokenFile(console.folder)]).toEqual([token, token]);
  });

  test('is made anew when others could have read it, or when it is none', () => {
    const token = makeTokenFile(console.folder);
    chmodSync(path(), 0o644);
    const fresh = makeTokenFile(console.folder);
    expect(fresh).not.toBe(token);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    console.write('token', 'short\n');
    expect(readTokenFile(console.folder)).toBeNull();
    expect(makeTokenFile(console.folder)).toMatch(/^[\w-]{43}$/);
  });

  test('is not written through a link that somebody left in its place', () => {
    const elsewhere = console.write('elsewhere', 'kept');
    symlinkSync(elsewhere, path());
    makeTokenFile(console.folder);
    expect(readFileSync(elsewhere, 'utf8')).toBe('kept');
  });

  test('stays out of version control', async () => {
    await console.run('init new');
    expect(console.read('new/.refold/.gitignore').split('\n')).toContain('token');
  });

  test('of a log that is elsewhere is in a folder of that log alone, which git does not see', async () => {
    spawnSync('git', ['init', '--quiet'], { cwd: console.folder });
    mkdirSync(join(console.folder, 'data'));
    for (const name of ['one', 'two']) copyFileSync(join(console.folder, '.refold/log.db'), join(console.folder, `data/${name}.db`));
    const [one, two] = [await serve(console, '--store sqlite:data/one.db'), await serve(console, '--store sqlite:data/two.db')];
    const token = readTokenFile(join(console.folder, 'data/one.db.refold'));
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(readTokenFile(join(console.folder, 'data/two.db.refold'))).not.toBe(token);
    expect(await status(`${one.url}/api/v1/runs`, { authorization: `Bearer ${token}` })).toBe(200);
    // Each command finds the server of its own log.
    for (const [name, { url }] of [['one', one], ['two', two]] as const) expect((await console.run(`runs --store sqlite:data/${name}.db --server ${url}`)).exitCode).toBe(0);
    const seen = spawnSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: console.folder, encoding: 'utf8' }).stdout;
    expect(seen).toContain('data/one.db');
    expect(seen).not.toMatch(/token|server\.json/);
    await one.stop();
    await two.stop();
    expect(existsSync(join(console.folder, 'data/one.db.refold/server.json'))).toBe(false);
  });
});

describe('serve', () => {
  test('lets nobody in without a credential, and the commands without a word', async () => {
    const served = await serve(console);
    expect(await status(`${served.url}/api/v1/runs`)).toBe(401);
    expect(await status(`${served.url}/api/v1/runs`, served.headers)).toBe(200);
    expect((await console.run(`runs --server ${served.url}`)).exitCode).toBe(0);
    await served.stop();
  });

  test('its token goes to no other server than its own', async () => {
    const served = await serve(console);
    const { exitCode, error } = await console.run(`runs --json --server ${served.url.replace('127.0.0.1', 'localhost')}`);
    expect([exitCode, error().code]).toEqual([3, 'UNAUTHENTICATED']);
    await served.stop();
  });

  test('REFOLD_TOKEN_FILE names another credential', async () => {
    const served = await serve(console);
    const { stdout } = await console.run('token create --role viewer --actor user:ana', { env: { REFOLD_SERVER: served.url } });
    const file = console.write('key', stdout);
    const env = { REFOLD_SERVER: served.url, REFOLD_TOKEN_FILE: file };
    expect((await console.run('runs', { env })).exitCode).toBe(0);
    const { exitCode, error } = await console.run("append custom.note --stream custom/x --data '{}' --json", { env });
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 3, code: 'FORBIDDEN', details: { scope: 'append' } });
    await served.stop();
  });

  test('prints a link that signs a browser in, once; token link makes another', async () => {
    const served = await serve(console);
    const first = served.banner.link!;
    expect(first.startsWith(`${served.url}/?ott=`)).toBe(true);
    expect([await status(first), await status(first)]).toEqual([200, 401]);
    const second = (await console.run('token link')).stdout.trim();
    const answer = await fetch(second);
    const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
    expect(await status(`${served.url}/api/v1/runs`, { cookie })).toBe(200);
    await served.stop();
    expect((await console.run('token link --json')).error()).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'server' } });
  });

  test('--no-auth: nobody has to sign in, and no token is made', async () => {
    const served = await serve(console, '--no-auth');
    expect([await status(`${served.url}/api/v1/runs`), served.banner.link]).toEqual([200, undefined]);
    expect(existsSync(join(console.folder, '.refold/token'))).toBe(false);
    await served.stop();
  });

  test.each([
    ['--host 0.0.0.0', 'no_tls'],
    ['--host 0.0.0.0 --no-auth', 'no_auth'],
    ['--host 0.0.0.0 --behind-proxy --no-auth', 'no_auth'],
    ['--behind-proxy --no-auth', 'no_auth'],
  ])('bad-input E12, X-025: %s is refused, because other machines come in', async (flags, reason) => {
    const { exitCode, error } = await console.run(`serve --port 0 --json ${flags}`);
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'INSECURE_BIND', details: { reason } });
  });

  test('behind a proxy other machines come in by the name it is called by, with a key, and are held to rates', async () => {
    console.write('.refold/config.yaml', 'event_sourcing:\n  server:\n    rate_limit: { queries_per_second: 1 }\n');
    const { stdout } = await console.run('token create --role viewer --actor user:ana');
    const served = await serve(console, '--behind-proxy --allow-host log.example');
    expect(served.banner.link).toBeUndefined();
    const headers = { authorization: `Bearer ${stdout.trim()}`, 'x-forwarded-for': '203.0.113.7' };
    const statuses = [];
    for (let time = 0; time < 4; time++) statuses.push(await status(`${served.url}/api/v1/runs`, headers));
    // Two at once; how many more there is room for hangs on how long they took.
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(await status(`${served.url}/api/v1/runs`, { ...served.headers, 'x-forwarded-for': '203.0.113.7' })).toBe(401);
    await served.stop();
  });

  test('sign-in by JWT needs an issuer', async () => {
    console.write('.refold/config.yaml', 'event_sourcing:\n  auth: { mode: jwt }\n');
    const { exitCode, error } = await console.run('serve --port 0 --json');
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'BAD_CONFIG', details: { reason: 'jwt' } });
  });
});

describe('token', () => {
  test('create shows a key once, list shows everything but the key, rotate and revoke end it', async () => {
    const made = await console.run('token create --role agent --actor agent:planner --streams session/ --name "the planner" --expires 30d');
    expect(made.stdout).toMatch(/^refold_\w{12}_\w{49}\n$/);
    expect(made.stderr).toContain('it is not shown again');
    const listed = await console.run('token list --plain');
    const [id, ...rest] = listed.stdout.trim().split('\t');
    expect(rest).toEqual(['active', 'agent', 'agent:planner', 'session/', '2026-02-01T12:00:00.000Z', 'never', 'the planner']);
    expect(listed.stdout).not.toContain(made.stdout.trim().split('_')[2]);
    expect((await console.run(`token rotate ${id} --overlap 2h`)).stdout).toMatch(/^refold_/);
    expect((await console.run('token --plain')).stdout.split('\n').map((line) => line.split('\t')[1]).filter(Boolean)).toEqual(expect.arrayContaining(['active', 'replaced']));
    expect((await console.run(`token revoke ${id}`)).stdout).toBe(`revoked ${id}, of agent:planner\n`);
    expect((await console.run('token --plain')).stdout).toContain(`${id}\trevoked\t`);
  });

  test.each([
    ['create', 2],
    ['create --role agent --actor agent:x', 2],
    ['create --role viewer --actor nobody', 2],
    ['create --role viewer --actor user:ana --expires 12h', 2],
    ['create --role viewer --actor user:ana --scope append', 2],
    ['revoke', 2],
    ['revoke none', 4],
    ['rotate none', 4],
  ])('%s ends with %i', async (line, exitCode) => {
    expect((await console.run(`token ${line}`)).exitCode).toBe(exitCode);
  });
});
