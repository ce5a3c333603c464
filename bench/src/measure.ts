/** How things are timed here: rounds interleaved by the caller, medians with minimum and maximum, results consumed. */

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export const nowMs = (): number => performance.now();

/** `cpuMs` is what the thread worked: on a machine that others use, the rest of `ms` is theirs. It is told in steps of some milliseconds. */
export async function timed<T>(work: () => Promise<T> | T): Promise<{ readonly ms: number; readonly cpuMs: number; readonly value: T }> {
  const [start, used] = [nowMs(), process.threadCpuUsage()];
  const value = await work();
  const { user, system } = process.threadCpuUsage(used);
  return { ms: nowMs() - start, cpuMs: (user + system) / 1_000, value };
}

/** What `work` is worth per second: `amount` things in the time it took. */
export async function rate(amount: number, work: () => unknown): Promise<number> {
  const { ms } = await timed(work);
  return (amount / ms) * 1_000;
}

/** Resident memory in MB, after a collection where the process allows one. */
export function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1_048_576;
}
