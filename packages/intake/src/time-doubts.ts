/**
 * What makes a time doubtful: a clock that was never set or runs ahead, a record that arrives after later ones of its stream.
 * Doubtful times are kept, flagged and counted; they never change an order. Source: INTAKE.md, section 1; bad-input K8.
 */
import type { IntakeReport } from './report.ts';

const [oldestPlausibleMs, aheadMsMax, lateMs] = [Date.UTC(1990, 0, 1), 300_000, 1_000];

export function isOddClock(ms: number, nowMs: number, report: IntakeReport): boolean {
  const isOdd = ms < oldestPlausibleMs || ms > nowMs + aheadMsMax;
  if (isOdd) report.oddClocks++;
  return isOdd;
}

export interface Lateness {
  /** True when the stream has shown a time more than a second later. */
  isLate(stream: string, ms: number, report: IntakeReport): boolean;
}

export function createLateness(): Lateness {
  const latest = new Map<string, number>();
  return {
    isLate(stream, ms, report) {
      const before = latest.get(stream) ?? Number.NEGATIVE_INFINITY;
      latest.set(stream, Math.max(before, ms));
      const isLate = ms < before - lateMs;
      if (isLate) report.lateRecords++;
      return isLate;
    },
  };
}
