/**
 * Keeps snapshots while a log is open, and counts what went wrong. Whatever happens here, nobody who appends waits for it or
 * hears of it: a snapshot may always be missing. What failed is tried again when the log grows, and is never silent: it is
 * counted, and a stream that cannot be folded is told to whoever keeps a record of it.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Instant, LogDriver, Position, Revision } from '../log/driver.ts';
import { createLease } from '../log/lease.ts';
import { createWatchSignal } from '../log/watch-signal.ts';
import type { Meter } from '../metering.ts';
import type { Clock, IdSource } from '../ports.ts';
import { createSpareTime } from '../spare-time.ts';
import { createSnapshotConsumer } from './snapshot-consumer.ts';
import type { SnapshotConsumerParts, UnfoldableStream } from './snapshot-consumer.ts';

/**
 * When snapshots are made. own: as this process appends; a process that only reads makes none, and none is kept running for
 * it. all: as anybody appends; this looks out for other processes until the log is closed, and of several on many hosts that do, one
 * works at a time. off: when somebody asks.
 */
export type SnapshotKeeping = 'off' | 'own' | 'all';

export interface SnapshotFailure {
  /** null: not about one stream; the storage failed, or the cursor stands beyond the log. */
  readonly stream: string | null;
  readonly revision: Revision | null;
  readonly code: ErrorCode;
  readonly message: string;
  readonly at: Instant;
}

export interface SnapshotReport {
  readonly keeping: SnapshotKeeping;
  /** Since this process opened the log. */
  readonly failures: number;
  readonly lastFailure: SnapshotFailure | null;
}

export interface SnapshotKeeper {
  report(): SnapshotReport;
  /** Somebody asks or appends: whatever is to be done has time until nobody does. */
  stepBack(): void;
  /** This process has committed up to `position`. */
  committed(position: Position): void;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

export interface SnapshotKeeperParts extends SnapshotConsumerParts {
  readonly driver: LogDriver;
  readonly limits: SnapshotConsumerParts['limits'] & Pick<Limits, 'snapshotPauseMs' | 'snapshotQuietMs' | 'leaseMs'>;
  readonly ports: { readonly clock: Pick<Clock, 'turn' | 'now' | 'sleep'>; readonly ids: IdSource; readonly meter?: Meter };
}

export function createSnapshotKeeper(parts: SnapshotKeeperParts, keeping: SnapshotKeeping, onUnfoldable: (unfoldable: UnfoldableStream) => void = () => {}): SnapshotKeeper {
  const { driver, ports } = parts;
  const own = createWatchSignal();
  const stopped = new AbortController();
  const spare = createSpareTime(ports.clock, parts.limits.snapshotQuietMs);
  let [failures, lastFailure]: [number, SnapshotFailure | null] = [0, null];

  function failed(stream: string | null, revision: Revision | null, error: unknown): void {
    failures += 1;
    ports.meter?.add('snapshots_failed_total', {});
    const { code, message }: { readonly code: ErrorCode; readonly message: string } = error instanceof LogError ? error : { code: 'INTERNAL', message: String(error) };
    lastFailure = { stream, revision, code, message, at: new Date(ports.clock.now()).toISOString() };
  }

  const consumer = createSnapshotConsumer(parts, {
    signal: stopped.signal,
    rest: (signal) => spare.rest(signal),
    onUnfoldable(unfoldable) {
      failed(unfoldable.stream, unfoldable.revision, unfoldable.error);
      onUnfoldable(unfoldable);
    },
  });

  async function work(signal: AbortSignal): Promise<void> {
    try {
      for await (const _head of keeping === 'all' ? driver.watch(0, signal) : own.watch(0, signal)) {
        // A round reads what came since the last one and may write; the commits of a while share it, so that writers do not feel it.
        await ports.clock.sleep(parts.limits.snapshotPauseMs, signal);
        spare.begin();
        await consumer.catchUp(signal).catch((error: unknown) => {
          if (!signal.aborted) failed(null, null, error);
        });
      }
    } catch (error) {
      if (!signal.aborted) failed(null, null, error);
    }
  }

  /** Each process sees to what it appended itself; what all would do alike is done by one of them. */
  function begin(): Promise<void> {
    if (keeping === 'off') return Promise.resolve();
    if (keeping === 'own' || driver.capabilities.writers !== 'many-hosts') return work(stopped.signal);
    const lease = createLease(driver, { name: 'snapshots', holder: ports.ids.uuid(), leaseMs: parts.limits.leaseMs, clock: ports.clock });
    return lease.hold(work, stopped.signal).catch((error: unknown) => failed(null, null, error));
  }

  const working = begin();
  return {
    report: () => ({ keeping, failures, lastFailure }),
    stepBack: () => spare.taken(),
    committed: (position) => own.raise(position),
    async stop() {
      stopped.abort();
      await working;
    },
  };
}
