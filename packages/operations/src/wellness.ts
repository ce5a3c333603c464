/** What keeps the log from being well, judged from facts that cost nothing: for probes, for people, for whoever follows health. */
import { LogError, decodeUtf8 } from '@refold/core';
import type { ErrorCode, Head, Log, Position } from '@refold/core';
import { auditOf } from './audit/audit-trail.ts';
import type { OperationContext } from './define.ts';
import { lastVerification } from './last-verification.ts';

/** One word per cause, constant. `store` and `integrity` are grave: what is read may be missing or wrong. */
export const causesOfIllness = ['store', 'integrity', 'validation', 'appends', 'snapshots', 'lag', 'audit'] as const;
export type CauseOfIllness = (typeof causesOfIllness)[number];

export interface Ping {
  /** null: the log does not answer. */
  readonly head: Head | null;
  /** Why it does not; null when it does. */
  readonly detail: ErrorCode | null;
  /** Events that the slowest consumer has still to pass. */
  readonly lag: number;
}

export async function ping({ log }: Pick<OperationContext, 'log'>): Promise<Ping> {
  try {
    const head = await log.head();
    return { head, detail: null, lag: Math.max(0, ...(await lagOfConsumers(log, head.position)).values()) };
  } catch (error) {
    return { head: null, detail: error instanceof LogError ? error.code : 'INTERNAL', lag: 0 };
  }
}

/** A failure counts so long against health; after that the log has shown that it works again. */
const failureCountsMs = 60_000;
/** Source: alerts.projection_lag of the default configuration. */
const lagEventsMax = 1_000;

export function causesIn(log: Log, { head, lag }: Ping): readonly CauseOfIllness[] {
  const isRecent = (at: string | undefined): boolean => at !== undefined && log.ports.clock.now() - Date.parse(at) < failureCountsMs;
  const stands: { readonly [K in CauseOfIllness]: boolean } = {
    store: head === null,
    integrity: lastVerification(log)?.ok === false,
    validation: log.settings.validation === 'flag',
    appends: isRecent(log.appendReport().lastFailure?.at),
    snapshots: isRecent(log.snapshotReport().lastFailure?.at),
    lag: lag > lagEventsMax,
    audit: log.ports.clock.now() - (auditOf(log)?.lastFailureAtMs() ?? -Infinity) < failureCountsMs,
  };
  return causesOfIllness.filter((cause) => stands[cause]);
}

const consumersMax = 100;

/** How many events each consumer that keeps a cursor in the log has still to pass. */
export async function lagOfConsumers({ driver }: Pick<Log, 'driver'>, head: Position): Promise<ReadonlyMap<string, number>> {
  const lags = new Map<string, number>();
  for (const { key } of await driver.kvList('cursor/', undefined, consumersMax)) {
    const stored = await driver.kvGet(key);
    // Written by `createConsumer` alone.
    if (stored !== null) lags.set(key.slice('cursor/'.length), Math.max(0, head - (JSON.parse(decodeUtf8(stored.value)) as { position: Position }).position));
  }
  return lags;
}
