/**
 * Which entities belong to a chain: the one asked for, those whose events refer to it, and so on (sprint, its tasks, their
 * sessions). The answer goes into `filter.entities`, and the chain's events are found by tag. Source: the unified model, 3.3.4
 * (entity chain: references, depth at most 3).
 */
import type { EntityRef, EventEnvelope } from '../log/event.ts';
import { pair } from '../log/tags.ts';
import type { EventPages } from './page.ts';

export interface EntityChain {
  /** The one asked for first, then by nearness. */
  readonly entities: readonly EntityRef[];
  readonly truncated: boolean;
}

export interface EntityChainOptions {
  readonly depthMax?: number;
  readonly entitiesMax?: number;
}

/**
 * Follows references backwards from one entity.
 *
 * @param referring  Events that may refer to an entity (its `entity:` tag finds them); events that do not are passed over.
 */
export async function entityChain(seed: EntityRef, referring: (entity: EntityRef) => EventPages, { depthMax = 3, entitiesMax = 100 }: EntityChainOptions = {}): Promise<EntityChain> {
  const found = new Map<string, EntityRef>([[pair(seed.type, seed.id), { type: seed.type, id: seed.id }]]);
  let level: readonly EntityRef[] = [seed];
  for (let depth = 0; depth < depthMax && level.length > 0; depth++) {
    const next: EntityRef[] = [];
    for (const entity of level)
      for await (const batch of referring(entity))
        for (const event of batch) {
          if (!refersTo(event, entity)) continue;
          for (const related of subjectsOf(event)) {
            const key = pair(related.type, related.id);
            if (found.has(key)) continue;
            if (found.size >= entitiesMax) return { entities: [...found.values()], truncated: true };
            found.set(key, related);
            next.push(related);
          }
        }
    level = next;
  }
  return { entities: [...found.values()], truncated: false };
}

const refersTo = (event: EventEnvelope, entity: EntityRef): boolean => event.refs?.some(({ type, id }) => type === entity.type && id === entity.id) ?? false;

const subjectsOf = (event: EventEnvelope): readonly EntityRef[] => [
  { type: event.streamType, id: event.streamId },
  { type: event.entityType, id: event.entityId },
];
