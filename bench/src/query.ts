/** Questions at the first page of 100: by tag, actor, correlation, time, type, and by words; on a log of many events. */
import { join } from 'node:path';
import { catchUpSearch, queryEvents, runOperation } from '@refold/operations';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { figureOf, nowMs, percentile, residentMb, timed } from './measure.ts';
import { fill } from './read.ts';
import type { Row } from './report.ts';
import { createWorkload, phraseOf, take } from './workload.ts';

export interface QueryOptions {
  readonly directory: string;
  readonly events: number;
  readonly commitEventsMax: number;
}

/** Twice the same questions: a process that has just filled its log makes snapshots of it for a while, one that opens it does not. */
export async function measureQuery({ directory, events, commitEventsMax }: QueryOptions): Promise<Row[]> {
  const url = `sqlite:${join(directory, 'query.db')}`;
  const count = events.toLocaleString('en-US');
  const rows: Row[] = [];
  let store = await openStore(url);
  try {
    const filled = await fill(store, createWorkload({ seed: 4 }), events, commitEventsMax);
    const indexed = await timed(() => catchUpSearch(store.log, store.search));
    rows.push(...(await askAll(store, `query, first page of 100 of ${count} events, in the process that has just filled them`)));
    rows.push({ group: 'the log that is asked', measure: `filling it with ${count} events`, unit: 'events/s', ours: figureOf([filled]), note: `full text of all of it in ${(indexed.ms / 1_000).toFixed(1)} s` });
    await store.close();
    store = await openStore(url);
    rows.push(...(await askAll(store, `query, first page of 100 of ${count} events, nothing else to do`)));
    rows.push({ group: 'the log that is asked', measure: 'resident memory', unit: 'MB', ours: figureOf([residentMb()]) });
    return rows;
  } finally {
    await store.close();
  }
}

/** Every question many times; the bound is on the slowest twentieth. */
export async function askAll(store: OpenedStore, group: string): Promise<Row[]> {
  const context = { log: store.log, search: store.search, installation: store.installation };
  const today = new Date().toISOString().slice(0, 10);
  const questions: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ['by issue', { issueKey: 'BENCH-500' }, 20],
    ['by session, newest first', { sessionId: 'session-BENCH-900', order: 'desc' }, 20],
    ['by actor', { actorId: 'planner', actorType: 'agent' }, 20],
    ['by correlation', { correlationId: 'correlation-BENCH-700' }, 20],
    ['by type and agent', { type: 'tool_call.failed', agent: 'planner' }, 20],
    ['by time (today) and type, newest first', { from: today, type: 'tool_call.failed', order: 'desc' }, 20],
    ['by issue, type and day', { issueKey: 'BENCH-5', type: 'tool_call.failed', from: today, to: today }, 20],
    ['by severity', { minSeverity: 'WARN' }, 20],
    ['by expression on failed calls', { type: 'tool_call.failed', expression: 'data.duration_ms > 8900.0' }, 100],
    ['by words (full text)', { text: phraseOf(take(createWorkload({ seed: 4 }), 1)) }, 100],
    ['nothing matches (full text)', { text: 'zebra quagga' }, 100],
  ];
  const rows: Row[] = [];
  for (const [measure, input, atMost] of questions) {
    const [all, processor]: [number[], number[]] = [[], []];
    for (let time = 0; time < 60; time++) {
      const [start, before] = [nowMs(), process.threadCpuUsage()];
      await runOperation(queryEvents, context, input);
      if (time < 5) continue;
      all.push(nowMs() - start);
      const { user, system } = process.threadCpuUsage(before);
      processor.push((user + system) / 1_000);
    }
    const note = `p95; median ${figureOf(all).median.toFixed(2)} ms, of which ${figureOf(processor).median.toFixed(2)} ms on the processor`;
    rows.push({ group, measure, unit: 'ms', ours: { ...figureOf(all), median: percentile(all, 0.95) }, target: { atMost }, note });
  }
  return rows;
}
