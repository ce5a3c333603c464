/** What may have been written when no answer came. */
import { LogError } from '@refold/core';
import { isLost } from './engine-error.ts';

/**
 * Runs what commits. When the connection breaks before the answer, nobody knows whether it did, and that is said.
 *
 * @throws LogError OUTCOME_UNKNOWN, or what the database answered: then nothing was written.
 */
export async function outcomeKnown<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isLost(error)) throw error;
    throw new LogError('OUTCOME_UNKNOWN', 'the connection was lost before the database answered', {
      details: { reason: 'connection' },
      hint: 'Send the same commit again: it is stored once however often it is sent.',
      cause: error instanceof LogError ? error.cause : error,
    });
  }
}
