/**
 * The log of lines: appends beside a file that is written and synced alike, and how costs grow with the log. A growing log is opened
 * by a process of its own at each size, so that opening, the first state and resident memory are those of a start.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catchUpSearch } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { appendCells, rateOf } from './append-peers.ts';
import { openBareFile } from './ceilings.ts';
import { figureOf, nowMs, timed } from './measure.ts';
import type { OpenedFigures } from './opened-log.ts';
import { askAll } from './query.ts';
import { fill } from './read.ts';
import type { Row } from './report.ts';
import { createWorkload, take } from './workload.ts';

export interface JsonlOptions {
  readonly directory: string;
  readonly rounds: number;
  readonly roundMs: number;
  /** Of the largest log. */
  readonly events: number;
  readonly commitEventsMax: number;
}

/** What PERFORMANCE.md section 2 asks of the file's rate, by writers and batch. */
const targets: ReadonlyMap<string, number> = new Map([
  ['64x1', 0.45],
  ['1x100', 0.5],
]);

/** Gives the rows of each part when it is done: the large log takes minutes. */
export async function* measureJsonl(options: JsonlOptions): AsyncGenerator<Row[]> {
  yield await besideFile(options);
  yield await copyByDayAndIssue(options);
  yield* growth(options);
}

async function besideFile({ directory, rounds, roundMs }: JsonlOptions): Promise<Row[]> {
  const store = await openStore(`jsonl:${join(directory, 'lines')}`, { layout: false });
  const file = openBareFile(directory);
  const rows: Row[] = [];
  try {
    for (const [index, cell] of appendCells.entries()) {
      const [ours, theirs, p95s]: [number[], number[], number[]] = [[], [], []];
      // Round 0 warms up and is not counted.
      for (let round = 0; round <= rounds; round++) {
        const first = (index * 100 + round) * 100;
        const product = await rateOf(async (_, events) => void (await store.log.append({ events })), cell, roundMs, first);
        const bare = bareRate(file, cell.writers * cell.batch, roundMs, first);
        if (round === 0) continue;
        ours.push(product.perSecond);
        theirs.push(bare);
        p95s.push(product.p95Ms);
      }
      const ratio = targets.get(`${cell.writers}x${cell.batch}`);
      rows.push({
        group: 'append, lines',
        measure: `${cell.writers} writers x ${cell.batch} events`,
        unit: 'events/s',
        ours: figureOf(ours),
        ceiling: figureOf(theirs),
        against: 'write + fdatasync',
        note: `p95 ${figureOf(p95s).median.toFixed(2)} ms`,
        ...(ratio === undefined ? {} : { target: { ratio } }),
      });
    }
    return rows;
  } finally {
    await store.close();
    file.close();
  }
}

/** All writers of one round trip share one sync: the best that gathering can reach. */
function bareRate(file: ReturnType<typeof openBareFile>, batch: number, ms: number, seed: number): number {
  const source = createWorkload({ seed: 7 + seed });
  const start = nowMs();
  let written = 0;
  while (nowMs() - start < ms) {
    file.append(take(source, batch));
    written += batch;
  }
  return (written / (nowMs() - start)) * 1_000;
}

/** The documents' files, derived behind the appends: 1,000 issues. */
async function copyByDayAndIssue({ directory, commitEventsMax, events }: JsonlOptions): Promise<Row[]> {
  const url = `jsonl:${join(directory, 'copied')}`;
  const count = Math.min(20_000, events);
  const plain = await openStore(url, { layout: false });
  await fill(plain, createWorkload({ seed: 8 }), count, commitEventsMax);
  await plain.close();
  const store = await openStore(url);
  const start = nowMs();
  await store.layout!.catchUp();
  const perSecond = (count / (nowMs() - start)) * 1_000;
  await store.close();
  return [{ group: 'files by day and issue', measure: `deriving ${count.toLocaleString('en-US')} events of 1,000 issues`, unit: 'events/s', ours: figureOf([perSecond]) }];
}

const coldEvents = 200;

/** At a tenth, at three tenths and at all of the events. */
async function* growth({ directory, events, commitEventsMax }: JsonlOptions): AsyncGenerator<Row[]> {
  const url = `jsonl:${join(directory, 'growing')}`;
  const source = createWorkload({ seed: 4 });
  let written = 0;
  for (const size of [events / 10, (events * 3) / 10, events].map(Math.round)) {
    const store = await openStore(url, { layout: false });
    if (written === 0) await fill(store, createWorkload({ seed: 9, only: 'COLD-200' }), coldEvents, commitEventsMax);
    const filled = await fill(store, source, size - Math.max(written, coldEvents), commitEventsMax);
    written = size;
    await store.close();
    const group = `lines, ${size.toLocaleString('en-US')} events`;
    const started = Array.from({ length: 3 }, () => openedFigures(url));
    const rows: Row[] = [
      { group, measure: 'filling', unit: 'events/s', ours: figureOf([filled]) },
      { group, measure: 'opening', unit: 'ms', ours: figureOf(started.map(({ openMs }) => openMs)) },
      { group, measure: `state of a stream of ${coldEvents} events, cold`, unit: 'ms', ours: figureOf(started.map(({ stateMs }) => stateMs)), target: { atMost: 100 } },
      { group, measure: 'resident memory after both', unit: 'MB', ours: figureOf(started.map(({ residentMb }) => residentMb)) },
    ];
    const asked = await openStore(url, { layout: false });
    try {
      const indexed = await timed(() => catchUpSearch(asked.log, asked.search));
      rows.push({ group, measure: 'full text of what is new', unit: 's', ours: figureOf([indexed.ms / 1_000]) }, ...(await askAll(asked, group)));
    } finally {
      await asked.close();
    }
    yield rows;
  }
}

/** By a process of its own. */
function openedFigures(url: string): OpenedFigures {
  const script = fileURLToPath(new URL(`./opened-log.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [script, url, 'orchestration', 'COLD-200'], { encoding: 'utf8' })) as OpenedFigures;
}
