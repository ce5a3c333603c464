/**
 * Makes snapshots as the log grows, behind the writers: the append path does no work that can be done later. A stream gets
 * one at every multiple of `limits.snapshotEveryEvents`; of a stretch that holds many, those that would stay. Killed at any
 * point it goes on from its cursor; a snapshot saved twice is the same snapshot, so two processes may do the same work.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { createConsumer } from '../log/consumer.ts';
import type { Consumer } from '../log/consumer.ts';
import type { LogDriver, Page, Revision } from '../log/driver.ts';
import type { Clock } from '../ports.ts';
import type { Fold } from './fold.ts';
import { newestState } from './newest-state.ts';
import type { Snapshots } from './snapshot.ts';

export interface SnapshotConsumerParts {
  readonly driver: LogDriver;
  readonly fold: Fold;
  readonly snapshots: Snapshots;
  readonly limits: Pick<Limits, 'snapshotEveryEvents' | 'snapshotsKeptPerStream'>;
  readonly ports: { readonly clock: Pick<Clock, 'turn'> };
}

/** A stream that stays without its snapshot. */
export interface UnfoldableStream {
  readonly stream: string;
  readonly revision: Revision;
  readonly error: LogError;
}

export interface SnapshotConsumerOptions {
  /** Told of every stream that cannot be folded; the others do not wait for it. */
  readonly onUnfoldable?: (unfoldable: UnfoldableStream) => void;
  /** Looked at between two streams. */
  readonly signal?: AbortSignal;
  /** Called after every stream that got snapshots and every page: the place to let others have the thread. */
  readonly rest?: (signal?: AbortSignal) => Promise<void>;
}

/** @returns a consumer named `snapshots`. Cost per snapshot: the events since the one before it, and one write. */
export function createSnapshotConsumer(parts: SnapshotConsumerParts, options: SnapshotConsumerOptions = {}): Consumer {
  const { limits } = parts;
  const pause = async (): Promise<void> => {
    await options.rest?.(options.signal);
    options.signal?.throwIfAborted();
  };
  return createConsumer(parts.driver, {
    name: 'snapshots',
    bodies: false,
    // Most commits make nothing due; saving the cursor for each would be a write per write.
    rereadEventsMax: limits.snapshotEveryEvents,
    handle: async (page) => {
      let isIdle = true;
      for (const [stream, stretch] of stretchesOf(page)) {
        const due = dueRevisions(stretch, limits);
        if (due.length === 0) continue;
        isIdle = false;
        await snapshotAt(parts, stream, due, options);
        await pause();
      }
      await pause();
      return !isIdle;
    },
  });
}

interface Stretch {
  readonly first: Revision;
  readonly newest: Revision;
}

function stretchesOf({ events }: Page): ReadonlyMap<string, Stretch> {
  const stretches = new Map<string, Stretch>();
  for (const { stream, revision } of events) stretches.set(stream, { first: stretches.get(stream)?.first ?? revision, newest: revision });
  return stretches;
}

function dueRevisions({ first, newest }: Stretch, { snapshotEveryEvents: every, snapshotsKeptPerStream: kept }: SnapshotConsumerParts['limits']): readonly Revision[] {
  const due: Revision[] = [];
  for (let revision = newest - (newest % every); revision >= Math.max(first, 1) && due.length < kept; revision -= every) due.unshift(revision);
  return due;
}

async function snapshotAt(parts: SnapshotConsumerParts, stream: string, due: readonly Revision[], { onUnfoldable }: SnapshotConsumerOptions): Promise<void> {
  const { snapshots, ports } = parts;
  for (const revision of due) {
    try {
      await snapshots.save(await newestState({ ...parts, turn: () => ports.clock.turn() }, stream, revision));
    } catch (error) {
      if (!(error instanceof LogError) || !unfoldable.has(error.code)) throw error;
      return onUnfoldable?.({ stream, revision, error });
    }
  }
  await snapshots.collect(stream);
}

const unfoldable: ReadonlySet<ErrorCode> = new Set(['FOLD_FAILED', 'INCOMPLETE_HISTORY']);
