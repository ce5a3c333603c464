/**
 * Reading: one stream of 10, 1,000 and 100,000 events beside a bare SELECT and JSON.parse; catching up with the whole log; the
 * fold of a whole log beside read + parse + switch; its verification; state at random places of a long stream beside the naive
 * fold.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reconstruct, verifyRecords } from '@refold/core';
import type { Recorded, TravelParts } from '@refold/core';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { openBareTable } from './ceilings.ts';
import { foldLog } from './fold-log.ts';
import { figureOf, nowMs, percentile, rate, timed } from './measure.ts';
import type { Row } from './report.ts';
import { createRandom, createWorkload, take } from './workload.ts';

export interface ReadOptions {
  readonly directory: string;
  readonly rounds: number;
  /** Events of the whole log that is caught up with and folded. */
  readonly logEvents: number;
  readonly longStreamEvents: number;
  readonly commitEventsMax: number;
}

export async function measureRead(options: ReadOptions): Promise<Row[]> {
  return [...(await streamReads(options)), ...(await wholeLog(options)), ...(await randomPlaces(options))];
}

/** Fills our log and the bare table with the same events. Returns events per second on our side. */
export async function fill(store: OpenedStore, source: ReturnType<typeof createWorkload>, count: number, commitEventsMax: number, also?: (events: ReturnType<typeof take>) => void): Promise<number> {
  return await rate(count, async () => {
    for (let written = 0; written < count; written += commitEventsMax) {
      const events = take(source, Math.min(commitEventsMax, count - written));
      await store.log.append({ events });
      also?.(events);
    }
  });
}

async function streamReads({ directory, rounds, longStreamEvents, commitEventsMax }: ReadOptions): Promise<Row[]> {
  const store = await openStore(`sqlite:${join(directory, 'streams.db')}`);
  const table = openBareTable(directory);
  const rows: Row[] = [];
  try {
    for (const [id, count] of [['SMALL-1', 10], ['MIDDLE-1', 1_000], ['LARGE-1', longStreamEvents]] as const) {
      await fill(store, createWorkload({ seed: count, only: id }), count, commitEventsMax, (events) => table.insert(events));
      const repeats = Math.max(1, Math.floor(2_000 / count));
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const product = await rate(count * repeats, async () => {
          for (let repeat = 0; repeat < repeats; repeat++) await readAll(store, `orchestration/${id}`);
        });
        const ceiling = await rate(count * repeats, () => {
          for (let repeat = 0; repeat < repeats; repeat++) table.readStream(id);
        });
        // The first round warms up.
        if (round > 0) {
          ours.push(product);
          bare.push(ceiling);
        }
      }
      rows.push({ group: 'read, SQLite', measure: `stream of ${count.toLocaleString('en-US')} events`, unit: 'events/s', ours: figureOf(ours), ceiling: figureOf(bare), against: 'bare select + parse', ...(count === 1_000 ? { target: { ratio: 0.7 } } : {}) });
    }
  } finally {
    await store.close();
    table.close();
  }
  return rows;
}

async function readAll({ log }: OpenedStore, stream?: string): Promise<number> {
  let seen = 0;
  for await (const page of log.events(stream === undefined ? {} : { stream })) seen += page.events.length;
  return seen;
}

async function wholeLog({ directory, rounds, logEvents, commitEventsMax }: ReadOptions): Promise<Row[]> {
  const url = `sqlite:${join(directory, 'whole.db')}`;
  const store = await openStore(url);
  const table = openBareTable(directory);
  const catchUp = { ours: [] as number[], bare: [] as number[] };
  const folding = { ours: [] as number[], bare: [] as number[] };
  const verifying = { ours: [] as number[], bare: [] as number[] };
  try {
    const filled = await fill(store, createWorkload({ seed: 77 }), logEvents, commitEventsMax, (events) => table.insert(events));
    for (let round = 0; round < rounds; round++) {
      catchUp.ours.push(await rate(logEvents, () => readAll(store)));
      catchUp.bare.push(await rate(logEvents, () => table.scan(() => undefined)));
      folding.ours.push(await rate(logEvents, () => foldLog(store)));
      folding.bare.push(await rate(logEvents, () => naiveCount(table)));
      verifying.ours.push(await rate(logEvents, () => verifyAll(store)));
      verifying.bare.push(await rate(logEvents, () => parseAndHash(store)));
    }
    const count = logEvents.toLocaleString('en-US');
    return [
      { group: 'whole log', measure: `catch up with ${count} events`, unit: 'events/s', ours: figureOf(catchUp.ours), ceiling: figureOf(catchUp.bare), against: 'bare scan + parse', target: { ratio: 0.7 }, note: `filled at ${Math.round(filled).toLocaleString('en-US')}/s` },
      { group: 'whole log', measure: `fold ${count} events, every stream`, unit: 'events/s', ours: figureOf(folding.ours), ceiling: figureOf(folding.bare), against: 'scan + parse + switch', target: { ratio: 0.7 } },
      { group: 'whole log', measure: 'resident memory at most, a process that folds', unit: 'MB', ours: figureOf([memoryOfFold(url)]), target: { atMost: 300 } },
      { group: 'whole log', measure: `verify ${count} events`, unit: 'events/s', ours: figureOf(verifying.ours), ceiling: figureOf(verifying.bare), against: 'read + parse + hash', target: { ratio: 0.5, atLeast: 40_000 } },
    ];
  } finally {
    await store.close();
    table.close();
  }
}

