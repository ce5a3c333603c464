/** Questions at the first page of 100: by tag, actor, correlation, time, type, and by words; on a log of many events. */
import { join } from 'node:path';
import { catchUpSearch, queryEvents, runOperation } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { figureOf, nowMs, percentile, residentMb, timed } from './measure.ts';
import { fill } from './read.ts';
import type { Row } from './report.ts';
import { createWorkload, phraseOf, take } from './workload.ts';

export interface QueryOptions {
  readonly directory: string;
  readonly events: number;
  readonly commitEventsMax: number;
}

export async function measureQuery({ directory, events, commitEventsMax }: QueryOptions): Promise<Row[]> {
  const store = await openStore(`sqlite:${join(directory, 'query.db')}`);
  try {
    const filled = await fill(store, createWorkload({ seed: 4 }), events, commitEventsMax);
    const indexed = await timed(() => catchUpSearch(store.log, store.search));
    const group = `query, first page of 100 of ${events.toLocaleString('en-US')} events`;
    const context = { log: store.log, search: store.search, installation: store.installation };
    const today = new Date().toISOString().slice(0, 10);
    const questions: readonly (readonly [string, Record<string, unknown>, number])[] = [
      ['by issue', { issueKey: 'BENCH-500' }, 20],
      ['by session, newest first', { sessionId: 'session-BENCH-900', order: 'desc' }, 20],
      ['by actor', { actorId: 'planner', actorType: 'agent' }, 20],
      ['by correlation', { correlationId: 'correlation-BENCH-700' }, 20],
      ['by type and agent', { type: 'tool_call.failed', agent: 'planner' }, 20],
      ['by time (today) and type, newest first', { from: today, type: 'tool_call.failed', order: 'desc' }, 20],
      ['by severity', { minSeverity: 'WARN' }, 20],
      ['by expression on failed calls', { type: 'tool_call.failed', expression: 'data.duration_ms > 8900.0' }, 100],
      ['by words (full text)', { text: phraseOf(take(createWorkload({ seed: 4 }), 1)) }, 100],
      ['nothing matches (full text)', { text: 'zebra quagga' }, 100],
    ];
    const rows: Row[] = [];
    for (const [name, input, atMost] of questions) {
      const all: number[] = [];
      for (let time = 0; time < 30; time++) {
        const start = nowMs();
        await runOperation(queryEvents, context, input);
        if (time >= 5) all.push(nowMs() - start);
      }
      rows.push({ group, measure: name, unit: 'ms', ours: { ...figureOf(all), median: percentile(all, 0.95) }, target: { atMost }, note: `p95; median ${figureOf(all).median.toFixed(2)} ms` });
    }
    rows.push({ group, measure: 'filling the log', unit: 'events/s', ours: figureOf([filled]), note: `full text of all of it in ${(indexed.ms / 1_000).toFixed(1)} s` });
    rows.push({ group, measure: 'resident memory', unit: 'MB', ours: figureOf([residentMb()]) });
    return rows;
  } finally {
    await store.close();
  }
}
