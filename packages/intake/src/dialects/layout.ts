/**
 * The directory that document 001 writes: `{YYYY-MM-DD}/{ISSUE}/events.jsonl`, beside it snapshots, indexes, schemas, and one
 * file with everything in `global/`. An issue's days belong together; the global file repeats them and comes last.
 */
import type { SourceFile, SourceFiles } from '../source.ts';

interface RowFiles {
  /** Issue key of a directory layout; null for a file that stands for itself. */
  readonly issue: string | null;
  readonly files: readonly SourceFile[];
}

const dayFile = /^(.*?)(\d{4}-\d{2}-\d{2})\/([^/]+)\/events\.jsonl$/;
const derivedFile = /(?:^|\/)(?:snapshot-\d+|metadata|index|version-history|orchestration-events)\.json$/;
const globalFile = /(?:^|\/)global\/events\.jsonl$/;

/** Days in order within an issue; issues in the order in which they came. */
export async function groupDays(files: SourceFiles, ignored: string[]): Promise<readonly RowFiles[]> {
  const issues = new Map<string, { day: string; file: SourceFile }[]>();
  const alone: SourceFile[] = [];
  for await (const file of files) {
    const match = dayFile.exec(file.name);
    if (derivedFile.test(file.name)) ignored.push(file.name);
    else if (match === null) alone.push(file);
    else {
      const [, folder = '', day = '', issue = ''] = match;
      issues.set(folder + issue, [...(issues.get(folder + issue) ?? []), { day, file }]);
    }
  }
  const byDay = [...issues].map(([name, days]) => ({
    issue: name.split('/').at(-1) ?? name,
    files: days.toSorted((a, b) => (a.day < b.day ? -1 : 1)).map(({ file }) => file),
  }));
  const isGlobal = ({ name }: SourceFile): boolean => globalFile.test(name);
  const single = [...alone.filter((file) => !isGlobal(file)), ...alone.filter(isGlobal)];
  return [...byDay, ...single.map((file) => ({ issue: null, files: [file] }))];
}
