/** How long a person waits for the first character: whole processes, beside a bare node. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { figureOf, nowMs } from './measure.ts';
import type { Row } from './report.ts';

export interface StartUpOptions {
  /** The command's main file. */
  readonly cli: string;
  readonly directory: string;
  readonly rounds: number;
  /** Folder with the example runs; without it no answer over them is measured. */
  readonly examples?: string;
}

/** Questions that a person asks first. */
const questions = [['query'], ['runs'], ['state', 'latest'], ['blame', 'latest'], ['timeline', 'latest']] as const;

export async function measureStartUp({ cli, directory, rounds, examples }: StartUpOptions): Promise<Row[]> {
  const [bare, version, query, listening, residentMb]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
  const answers = questions.map((words) => ({ words, ms: [] as number[] }));
  const empty = newLog(cli, join(directory, 'empty'));
  const demo = examples === undefined ? null : newLog(cli, join(directory, 'demo'));
  if (demo !== null) for (const folder of ['claude-code', 'jira-orchestration']) run([cli, 'import', 'auto', join(examples!, folder)], demo);
  // The code that is compiled for the first start of each command is kept for the next.
  run([cli, 'query'], empty);
  await serveOnce(cli, empty);
  if (demo !== null) for (const { words } of answers) run([cli, ...words, '--json'], demo);

  for (let round = 0; round < rounds * 3; round++) {
    bare.push(run(['-e', '0'], empty));
    version.push(run([cli, '--version'], empty));
    query.push(run([cli, 'query', '--json'], empty));
    const server = await serveOnce(cli, empty);
    listening.push(server.listeningMs);
    if (server.residentMb !== null) residentMb.push(server.residentMb);
    if (demo !== null) for (const { words, ms } of answers) ms.push(run([cli, ...words, '--json'], demo));
  }
  // Times: smaller is better, so the ratio is turned round by the target.
  return [
    { group: 'start-up', measure: 'bare node', unit: 'ms', ours: figureOf(bare) },
    { group: 'start-up', measure: 'refold --version', unit: 'ms', ours: figureOf(version), target: { atMost: figureOf(bare).median * 3 }, note: '<= 3 x bare node' },
    { group: 'start-up', measure: 'refold query on an empty log', unit: 'ms', ours: figureOf(query), target: { atMost: 300 } },
    ...(demo === null ? [] : answers.map(({ words, ms }): Row => ({ group: 'start-up', measure: `refold ${words.join(' ')} on the example runs`, unit: 'ms', ours: figureOf(ms), target: { atMost: 300 } }))),
    { group: 'start-up', measure: 'refold serve until its first answer', unit: 'ms', ours: figureOf(listening), target: { atMost: 600 } },
    ...(residentMb.length === 0 ? [] : [{ group: 'start-up', measure: 'resident memory of an idle server', unit: 'MB', ours: figureOf(residentMb), target: { atMost: 180 } }]),
  ];
}

/** A folder with a new log in it, as a person makes one. */
function newLog(cli: string, folder: string): string {
  mkdirSync(folder);
  run([cli, 'init', '.', '--no-input', '--quiet'], folder);
  return folder;
}

function run(args: readonly string[], cwd: string): number {
  const start = nowMs();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return nowMs() - start;
}

/** Starts a server on a free port, asks after its health, looks at it when it has been idle for a second, and stops it. */
async function serveOnce(cli: string, cwd: string): Promise<{ readonly listeningMs: number; readonly residentMb: number | null }> {
  const start = nowMs();
  const server = spawn(process.execPath, [cli, 'serve', '--port', '0', '--json'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  try {
    let address: string | undefined;
    for await (const line of createInterface({ input: server.stdout })) {
      address = /"url": "(.+)"/.exec(line)?.[1];
      if (address !== undefined) break;
    }
    if (address === undefined) throw new Error('refold serve ended without saying where it listens');
    const { ok, status } = await fetch(`${address}/api/v1/health/ready`);
    if (!ok) throw new Error(`refold serve answers ${status}`);
    const listeningMs = nowMs() - start;
    await wait(1_000);
    return { listeningMs, residentMb: residentMbOf(server.pid!) };
  } finally {
    server.kill();
    await ended;
  }
}

/** @returns null where there is no `ps` to ask. */
function residentMbOf(pid: number): number | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) / 1_024 : null;
}
