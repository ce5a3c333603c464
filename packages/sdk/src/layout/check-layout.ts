/** Holds a copy against what it says of itself: the bytes and the chain of each file, the snapshots, the days. Nothing is changed. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Hasher } from '@refold/core';
import { endsLineAt, isPacked, readPlainOrPacked, sizeOf } from './layout-files.ts';
import type { LayoutFiles } from './layout-files.ts';
import { hashLine, hashStart, issueFolder } from './partition.ts';

export interface LayoutFault {
  /** Below the folder of the layout. */
  readonly file: string;
  readonly fault: 'absent' | 'damaged' | 'edited' | 'misplaced' | 'ahead';
}

/** @param hasher  Null: sizes and ends alone, which cost a look at each file. */
export function checkLayout(files: LayoutFiles, hasher: Hasher | null): readonly LayoutFault[] {
  return files.days().flatMap((day) => {
    const index: LayoutFault[] = isJson(join(files.root, day, 'index.json')) ? [] : [{ file: join(day, 'index.json'), fault: 'damaged' }];
    const folders = readdirSync(join(files.root, day), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...index, ...folders.flatMap(({ name }) => checkIssue(files, day, name, hasher))];
  });
}

function checkIssue(files: LayoutFiles, day: string, name: string, hasher: Hasher | null): readonly LayoutFault[] {
  const folder = join(day, name);
  const metadata = files.issuesOf(day).find(({ issue_key }) => issueFolder(issue_key).toLowerCase() === name.toLowerCase()) ?? null;
  if (metadata === null) return [{ file: join(folder, 'metadata.json'), fault: sizeOf(join(files.root, folder, 'metadata.json')) < 0 ? 'absent' : 'damaged' }];
  if (metadata.date !== day || issueFolder(metadata.issue_key) !== name) return [{ file: folder, fault: 'misplaced' }];
  const faults: LayoutFault[] = [];
  const file = join(folder, 'events.jsonl');
  const size = sizeOf(join(files.root, file));
  if (size < 0) faults.push({ file, fault: 'absent' });
  // Longer is what a crash left, and is cut when the next lines come; a packed one gets none.
  else if ((isPacked(join(files.root, file)) ? size !== metadata.bytes : !endsLineAt(join(files.root, file), metadata.bytes)) || (hasher !== null && chainOf(join(files.root, file), metadata.bytes, hasher) !== metadata.last_hash)) faults.push({ file, fault: 'edited' });
  for (const entry of readdirSync(join(files.root, folder)).filter((name) => /^snapshot-\d+\.json(\.gz)?$/.test(name))) {
    const snapshot = entry.replace(/\.gz$/, '');
    if (!isJson(join(files.root, folder, snapshot))) faults.push({ file: join(folder, snapshot), fault: 'damaged' });
    else if (Number(snapshot.slice('snapshot-'.length, -'.json'.length)) > (metadata.last_revision ?? 0)) faults.push({ file: join(folder, snapshot), fault: 'ahead' });
  }
  return faults;
}

function chainOf(file: string, bytes: number, hasher: Hasher): string {
  const lines = textOf(file, bytes).split('\n');
  return lines.slice(0, -1).reduce((hash, line) => hashLine(hash, line, hasher), hashStart);
}

/** Empty for what does not unpack: it has no chain. */
function textOf(file: string, bytes: number): string {
  try {
    return readPlainOrPacked(file)?.toString('utf8', 0, bytes) ?? '';
  } catch {
    return '';
  }
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readPlainOrPacked(file)?.toString('utf8') ?? '');
    return true;
  } catch {
    return false;
  }
}
