/**
 * What was not seen. A record of a run has holes: a killed agent never tells its end, an exporter drops spans, clocks go
 * wrong, two producers tell one call differently. This is the list of them, so that "nothing is shown" is never read as "it
 * did not happen": every figure says what is unknown and names the events beside the hole.
 *
 * One pass with a fold. In memory: one node per entity, the ids of the events (to know which causes are there), and of each
 * kind of gap at most `itemsMax` examples; counts are always whole.
 */
import { isLogError } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { cutAt } from './cut.ts';
import { createClockWatch } from './clock-watch.ts';
import type { ClockReport } from './clock-watch.ts';
import { createEntityTree } from './entity-tree.ts';
import type { EntityNode } from './entity-tree.ts';
import { createProducerWatch, sourceOf } from './producer-watch.ts';
import type { Disagreement, ProducerReport, SequenceHole } from './producer-watch.ts';
import { createGapList } from './gaps.ts';
import type { Gaps } from './gaps.ts';
import { eventsOf } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';

export interface GapEvent {
  readonly eventId: string;
  readonly revision: Revision;
  readonly type: string;
  readonly at: Instant;
  readonly entityType: string;
  readonly entityId: string;
  /** What is not seen, for people. */
  readonly detail: string;
}

export interface Coverage {
  readonly streamType: string;
  readonly streamId: string;
  /** Last revision looked at, and the stream's newest. */
  readonly revision: Revision;
  readonly head: Revision;
  readonly events: number;
  /** No gap of any kind was found in what there is. It does not say that there was nothing else. */
  readonly complete: boolean;
  /** Gaps of all kinds. */
  readonly gaps: number;
  /** Began; an end was not seen. Whether it ended is unknown. */
  readonly startsWithoutEnd: Gaps<GapEvent>;
  /** Ended, or went on; a beginning was not seen, or was only concluded. */
  readonly endsWithoutStart: Gaps<GapEvent>;
  /** Names a parent that is not in the stream. */
  readonly missingParents: Gaps<GapEvent & { readonly names: string }>;
  /** Names a cause that is not in the stream, nor in the log when it could be asked. */
  readonly missingCauses: Gaps<GapEvent & { readonly names: string }>;
  /** Agents that act and are introduced nowhere. */
  readonly agentsNotIntroduced: readonly string[];
  /** Revisions of the stream that are not there. */
  readonly missingRevisions: Gaps<{ readonly from: Revision; readonly to: Revision }>;
  /** Numbers that a producer gave its records and that are not there. */
  readonly sequenceHoles: Gaps<SequenceHole>;
  readonly clock: ClockReport;
  /** One fact told differently by two producers. */
  readonly disagreements: Gaps<Disagreement>;
  /** Types that nobody declared: kept, and not understood. */
  readonly unknownTypes: readonly { readonly type: string; readonly count: number }[];
  /** Events whose payload was erased: that they happened is known, what they said is not. */
  readonly erased: number;
  /** Marks of the fold, by code: illegal moves and other oddities. */
  readonly anomalies: { readonly [code: string]: number };
  readonly producers: readonly ProducerReport[];
}

export interface CoverageOptions {
  /** Examples of each kind. Default 100. */
  readonly itemsMax?: number;
  /** Clock steps up to this are not told. Default 2,000 ms. */
  readonly clockSkewMs?: number;
  /** Which of these ids the whole log has; without it a cause in another stream counts as not seen. */
  readonly knownIds?: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly signal?: AbortSignal;
}

/** @throws LogError as `cutAt`: NOT_FOUND, HISTORY_DELETED. A history that cannot be folded is looked at all the same. */
export async function coverage(parts: TravelParts, address: StreamAddress, place: Place = { kind: 'end' }, options: CoverageOptions = {}): Promise<Coverage> {
  const { itemsMax = 100, clockSkewMs = 2_000, signal } = options;
  const cut = await cutAt(parts.reader, formatStreamAddress(address), place, parts.timeIndexes);
  const tree = createEntityTree(parts.fold.registry);
  const folding = createFolding(parts, address);
  const clock = createClockWatch({ skewMs: clockSkewMs, itemsMax });
  const ids = new Map<string, string>();
  const producers = createProducerWatch(ids, itemsMax);
  const names = createNameWatch(ids, itemsMax);
  const endsWithoutStart = createGapList<GapEvent>(itemsMax);
  const missingRevisions = createGapList<{ from: Revision; to: Revision }>(itemsMax);
  const unknownTypes = new Map<string, number>();
  let [revision, events, erased] = [0, 0, 0];

  for await (const page of eventsOf(parts.reader, address, cut)) {
    signal?.throwIfAborted();
    for (const event of page) {
      if (event.revision !== revision + 1 && event.revision <= cut.prefix) missingRevisions.add({ from: revision + 1, to: event.revision - 1 });
      revision = event.revision;
      events++;
      if (event.erased === true) erased++;
      const { endsUnseen } = tree.place(event);
      const marks = folding.step(event);
      const { producer, isConcludedStart: concluded } = sourceOf(event);
      ids.set(event.id, producer);
      if (endsUnseen || marks.includes('MISSING_PREDECESSOR') || concluded) endsWithoutStart.add(gapEvent(event, concluded ? 'its beginning was concluded, not seen' : 'no beginning was seen'));
      if (marks.includes('UNKNOWN_TYPE')) unknownTypes.set(event.type, (unknownTypes.get(event.type) ?? 0) + 1);
      clock.step(event);
      producers.step(event);
      names.step(event);
    }
  }
  if (revision < cut.prefix) missingRevisions.add({ from: revision + 1, to: cut.prefix });

  const startsWithoutEnd = openStarts(tree.nodes(), itemsMax);
  const dangling = await names.finish(tree.knows, options.knownIds);
  const clockReport = clock.report();
  const reports = producers.report();
  const found = {
    startsWithoutEnd,
    endsWithoutStart: endsWithoutStart.report(),
    missingParents: dangling.parents,
    missingCauses: dangling.causes,
    missingRevisions: missingRevisions.report(),
    sequenceHoles: reports.holes,
    disagreements: reports.disagreements,
  };
  const counted = Object.values(found).reduce((sum, { count }) => sum + count, 0) + clockReport.backwards.count + clockReport.ahead.count + dangling.agents.length + unknownTypes.size;
  return {
    streamType: address.streamType,
    streamId: address.streamId,
    revision,
    head: cut.head,
    events,
    complete: counted === 0,
    gaps: counted,
    ...found,
    agentsNotIntroduced: dangling.agents,
    clock: clockReport,
    unknownTypes: [...unknownTypes].map(([type, count]) => ({ type, count })),
    erased,
    anomalies: folding.anomalies(),
    producers: reports.producers,
  };
}

