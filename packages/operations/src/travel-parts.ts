/** What time travel works with, from an operation's context: the log as a reader, its snapshots, and what is kept of it between questions. */
import { createColumnIndex, createKeyframeIndex, createTimeIndexes } from '@refold/core';
import type { ColumnIndex, KeyframeIndex, Log, TimeIndexes, TravelParts } from '@refold/core';
import type { OperationContext } from './define.ts';
import { readerOf } from './places.ts';

/** Kept per log: a second question about a long stream reads only the events around its place. */
const keptOf = new WeakMap<Log, { readonly timeIndexes: TimeIndexes; readonly keyframes: KeyframeIndex; readonly columns: ColumnIndex }>();

export function travelParts({ log, signal }: OperationContext): TravelParts {
  let kept = keptOf.get(log);
  if (kept === undefined) keptOf.set(log, (kept = { timeIndexes: createTimeIndexes(readerOf(log)), keyframes: createKeyframeIndex({ packer: log.ports.packer, limits: log.limits, settled: log.fold.settled }), columns: createColumnIndex(log.limits) }));
  return { reader: readerOf(log, signal), fold: log.fold, hasher: log.ports.hasher, snapshots: log.snapshots, ...kept, clock: log.ports.clock, meter: log.ports.meter };
}
