/**
 * Which events a session visited, in order. A visit notes no values: watches and changes are functions of the place, so they
 * are worked out when somebody looks, with the watches that were set at the time. That keeps a run over a million events
 * free of a million evaluations, and the list bounded.
 */
import { diff } from '../fold/diff.ts';
import type { Patch } from '../fold/diff.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import { createPace } from '../pace.ts';
import type { Pace } from '../pace.ts';
import type { Clock } from '../ports.ts';
import { factsOf } from '../travel/facts.ts';
import type { Standing, Walk } from './walk.ts';
import { watchValues } from './watch.ts';
import type { Watch } from './watch.ts';

/** One line of the execution timeline (the wire's DebugTimelineEntry). */
export interface DebugTimelineEntry {
  /** 0-based; counts every visit of the session, also those that are no longer kept. */
  readonly index: number;
  readonly eventId: string;
  readonly eventType: string;
  readonly revision: Revision;
  /** By the clock of whoever debugs. */
  readonly visitedAt: Instant;
  /** Breakpoints and logpoints that held there. */
  readonly breakpointIds: readonly string[];
  /** Expression -> value; null where it could not be evaluated. */
  readonly watches: { readonly [expression: string]: Json | null };
  /** What the event changed in the state, without the bookkeeping that every event changes. */
  readonly changes: readonly Patch[];
}

export interface TimelinePage {
  readonly entries: readonly DebugTimelineEntry[];
  /** Visits in all. */
  readonly total: number;
  /** Oldest visits that are no longer kept. */
  readonly dropped: number;
}

export interface Visits {
  readonly total: number;
  /** Revisions of the kept visits, lowest and highest; null when there are none. */
  readonly span: { readonly from: Revision; readonly to: Revision } | null;
  add(event: EventEnvelope, breakpointIds: readonly string[], watches: readonly Watch[]): void;
  /** Entries from an index on. Cost: a fold from the nearest frame per stretch of neighbouring visits. */
  page(walk: Walk, from: number, limit: number): Promise<TimelinePage>;
  /** Puts visits of an imported session before the own ones. */
  restore(entries: readonly DebugTimelineEntry[]): void;
}

interface Visit {
  readonly index: number;
  readonly revision: Revision;
  readonly eventId: string;
  readonly eventType: string;
  readonly visitedAtMs: number;
  readonly breakpointIds: readonly string[];
  readonly watches: readonly Watch[];
  /** What another session worked out. */
  readonly known?: DebugTimelineEntry;
}

/** @param countMax  Visits kept; the oldest go first. */
export function createVisits(clock: Pick<Clock, 'now' | 'turn'>, countMax: number): Visits {
  let visits: Visit[] = [];
  let total = 0;

  function keep(visit: Visit): void {
    visits.push(visit);
    // Cut in halves, so that dropping costs nothing per visit.
    if (visits.length >= 2 * countMax) visits = visits.slice(-countMax);
  }

  const kept = (): readonly Visit[] => visits.slice(-countMax);

  return {
    get total() {
      return total;
    },
    get span() {
      const revisions = kept().map(({ revision }) => revision);
      return revisions.length === 0 ? null : { from: revisions.reduce((a, b) => Math.min(a, b)), to: revisions.reduce((a, b) => Math.max(a, b)) };
    },
    add: (event, breakpointIds, watches) => keep({ index: total++, revision: event.revision, eventId: event.id, eventType: event.type, visitedAtMs: clock.now(), breakpointIds, watches }),
    async page(walk, from, limit) {
      const all = kept();
      const wanted = all.filter(({ index }) => index >= from).slice(0, limit);
      return { entries: await entriesOf(walk, wanted, createPace(clock)), total, dropped: total - all.length };
    },
    restore(entries) {
      for (const entry of entries) keep({ index: total++, revision: entry.revision, eventId: entry.eventId, eventType: entry.eventType, visitedAtMs: Date.parse(entry.visitedAt), breakpointIds: entry.breakpointIds, watches: [], known: entry });
    },
  };
}

async function entriesOf(walk: Walk, visits: readonly Visit[], pace: Pace): Promise<readonly DebugTimelineEntry[]> {
  const entries: DebugTimelineEntry[] = [];
  const first = visits.find(({ known }) => known === undefined);
  const cursor = first === undefined ? null : await walk.cursor(first.revision);
  for (const visit of visits) {
    entries.push(visit.known === undefined ? entryOf(visit, await cursor!.moveTo(visit.revision)) : { ...visit.known, index: visit.index });
    if (pace.isDue()) await pace.turn();
  }
  return entries;
}

function entryOf({ index, eventId, eventType, revision, visitedAtMs, breakpointIds, watches }: Visit, place: Standing): DebugTimelineEntry {
  return {
    index,
    eventId,
    eventType,
    revision,
    visitedAt: new Date(visitedAtMs).toISOString(),
    breakpointIds,
    watches: Object.fromEntries(watchValues(watches, place).map(({ expression, value }) => [expression, value])),
    changes: changesAt(place),
  };
}

/** Copies: the states live on. */
export const changesAt = ({ state, previous }: Standing): readonly Patch[] => (previous === null ? [] : structuredClone(diff(factsOf(previous), factsOf(state))));
