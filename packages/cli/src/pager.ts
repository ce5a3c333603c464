/** Text longer than the screen goes to a pager, on a terminal only. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Globals } from './global-options.ts';
import type { Sink, World } from './world.ts';

export interface Pager {
  readonly sink: Sink;
  /** Writes what is held, or waits for the reader to leave. */
  close(): Promise<void>;
}

/** Passes text through, except on a terminal: there a screenful is held, and when more comes the pager is started. */
export function createPager(world: World, globals: Globals): Pager {
  if (!world.stdoutIsTerminal || !globals.pager || globals.mode !== 'text') return { sink: world.stdout, close: async () => {} };
  let held: string[] = [];
  let lines = 0;
  let child: ChildProcess | undefined;
  return {
    sink: {
      write(text) {
        if (child !== undefined) return child.stdin?.write(text);
        held.push(text);
        lines += text.split('\n').length - 1;
        if (lines < world.rows) return;
        child = start(world);
        for (const part of held) child.stdin?.write(part);
        held = [];
      },
    },
    async close() {
      for (const part of held) world.stdout.write(part);
      if (child === undefined) return;
      const left = new Promise((resolve) => child!.once('close', resolve));
      child.stdin?.end();
      await left;
    },
  };
}

function start({ env }: World): ChildProcess {
  const [command = 'less', ...options] = (env['PAGER'] ?? 'less').split(' ').filter((part) => part !== '');
  const child = spawn(command, options, { stdio: ['pipe', 'inherit', 'inherit'], env: { LESS: 'FRX', ...env } });
  // A pager that is left early, or is not there, must not take the command down with it.
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  return child;
}
