/** The log lines of a job as they come: document 004's `jobLogsStream`, as a hook. */
import { useMemo } from 'react';
import type { Source } from './feeds.ts';
import { keep, notYet, watchOf } from './live.ts';
import type { Live } from './live.ts';
import { useSource } from './refold-provider.ts';
import type { JobLogEntry } from './transport.ts';

export interface JobLogs extends Live {
  /** In order, the newest 500. */
  readonly lines: readonly JobLogEntry[];
  /** How many went before them. */
  readonly dropped: number;
}

export const useJobLogs = (jobId: string): JobLogs => useSource(useMemo(() => logSource(jobId), [jobId]));

const logSource = (jobId: string): Source<JobLogs> => ({
  key: `job logs ${jobId}`,
  initial: { ...notYet, lines: [], dropped: 0 },
  async run(transport, feed) {
    for await (const line of transport.jobLogsStream(jobId, watchOf(feed)))
      feed.change((before) => {
        const kept = keep({ items: before.lines, dropped: before.dropped }, [line]);
        return { ...before, lines: kept.items, dropped: kept.dropped };
      });
  },
});
