/** The files of the layout on disk: each is replaced whole, but for `events.jsonl`, which grows and is cut back to what its metadata says. */
import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalText, stateJsonLimits } from '@refold/core';
import { dayIndex, dayPattern, issueFolder } from './partition.ts';
import type { IssueMetadata, Partition } from './partition.ts';

export interface LayoutFiles {
  readonly root: string;
  folderOf(partition: Partition): string;
  metadata(partition: Partition): IssueMetadata | null;
  /** Days on which the issue has a folder, before a day; the last of them. */
  dayBefore(partition: Partition): string | null;
  /** Puts lines behind the first `bytes` of the file, whatever a crash has left there. */
  append(partition: Partition, bytes: number, lines: readonly string[]): void;
  write(path: string, value: unknown): void;
  writeIndex(day: string): void;
  days(): readonly string[];
  issuesOf(day: string): readonly IssueMetadata[];
  /** Everything that is derived goes; the log, reports and archives stay. */
  clear(): void;
}

/** Keys sorted, a line feed at the end: one form for every file. */
const fileText = (value: unknown): string => `${canonicalText(value, { limits: stateJsonLimits })}\n`;

export function layoutFilesIn(root: string): LayoutFiles {
  const folderOf = ({ day, issue }: Partition): string => join(root, day, issueFolder(issue));
  const days = (): readonly string[] => (existsSync(root) ? readdirSync(root).filter((name) => dayPattern.test(name)).toSorted() : []);

  const write = (path: string, value: unknown): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.unfinished`, fileText(value));
    renameSync(`${file}.unfinished`, file);
  };
  const issuesOf = (day: string): readonly IssueMetadata[] =>
    readdirSync(join(root, day), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readMetadata(join(root, day, name)) ?? []);

  return {
    root,
    folderOf,
    days,
    issuesOf,
    write,
    metadata: (partition) => readMetadata(folderOf(partition)),
    dayBefore: ({ day, issue }) => days().findLast((known) => known < day && existsSync(folderOf({ day: known, issue }))) ?? null,
    append(partition, bytes, lines) {
      const folder = folderOf(partition);
      mkdirSync(folder, { recursive: true });
      const descriptor = openSync(join(folder, 'events.jsonl'), 'a');
      try {
        ftruncateSync(descriptor, bytes);
        writeSync(descriptor, lines.map((line) => `${line}\n`).join(''));
        // The metadata that follows speaks of these bytes: it must not be on disk without them.
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
    writeIndex: (day) => write(join(day, 'index.json'), dayIndex(day, issuesOf(day))),
    clear() {
      for (const name of [...days(), 'schemas', '.layout.json']) rmSync(join(root, name), { recursive: true, force: true });
    },
  };
}

/** Null when there is none, or what is there is none. */
function readMetadata(folder: string): IssueMetadata | null {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8')) as IssueMetadata;
    return typeof found.bytes === 'number' && typeof found.last_position === 'number' && typeof found.last_hash === 'string' ? found : null;
  } catch {
    return null;
  }
}

/** -1 when the file is not there. */
export const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? -1;
