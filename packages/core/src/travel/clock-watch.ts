/** How far the producers' clocks can be believed: steps back, times ahead of the log's own, times that nobody told. */
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { instantMs } from '../log/instant.ts';
import { producerOf } from './producer-watch.ts';

export interface ClockStep {
  readonly eventId: string;
  readonly revision: Revision;
  readonly at: Instant;
  /** By how much, in milliseconds. */
  readonly ms: number;
}

export interface ClockSteps {
  /** Steps of more than the tolerance. */
  readonly count: number;
  /** Smaller ones. */
  readonly tolerated: number;
  readonly largestMs: number;
  readonly items: readonly ClockStep[];
}

export interface ClockReport {
  /** Happened before the event that the same producer told before it. */
  readonly backwards: ClockSteps;
  /** Happened, it says, after the log took it. */
  readonly ahead: ClockSteps;
  /** The producer told no time; one was inferred from its neighbours. */
  readonly inferred: number;
  /** No time is known at all. */
  readonly unknown: number;
}

export interface ClockWatch {
  step(event: EventEnvelope): void;
  report(): ClockReport;
}

export function createClockWatch({ skewMs, itemsMax }: { readonly skewMs: number; readonly itemsMax: number }): ClockWatch {
  const lastMs = new Map<string, number>();
  const [backwards, ahead] = [createSteps(skewMs, itemsMax), createSteps(skewMs, itemsMax)];
  let [inferred, unknown] = [0, 0];
  return {
    step(event) {
      const { metadata } = event;
      if (metadata['timeUnknown'] === true) unknown++;
      else if (metadata['timeInferred'] !== undefined) inferred++;
      // A time that nobody told says nothing about a clock.
      if (metadata['timeUnknown'] === true || metadata['timeInferred'] !== undefined) return;
      const [at, recordedAt] = [instantMs(event.occurredAt), instantMs(event.recordedAt)];
      if (at === null) return;
      const producer = producerOf(event);
      const before = lastMs.get(producer);
      if (before !== undefined && at < before) backwards.add(event, before - at);
      lastMs.set(producer, at);
      if (recordedAt !== null && at > recordedAt) ahead.add(event, at - recordedAt);
    },
    report: () => ({ backwards: backwards.report(), ahead: ahead.report(), inferred, unknown }),
  };
}

function createSteps(skewMs: number, itemsMax: number): { add(event: EventEnvelope, ms: number): void; report(): ClockSteps } {
  const items: ClockStep[] = [];
  let [count, tolerated, largestMs] = [0, 0, 0];
  return {
    add({ id, revision, occurredAt }, ms) {
      largestMs = Math.max(largestMs, ms);
      if (ms <= skewMs) {
        tolerated++;
        return;
      }
      count++;
      if (items.length < itemsMax) items.push({ eventId: id, revision, at: occurredAt, ms });
    },
    report: () => ({ count, tolerated, largestMs, items }),
  };
}
