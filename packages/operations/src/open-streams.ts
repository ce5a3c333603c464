/** Streams of answers that are open over a log in this process, through whichever door: how many, and how late what they give. */
import { traced } from '@refold/core';
import type { Log, TraceContext } from '@refold/core';
import type { OperationContext } from './define.ts';

const openOf = new WeakMap<Log, number>();

export const openStreams = (log: Log): number => openOf.get(log) ?? 0;

/** The same batches; it counts as open from the first that is asked for until the last one, or until nobody asks any more. */
export async function* followed<T>({ log }: OperationContext, batches: AsyncIterable<readonly T[]>): AsyncGenerator<readonly T[]> {
  const beganMs = log.ports.clock.now();
  openOf.set(log, openStreams(log) + 1);
  try {
    for await (const batch of batches) {
      for (const item of batch) await tellDelivery(log, item, beganMs);
      yield batch;
    }
  } finally {
    openOf.set(log, openStreams(log) - 1);
  }
}

/** Only what was recorded while somebody waited for it has a latency; what he catches up with is as old as it is. */
async function tellDelivery({ ports: { meter, tracer, clock } }: Log, item: unknown, beganMs: number): Promise<void> {
  if (meter === undefined && tracer === undefined) return;
  const { recordedAt, position, trace } = item as { readonly recordedAt?: unknown; readonly position?: unknown; readonly trace?: TraceContext };
  if (typeof recordedAt !== 'string' || typeof position !== 'number' || Date.parse(recordedAt) < beganMs) return;
  meter?.observe('subscription_latency_ms', {}, Math.max(0, clock.now() - Date.parse(recordedAt)));
  if (tracer !== undefined) await traced(tracer, 'refold.subscription.deliver', { attributes: { 'refold.position': position }, ...(trace === undefined ? {} : { links: [trace] }) }, async () => undefined);
}
