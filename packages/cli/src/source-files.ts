/** Paths on the command line as files for the importers: a file with the folder that belongs to it, or a folder's files. */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileNotFound, readBytesOrStdin } from './read-input.ts';
import type { World } from './world.ts';

export interface PathFile {
  /** Relative to what was named, with `/`. */
  readonly name: string;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Folders are searched for these; a file that was named is read whatever it is called. */
const recordFile = /\.(?:jsonl|ndjson|json)$/;

/** @throws LogError NOT_FOUND for a path that is not there (bad-input F5). */
export async function sourceFiles(world: World, paths: readonly string[]): Promise<readonly PathFile[]> {
  const files: PathFile[] = [];
  for (const path of paths) {
    if (path === '-') {
      // Formats are told by the first bytes, so stdin is read before.
      const bytes = await readBytesOrStdin(world, '-');
      files.push({ name: 'stdin.jsonl', open: () => [bytes] });
      continue;
    }
    const full = resolve(world.cwd, path);
    const found = statSync(full, { throwIfNoEntry: false });
    if (found === undefined) throw fileNotFound(path);
    if (found.isDirectory()) files.push(...filesBelow(full, full));
    else files.push(fileAt(full, basename(full)), ...filesBesides(full));
  }
  return files;
}

/** `<session>.jsonl` has its sub-agents in a folder of the same name. */
function filesBesides(path: string): readonly PathFile[] {
  const folder = path.replace(/\.[^./\\]+$/, '');
  return folder !== path && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? filesBelow(folder, dirname(path)) : [];
}

function filesBelow(folder: string, base: string): readonly PathFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && recordFile.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => fileAt(path, relative(base, path).split(sep).join('/')));
}

const fileAt = (path: string, name: string): PathFile => ({ name, open: () => createReadStream(path, { highWaterMark: 1_048_576 }) });
