/**
 * Progress on stderr: after 200 ms on a terminal, else one line every 10 s; as JSON lines when asked for. A bar stands only
 * where the total is known. The last line stays, with the figures.
 */
import type { Globals } from './global-options.ts';
import { grouped } from './output.ts';
import type { World } from './world.ts';

export interface ProgressFigures {
  readonly done: number;
  readonly total?: number;
  /** `records`, `events` */
  readonly unit: string;
  /** Further figures, for example `rejected 0`. */
  readonly note?: string;
}

export interface Progress {
  update(figures: ProgressFigures): void;
  /** Prints the last figures, if any were shown. */
  end(): void;
}

const [shownAfterMs, terminalEveryMs, pipeEveryMs, barWidth] = [200, 100, 10_000, 24];

export function createProgress(word: string, { world, globals }: { readonly world: World; readonly globals: Globals }): Progress {
  const startedAt = world.now();
  const { stderr, stderrIsTerminal } = world;
  const isSilent = globals.quiet || globals.progress === 'none';
  const isJson = globals.progress === 'json';
  const everyMs = stderrIsTerminal || isJson ? terminalEveryMs : pipeEveryMs;
  let shownAt = startedAt + (stderrIsTerminal ? shownAfterMs : everyMs) - everyMs;
  let latest: ProgressFigures | undefined;
  let isShown = false;

  function show(figures: ProgressFigures, isLast: boolean): void {
    const elapsedMs = world.now() - startedAt;
    if (isJson) stderr.write(`${JSON.stringify({ progress: word, ...figures, elapsedMs })}\n`);
    else if (stderrIsTerminal) stderr.write(`\r\u001b[2K${lineOf(word, figures, elapsedMs)}${isLast ? '\n' : ''}`);
    else stderr.write(`${lineOf(word, figures, elapsedMs)}\n`);
    isShown = true;
  }

  return {
    update(figures) {
      latest = figures;
      if (isSilent || world.now() - shownAt < everyMs) return;
      shownAt = world.now();
      show(figures, false);
    },
    end() {
      if (latest !== undefined && isShown) show(latest, true);
    },
  };
}

function lineOf(word: string, { done, total, unit, note }: ProgressFigures, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? `  ${grouped(Math.round((done * 1_000) / elapsedMs))}/s` : '';
  const tail = note === undefined ? '' : `  ${note}`;
  if (total === undefined || total === 0) return `${word}  ${grouped(done)} ${unit}${rate}  ${(elapsedMs / 1_000).toFixed(1)} s${tail}`;
  const share = Math.min(done / total, 1);
  const filled = Math.round(share * barWidth);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
  return `${word}  ${bar}  ${String(Math.floor(share * 100)).padStart(2)} %  ${grouped(done)}/${grouped(total)} ${unit}${rate}${tail}`;
}
