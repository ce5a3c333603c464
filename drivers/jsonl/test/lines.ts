/** Lines of a log as a test sees and changes them, past the driver. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const liveOf = (path: string): string => join(path, 'global', 'events.jsonl');

export const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

/** Writes the lines with hashes that hold, as somebody does who knows how. */
export function writeSealed(file: string, lines: readonly string[]): void {
  let previous = '0'.repeat(64);
  const sealed = lines.map((line) => {
    const text = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '');
    previous = createHash('sha256').update(previous + text).digest('hex');
    return `${text},"hash":"${previous}"}\n`;
  });
  writeFileSync(file, sealed.join(''));
}

/** The sidecar knows where lines stood; without it they are read anew. */
export function dropIndex(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(path, '.log', `index.db${suffix}`), { force: true });
}

/** Every file below a folder. */
export function filesBelow(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)).filter((file) => statSync(file).isFile());
}
