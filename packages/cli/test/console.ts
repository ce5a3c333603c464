/** A terminal for tests: a temporary folder, fixed time and ids, and the command run in this process with its output caught. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@refold/core';
import { createTestPorts } from '@refold/testing';
import { nearestFolder } from '../src/nearest-folder.ts';
import { runCli } from '../src/run-cli.ts';
import type { World } from '../src/world.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  json<T = Record<string, unknown>>(): T;
  /** stderr as the JSON of an error. */
  error(): { code: string; detail: string; details: Record<string, unknown>; hint: string | null };
}

export interface RunOptions {
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Columns of a terminal; without it output goes to a pipe. */
  readonly terminal?: number;
  /** Rows of the terminal. */
  readonly rows?: number;
  readonly cwd?: string;
  readonly onOutput?: (text: string) => void;
}

export interface Console {
  readonly folder: string;
  /** The log that `init` makes here. */
  readonly storeUrl: string;
  /** Runs a command line, quotes as a shell reads them; the word `refold` may stand before it. */
  run(line: string, options?: RunOptions): Promise<Ran>;
  write(name: string, text: string): string;
  read(name: string): string;
  close(): void;
}

/** Its clock stands still, and who sleeps does not wake, unless `sleep` says how. */
export function openConsole({ startMs = Date.UTC(2026, 0, 2, 12), sleep }: { readonly startMs?: number; readonly sleep?: Clock['sleep'] } = {}): Console {
  const folder = mkdtempSync(join(tmpdir(), 'refold-cli-'));
  const ports = createTestPorts(7, { startMs });
  const clock: Clock = { ...ports.clock, ...(sleep === undefined ? {} : { sleep }) };
  return {
    folder,
    get storeUrl() {
      return storeIn(join(folder, '.refold'));
    },
    async run(line, { env = {}, stdin = '', signal = new AbortController().signal, terminal, rows = Infinity, cwd = folder, onOutput = () => undefined } = {}) {
      let [stdout, stderr] = ['', ''];
      const words = wordsOf(line);
      const args = words[0] === 'refold' ? words.slice(1) : words;
      const world: World = {
        env: { HOME: folder, PAGER: 'cat', ...switchedStore(cwd, args), ...env },
        cwd,
        stdin: (async function* () {
          yield new TextEncoder().encode(stdin);
        })(),
        stdout: {
          write(text) {
            stdout += text;
            onOutput(text);
          },
        },
        stderr: { write: (text) => (stderr += text) },
        stdinIsTerminal: false,
        stdoutIsTerminal: terminal !== undefined,
        stderrIsTerminal: false,
        columns: terminal ?? Infinity,
        rows,
        now: ports.clock.now,
        signal,
        ports: { ...ports, clock },
      };
      const exitCode = await runCli(args, world);
      return { exitCode, stdout, stderr, json: () => JSON.parse(stdout) as never, error: () => JSON.parse(stderr.trim().split('\n').at(-1)!) as never };
    },
    write(name, text) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The engine under the logs of these tests, where a test names none itself: SQLite, or what REFOLD_TEST_STORE says. `npm run test:engines` runs them so. */
export const testStore = process.env['REFOLD_TEST_STORE'] ?? 'sqlite';

/** `init` makes a SQLite log, and `serve` one where there is none; on another engine the log of that folder is meant instead. */
function switchedStore(cwd: string, [verb]: readonly string[]): { readonly REFOLD_STORE?: string } {
  const folder = nearestFolder(cwd) ?? (verb === 'serve' ? join(cwd, '.refold') : null);
  if (testStore === 'sqlite' || verb === 'init' || folder === null) return {};
  return verb === 'serve' || existsSync(join(folder, 'log.db')) || existsSync(join(folder, 'lines')) ? { REFOLD_STORE: storeIn(folder) } : {};
}

function storeIn(folder: string): string {
  if (testStore === 'sqlite') return `sqlite:${join(folder, 'log.db')}`;
  mkdirSync(join(folder, 'lines'), { recursive: true });
  // The database is set up by test/engine-setup.ts.
  return testStore === 'jsonl' ? `jsonl:${join(folder, 'lines')}` : `${process.env['REFOLD_TEST_STORE_URL']!}?log=t_${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
}

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** A console whose log holds the run of PROJ-123 and a job. */
export async function consoleWithRun(): Promise<Console> {
  const console = openConsole();
  for (const line of ['init', `append --batch ${fixture('proj-123.jsonl')}`, `append --batch ${fixture('job-7.jsonl')}`]) {
    const { exitCode, stderr } = await console.run(line);
    if (exitCode !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return console;
}

/** Words as a POSIX shell splits them, as far as command lines in help need it. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) => double?.replace(/\\(.)/g, '$1') ?? single ?? ''));
}
