/** Small programs in C for faults that Node cannot make by itself; compiled when a test needs them. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Null where there is a compiler of C. */
export function whyNoCompiler(): string | null {
  if (process.platform !== 'linux') return 'the faults of the C library are made on Linux only';
  return spawnSync('cc', ['--version']).status === 0 ? null : 'there is no compiler of C (cc)';
}

export function compileC(source: string, to: string, flags: readonly string[] = []): void {
  writeFileSync(`${to}.c`, source);
  const { status, stderr } = spawnSync('cc', ['-O1', ...flags, '-o', to, `${to}.c`, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cc: ${stderr}`);
}
