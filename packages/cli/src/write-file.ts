/** A file that a command makes: whole or absent, and never over another one unasked (bad-input F8). */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { usage } from './options.ts';

/** @throws LogError BAD_REQUEST `exists`; asked for before the work, so that nothing is done in vain. */
export function refuseExisting(cwd: string, path: string, isForced: boolean): void {
  if (!isForced && existsSync(resolve(cwd, path))) throw usage(`${path} exists.`, 'exists', 'Choose another name, or overwrite it with --force.');
}

export function writeWhole(cwd: string, path: string, text: string): void {
  const target = resolve(cwd, path);
  const temporary = `${target}.${process.pid}.part`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}