const memoryOfFold = (url: string): number => Number(execFileSync(process.execPath, [fileURLToPath(new URL('fold-memory.js', import.meta.url)), url], { encoding: 'utf8' }));

async function verifyAll({ log }: OpenedStore): Promise<void> {
  const report = await verifyRecords(recordsOf(log), { origin: log.identity.origin, hasher: log.ports.hasher });
  if (!report.ok) throw new Error(`The log of the bench does not verify: ${report.findings[0]?.detail}`);
}

/** The least a verification can do with the same bytes: parse, and hash once. */
async function parseAndHash({ log }: OpenedStore): Promise<number> {
  let seen = 0;
  for await (const page of recordsOf(log))
    for (const { body } of page) {
      JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
      seen += log.ports.hasher.sha256(body).length;
    }
  return seen;
}

async function* recordsOf(log: OpenedStore['log']): AsyncGenerator<readonly Recorded[]> {
  for await (const page of log.driver.read({})) yield page.events;
}

/** The least a fold can do: parse, look at the type, count. */
function naiveCount(table: ReturnType<typeof openBareTable>): number {
  const counts = { started: 0, completed: 0, failed: 0 };
  table.scan(({ type }) => {
    switch (type) {
      case 'tool_call.started':
        counts.started++;
        break;
      case 'tool_call.completed':
        counts.completed++;
        break;
      case 'tool_call.failed':
        counts.failed++;
        break;
      default:
        break;
    }
  });
  return counts.started;
}

async function randomPlaces({ directory, longStreamEvents, commitEventsMax }: ReadOptions): Promise<Row[]> {
  const store = await openStore(`sqlite:${join(directory, 'places.db')}`);
  try {
    await fill(store, createWorkload({ seed: 9, only: 'LONG-1' }), longStreamEvents, commitEventsMax);
    await fill(store, createWorkload({ seed: 10, only: 'SHORT-1' }), 200, commitEventsMax);
    const parts = travelParts(store);
    const address = { streamType: 'orchestration', streamId: 'LONG-1' };
    const random = createRandom(5);
    const places = Array.from({ length: 60 }, () => 1 + Math.floor(random() * longStreamEvents));

    const short = await repeat(20, () => reconstruct(parts, { streamType: 'orchestration', streamId: 'SHORT-1' }, { kind: 'end' }, { useSnapshots: false }));
    const naive: number[] = [];
    for (const revision of places.slice(0, 6)) naive.push((await timed(() => reconstruct(parts, address, { kind: 'revision', revision }, { useSnapshots: false }))).ms);
    const laid = await timed(() => layKeyframes(store, longStreamEvents));
    const fast: number[] = [];
    for (const revision of places) fast.push((await timed(() => reconstruct(parts, address, { kind: 'revision', revision }))).ms);
    const count = longStreamEvents.toLocaleString('en-US');
    return [
      { group: 'state', measure: 'stream of 200 events, cold', unit: 'ms', ours: figureOf(short), target: { atMost: 5 } },
      { group: 'state', measure: `random place of ${count} events, naive fold`, unit: 'ms', ours: figureOf(naive) },
      {
        group: 'state',
        measure: `random place of ${count} events, snapshots`,
        unit: 'ms',
        ours: figureOf(fast),
        note: `snapshots laid once in ${laid.ms.toFixed(0)} ms`,
      },
      { group: 'state', measure: 'the same, p95', unit: 'ms', ours: figureOf([percentile(fast, 0.95)]), target: { atMost: 10 } },
      { group: 'state', measure: 'the same, times faster than the naive fold', unit: 'x', ours: figureOf([figureOf(naive).median / figureOf(fast).median]), target: { atLeast: 100 } },
    ];
  } finally {
    await store.close();
  }
}

const travelParts = ({ log }: OpenedStore): TravelParts => ({
  reader: {
    async *pages(stream, range = {}) {
      for await (const page of log.events({ stream, ...range })) if (page.events.length > 0) yield page.events;
    },
    head: async (stream) => (await log.stream(stream))?.revision ?? 0,
  },
  fold: log.fold,
  hasher: log.ports.hasher,
  snapshots: log.snapshots,
});

/** What a consumer of snapshots does over time, done at once. */
async function layKeyframes({ log }: OpenedStore, events: number): Promise<void> {
  let state = log.fold.initial('orchestration', 'LONG-1');
  const every = Math.max(log.limits.snapshotEveryEvents, Math.ceil(events / 200));
  for await (const page of log.events({ stream: 'orchestration/LONG-1' }))
    for (const event of page.events) {
      state = log.fold.evolveDraft(state, event);
      if (event.revision % every === 0) await log.snapshots.save(state);
    }
  await log.snapshots.collect('orchestration/LONG-1');
}

async function repeat(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) {
    const start = nowMs();
    await work();
    all.push(nowMs() - start);
  }
  return all;
}
