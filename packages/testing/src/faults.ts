/**
 * Weather between a caller and a log: requests and replies that get lost, and delays. A lost reply is the case that matters:
 * the commit is in the log and the caller does not know. The one right answer is to send the same commit again (S12).
 */
import { LogError, isLogError } from '@refold/core';
import type { AppendResult, Commit, LogDriver } from '@refold/core';
import { wrapLog } from './wrap-log.ts';

export type Loss = 'none' | 'request' | 'reply';

export interface FaultPlan {
  /** Asked once per append call. */
  loss?(): Loss;
  /** Awaited before each append reaches the log. */
  delay?(): Promise<void>;
}

/** The same log behind a bad line. A lost request or reply surfaces as OUTCOME_UNKNOWN, like a connection that dropped. */
export function withFaults(driver: LogDriver, plan: FaultPlan): LogDriver {
  return wrapLog(driver, {
    async append(commits) {
      await plan.delay?.();
      const loss = plan.loss?.() ?? 'none';
      if (loss === 'request') throw outcomeUnknown();
      const results = await driver.append(commits);
      if (loss === 'reply') throw outcomeUnknown();
      return results;
    },
  });
}

/** Sends one commit until there is an answer; anything but an unknown outcome is thrown on. */
export async function appendUntilKnown(driver: Pick<LogDriver, 'append'>, commit: Commit, attemptsMax = 100): Promise<AppendResult> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    try {
      const [result] = await driver.append([commit]);
      if (result === undefined) throw new Error('the log gave no result for a commit');
      return result;
    } catch (error) {
      if (!isLogError(error, 'OUTCOME_UNKNOWN')) throw error;
    }
  }
  throw new Error(`no answer after ${attemptsMax} attempts`);
}

function outcomeUnknown(): LogError {
  return new LogError('OUTCOME_UNKNOWN', 'the connection dropped before the reply', { hint: 'Send the same commit again.' });
}
