/**
 * Micro-batching in front of the port, the same for every engine: when idle, flush after one turn of the event loop, so that
 * writers who became ready together travel together; while a flush is in flight, queue; then send everything that queued,
 * within bounds. One durable write serves many writers (6 to 14 times under concurrency); a lone writer waits microseconds.
 *
 * Weather is met by sending the same commits again: a commit is stored once however often it is sent (S11, S12), so an
 * unknown outcome becomes a known one. What is still unknown after the retries is said so, with the commit id.
 */
import { LogError, isLogError } from '../errors.ts';
import type { AppendResult, Commit, LogDriver } from './driver.ts';
import type { Limits } from '../limits.ts';
import type { Ports, Randomness } from '../ports.ts';

export interface Batcher {
  /**
   * Resolves with the driver's answer for this commit; rejects with weather.
   *
   * @param options.isUrgent  It waits for no others that may become ready, only for a write that is in flight.
   */
  submit(commit: Commit, options?: { readonly isUrgent: boolean }): Promise<AppendResult>;
}

interface Waiting {
  readonly commit: Commit;
  readonly bytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher(driver: Pick<LogDriver, 'append'>, { clock, randomness, meter }: Pick<Ports, 'clock' | 'randomness' | 'meter'>, limits: Limits): Batcher {
  let queue: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let hurry: () => void = () => {};

  async function flushAll(): Promise<void> {
    for (await turnOrHurry(); queue.length > 0; await turnOrHurry()) {
      const batch = takeBatch();
      try {
        const results = await sendUntilKnown(batch.map((waiting) => waiting.commit));
        batch.forEach((waiting, index) => waiting.resolve(results[index]!));
      } catch (error) {
        for (const waiting of batch) waiting.reject(named(error, waiting.commit.id));
      }
    }
    flushing = null;
  }

  const turnOrHurry = (): Promise<void> => Promise.race([clock.turn(), new Promise<void>((resolve) => (hurry = resolve))]);

  function takeBatch(): Waiting[] {
    let count = 0;
    let bytes = 0;
    while (count < queue.length && count < limits.batchCommitsMax && (count === 0 || bytes + queue[count]!.bytes <= limits.batchBytesMax)) bytes += queue[count++]!.bytes;
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    return batch;
  }

  /** Once an answer got lost the outcome is unknown until there is one, whatever else goes wrong meanwhile. */
  async function sendUntilKnown(commits: readonly Commit[]): Promise<readonly AppendResult[]> {
    let unknown: LogError | null = null;
    for (let attempt = 0; ; attempt++) {
      try {
        return await driver.append(commits);
      } catch (error) {
        if (isLogError(error, 'OUTCOME_UNKNOWN')) unknown = error;
        const mayHelp = isLogError(error) && error.retryable && attempt < limits.appendRetriesMax;
        if (!mayHelp) throw unknown ?? error;
        meter?.add('publish_retries_total', {});
        await clock.sleep(backoffMs(attempt, randomness));
      }
    }
  }

  return {
    submit: (commit, { isUrgent } = { isUrgent: false }) =>
      new Promise((resolve, reject) => {
        queue.push({ commit, bytes: commit.events.reduce((sum, event) => sum + event.body.length, 0), resolve, reject });
        flushing ??= flushAll();
        if (isUrgent) hurry();
      }),
  };
}

/** 5, 10, 20, 40, 80 ms, each between half and all of it, so that writers that failed together do not return together. */
function backoffMs(attempt: number, randomness: Randomness): number {
  const full = 5 * 2 ** attempt;
  return full / 2 + (full / 2) * (randomness.bytes(1)[0]! / 255);
}

/** Says which commit nobody knows about, so that its writer can ask for it later. */
function named(error: unknown, commitId: string): unknown {
  if (!isLogError(error, 'OUTCOME_UNKNOWN')) return error;
  return new LogError('OUTCOME_UNKNOWN', `The log did not say whether commit ${commitId} was written.`, {
    details: { ...error.details, commitId },
    hint: 'Send the same commit again, or ask for it by its id: it is stored once however often it is sent.',
    cause: error,
  });
}
