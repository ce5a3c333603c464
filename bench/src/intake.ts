/** Import of a real transcript beside appending the same number of events in batches of 100. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { importFiles } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { figureOf, timed } from './measure.ts';
import { fill } from './read.ts';
import type { Row } from './report.ts';
import { createWorkload } from './workload.ts';

export async function measureImport({ directory, rounds, transcript }: { readonly directory: string; readonly rounds: number; readonly transcript: string }): Promise<Row[]> {
  const bytes = readFileSync(transcript);
  const imported: number[] = [];
  const appended: number[] = [];
  let records = 0;
  for (let round = 0; round <= rounds; round++) {
    const store = await openStore(`sqlite:${join(directory, `import-${round}.db`)}`);
    try {
      const context = { log: store.log, search: store.search, installation: store.installation };
      const { ms, value } = await timed(() => importFiles(context, { producer: 'claude-code', files: [{ name: basename(transcript), open: () => [bytes] }] }));
      records = value.report.recordsRead;
      const plain = await fill(store, createWorkload({ seed: 20 + round }), value.result.eventsWritten, 100);
      // The first round warms up.
      if (round > 0) {
        imported.push((value.result.eventsWritten / ms) * 1_000);
        appended.push(plain);
      }
    } finally {
      await store.close();
    }
  }
  return [
    {
      group: 'import',
      measure: `Claude Code transcript of ${records.toLocaleString('en-US')} records`,
      unit: 'events/s',
      ours: figureOf(imported),
      ceiling: figureOf(appended),
      against: 'append 1 x 100',
      target: { ratio: 0.6 },
    },
  ];
}