const gapEvent = ({ id, revision, type, occurredAt, entityType, entityId }: EventEnvelope, detail: string): GapEvent => ({ eventId: id, revision, type, at: occurredAt, entityType, entityId, detail });

function openStarts(nodes: Iterable<EntityNode>, itemsMax: number): Gaps<GapEvent> {
  const open = createGapList<GapEvent>(itemsMax);
  for (const { type, id, start, isOpen, status } of nodes)
    if (isOpen && start !== null) open.add({ eventId: start.eventId, revision: start.revision, type: start.type, at: start.at, entityType: type, entityId: id, detail: `no end was seen${status === null ? '' : `; stands at ${status}`}` });
  return open.report();
}

interface Folding {
  /** Codes of what the fold noted about this event. */
  step(event: EventEnvelope): readonly string[];
  anomalies(): { readonly [code: string]: number };
}

/** A definition that fails ends the fold, not the report. */
function createFolding({ fold }: TravelParts, { streamType, streamId }: StreamAddress): Folding {
  const counts = new Map<string, number>();
  let state: State | null = fold.initial(streamType, streamId);
  return {
    step(event) {
      if (state === null) return [];
      const before = state.anomalies.length;
      try {
        state = fold.evolveDraft(state, event, { cut: true });
      } catch (error) {
        if (!isLogError(error)) throw error;
        counts.set(error.code, 1);
        state = null;
        return [];
      }
      const codes = state.anomalies.slice(before).map(({ code }) => code);
      for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
      return codes;
    },
    anomalies: () => Object.fromEntries(counts),
  };
}

interface Dangling {
  readonly parents: Coverage['missingParents'];
  readonly causes: Coverage['missingCauses'];
  readonly agents: readonly string[];
}

interface NameWatch {
  step(event: EventEnvelope): void;
  finish(isEntity: (id: string) => boolean, knownIds: CoverageOptions['knownIds']): Promise<Dangling>;
}

type NamedGap = GapEvent & { readonly names: string };

/** Parents, causes and agents that events name, against those that there are. What is named may come later, so the end decides. */
function createNameWatch(ids: ReadonlyMap<string, string>, itemsMax: number): NameWatch {
  const causes = new Map<string, NamedGap[]>();
  const parents = new Map<string, NamedGap>();
  const agents = new Set<string>();
  const introduced = new Set<string>();

  return {
    step(event) {
      const { causationId } = event;
      if (causationId !== undefined && !ids.has(causationId)) {
        const gap = { ...gapEvent(event, 'its cause was not seen'), names: causationId };
        const known = causes.get(causationId);
        if (known === undefined) causes.set(causationId, [gap]);
        else known.push(gap);
      }
      for (const name of parentNames(event)) if (!parents.has(name)) parents.set(name, { ...gapEvent(event, 'its parent was not seen'), names: name });
      if (event.agent !== undefined) agents.add(event.agent);
      if (event.actor.type === 'agent') introduced.add(event.actor.id);
      for (const { type, id } of event.refs ?? []) if (type === 'agent') introduced.add(id);
      if (event.entityType === 'agent') introduced.add(event.entityId);
    },
    async finish(isEntity, knownIds) {
      const open = [...causes.keys()].filter((id) => !ids.has(id));
      const elsewhere = knownIds === undefined || open.length === 0 ? new Set<string>() : await knownIds(open);
      const [missingCauses, missingParents] = [createGapList<NamedGap>(itemsMax), createGapList<NamedGap>(itemsMax)];
      for (const id of open) if (!elsewhere.has(id)) for (const gap of causes.get(id)!) missingCauses.add(gap);
      for (const [name, gap] of parents) if (!isEntity(name) && !ids.has(name)) missingParents.add(gap);
      return { parents: missingParents.report(), causes: missingCauses.report(), agents: [...agents].filter((agent) => !introduced.has(agent)) };
    },
  };
}

/** A link with the relation `parent`, and values at keys such as `parent_id`, `parentSpanId`, `parent_agent_run_id`. */
function parentNames(event: EventEnvelope): readonly string[] {
  const names = (event.refs ?? []).flatMap(({ rel, id }) => (rel === 'parent' ? [id] : []));
  for (const key in event.data) {
    const value = event.data[key];
    if (typeof value === 'string' && value !== '' && parentKey.test(key)) names.push(value);
  }
  return names;
}

const parentKey = /^parent(?:_[a-z_]*id|[A-Za-z]*Id|_id)$/;
