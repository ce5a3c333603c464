/**
 * Is a correlation chain whole? Judges all events of one flow, and the stretches of the streams they lie in. Everything found
 * is reported; the chain is ok when nothing of it is an error. Source: the unified model, 3.4.11 "Chain validation" (a) to (e).
 */
import type { Anomaly } from '../fold/aggregate.ts';
import type { Position, Revision } from '../log/driver.ts';
import { zeroHash, type EventEnvelope } from '../log/event.ts';
import { pair } from '../log/tags.ts';
import type { EventPages } from './page.ts';

export type ChainViolationCode =
  | 'REVISION_MISSING' | 'REVISION_DUPLICATE' | 'ORDER' | 'CHAIN' | 'PAYLOAD' | 'MISSING_CAUSE' | 'CAUSE_AFTER_EFFECT' | 'CAUSE_CYCLE'
  | 'CHAIN_NOT_NESTED' | 'ILLEGAL_TRANSITION' | 'DELETED_RANGE';

export interface Violation {
  readonly code: ChainViolationCode;
  readonly severity: 'error' | 'info';
  readonly eventId: string | null;
  readonly streamType: string | null;
  readonly streamId: string | null;
  readonly revision: Revision | null;
  readonly position: Position | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly detail: string;
}

export interface ChainReport {
  readonly ok: boolean;
  readonly correlationId: string;
  readonly checked: number;
  readonly streams: readonly { readonly type: string; readonly id: string; readonly fromRevision: Revision; readonly toRevision: Revision }[];
  readonly violations: readonly Violation[];
}

/** What the judge may look up. The last three make it stricter where the caller has the means. */
export interface ChainSource {
  /** Every event with the id in its correlation chain, in position order. */
  readonly events: EventPages;
  /** All events of a stream from one revision to another, in revision order. */
  stream(streamType: string, streamId: string, fromRevision: Revision, toRevision: Revision): EventPages;
  byIds(ids: readonly string[]): Promise<readonly EventEnvelope[]>;
  /** The leaf hash that the event's stored bytes give, in hex; null when the event was erased beyond that. */
  leafHash?(event: EventEnvelope): string | null;
  /** Ranges that a retention policy deleted. */
  deleted?(streamType: string, streamId: string): readonly { readonly fromRevision: Revision; readonly toRevision: Revision; readonly policy: string }[];
  /** What folding the stream up to a revision found odd. */
  anomalies?(streamType: string, streamId: string, toRevision: Revision): Promise<readonly Anomaly[]>;
}

export async function validateChain(correlationId: string, source: ChainSource): Promise<ChainReport> {
  const events: EventEnvelope[] = [];
  for await (const batch of source.events) events.push(...batch);
  const violations: Violation[] = [...(await causeViolations(events, source)), ...(await nestingViolations(events, source))];
  const streams = stretchesOf(events);
  for (const stretch of streams) violations.push(...(await streamViolations(stretch, source)));
  return {
    ok: violations.every(({ severity }) => severity !== 'error'),
    correlationId,
    checked: events.length,
    streams: streams.map(({ type, id, fromRevision, toRevision }) => ({ type, id, fromRevision, toRevision })),
    violations,
  };
}

/* ---- (a) causes exist, come first, and form no cycle ---- */

async function causeViolations(events: readonly EventEnvelope[], source: ChainSource): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const known = await withCauses(events, source);
  for (const event of events) {
    if (event.causationId === undefined) continue;
    const cause = known.get(event.causationId);
    if (cause === undefined) violations.push(about(event, 'MISSING_CAUSE', `Its cause ${event.causationId} is not in the log.`));
    else if (cause.position >= event.position) violations.push(about(event, 'CAUSE_AFTER_EFFECT', `Its cause ${cause.id} stands at position ${cause.position}.`));
  }
  for (const cycle of cyclesOf(events, known)) violations.push(about(cycle[0]!, 'CAUSE_CYCLE', `Events that cause each other: ${cycle.map(({ id }) => id).join(', ')}.`));
  return violations;
}

const lookUpAtOnce = 500;

async function withCauses(events: readonly EventEnvelope[], source: ChainSource): Promise<ReadonlyMap<string, EventEnvelope>> {
  const known = new Map(events.map((event) => [event.id, event]));
  const missing = [...new Set(events.flatMap(({ causationId }) => (causationId === undefined || known.has(causationId) ? [] : [causationId])))];
  for (let at = 0; at < missing.length; at += lookUpAtOnce) for (const cause of await source.byIds(missing.slice(at, at + lookUpAtOnce))) known.set(cause.id, cause);
  return known;
}

/** Every cycle once. Each event has one cause at most, so a walk that meets its own steps has found one. */
function cyclesOf(events: readonly EventEnvelope[], known: ReadonlyMap<string, EventEnvelope>): readonly (readonly EventEnvelope[])[] {
  const cycles: EventEnvelope[][] = [];
  const done = new Set<string>();
  for (const start of events) {
    const path = new Map<string, EventEnvelope>();
    let current: EventEnvelope | undefined = start;
    while (current !== undefined && !done.has(current.id) && !path.has(current.id)) {
      path.set(current.id, current);
      current = current.causationId === undefined ? undefined : known.get(current.causationId);
    }
    if (current !== undefined && path.has(current.id)) {
      const steps = [...path.values()];
      cycles.push(steps.slice(steps.indexOf(current)));
    }
    for (const id of path.keys()) done.add(id);
  }
  return cycles;
}

/* ---- (b) chains end in their own id and continue their creator's ---- */

