/** What this process knows about its own appends since it opened the log: for who asks whether writing goes well. */
import type { ErrorCode } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { codeOf } from '../tracing.ts';
import type { Instant } from './driver.ts';

export interface AppendReport {
  /** Events written, those of commits that were sent again not counted twice. */
  readonly events: number;
  /** Appends that the log could not take. One that it refused is an answer, not a failure. */
  readonly failures: number;
  readonly lastFailure: { readonly code: ErrorCode; readonly at: Instant } | null;
  /** Of the newest `appendsTimed`, how long 95 in 100 took at most; null before the first. */
  readonly p95Ms: number | null;
}

export interface AppendTimes {
  report(): AppendReport;
  written(events: number, beganMs: number): void;
  failed(error: unknown): void;
}

const appendsTimed = 1_000;

export function createAppendTimes(clock: Pick<Clock, 'now'>): AppendTimes {
  const durations: number[] = [];
  let [appends, events, failures, lastFailure]: [number, number, number, AppendReport['lastFailure']] = [0, 0, 0, null];
  return {
    report: () => ({ events, failures, lastFailure, p95Ms: p95Of(durations) }),
    written(count, beganMs) {
      events += count;
      durations[appends++ % appendsTimed] = Math.max(0, clock.now() - beganMs);
    },
    failed(error) {
      const { code, isFailure } = codeOf(error);
      if (!isFailure) return;
      failures += 1;
      lastFailure = { code, at: new Date(clock.now()).toISOString() };
    },
  };
}

const p95Of = (durations: readonly number[]): number | null => durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * 0.95) - 1] ?? null;
