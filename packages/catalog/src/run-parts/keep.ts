/**
 * What a run's state lists: everything that is open and the newest of what is over. A run of a million events may not have a
 * state of a million entries: it is copied, compared, hashed and stored again and again (decisions/0010, 0011).
 *
 * What it keeps true:
 *  - an open entry is never dropped, and the figures in `totals` count what was dropped too;
 *  - the same events give the same state, from the start or from a snapshot: what is dropped follows from the state alone, by
 *    revision and id. The order of keys says nothing (objects put keys like integers first, canonical JSON sorts them all);
 *  - a drop takes a block at once, as large as what is open at least, so a pass over a map costs a few steps per event.
 * An event that speaks of a dropped entry meets none, as if it had never been told.
 */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent } from '@refold/core';
import { partFamilies } from './totals.ts';
import type { FactFamily, FactTotal, PartFamily, PartTotal } from './totals.ts';

/** Entries that are over and still listed, for each map and list of a state. Unit: entries. */
export const keptEntriesMax = 250;

/** How far a list grows past `keptEntriesMax` before it is cut back to it; further where more than that is open. Unit: entries. */
export const dropBlock = 125;

/** What a map lists. */
export interface Kept {
  /** Revision of the newest event that told of it. */
  revision: number;
}

/** What begins and ends. */
export interface Part extends Kept {
  status: string;
}

/** A state that keeps a family: its list, and its figures among the totals. */
type Keeper<Family extends string, List, Total> = { [family in Family]: List } & { totals: { [family in Family]: Total } };

type PartKeeper<Family extends PartFamily, T extends Part> = Keeper<Family, Record<string, T>, PartTotal>;

/** Adds a part that was not listed. */
export function addPart<Family extends PartFamily, T extends Part>(draft: PartKeeper<Family, T>, family: Family, id: string, part: T): T {
  const total: PartTotal = draft.totals[family];
  total.started += 1;
  total[part.status] = (total[part.status] ?? 0) + 1;
  return setOwn<T>(draft[family], id, part);
}

/** Moves a listed part to a status; null leaves it where it is. */
export function movePart<Family extends PartFamily>(draft: PartKeeper<Family, Part>, family: Family, part: Part, status: string | null): void {
  if (status === null || status === part.status) return;
  const total: PartTotal = draft.totals[family];
  total[part.status] = (total[part.status] ?? 0) - 1;
  total[status] = (total[status] ?? 0) + 1;
  part.status = status;
}

/**
 * Drops the oldest parts that are over, when there are a block too many of them.
 *
 * @returns  What was dropped.
 */
export function dropEnded<Family extends PartFamily, T extends Part>(draft: PartKeeper<Family, T>, family: Family): readonly T[] {
  const total: PartTotal = draft.totals[family];
  const open: readonly string[] = partFamilies[family].open;
  let openCount = 0;
  for (const status of open) openCount += total[status] ?? 0;
  const ended = total.started - total.dropped - openCount;
  return ended > keptEntriesMax + Math.max(dropBlock, openCount) ? dropOldest<T>(draft, family, (part) => !open.includes(part.status)) : nothing;
}

/** The fact of an id, made with `create` when it is not listed; the oldest are dropped when there are a block too many. */
export function factOf<Family extends FactFamily, T extends Kept>(draft: Keeper<Family, Record<string, T>, FactTotal>, family: Family, id: string, event: FoldEvent, create: (id: string, event: FoldEvent) => T): T {
  const known = getOwn<T>(draft[family], id);
  if (known !== undefined) {
    known.revision = event.revision;
    return known;
  }
  const total: FactTotal = draft.totals[family];
  total.recorded += 1;
  const added = setOwn<T>(draft[family], id, create(id, event));
  if (total.recorded - total.dropped > keptEntriesMax + dropBlock) dropOldest<T>(draft, family, () => true);
  return added;
}

/** Adds to a list, whose order is its own. */
export function listFact<T>(list: T[], total: FactTotal, fact: T): void {
  total.recorded += 1;
  list.push(fact);
  if (list.length > keptEntriesMax + dropBlock) total.dropped += list.splice(0, list.length - keptEntriesMax).length;
}

const nothing: readonly never[] = [];

/** The map is made anew from what stays, oldest first: deleting hundreds of keys one by one takes longer. */
function dropOldest<T extends Kept>(draft: Keeper<string, Record<string, T>, { dropped: number }>, family: string, isOver: (entry: T) => boolean): readonly T[] {
  const entries = draft[family]!;
  const over: Listed<T>[] = [];
  const kept: Record<string, T> = {};
  for (const key of Object.keys(entries)) {
    const entry = entries[key]!;
    if (isOver(entry)) over.push({ key, entry });
    else kept[key] = entry;
  }
  const excess = over.length - keptEntriesMax;
  if (excess <= 0) return nothing;
  over.sort(byAge);
  for (const { key, entry } of over.slice(excess)) kept[key] = entry;
  draft[family] = kept;
  draft.totals[family]!.dropped += excess;
  return over.slice(0, excess).map(({ entry }) => entry);
}

interface Listed<T extends Kept> {
  readonly key: string;
  readonly entry: T;
}

/** An entry of an imported state may have no revision: it is older than any other. */
const byAge = (a: Listed<Kept>, b: Listed<Kept>): number => (a.entry.revision ?? 0) - (b.entry.revision ?? 0) || (a.key < b.key ? -1 : 1);
