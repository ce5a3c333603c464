/**
 * Append beside the event stores of other houses: the same events, a stream for each writer, rounds in turn. Ours does its full
 * path; a peer does what it does. The comparison is of durable appends, not of features.
 */
import { join } from 'node:path';
import type { EventInput } from '@refold/core';
import { openStore } from '@refold/sdk';
import { figureOf, nowMs, percentile } from './measure.ts';
import { openSqlitePeers } from './peers.ts';
import type { Peer } from './peers.ts';
import type { Row } from './report.ts';
import { createWorkload, take } from './workload.ts';

interface Cell {
  readonly writers: number;
  readonly batch: number;
  /** How many times the peer's rate is asked. */
  readonly ratio: number;
}

/** The largest batch first: it warms every side soonest. */
export const appendCells: readonly Cell[] = [
  { writers: 1, batch: 100, ratio: 1 },
  { writers: 8, batch: 10, ratio: 1 },
  { writers: 64, batch: 1, ratio: 5 },
  { writers: 1, batch: 1, ratio: 1 },
];

export interface AppendPeersOptions {
  readonly directory: string;
  readonly rounds: number;
  /** Time per cell and store in one round. */
  readonly roundMs: number;
  readonly print: (text: string) => void;
}

export async function measureAppendPeers(options: AppendPeersOptions): Promise<Row[]> {
  const store = await openStore(`sqlite:${join(options.directory, 'append-peers.db')}`);
  const { peers, absent } = await openSqlitePeers(options.directory);
  for (const name of absent) options.print(`not installed, not measured: ${name} (npm ci in a checkout installs it)`);
  try {
    return await compareWithPeers('append beside peers, SQLite', async (_, events) => void (await store.log.append({ events })), peers, options);
  } finally {
    await store.close();
    for (const peer of peers) await peer.close();
  }
}

type AppendToStream = (streamId: string, events: readonly EventInput[]) => Promise<void>;

export async function compareWithPeers(group: string, ours: AppendToStream, peers: readonly Peer[], { rounds, roundMs }: Pick<AppendPeersOptions, 'rounds' | 'roundMs'>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [cellIndex, cell] of appendCells.entries()) {
    const sides = [ours, ...peers.map((peer): AppendToStream => peer.append)];
    const rates = sides.map((): number[] => []);
    const p95s: number[] = [];
    // Round 0 warms up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const [side, append] of sides.entries()) {
        const { perSecond, p95Ms } = await rateOf(append, cell, roundMs, (cellIndex * 100 + round) * 100);
        if (round === 0) continue;
        rates[side]!.push(perSecond);
        if (side === 0) p95s.push(p95Ms);
      }
    }
    for (const [index, peer] of peers.entries()) {
      rows.push({
        group,
        measure: `${cell.writers} writers x ${cell.batch} events`,
        unit: 'events/s',
        ours: figureOf(rates[0]!),
        ceiling: figureOf(rates[index + 1]!),
        against: peer.name,
        note: `p95 ${figureOf(p95s).median.toFixed(2)} ms`,
        target: { ratio: cell.ratio },
      });
    }
  }
  return rows;
}

/** Rate and slowest twentieth of `writers` at once, each on a stream of its own. */
export async function rateOf(append: AppendToStream, { writers, batch }: Cell, ms: number, firstStream: number): Promise<{ perSecond: number; p95Ms: number }> {
  const latencies: number[] = [];
  const start = nowMs();
  let written = 0;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const streamId = `BENCH-${firstStream + writer + 1}`;
      const source = createWorkload({ seed: 1 + writer, only: streamId });
      while (nowMs() - start < ms) {
        const events = take(source, batch);
        const before = nowMs();
        await append(streamId, events);
        latencies.push(nowMs() - before);
        written += batch;
      }
    }),
  );
  return { perSecond: (written / (nowMs() - start)) * 1_000, p95Ms: percentile(latencies, 0.95) };
}
