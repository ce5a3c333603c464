/**
 * What an execute-replay may do with an event. The class is the type's; here it is asked for one event, with what the
 * installation adds. Source: the unified model, K-050.
 */
import type { EffectClass } from '../fold/aggregate.ts';
import type { EventEnvelope } from '../log/event.ts';
import { matchesGlob } from '../query/glob.ts';
import { resolveTypes } from '../query/match.ts';
import type { Registry } from '../schema/registry.ts';

/** The letters that the documents give the classes. */
export const effectLetters: { readonly [effect in EffectClass]: 'S' | 'I' | 'C' | 'N' | 'O' } = {
  'state-only': 'S',
  idempotent: 'I',
  costly: 'C',
  'non-repeatable': 'N',
  outcome: 'O',
};

/** The class of one event. A type that nobody declared may have done anything, so it is not repeated. */
export function effectOf(event: Pick<EventEnvelope, 'type' | 'streamType' | 'data'>, registry: Registry): EffectClass {
  const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition;
  if (definition === undefined || definition === null) return 'non-repeatable';
  const { effect = 'state-only' } = definition;
  return typeof effect === 'function' ? effect(event.data) : effect;
}

/** True for events of any of these types: names, aliases, globs. */
export function typesTest(given: readonly string[], registry: Registry): (event: Pick<EventEnvelope, 'type'>) => boolean {
  const { names, globs } = resolveTypes(given, undefined, registry);
  return ({ type }) => names.has(type) || globs.some((glob) => matchesGlob(glob, type));
}
