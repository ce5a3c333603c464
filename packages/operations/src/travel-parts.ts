/** What time travel works with, from an operation's context: the log as a reader, its snapshots, its time indexes. */
import { createTimeIndexes } from '@refold/core';
import type { Log, TimeIndexes, TravelParts } from '@refold/core';
import type { OperationContext } from './define.ts';
import { readerOf } from './places.ts';

/** Kept per log, so that a second question by time reads only the events around the instant. */
const timeIndexesOf = new WeakMap<Log, TimeIndexes>();

export function travelParts({ log, signal }: OperationContext): TravelParts {
  let timeIndexes = timeIndexesOf.get(log);
  if (timeIndexes === undefined) timeIndexesOf.set(log, (timeIndexes = createTimeIndexes(readerOf(log))));
  return { reader: readerOf(log, signal), fold: log.fold, hasher: log.ports.hasher, snapshots: log.snapshots, timeIndexes, clock: log.ports.clock };
}
