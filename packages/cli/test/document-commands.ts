/**
 * The command lines of a document, run as they stand, and what the document says they print. A document shows a terminal:
 *
 *     $ refold runs
 *     failed  orchestration/PROJ-123 ...
 *
 * What follows a command must be what it prints on a terminal of 100 columns, stdout before stderr. A line `...` stands for
 * any number of lines; a command with nothing below it only has to end well, or with the exit code that `# exit 5` names.
 * `refold` runs in this process, with a fixed clock, in a folder of its own; every other line is given to a shell there.
 * The database postgres://refold@db.example/runs of a document is one of the test's own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';

/** Of the repository, with a slash at the end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface DocumentCommand {
  /** Line of the document, from 1. */
  readonly line: number;
  readonly text: string;
  readonly exitCode: number;
  /** Null: nothing is said about what it prints. */
  readonly prints: readonly string[] | null;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

export interface DocumentTerminal {
  run(command: DocumentCommand): Promise<CommandOutcome>;
  close(): Promise<void>;
}

/** Commands in the fences ```console and ```sh of a document, in order. */
export function commandsOf(path: string): readonly DocumentCommand[] {
  const commands: { line: number; text: string; exitCode: number; prints: string[] | null }[] = [];
  let fence: string | null = null;
  for (const [index, line] of readFileSync(root + path, 'utf8').split('\n').entries()) {
    const opened: string | undefined = /^```(\w*)/.exec(line)?.[1];
    if (opened !== undefined) fence = fence === null ? opened : null;
    else if (fence === 'console' && line.startsWith('$ ')) commands.push(commandAt(index + 1, line.slice(2)));
    else if (fence === 'console') (commands.at(-1)!.prints ??= []).push(line.trimEnd());
    else if (fence === 'sh' && line.trim() !== '' && !line.startsWith('#')) commands.push(commandAt(index + 1, line));
  }
  return commands;
}

/** A comment behind a command is for the reader; `# exit N` is meant. */
function commandAt(line: number, text: string): { line: number; text: string; exitCode: number; prints: null } {
  const [command = '', comment = ''] = text.split(/\s{2,}#\s/);
  return { line, text: command.trim(), exitCode: Number(/^exit (\d+)/.exec(comment)?.[1] ?? 0), prints: null };
}

/** Does what was printed read as the document says? `...` stands for any number of lines. */
export function reads(printed: readonly string[], said: readonly string[]): boolean {
  const [first, ...rest] = said;
  if (first === undefined) return printed.length === 0;
  if (first === '...') return printed.some((_, index) => reads(printed.slice(index), rest)) || reads([], rest);
  return printed[0] === first && reads(printed.slice(1), rest);
}

/** npm's own words, and the scripts that other tests run. */
const npmLine = /^(?:npm (?:ci|start|test)|alias refold='npm run --silent refold --')$/;

/** What a document calls its database, as it is written and as it is shown without its user. */
const documentedDatabase = 'postgres://refold@db.example/runs';

/** Does the document work on a database? */
export const needsDatabase = (commands: readonly DocumentCommand[]): boolean => commands.some(({ text }) => text.includes(documentedDatabase));

export function openTerminal(database: { readonly url: string; readonly programs: string | null } | null = null): DocumentTerminal {
  // After everything that the example runs tell of.
  const console = openConsole({ startMs: Date.UTC(2026, 1, 12, 9) });
  symlinkSync(`${root}examples`, `${console.folder}/examples`);
  const stop = new AbortController();
  let [url, served]: [string | null, Promise<unknown>] = [null, Promise.resolve()];

  /** Started by the first command that needs what it serves, on a port that is free here. */
  async function serve(flags: string): Promise<void> {
    url = await new Promise<string>((resolve, reject) => {
      const ran = console.run(`serve --json --port 0 ${flags}`, { signal: stop.signal, onOutput: (text) => resolve((JSON.parse(text) as { url: string }).url) });
      served = ran;
      void ran.then(({ stderr }) => reject(new Error(stderr)));
    });
  }

  function shell(text: string, input = ''): CommandOutcome {
    const path = `${database?.programs ?? ''}:${process.env['PATH'] ?? ''}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', text], { cwd: console.folder, input, encoding: 'utf8', env: { ...process.env, PATH: path } });
    return { exitCode: status ?? 1, lines: linesOf(stdout + stderr) };
  }

  async function runHere(text: string): Promise<CommandOutcome> {
    if (npmLine.test(text)) {
      if (text === 'npm start') await serve('--demo');
      return { exitCode: 0, lines: [] };
    }
    if (text === 'refold serve' || text.startsWith('refold serve ')) {
      await serve(text.slice('refold serve'.length));
      return { exitCode: 0, lines: [] };
    }
    if (text.startsWith('refold ')) {
      const [, command = '', rest] = /^(.*?)(?: ([|>] .*))?$/.exec(text) ?? [];
      const { exitCode, stdout, stderr } = await console.run(command, { ...(rest === undefined ? { terminal: 100 } : {}), env: { NO_COLOR: '1', REFOLD_ACTOR: 'user:ana' } });
      return rest === undefined || exitCode !== 0 ? { exitCode, lines: linesOf(stdout + stderr) } : shell(`cat ${rest}`, stdout);
    }
    if (text.startsWith('curl ')) return await fetched(text, url ?? '', console);
    return shell(text);
  }

  return {
    async run({ text }) {
      if (database === null) return runHere(text);
      const { exitCode, lines } = await runHere(text.replaceAll(documentedDatabase, database.url));
      return { exitCode, lines: lines.map((line) => line.replaceAll(database.url, documentedDatabase)) };
    },
    async close() {
      stop.abort(130);
      await served;
      console.close();
    },
  };
}

async function fetched(text: string, url: string, console: Console): Promise<CommandOutcome> {
  const asked = /http:\/\/127\.0\.0\.1:8012(\S*?)'?$/.exec(text)?.[1] ?? '';
  // What a shell would put there.
  const token = /-H "Authorization: Bearer \$\(cat (\S+)\)"/.exec(text)?.[1];
  const answer = await fetch(url + asked, token === undefined ? {} : { headers: { authorization: `Bearer ${console.read(token).trim()}` } });
  return { exitCode: answer.ok ? 0 : 22, lines: linesOf(await answer.text()) };
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n').map((line) => line.trimEnd()));
