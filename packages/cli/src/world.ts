/**
 * What a command sees of the process around it. The real one is made here and nowhere else; a test hands in its own and
 * runs the same command in the same process.
 */
import type { Ports } from '@refold/core';

export interface Sink {
  write(text: string): unknown;
}

export interface World {
  readonly env: { readonly [name: string]: string | undefined };
  /** Absolute path of the working directory. */
  readonly cwd: string;
  /** Bytes of stdin; read once. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Size of the terminal; Infinity where there is none. */
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborts at the first Ctrl-C or SIGTERM; the reason is the exit code of an interrupted command. */
  readonly signal: AbortSignal;
  /** Replaces parts of the machine that an opened log sees, for tests. */
  readonly ports?: Partial<Ports>;
}

export const interrupted = 130;
const terminated = 143;

/** COLUMNS, where somebody exported it, is meant. */
const columnsSet = (env: World['env']): number | undefined => (/^[1-9]\d{1,3}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : undefined);

/** The world of this process. `release` lets the process end when the command has. */
export function processWorld(): World & { release(): void } {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  const onSignal = (exitCode: number) => () => {
    // A second Ctrl-C does not wait for anything.
    if (stop.signal.aborted) process.exit(exitCode);
    stop.abort(exitCode);
  };
  const [onInterrupt, onTerminate] = [onSignal(interrupted), onSignal(terminated)];
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  // A reader that went away (`| head`) has what it wanted.
  for (const stream of [stdout, stderr]) stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

  return {
    env,
    cwd: process.cwd(),
    stdin: stdin as AsyncIterable<Uint8Array>,
    stdout,
    stderr,
    // Absent on what is no terminal, whatever its type says.
    stdinIsTerminal: Boolean(stdin.isTTY),
    stdoutIsTerminal: Boolean(stdout.isTTY),
    stderrIsTerminal: Boolean(stderr.isTTY),
    columns: stdout.isTTY ? columnsSet(env) ?? stdout.columns : Infinity,
    rows: stdout.isTTY ? stdout.rows : Infinity,
    now: () => Date.now(),
    signal: stop.signal,
    release() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      // A command that was stopped may still wait for input.
      stdin.destroy();
    },
  };
}