async function nestingViolations(events: readonly EventEnvelope[], source: ChainSource): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const known = await withCauses(events, source);
  const first = new Map<string, EventEnvelope>();
  for (const event of events) {
    const chain = event.correlationChain;
    if (chain.at(-1) !== event.correlationId) {
      violations.push(about(event, 'CHAIN_NOT_NESTED', `Its chain ends in ${chain.at(-1) ?? 'nothing'} and not in its correlation id ${event.correlationId}.`));
      continue;
    }
    const creator = first.get(event.correlationId);
    if (creator === undefined) {
      first.set(event.correlationId, event);
      const cause = event.causationId === undefined ? undefined : known.get(event.causationId);
      const parents = chain.slice(0, -1);
      if (cause !== undefined && parents.length > 0 && !isSame(parents, cause.correlationChain))
        violations.push(about(event, 'CHAIN_NOT_NESTED', `It opens the flow ${event.correlationId} under ${parents.join(' > ')}, and its cause stands in ${cause.correlationChain.join(' > ')}.`));
    } else if (!isSame(chain, creator.correlationChain))
      violations.push(about(event, 'CHAIN_NOT_NESTED', `Its chain differs from that of the first event of ${event.correlationId}.`));
  }
  return violations;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id, index) => id === b[index]);

/* ---- (c) (d) (e) the stretch of each stream is whole, in order, and legal ---- */

interface Stretch {
  readonly type: string;
  readonly id: string;
  fromRevision: Revision;
  toRevision: Revision;
}

function stretchesOf(events: readonly EventEnvelope[]): readonly Stretch[] {
  const stretches = new Map<string, Stretch>();
  for (const { streamType, streamId, revision } of events) {
    const key = pair(streamType, streamId);
    const stretch = stretches.get(key);
    if (stretch === undefined) stretches.set(key, { type: streamType, id: streamId, fromRevision: revision, toRevision: revision });
    else {
      stretch.fromRevision = Math.min(stretch.fromRevision, revision);
      stretch.toRevision = Math.max(stretch.toRevision, revision);
    }
  }
  return [...stretches.values()];
}

async function streamViolations({ type, id, fromRevision, toRevision }: Stretch, source: ChainSource): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  const deleted = source.deleted?.(type, id) ?? [];
  const missing = (from: Revision, to: Revision): void => {
    if (from <= to) violations.push(...gapViolations(type, id, from, to, deleted));
  };
  let last: EventEnvelope | null = null;
  for await (const batch of source.stream(type, id, fromRevision, toRevision))
    for (const event of batch) {
      const expected: Revision = last === null ? fromRevision : last.revision + 1;
      if (event.revision > expected) missing(expected, event.revision - 1);
      else if (event.revision < expected) violations.push(about(event, last?.revision === event.revision ? 'REVISION_DUPLICATE' : 'ORDER', `Revision ${event.revision} stands behind revision ${expected - 1}.`));
      if (last !== null && event.position <= last.position) violations.push(about(event, 'ORDER', `Position ${event.position} stands behind position ${last.position} of revision ${last.revision}.`));
      violations.push(...linkViolations(event, last, source));
      if (last === null || event.revision > last.revision) last = event;
    }
  missing(last === null ? fromRevision : last.revision + 1, toRevision);
  for (const anomaly of (await source.anomalies?.(type, id, toRevision)) ?? [])
    if (anomaly.code === 'ILLEGAL_TRANSITION' && anomaly.revision >= fromRevision)
      violations.push({ ...nowhere, code: 'ILLEGAL_TRANSITION', eventId: anomaly.eventId, streamType: type, streamId: id, revision: anomaly.revision, detail: anomaly.detail });
  return violations;
}

function* linkViolations(event: EventEnvelope, last: EventEnvelope | null, source: ChainSource): Generator<Violation> {
  const isFirst = event.revision === 1;
  const previous = isFirst ? zeroHash : last?.revision === event.revision - 1 ? last.hash : null;
  if (previous !== null && event.prevHash !== previous) yield about(event, 'CHAIN', isFirst ? 'The first event names an event before it.' : `It names another event than revision ${event.revision - 1} before it.`);
  const leaf = source.leafHash?.(event) ?? null;
  if (leaf !== null && leaf !== event.hash) yield about(event, 'PAYLOAD', 'Its bytes do not give its hash.');
}

/** What a policy deleted is told, and is no fault; what is left of the gap is. */
function* gapViolations(streamType: string, streamId: string, from: Revision, to: Revision, deleted: readonly { readonly fromRevision: Revision; readonly toRevision: Revision; readonly policy: string }[]): Generator<Violation> {
  const where = { ...nowhere, streamType, streamId };
  let next = from;
  for (const range of deleted.toSorted((a, b) => a.fromRevision - b.fromRevision)) {
    const [first, last] = [Math.max(next, range.fromRevision), Math.min(to, range.toRevision)];
    if (first > last) continue;
    if (next < first) yield { ...where, code: 'REVISION_MISSING', revision: next, detail: `Revisions ${next} to ${first - 1} are missing.` };
    yield { ...where, code: 'DELETED_RANGE', severity: 'info', revision: first, detail: `Revisions ${first} to ${last} were deleted under the policy ${range.policy}.` };
    next = last + 1;
  }
  if (next <= to) yield { ...where, code: 'REVISION_MISSING', revision: next, detail: next === to ? `Revision ${next} is missing.` : `Revisions ${next} to ${to} are missing.` };
}

const nowhere = { severity: 'error', eventId: null, streamType: null, streamId: null, revision: null, position: null, file: null, line: null } as const;

const about = (event: EventEnvelope, code: ChainViolationCode, detail: string): Violation => ({
  ...nowhere,
  code,
  eventId: event.id,
  streamType: event.streamType,
  streamId: event.streamId,
  revision: event.revision,
  position: event.position,
  detail,
});
