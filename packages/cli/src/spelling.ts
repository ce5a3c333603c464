/** Other spellings of answers and events: snake_case keys, and the envelopes of the documents. */
import { createCatalogRegistry, createDialects, recogniseDialect, toSnakeNaming } from '@refold/catalog';
import type { DialectName, Dialects } from '@refold/catalog';
import type { EventEnvelope, EventInput, Json, Registry } from '@refold/core';
import type { Globals } from './global-options.ts';

/** An answer in the spelling that was asked for; payload keys are never spelled anew. */
export function createView({ dialect, naming }: Pick<Globals, 'dialect' | 'naming'>): (value: unknown) => unknown {
  const spell = (value: Json): Json => (naming === 'snake' ? toSnakeNaming(value) : value);
  if (dialect === 'canonical') return (value) => spell(value as Json);
  // The parser has checked the name.
  const { toForeign } = createDialects(createCatalogRegistry())[dialect as DialectName];
  return (value) => withEvents(value as Json, spell, (event) => toForeign(event) as unknown as Json);
}

/** The answer with every event in it written by `write`, and everything else spelled. */
function withEvents(value: Json, spell: (value: Json) => Json, write: (event: EventEnvelope) => Json): Json {
  if (isEvent(value)) return write(value);
  if (Array.isArray(value)) return value.map((item: Json) => withEvents(item, spell, write));
  if (typeof value !== 'object' || value === null) return value;
  const [keys, respelled] = [Object.keys(value), spell(value) as { readonly [key: string]: Json }];
  return Object.fromEntries(Object.entries(respelled).map(([name, below], index) => {
    const original = (value as { readonly [key: string]: Json })[keys[index]!]!;
    return [name, holdsEvents(original) ? withEvents(original, spell, write) : below];
  }));
}

const holdsEvents = (value: Json): boolean => isEvent(value) || (typeof value === 'object' && value !== null && Object.values(value).some(holdsEvents));

/** Only what the log recorded has all of these. */
const isEvent = (value: Json): value is Json & EventEnvelope =>
  typeof value === 'object' && value !== null && ['type', 'recordedAt', 'hash', 'prevHash', 'position'].every((key) => Object.hasOwn(value, key));

/** What a line of a foreign form says, as an append takes it; our own form is passed through. */
export function createEventReader(registry: Registry): (value: Json) => { readonly input: EventInput; readonly claimedRevision: number | null } {
  const dialects: Dialects = createDialects(registry);
  return (value) => {
    const dialect = recogniseDialect(dialects, value);
    return dialect === null ? { input: value as unknown as EventInput, claimedRevision: null } : dialects[dialect].inputFrom(value);
  };
}
