/** What it costs a job to leave a record: its steps bare, and the same steps told to the log by the SDK's helpers. */
import { join } from 'node:path';
import { EventStore, runJob, withContext } from '@refold/sdk';
import type { Durable } from '@refold/sdk';
import { figureOf, percentile, timed } from './measure.ts';
import type { Row } from './report.ts';

const stepNames = ['plan', 'code', 'test', 'review', 'deliver'];
const stepMs = 5;
/** Of twenty, the slowest is the 95th percentile. */
const jobsPerRound = 100;

/** A step works for a while and gives something. */
async function work(): Promise<{ readonly done: true }> {
  await new Promise((resolve) => setTimeout(resolve, stepMs));
  return { done: true };
}

export async function measureInstrumentedJob({ directory, rounds }: { readonly directory: string; readonly rounds: number }): Promise<Row> {
  const store = new EventStore({ url: `sqlite:${join(directory, 'job.db')}` });
  const steps = Object.fromEntries(stepNames.map((name) => [name, work]));
  const [bare, behind, each]: [number[], number[], number[]] = [[], [], []];
  const told = (id: string, durable: Durable): Promise<unknown> => withContext({ actor: { type: 'agent', id: 'bench' } }, () => runJob(id, steps, { store, durable }));
  try {
    await told('warm-up', 'behind');
    for (let job = 0; job < rounds * jobsPerRound; job++) {
      bare.push((await timed(async () => { for (const name of stepNames) await steps[name]!(); })).ms);
      behind.push((await timed(() => told(`behind-${job}`, 'behind'))).ms);
      each.push((await timed(() => told(`each-${job}`, 'each'))).ms);
    }
  } finally {
    await store.close();
  }
  const added = (recorded: readonly number[]): readonly number[] => recorded.map((ms, job) => ms - bare[job]!);
  return {
    group: 'doors',
    measure: `added to a job of ${stepNames.length} steps by recording it`,
    unit: 'ms',
    ours: figureOf(added(behind)),
    target: { atMost: 10 },
    note: `p95 ${percentile(added(behind), 0.95).toFixed(1)} ms; durable each ${figureOf(added(each)).median.toFixed(1)}, p95 ${percentile(added(each), 0.95).toFixed(1)} ms; bare ${figureOf(bare).median.toFixed(1)} ms`,
  };
}
