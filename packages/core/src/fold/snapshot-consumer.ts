/**
 * Keeps snapshots as the log grows, behind the writers: the append path does no work that can be done later. Killed at any
 * point it goes on from its cursor; a snapshot saved twice is the same snapshot.
 */
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { createConsumer } from '../log/consumer.ts';
import type { Consumer } from '../log/consumer.ts';
import type { LogDriver, Page, Revision } from '../log/driver.ts';
import type { Fold } from './fold.ts';
import { newestState } from './newest-state.ts';
import type { Snapshots } from './snapshot.ts';

export interface SnapshotConsumerParts {
  readonly driver: LogDriver;
  readonly fold: Fold;
  readonly snapshots: Snapshots;
}

/** @returns a consumer named `snapshots`. Cost per due stream: the events since its last snapshot. */
export function createSnapshotConsumer(parts: SnapshotConsumerParts): Consumer {
  return createConsumer(parts.driver, {
    name: 'snapshots',
    handle: async (page) => {
      for (const [stream, revision] of newestRevisions(page)) await snapshotWhenDue(parts, stream, revision);
    },
  });
}

function newestRevisions({ events }: Page): ReadonlyMap<string, Revision> {
  const newest = new Map<string, Revision>();
  for (const { stream, revision } of events) newest.set(stream, revision);
  return newest;
}

async function snapshotWhenDue(parts: SnapshotConsumerParts, stream: string, revision: Revision): Promise<void> {
  const { snapshots } = parts;
  const last = (await snapshots.list(stream)).at(-1)?.revision ?? 0;
  if (!snapshots.isDue(revision, last)) return;
  try {
    if ((await snapshots.save(await newestState(parts, stream, revision))) !== null) await snapshots.collect(stream);
  } catch (error) {
    // A stream that cannot be folded has no snapshot; the others must not wait for it.
    if (!(error instanceof LogError) || !unfoldable.has(error.code)) throw error;
  }
}

const unfoldable: ReadonlySet<ErrorCode> = new Set(['FOLD_FAILED', 'INCOMPLETE_HISTORY']);
