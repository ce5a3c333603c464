/**
 * What an event came from. Every edge says whether it was recorded or is only inferred, why it is drawn, and how much it says:
 *
 *  recorded  cause     the event names the other as its cause
 *            start     the event that began the same entity
 *            parent    the event that began the entity around it, which the payload or a cause names
 *  inferred  inside    something inside the entity had gone wrong just before; weaker, what had ended last inside it
 *            previous  the event before it on the same entity
 *            agent     the event that set the same agent to work
 *            data      a value that stands in both: what one brought, the other was given
 *
 * One read of the stream backwards from the event. What is wanted is a set of ids, entities and values that grows as
 * ancestors are found; since edges lead to earlier events, the best way from an ancestor to the event is known when it is
 * met, and only the next step is kept. In memory: what is still wanted, and the chains of the ancestors that are kept.
 */
import type { EventEnvelope } from '../log/event.ts';
import { compareInstants } from '../log/instant.ts';
import { formatStreamAddress } from '../log/place.ts';
import { cheaper, recorded, wantOf } from './ancestor.ts';
import type { Ancestor, BlameEvent, Want } from './ancestor.ts';
import type { Cut } from './cut.ts';
import type { EntityNode } from './entity-tree.ts';
import { createGuesses } from './guesses.ts';
import type { TravelParts } from './reconstruct.ts';
import { isAtLeast } from './survey.ts';
import type { Survey } from './survey.ts';

export interface Ancestry {
  readonly target: Ancestor;
  /** Ancestors that are bad or were asked for, the target among them. */
  readonly kept: readonly Ancestor[];
  /** Recorded causes of the target alone, nearest first; at most `causesMax`. */
  readonly causes: readonly BlameEvent[];
  /** Causes that are named and were not found before the event that names them. */
  readonly dangling: readonly { readonly eventId: string; readonly causationId: string }[];
  readonly truncated: boolean;
}

export interface AncestryOptions {
  /** Inferred edges too. Default true. */
  readonly inferred?: boolean;
  /** Default 1,000,000. */
  readonly ancestorsMax?: number;
  /** Inferred edges on a chain. Default 6. */
  readonly inferredHopsMax?: number;
  /** Events of other streams by id, for causes that lie there. */
  readonly byIds?: (ids: readonly string[]) => Promise<readonly EventEnvelope[]>;
  readonly signal?: AbortSignal;
}

const causesMax = 64;

/**
 * Finds the ancestors of an event of a surveyed stream.
 *
 * @param options.keep  Ids of events that are kept although they are not bad.
 */
export async function ancestryOf(parts: TravelParts, found: Survey, target: EventEnvelope, options: AncestryOptions & { readonly keep: ReadonlySet<string> }): Promise<Ancestry> {
  const { ancestorsMax = 1_000_000, byIds, keep, signal } = options;
  const { address, cut } = found;
  const wants = createWants(found, options);
  const describe = createDescription(parts, found);
  const root: Ancestor = { ...describe(target), next: null, inferredHops: 0, hops: 0, cost: 0 };
  const kept = new Map<string, Ancestor>([[target.id, root]]);
  const causes: BlameEvent[] = [];
  let nextCause = target.causationId;
  let met = 0;

  function meet(event: EventEnvelope, want: Want | null): void {
    if (want === null) return;
    met++;
    const { by, link, cost } = want;
    const ancestor: Ancestor = { ...describe(event), next: { to: by, link }, inferredHops: by.inferredHops + (link.kind === 'inferred' ? 1 : 0), hops: by.hops + 1, cost };
    if (event.id === nextCause && causes.length < causesMax) {
      causes.push(ancestor.event);
      nextCause = event.causationId;
    }
    if ((ancestor.bad !== null || keep.has(event.id)) && (kept.get(event.id)?.cost ?? Infinity) > cost) kept.set(event.id, ancestor);
    wants.add(event, ancestor);
  }

  wants.add(target, root);
  for await (const page of parts.reader.pages(formatStreamAddress(address), { upTo: target.revision - 1, direction: 'backward' })) {
    signal?.throwIfAborted();
    for (const event of page) if (met < ancestorsMax && isWithin(cut, event)) meet(event, wants.takeFor(event));
    if (met >= ancestorsMax || wants.isEmpty()) break;
  }
  const hasMore = byIds !== undefined && (await followOutside(wants, byIds, target.id, meet));
  return { target: root, kept: [...kept.values()], causes, dangling: wants.missingCauses(), truncated: met >= ancestorsMax || hasMore };
}

