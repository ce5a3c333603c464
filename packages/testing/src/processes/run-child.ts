/** Starts the children beside this file, each with a log open that a driver's worker module opens. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from '../node-arguments.ts';

/** A module with `openForWorker(argument, { linker, readOnly })`, and its argument. */
export interface ChildLog {
  readonly module: URL;
  readonly argument: string;
}

type ChildName = 'numbered-load' | 'load-until-refused' | 'visit-read-only';

const childModule = (name: ChildName): URL => new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
const commandOf = (name: ChildName, { module, argument }: ChildLog, rest: readonly string[]): readonly string[] => [...nodeArguments(childModule(name)), module.href, argument, ...rest];

/** Thousands of children load the same modules: compiled once, they start in 150 ms instead of 390. */
const compiledOnce: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: join(tmpdir(), 'refold-compiled') };

/**
 * One byte on its standard output per acknowledged commit of `numberedCommit(run, 1, 2, ...)`, until it is killed.
 *
 * @param complaints  Where its standard error goes.
 */
export function startNumberedLoad(log: ChildLog, run: string, complaints: 'inherit' | 'ignore' = 'inherit'): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, commandOf('numbered-load', log, [run]), { stdio: ['ignore', 'pipe', complaints], env: { ...compiledOnce, ...process.env } });
}

export interface RefusedLoad {
  readonly acknowledged: number;
  /** Null when nothing was refused. */
  readonly code: string | null;
  readonly reason?: string;
  /** The code that the same commit met when it was sent again, or `accepted`. */
  readonly again?: string;
  readonly head: number;
}

export interface LoadOptions {
  /** Runs before it, in the same shell: bounds, for example. */
  readonly inShell?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly commitsMax?: number;
}

/** Appends `refusedCommits` until the disk refuses one, or all of them. */
export function loadUntilRefused(log: ChildLog, { inShell = '', env = process.env, commitsMax }: LoadOptions): RefusedLoad {
  const command = commandOf('load-until-refused', log, commitsMax === undefined ? [] : [String(commitsMax)]);
  const child = spawnSync('sh', ['-c', `${inShell} exec "$0" "$@"`, process.execPath, ...command], { encoding: 'utf8', timeout: 60_000, env });
  return lastAnswer(child) as RefusedLoad;
}

/** What somebody meets who may not write: reads everything, tries to append, and says what was answered. */
export function visitReadOnly(log: ChildLog): unknown {
  // The superuser may write everywhere, so the visit is made as nobody.
  const isSuperuser = process.getuid?.() === 0;
  return lastAnswer(spawnSync(process.execPath, commandOf('visit-read-only', log, []), { encoding: 'utf8', timeout: 60_000, cwd: fileURLToPath(new URL('.', import.meta.url)), ...(isSuperuser && { uid: 65_534, gid: 65_534 }) }));
}

function lastAnswer({ stdout, stderr, status }: { readonly stdout: string; readonly stderr: string; readonly status: number | null }): unknown {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (stderr !== '' || line === '') throw new Error(`the child ended with ${status}: ${stderr}`);
  return JSON.parse(line);
}
