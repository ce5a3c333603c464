/** How long a person waits for the first character: whole processes, beside a bare node. */
import { spawnSync } from 'node:child_process';
import { figureOf, nowMs } from './measure.ts';
import type { Row } from './report.ts';

export function measureStartUp({ cli, directory, rounds }: { readonly cli: string; readonly directory: string; readonly rounds: number }): Row[] {
  const bare: number[] = [];
  const version: number[] = [];
  const query: number[] = [];
  run(['-e', '0'], directory);
  spawnSync(process.execPath, [cli, 'init', directory, '--no-input', '--quiet'], { cwd: directory });
  for (let round = 0; round < rounds * 3; round++) {
    bare.push(run(['-e', '0'], directory));
    version.push(run([cli, '--version'], directory));
    query.push(run([cli, 'query', '--json'], directory));
  }
  // Times: smaller is better, so the ratio is turned round by the target.
  return [
    { group: 'start-up', measure: 'bare node', unit: 'ms', ours: figureOf(bare) },
    { group: 'start-up', measure: 'refold --version', unit: 'ms', ours: figureOf(version), target: { atMost: figureOf(bare).median * 3 }, note: '<= 3 x bare node' },
    { group: 'start-up', measure: 'refold query on an empty log', unit: 'ms', ours: figureOf(query), target: { atMost: 300 } },
  ];
}

function run(args: readonly string[], cwd: string): number {
  const start = nowMs();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return nowMs() - start;
}