const isWithin = (cut: Cut, { revision, occurredAt }: EventEnvelope): boolean => revision <= cut.prefix || (cut.asOf !== null && compareInstants(occurredAt, cut.asOf) <= 0);

/** Steps through other streams. */
const outsideDepthMax = 64;

/** Causes in other streams, level by level; true when there were more levels than are walked. Circles are walked once. */
async function followOutside(wants: Wants, byIds: NonNullable<AncestryOptions['byIds']>, targetId: string, meet: (event: EventEnvelope, want: Want | null) => void): Promise<boolean> {
  const seen = new Set([targetId]);
  for (let depth = 0; depth < outsideDepthMax; depth++) {
    const ids = [...new Set(wants.missingCauses().map(({ causationId }) => causationId))].filter((id) => !seen.has(id));
    const events = ids.length === 0 ? [] : await byIds(ids);
    for (const id of ids) seen.add(id);
    for (const event of events) meet(event, wants.takeCause(event));
    if (events.length === 0) return false;
  }
  return true;
}

/** How an event is shown in a blame. */
export function createDescription({ fold }: TravelParts, { address, tree, bad }: Survey): (event: EventEnvelope) => Pick<Ancestor, 'event' | 'bad'> {
  return (event) => {
    const { id, type, streamType, streamId, revision, position, occurredAt, severity, actor } = event;
    const isHome = streamType === address.streamType && streamId === address.streamId;
    const summary = fold.registry.definitionIn(streamType, type)?.summary?.(event) ?? null;
    return {
      event: { eventId: id, type, stream: `${streamType}/${streamId}`, revision, position, at: occurredAt, severity, actor, place: isHome ? (tree.of(event)?.path ?? null) : null, summary },
      // Another stream was not folded; there the severity decides alone.
      bad: isHome ? (bad.get(revision) ?? null) : isAtLeast(severity, 'WARN') ? 'severity' : null,
    };
  };
}

const namedAsCause = recorded('cause', 'named as its cause');

interface Wants {
  /** Asks for what an ancestor came from. */
  add(event: EventEnvelope, ancestor: Ancestor): void;
  /** The best reason to take this event for an ancestor; null when nobody asked. */
  takeFor(event: EventEnvelope): Want | null;
  takeCause(event: EventEnvelope): Want | null;
  missingCauses(): readonly { readonly eventId: string; readonly causationId: string }[];
  isEmpty(): boolean;
}

function createWants(survey: Survey, { inferred: infers = true, inferredHopsMax = 6 }: AncestryOptions): Wants {
  const byId = new Map<string, Want>();
  const namedBy = new Map<string, string[]>();
  const guesses = createGuesses(survey);

  const wantId = (id: string, want: Want): void => void byId.set(id, cheaper(byId.get(id) ?? null, want)!);

  function addRecorded(event: EventEnvelope, node: EntityNode | null, ancestor: Ancestor): void {
    const { causationId } = event;
    if (causationId !== undefined && causationId !== event.id) {
      wantId(causationId, wantOf(ancestor, namedAsCause));
      const others = namedBy.get(causationId);
      if (others === undefined) namedBy.set(causationId, [event.id]);
      else others.push(event.id);
    }
    if (node === null) return;
    const start = node.start ?? node.first;
    if (start.eventId !== event.id && start.revision < event.revision) wantId(start.eventId, wantOf(ancestor, recorded('start', `began the same ${node.type}`)));
    if (node.parent === null || node.link === 'stream') return;
    const around = node.parent.start ?? node.parent.first;
    if (around.revision < event.revision) wantId(around.eventId, wantOf(ancestor, recorded('parent', `began the ${node.parent.type} around it`)));
  }

  function takeId(event: EventEnvelope): Want | null {
    const want = byId.get(event.id);
    if (want === undefined) return null;
    byId.delete(event.id);
    namedBy.delete(event.id);
    return want;
  }

  return {
    add(event, ancestor) {
      addRecorded(event, survey.tree.of(event), ancestor);
      if (infers && ancestor.inferredHops < inferredHopsMax) guesses.add(event, ancestor);
    },
    takeFor: (event) => (infers ? cheaper(takeId(event), guesses.take(event)) : takeId(event)),
    takeCause: takeId,
    missingCauses: () => [...namedBy].flatMap(([causationId, eventIds]) => eventIds.map((eventId) => ({ eventId, causationId }))),
    isEmpty: () => byId.size === 0 && guesses.isEmpty(),
  };
}
