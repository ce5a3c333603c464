/** What it costs a job to leave a record: its steps bare, and the same steps told to the log by the SDK's helpers. */
import { join } from 'node:path';
import { EventStore, runJob, withContext } from '@refold/sdk';
import { figureOf, timed } from './measure.ts';
import type { Row } from './report.ts';

const stepNames = ['plan', 'code', 'test', 'review', 'deliver'];
const stepMs = 5;
const jobsPerRound = 20;

/** A step works for a while and gives something. */
async function work(): Promise<{ readonly done: true }> {
  await new Promise((resolve) => setTimeout(resolve, stepMs));
  return { done: true };
}

export async function measureInstrumentedJob({ directory, rounds }: { readonly directory: string; readonly rounds: number }): Promise<Row> {
  const store = new EventStore({ url: `sqlite:${join(directory, 'job.db')}` });
  const steps = Object.fromEntries(stepNames.map((name) => [name, work]));
  const [bare, recorded]: [number[], number[]] = [[], []];
  const told = (id: string): Promise<unknown> => withContext({ actor: { type: 'agent', id: 'bench' } }, () => runJob(id, steps, { store }));
  try {
    await told('warm-up');
    for (let job = 0; job < rounds * jobsPerRound; job++) {
      bare.push((await timed(async () => { for (const name of stepNames) await steps[name]!(); })).ms);
      recorded.push((await timed(() => told(`job-${job}`))).ms);
    }
  } finally {
    await store.close();
  }
  const added = recorded.map((ms, job) => ms - bare[job]!);
  return { group: 'doors', measure: `added to a job of ${stepNames.length} steps by recording it`, unit: 'ms', ours: figureOf(added), target: { atMost: 10 }, note: `bare ${figureOf(bare).median.toFixed(1)} ms, recorded ${figureOf(recorded).median.toFixed(1)} ms` };
}
