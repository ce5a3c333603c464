/** A job as it goes: document 004's `jobStatusUpdated`, as a hook. */
import { useMemo } from 'react';
import type { Source } from './feeds.ts';
import { keep, notYet, watchOf } from './live.ts';
import type { Live } from './live.ts';
import { useSource } from './refold-provider.ts';
import type { JobEvent, JobStatus } from './transport.ts';

export interface JobSubscription extends Live {
  readonly jobId: string;
  /** null before the first update. */
  readonly status: JobStatus | null;
  readonly currentStep: string | null;
  /** 0 to 1. */
  readonly progress: number | null;
  readonly timestamp: string | null;
  /** What made the updates, oldest first, the newest 500. */
  readonly events: readonly JobEvent[];
  /** How many went before them. */
  readonly dropped: number;
}

export const useJobSubscription = (jobId: string): JobSubscription => useSource(useMemo(() => jobSource(jobId), [jobId]));

const jobSource = (jobId: string): Source<JobSubscription> => ({
  key: `job ${jobId}`,
  initial: { ...notYet, jobId, status: null, currentStep: null, progress: null, timestamp: null, events: [], dropped: 0 },
  async run(transport, feed) {
    for await (const { status, currentStep, progress, timestamp, events } of transport.jobStatusUpdated(jobId, watchOf(feed)))
      feed.change((before) => {
        const kept = keep({ items: before.events, dropped: before.dropped }, events);
        return { ...before, status: status.toLowerCase() as JobStatus, currentStep, progress, timestamp, events: kept.items, dropped: kept.dropped };
      });
  },
});
