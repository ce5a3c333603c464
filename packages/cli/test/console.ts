/** A terminal for tests: a temporary folder, fixed time and ids, and the command run in this process with its output caught. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@refold/core';
import { createTestPorts } from '@refold/testing';
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
    async run(line, { env = {}, stdin = '', signal = new AbortController().signal, terminal, rows = Infinity, cwd = folder, onOutput = () => undefined } = {}) {
      let [stdout, stderr] = ['', ''];
      const world: World = {
        env: { HOME: folder, PAGER: 'cat', ...env },
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
      const args = wordsOf(line);
      const exitCode = await runCli(args[0] === 'refold' ? args.slice(1) : args, world);
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
