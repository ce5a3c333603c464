/** The bench: everything that belongs in one comparison, in one run. Conditions are printed with the figures. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { measureAppendPeers } from './append-peers.ts';
import { measureAppend } from './append.ts';
import { measureDoors } from './doors.ts';
import { measureImport } from './intake.ts';
import { measureJsonl } from './jsonl.ts';
import { measureQuery } from './query.ts';
import { measureRead } from './read.ts';
import { renderRows } from './report.ts';
import type { Row } from './report.ts';
import { measureStartUp } from './start-up.ts';
import { measureTravel } from './travel.ts';
import { measureWeb } from './web.ts';

export type { Row } from './report.ts';
export { reaches } from './report.ts';

export const benchGroups = ['append', 'peers', 'postgres', 'jsonl', 'read', 'query', 'travel', 'import', 'doors', 'start-up', 'web'] as const;
export type BenchGroup = (typeof benchGroups)[number];

export interface BenchOptions {
  readonly groups?: readonly BenchGroup[];
  /** Events of the large logs; default 1,000,000. */
  readonly events?: number;
  readonly rounds?: number;
  /** A Claude Code transcript; without one the import is not measured. */
  readonly transcript?: string;
  /** The command's main file; without one start-up and the app are not measured. */
  readonly cli?: string;
  /** Folder with the example runs; without it no answer over them is measured. */
  readonly examples?: string;
  /** Of a database for the group `postgres`; without one it is not measured. */
  readonly postgresUrl?: string;
  readonly print?: (text: string) => void;
}

export interface BenchResult {
  readonly conditions: { readonly node: string; readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly platform: string; readonly durability: string; readonly date: string };
  readonly rows: readonly Row[];
}

const commitEventsMax = 500;

/** Measures, printing each group when it is done. Temporary files go with it. */
export async function runBench(options: BenchOptions = {}): Promise<BenchResult> {
  const { groups = benchGroups, events = 1_000_000, rounds = 3, print = () => undefined } = options;
  const directory = mkdtempSync(join(tmpdir(), 'refold-bench-'));
  const conditions = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    durability: 'SQLite WAL, synchronous FULL: one fsync per transaction, on both sides',
    date: new Date().toISOString().slice(0, 10),
  };
  print(Object.entries(conditions).map(([name, value]) => `${name} ${value}`).join('   '));
  const rows: Row[] = [];
  const add = (measured: readonly Row[]): void => {
    rows.push(...measured);
    print(renderRows(measured));
  };
  try {
    if (groups.includes('append')) add(await measureAppend({ directory, rounds, roundMs: 600, commitEventsMax }));
    if (groups.includes('peers')) add(await measureAppendPeers({ directory, rounds, roundMs: 600, print }));
    if (groups.includes('postgres') && options.postgresUrl !== undefined) {
      const { measurePostgres } = await import('./postgres.ts');
      add(await measurePostgres({ url: options.postgresUrl, rounds, roundMs: 600, print }));
    }
    if (groups.includes('jsonl')) for await (const measured of measureJsonl({ directory, rounds, roundMs: 600, events, commitEventsMax })) add(measured);
    if (groups.includes('read')) add(await measureRead({ directory, rounds, logEvents: events, longStreamEvents: Math.min(events, 100_000), commitEventsMax }));
    if (groups.includes('query')) add(await measureQuery({ directory, events, commitEventsMax }));
    if (groups.includes('travel')) add(await measureTravel({ directory, events, commitEventsMax }));
    if (groups.includes('import') && options.transcript !== undefined) add(await measureImport({ directory, rounds, transcript: options.transcript }));
    if (groups.includes('doors')) add(await measureDoors({ directory, rounds }));
    if (groups.includes('start-up') && options.cli !== undefined) add(await measureStartUp({ cli: options.cli, directory, rounds, ...(options.examples === undefined ? {} : { examples: options.examples }) }));
    if (groups.includes('web') && options.cli !== undefined) add(await measureWeb({ cli: options.cli, directory, events, commitEventsMax, print }));
    return { conditions, rows };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
