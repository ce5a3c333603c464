/**
 * Who worked inside whom: the tree of a run, from its stream over agents down to single calls, learnt from the events as they
 * pass. It knows no domain. What opens and closes is told by transitions and timeline hints (query/timeline.ts); that one
 * entity stands inside another is taken from what is recorded:
 *
 *  - a reference: a link with the relation `parent`, or a value of the payload that is the id of an entity that is open;
 *  - a cause: the causing event belongs to an open entity of another kind (calls that follow each other do not nest).
 *
 * Everything else stands directly in its stream. In memory: one small node per entity, and the ids of events inside open
 * entities.
 */
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createStanding, stepOf } from '../query/timeline.ts';
import type { Step } from '../query/timeline.ts';
import type { Registry } from '../schema/registry.ts';

export interface EventMark {
  readonly eventId: string;
  readonly revision: Revision;
  readonly type: string;
  readonly at: Instant;
}

export interface EntityNode {
  readonly type: string;
  readonly id: string;
  /** null: the stream itself. */
  readonly parent: EntityNode | null;
  /** How the parent is known; `stream` = nothing says more. */
  readonly link: 'stream' | 'reference' | 'cause';
  /** Where it stands: `session > agent_run[1] > tool_call[3]`, counted among siblings of its type. */
  readonly path: string;
  readonly first: EventMark;
  /** The event that opened it; null when it was never seen to begin. */
  readonly start: EventMark | null;
  /** Where it stands now; null when no machine says. */
  readonly status: string | null;
  readonly isOpen: boolean;
}

export interface PlacedEvent {
  readonly node: EntityNode;
  readonly mark: Step['mark'];
  readonly status: string | null;
  /** It moved the entity to that status from another one. */
  readonly hasMoved: boolean;
  /** It ends something that was not seen to begin. */
  readonly endsUnseen: boolean;
}

export interface EntityTree {
  place(event: EventEnvelope): PlacedEvent;
  /** The entity of an event that was placed; null for another. */
  of(event: EventEnvelope): EntityNode | null;
  /** True for the id of an entity, of whatever type. */
  knows(id: string): boolean;
  nodes(): Iterable<EntityNode>;
}

const nameOf = ({ streamType, streamId, entityType, entityId }: EventEnvelope): string => [streamType, streamId, entityType, entityId].join('\n');

