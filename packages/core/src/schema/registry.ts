/**
 * The registry: what event types and kinds of stream this log knows. Everything that depends on a type asks here, so a
 * user's type and a built-in one travel the same paths.
 */
import type { z } from 'zod';
import type { AnyAggregate, AnyEventDefinition, AnyPart, EffectClass } from '../fold/aggregate.ts';
import { LogError } from '../errors.ts';
import type { JsonObject, Priority, Severity } from '../log/event.ts';

export interface EventType {
  readonly name: string;
  /** Stream type this type belongs to; null for a shared part, which is at home in several. */
  readonly streamType: string | null;
  /** Name of the part that defines it, for a shared type. */
  readonly part: string | null;
  readonly schemaVersion: string;
  readonly schema: z.ZodType | null;
  /** Payloads by version, where several live side by side; else older ones are led up to the newest. */
  readonly versions?: ReadonlyMap<string, z.ZodType>;
  readonly policy: 'enforce' | 'tolerate';
  readonly effect: EffectClass | ((data: JsonObject) => EffectClass);
  readonly priority: Priority;
  readonly severity: Severity;
  readonly aliases: { readonly [dialect: string]: string };
  readonly definition: AnyEventDefinition;
}

export interface Registry {
  /** The canonical name of any accepted spelling; null when unknown. */
  canonicalName(name: string): string | null;
  eventType(name: string): EventType | null;
  eventTypes(): readonly EventType[];
  aggregate(streamType: string): AnyAggregate | null;
  aggregates(): readonly AnyAggregate[];
  /** The definition that folds `type` in a stream of `streamType`: the aggregate's own first, then its parts', then its `otherwise`. */
  definitionIn(streamType: string, type: string): AnyEventDefinition | null;
  /** True when a stream of `streamType` has a definition of `type` itself: its `otherwise`, which takes any type, declares none. */
  isDeclaredIn(streamType: string, type: string): boolean;
  /** Known names nearest to a misspelt one, best first. */
  nearest(name: string, count?: number): readonly string[];
  /** Spelling of a canonical type in a dialect; null when the dialect has none. */
  alias(type: string, dialect: string): string | null;
}

export interface RegistryInput {
  readonly aggregates: readonly AnyAggregate[];
}

/**
 * Builds a registry. Fails early on two definitions of one name.
 *
 * @throws LogError BAD_CONFIG `duplicate` when two types, aliases of one dialect, or aggregates share a name.
 */
export function createRegistry(input: RegistryInput): Registry {
  const aggregates = new Map<string, AnyAggregate>();
  const types = new Map<string, EventType>();
  const names = new Map<string, string>();
  const parts = new Set<AnyPart>();

  for (const aggregate of input.aggregates) {
    if (aggregates.has(aggregate.type)) throw duplicate('aggregate', aggregate.type);
    aggregates.set(aggregate.type, aggregate);
    for (const part of aggregate.parts ?? []) parts.add(part);
  }
  for (const aggregate of aggregates.values())
    for (const [name, definition] of Object.entries(aggregate.events)) addType(name, definition, aggregate.type, null);
  for (const part of parts)
    for (const [name, definition] of Object.entries(part.events)) if (!types.has(name)) addType(name, definition, null, part.name);

  function addType(name: string, definition: AnyEventDefinition, streamType: string | null, part: string | null): void {
    if (types.has(name)) throw duplicate('event type', name);
    types.set(name, {
      name,
      streamType,
      part,
      schemaVersion: definition.schemaVersion ?? '1.0.0',
      schema: definition.schema ?? null,
      policy: definition.policy ?? 'enforce',
      effect: definition.effect ?? 'state-only',
      priority: definition.priority ?? 'P2',
      severity: definition.severity ?? 'INFO',
      aliases: definition.aliases ?? {},
      definition,
    });
    claim(name, name);
    for (const alias of Object.values(definition.aliases ?? {})) claim(alias, name);
  }

  function claim(spelling: string, name: string): void {
    const holder = names.get(spelling);
    if (holder !== undefined && holder !== name) throw duplicate('event type name', spelling);
    names.set(spelling, name);
  }

  /** The aggregate's own first, then its parts'. */
  function declared(aggregate: AnyAggregate, type: string): AnyEventDefinition | undefined {
    return aggregate.events[type] ?? aggregate.parts?.find(({ events }) => events[type] !== undefined)?.events[type];
  }

  return {
    canonicalName: (name) => names.get(name) ?? null,
    eventType: (name) => types.get(names.get(name) ?? name) ?? null,
    eventTypes: () => [...types.values()],
    aggregate: (streamType) => aggregates.get(streamType) ?? null,
    aggregates: () => [...aggregates.values()],
    definitionIn(streamType, type) {
      const aggregate = aggregates.get(streamType);
      return aggregate === undefined ? null : (declared(aggregate, type) ?? aggregate.otherwise ?? null);
    },
    isDeclaredIn(streamType, type) {
      const aggregate = aggregates.get(streamType);
      return aggregate !== undefined && declared(aggregate, type) !== undefined;
    },
    nearest: (name, count = 3) => nearest(name, [...names.keys()], count),
    alias: (type, dialect) => types.get(type)?.aliases[dialect] ?? null,
  };
}

const duplicate = (what: string, name: string): LogError =>
  new LogError('BAD_CONFIG', `Two definitions of ${what} "${name}".`, { details: { reason: 'duplicate', name }, hint: 'Rename one of them.' });

/** Names within a third of their length of the misspelt one (Levenshtein), nearest first. */
export function nearest(name: string, candidates: readonly string[], count = 3): readonly string[] {
  const wanted = name.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    // Of three letters two others make another word.
    .filter(({ candidate, distance }) => distance <= Math.max(wanted.length > 3 ? 2 : 1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitute));
    }
    previous = current;
  }
  return previous[b.length]!;
}
