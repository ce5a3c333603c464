/** The demonstration: the example runs of the repository, loaded once into an empty log. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importFiles } from '@refold/operations';
import type { ImportOutcome, OperationContext } from '@refold/operations';
import { sourceFiles } from './source-files.ts';
import type { World } from './world.ts';

/** Beside the built command in a package, and at the root of the repository. */
const places = ['../examples/', '../../../examples/'];

const demoRuns = [
  { producer: 'claude-code', path: 'claude-code' },
  { producer: 'auto', path: 'jira-orchestration' },
] as const;

/** Folder with the examples; null in an installation without them. */
export function examplesFolder(): string | null {
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((folder) => existsSync(`${folder}claude-code`)) ?? null;
}

/** Loads every example run. Commits are known by their ids, so an interrupted load is finished by the next one. */
export async function loadDemo(world: World, context: OperationContext, folder: string, onRecords: (records: number) => void): Promise<readonly ImportOutcome[]> {
  const outcomes: ImportOutcome[] = [];
  let before = 0;
  for (const { producer, path } of demoRuns) {
    if (!existsSync(`${folder}${path}`)) continue;
    const files = await sourceFiles(world, [`${folder}${path}`]);
    const outcome = await importFiles(context, { producer, files, importedBy: 'refold demo', onProgress: ({ report }) => onRecords(before + report.recordsRead) });
    before += outcome.report.recordsRead;
    outcomes.push(outcome);
  }
  return outcomes;
}