export function createEntityTree(registry: Registry): EntityTree {
  /** The newest entity of an id; older ones of other types or streams hang on it. One lookup and no key to build per event. */
  const newestOf = new Map<string, Node>();
  const standing = createStanding();
  const openLanes = new Set<string>();
  const insideOf = new Map<string, Node>();
  /** Entities whose events may call them by a second name (`TimelineHint.name`), by the key of their span and by that name. */
  const nodeOfSpan = new Map<string, Node>();
  const nodeOfName = new Map<string, Node>();

  function find(event: EventEnvelope, type: string, id: string): Node | null {
    for (let node = newestOf.get(id) ?? null; node !== null; node = node.namesake) if (node.type === type && node.streamId === event.streamId && node.streamType === event.streamType) return node;
    return null;
  }

  function add(event: EventEnvelope, type: string, id: string, parent: Node | null, link: EntityNode['link']): Node {
    const node = new Node(event, type, id, parent, link, newestOf.get(id) ?? null);
    newestOf.set(id, node);
    return node;
  }

  const streamNode = (event: EventEnvelope): Node => find(event, event.streamType, event.streamId) ?? add(event, event.streamType, event.streamId, null, 'stream');

  function nodeOf(event: EventEnvelope): Node {
    const { entityType, entityId } = event;
    if (entityType === event.streamType && entityId === event.streamId) return streamNode(event);
    return find(event, entityType, entityId) ?? add(event, entityType, entityId, ...parentOf(event));
  }

  /** An end that knows only a name belongs to the entity whose span it ends. */
  function namedNodeOf(event: EventEnvelope, { key, mark }: Step): Node {
    const spanned = find(event, event.entityType, event.entityId) === null ? nodeOfSpan.get(key) : undefined;
    const node = spanned ?? nodeOf(event);
    if (mark === 'start') nodeOfSpan.set(key, node);
    if (spanned !== undefined) nodeOfName.set(nameOf(event), node);
    return node;
  }

  function parentOf(event: EventEnvelope): readonly [Node, EntityNode['link']] {
    const link = event.refs?.find(({ rel }) => rel === 'parent');
    const linked = link === undefined ? null : find(event, link.type, link.id);
    if (linked !== null) return [linked, 'reference'];
    const named = namedIn(event);
    if (named !== null) return [named, 'reference'];
    let around = event.causationId === undefined ? null : openFrom(insideOf.get(event.causationId) ?? null);
    while (around !== null && around.type === event.entityType) around = openFrom(around.parent);
    return around !== null && around.parent !== null ? [around, 'cause'] : [streamNode(event), 'stream'];
  }

  /** The entity that a payload names by id, open and not the event's own; of several the one that was opened last. */
  function namedIn(event: EventEnvelope): Node | null {
    let found: Node | null = null;
    for (const key in event.data) {
      const value = event.data[key];
      if (typeof value !== 'string') continue;
      for (let node = newestOf.get(value) ?? null; node !== null; node = node.namesake) {
        if (!node.isOpen || node.parent === null || (node.type === event.entityType && node.id === event.entityId)) continue;
        if (found === null || node.first.revision > found.first.revision) found = node;
      }
    }
    return found;
  }

  /** @returns true when the event ends what was not seen to begin. */
  function move(node: Node, event: EventEnvelope, { mark, key, status }: Step): boolean {
    if (status !== null) node.status = status;
    if (mark === 'start') {
      if (!openLanes.has(key)) node.lanesOpen++;
      openLanes.add(key);
      node.start ??= markOf(event);
    } else if (mark === 'end') {
      if (!openLanes.delete(key)) return true;
      node.lanesOpen--;
      if (!node.isOpen && node.eventsInside !== null) {
        for (const id of node.eventsInside) insideOf.delete(id);
        node.eventsInside = null;
      }
    }
    return false;
  }

  return {
    place(event) {
      const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition ?? null;
      const step = stepOf(event, definition, standing);
      const node = definition?.timeline?.name === undefined ? nodeOf(event) : namedNodeOf(event, step);
      const hasMoved = step.status !== null && step.status !== node.status;
      const endsUnseen = move(node, event, step);
      const around = openFrom(node);
      // What happens directly in a stream needs no note: the stream is where everything is that is nowhere else.
      if (around !== null && around.parent !== null) {
        insideOf.set(event.id, around);
        (around.eventsInside ??= []).push(event.id);
      }
      return { node, mark: step.mark, status: step.status, hasMoved, endsUnseen };
    },
    of: (event) => find(event, event.entityType, event.entityId) ?? nodeOfName.get(nameOf(event)) ?? null,
    knows: (id) => newestOf.has(id),
    *nodes() {
      for (const newest of newestOf.values()) for (let node: Node | null = newest; node !== null; node = node.namesake) yield node;
    },
  };
}

/** Everything that few entities need is made when it is needed: a run may have a node for every fourth event. */
class Node implements EntityNode {
  readonly type: string;
  readonly id: string;
  readonly streamType: string;
  readonly streamId: string;
  readonly parent: Node | null;
  readonly link: EntityNode['link'];
  readonly namesake: Node | null;
  readonly first: EventMark;
  readonly ordinal: number;
  start: EventMark | null = null;
  status: string | null = null;
  lanesOpen = 0;
  /** Ids of events whose nearest open entity this is. */
  eventsInside: string[] | null = null;
  #children: Map<string, number> | null = null;
  #path: string | null = null;

  constructor(event: EventEnvelope, type: string, id: string, parent: Node | null, link: EntityNode['link'], namesake: Node | null) {
    this.type = type;
    this.id = id;
    this.streamType = event.streamType;
    this.streamId = event.streamId;
    this.parent = parent;
    this.link = link;
    this.namesake = namesake;
    this.first = markOf(event);
    this.ordinal = parent === null ? 0 : parent.#count(type);
  }

  #count(type: string): number {
    this.#children ??= new Map();
    const ordinal = (this.#children.get(type) ?? 0) + 1;
    this.#children.set(type, ordinal);
    return ordinal;
  }

  get isOpen(): boolean {
    return this.lanesOpen > 0;
  }

  get path(): string {
    return (this.#path ??= this.parent === null ? this.type : `${this.parent.path} > ${this.type}[${this.ordinal}]`);
  }
}

export const markOf = ({ id, revision, type, occurredAt }: EventEnvelope): EventMark => ({ eventId: id, revision, type, at: occurredAt });

/** The nearest open entity at or above a node; null when there is none. */
function openFrom(node: Node | null): Node | null {
  let around = node;
  while (around !== null && !around.isOpen) around = around.parent;
  return around;
}
