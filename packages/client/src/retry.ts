/**
 * When the same request is sent again, and after how long. Sent again is what has no further effect (a question; a commit, because
 * its id stays the same), and what was refused at the door, before anything was done.
 *
 * A conflict is not repeated: the answer is for the caller, who decides again on the newest revision. Nor is a question that took
 * too long, because it takes as long again.
 */
import { LogError } from '@refold/core';
import type { Route } from './contract/routes.ts';
import type { ClientLimits } from './limits.ts';

export type RetryLimits = Pick<ClientLimits, 'retriesMax' | 'backoffMs' | 'backoffMsMax' | 'retryAfterMsMax'>;

export async function withRetries<T>(attempt: () => Promise<T>, { repeats }: Pick<Route, 'repeats'>, limits: RetryLimits, signal: AbortSignal | undefined): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      const waitMs = retries < limits.retriesMax && mayRepeat(error, repeats) ? waitBefore(error as LogError, retries, limits) : null;
      if (waitMs === null) throw error;
      await pause(waitMs, signal);
    }
  }
}

function mayRepeat(error: unknown, repeats: Route['repeats']): boolean {
  if (!isPassing(error) || error.code === 'REVISION_CONFLICT') return false;
  if (error.code === 'QUERY_TIMEOUT') return repeats === 'by commit id';
  return repeats !== undefined || isRefusedAtTheDoor(error);
}

/** It may be over in a while. What stands in front of a server (a proxy) says so by a 5xx; anything else there is a wrong address. */
export const isPassing = (error: unknown): error is LogError => error instanceof LogError && error.retryable && !(error.details.reason === 'not_refold' && !(Number(error.details['status']) >= 500));

const isRefusedAtTheDoor = ({ code, details: { reason } }: LogError): boolean => code === 'RATE_LIMITED' || (code === 'LOG_UNAVAILABLE' && (reason === 'closing' || reason === 'sockets'));

/** Exponential with full jitter in its upper half; what the server asks for stands above it. null: it asks for too much. */
export function waitBefore({ details }: LogError, failures: number, { backoffMs, backoffMsMax, retryAfterMsMax }: Omit<RetryLimits, 'retriesMax'>): number | null {
  const askedMs = Number(details['retryAfterSeconds'] ?? 0) * 1_000;
  if (askedMs > retryAfterMsMax) return null;
  const ceiling = Math.min(backoffMsMax, backoffMs * 2 ** Math.min(failures, 30));
  return Math.max(askedMs, ceiling * (0.5 + Math.random() / 2));
}

/** @throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal!.reason as Error);
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', stop, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  });
}
