/** How long jobs and their steps took, told from the log as it grows: whoever runs them may be another process. */
import { isLogError, labelOf, reconstruct } from '@refold/core';
import type { EventEnvelope, Meter } from '@refold/core';
import { readerOf } from '@refold/operations';
import type { OperationContext } from '@refold/operations';

const ends = ['job.completed', 'job.failed', 'job.cancelled'] as const;
const stepEnds = ['job.step_completed', 'job.step_failed'] as const;

/** So many names of steps get a series of their own. */
const stepsNamedMax = 100;
const isStepName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9 ._-]{0,63}$/.test(name);

/** Ends with the signal, or with a log that cannot be read: figures are never worth a fault. */
export async function followJobDurations({ log }: Pick<OperationContext, 'log'>, meter: Meter, signal: AbortSignal): Promise<void> {
  const steps = new Set<string>();

  function stepTook({ data }: EventEnvelope): void {
    const { step, duration_ms: ms } = data;
    if (typeof ms !== 'number') return;
    const name = typeof step === 'string' ? step : undefined;
    if (name !== undefined && steps.size < stepsNamedMax && isStepName(name)) steps.add(name);
    meter.observe('job_step_duration_ms', { step: labelOf(name, (known) => steps.has(known)) }, ms);
  }

  async function jobTook({ type, streamType, streamId, revision, occurredAt }: EventEnvelope): Promise<void> {
    const { state } = await reconstruct({ reader: readerOf(log, signal), fold: log.fold, hasher: log.ports.hasher, snapshots: log.snapshots }, { streamType, streamId }, { kind: 'revision', revision });
    const { startedAt } = state as { readonly startedAt?: unknown };
    if (typeof startedAt === 'string') meter.observe('job_duration_ms', { status: type.slice('job.'.length) }, Math.max(0, Date.parse(occurredAt) - Date.parse(startedAt)));
  }

  try {
    for await (const { events } of log.follow((await log.head()).position, signal, { items: [{ types: [...ends, ...stepEnds] }] }))
      for (const event of events) {
        if (event.streamType !== 'job') continue;
        if ((stepEnds as readonly string[]).includes(event.type)) stepTook(event);
        else await jobTook(event).catch(ignoreUnfoldable);
      }
  } catch (error) {
    if (!signal.aborted && !isLogError(error)) throw error;
  }
}

function ignoreUnfoldable(error: unknown): void {
  if (!isLogError(error)) throw error;
}
