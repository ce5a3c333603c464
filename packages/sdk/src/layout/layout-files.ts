/** The files of the layout on disk: each is replaced whole, but for `events.jsonl`, which grows and is cut back to what its metadata says. */
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canonicalText, stateJsonLimits } from '@refold/core';
import { dayIndex, dayPattern, issueFolder } from './partition.ts';
import type { IssueMetadata, Partition } from './partition.ts';

export interface LayoutFiles {
  readonly root: string;
  folderOf(partition: Partition): string;
  metadata(partition: Partition): IssueMetadata | null;
  /** Days on which the issue has a folder, before a day; the last of them. */
  dayBefore(partition: Partition): string | null;
  /**
   * Puts lines behind the first `bytes` of the file, whatever a crash has left there. It does not wait for the disk: after a power cut the file
   * is shorter than its metadata says, or ends in nothing, and the copy is derived again.
   */
  append(partition: Partition, bytes: number, lines: readonly string[]): void;
  write(path: string, value: unknown): void;
  writeIndex(day: string): void;
  /** Packs a file of a folder, if it is there and plain. True when it was. */
  pack(partition: Partition, name: string): boolean;
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
      } finally {
        closeSync(descriptor);
      }
    },
    pack(partition, name) {
      const plain = join(folderOf(partition), name);
      if (!existsSync(plain)) return false;
      // The packed file is whole before the plain one goes; what a crash left beside it is written over.
      writeFileSync(`${plain}.gz.unfinished`, gzipSync(readFileSync(plain)), { flush: true });
      renameSync(`${plain}.gz.unfinished`, `${plain}.gz`);
      rmSync(plain);
      return true;
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

/** The bytes of a file that may have been packed; null when it is there in neither form. @throws Error for one that does not unpack. */
export function readPlainOrPacked(file: string): Buffer | null {
  if (existsSync(file)) return readFileSync(file);
  return isPacked(file) ? gunzipSync(readFileSync(`${file}.gz`)) : null;
}

export const isPacked = (file: string): boolean => !existsSync(file) && existsSync(`${file}.gz`);

/** Bytes of a file once it is unpacked; -1 when it is there in neither form. A packed one says it in its last four bytes (RFC 1952, 2.3.1). */
export function sizeOf(file: string): number {
  const plain = statSync(file, { throwIfNoEntry: false })?.size;
  if (plain !== undefined) return plain;
  if (!isPacked(file)) return -1;
  const packed = readFileSync(`${file}.gz`);
  return packed.length < 18 ? 0 : packed.readUInt32LE(packed.length - 4);
}

/** Whether a line ends at this byte of a plain file: behind what came to the disk there are zeros, or nothing. */
export function endsLineAt(file: string, bytes: number): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const last = Buffer.alloc(1);
    return fstatSync(descriptor).size >= bytes && (bytes === 0 || (readSync(descriptor, last, 0, 1, bytes - 1) === 1 && last[0] === 0x0a));
  } finally {
    closeSync(descriptor);
  }
}
