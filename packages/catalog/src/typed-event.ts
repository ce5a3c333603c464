/**
 * Events of the catalogue, told apart by their type: `event.type === 'job.created'` says what `event.data` holds. The payloads are
 * made from the schemas (types/events.ts), so a type here and a refusal at append cannot disagree.
 */
import type { EventEnvelope, EventInput } from '@refold/core';
import { builtIn } from './catalog.ts';
import type { EventPayloads } from './types/events.ts';

/** Canonical names of the event types that every installation knows. */
export type CatalogEventType = keyof EventPayloads;

/** A recorded event of one of these types; of any type of the catalogue when none is named. */
export type CatalogEvent<T extends CatalogEventType = CatalogEventType> = { readonly [K in T]: EventEnvelope<EventPayloads[K]> & { readonly type: K } }[T];

/** An event to append, of one of these types. */
export type CatalogEventInput<T extends CatalogEventType = CatalogEventType> = { readonly [K in T]: EventInput<EventPayloads[K]> & { readonly type: K } }[T];

/**
 * True when an event is of the type and its payload holds what the type's newest schema asks for. An imported fact may not, nor does
 * one whose payload was erased.
 */
export function isEventOf<T extends CatalogEventType>(event: EventEnvelope, type: T): event is CatalogEvent<T> {
  return event.type === type && builtIn.eventType(type)?.schema?.safeParse(event.data).success === true;
}
