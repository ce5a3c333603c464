/**
 * Append: the full product path (complete, redact, validate, judge, canonical bytes, leaf, chain, tags, idempotency, durable)
 * beside bare inserts of the same events with the same fsync, coalesced the same way. Rounds alternate.
 */
import { join } from 'node:path';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { openBareFile, openBareTable } from './ceilings.ts';
import type { BareTable } from './ceilings.ts';
import { figureOf, nowMs, percentile } from './measure.ts';
import type { Row } from './report.ts';
import { createWorkload, take } from './workload.ts';

interface Cell {
  readonly writers: number;
  readonly batch: number;
  readonly target?: NonNullable<Row['target']>;
}

const cells: readonly Cell[] = [
  { writers: 1, batch: 1, target: { ratio: 0.7 } },
  { writers: 8, batch: 1 },
  { writers: 64, batch: 1, target: { ratio: 0.5 } },
  { writers: 1, batch: 10 },
  { writers: 8, batch: 10, target: { ratio: 0.55 } },
  { writers: 1, batch: 100, target: { ratio: 0.55 } },
  { writers: 1, batch: 1_000 },
];

export interface AppendOptions {
  readonly directory: string;
  readonly rounds: number;
  /** Time per cell and side in one round. */
  readonly roundMs: number;
  /** Largest commit of the product; a larger batch goes as several commits at once. */
  readonly commitEventsMax: number;
}

export async function measureAppend(options: AppendOptions): Promise<Row[]> {
  const store = await openStore(`sqlite:${join(options.directory, 'append.db')}`);
  const table = openBareTable(options.directory);
  const file = openBareFile(options.directory);
  const rows: Row[] = [];
  try {
    for (const [index, cell] of cells.entries()) {
      await ours(store, cell, options.roundMs / 4, index * 1_000, options.commitEventsMax);
      bare(table, cell, options.roundMs / 4, index);
      const figures = { ours: [] as number[], bare: [] as number[], p95: [] as number[] };
      for (let round = 1; round <= options.rounds; round++) {
        const product = await ours(store, cell, options.roundMs, index * 1_000 + round, options.commitEventsMax);
        figures.ours.push(product.perSecond);
        figures.p95.push(product.p95Ms);
        figures.bare.push(bare(table, cell, options.roundMs, index * 1_000 + round));
      }
      rows.push({
        group: 'append, SQLite, synchronous FULL',
        measure: `${cell.writers} writers x ${cell.batch} events`,
        unit: 'events/s',
        ours: figureOf(figures.ours),
        ceiling: figureOf(figures.bare),
        against: 'bare insert',
        note: `p95 ${figureOf(figures.p95).median.toFixed(2)} ms`,
        ...(cell.target === undefined ? {} : { target: cell.target }),
      });
    }
    for (const batch of [1, 10, 100, 1_000]) rows.push(fileRow(file, batch, options));
  } finally {
    await store.close();
    table.close();
    file.close();
  }
  return rows;
}

async function ours(store: OpenedStore, { writers, batch }: Cell, ms: number, seed: number, commitEventsMax: number): Promise<{ perSecond: number; p95Ms: number }> {
  const sources = Array.from({ length: writers }, (_, writer) => createWorkload({ seed: 1 + seed * 97 + writer }));
  const latencies: number[] = [];
  const start = nowMs();
  let written = 0;
  await Promise.all(
    sources.map(async (source) => {
      while (nowMs() - start < ms) {
        const events = take(source, batch);
        const before = nowMs();
        const commits = [];
        for (let from = 0; from < batch; from += commitEventsMax) commits.push(store.log.append({ events: events.slice(from, from + commitEventsMax) }));
        await Promise.all(commits);
        latencies.push(nowMs() - before);
        written += batch;
      }
    }),
  );
  return { perSecond: (written / (nowMs() - start)) * 1_000, p95Ms: percentile(latencies, 0.95) };
}

/** All writers of one round trip share one transaction: the best a coalescing writer can reach. */
function bare(table: BareTable, { writers, batch }: Cell, ms: number, seed: number): number {
  const source = createWorkload({ seed: 5 + seed * 97 });
  const start = nowMs();
  let written = 0;
  while (nowMs() - start < ms) {
    const events = take(source, writers * batch);
    table.insert(events);
    written += events.length;
  }
  return (written / (nowMs() - start)) * 1_000;
}

function fileRow(file: ReturnType<typeof openBareFile>, batch: number, { rounds, roundMs }: AppendOptions): Row {
  const source = createWorkload({ seed: 3 + batch });
  const rates = Array.from({ length: rounds }, () => {
    const start = nowMs();
    let written = 0;
    while (nowMs() - start < roundMs / 2) {
      file.append(take(source, batch));
      written += batch;
    }
    return (written / (nowMs() - start)) * 1_000;
  });
  return { group: 'ceiling: JSON lines, fdatasync per batch', measure: `1 writer x ${batch} events`, unit: 'events/s', ours: figureOf(rates) };
}
