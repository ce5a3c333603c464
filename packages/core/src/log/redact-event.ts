/**
 * Which texts of an event may hold a secret: all of payload and metadata, and every other field that people and programs
 * write freely. Identities (ids of streams, sessions, conversations) are names that the event is found by; what a caller
 * puts into them is his business.
 */
import type { Redaction, Redactor } from '../schema/redact.ts';
import type { Actor, EventEnvelope, Json, JsonObject } from './event.ts';
import { copyPresent } from './record.ts';
import type { Draft } from './record.ts';

type Redactable = Partial<EventEnvelope> & Pick<EventEnvelope, 'data' | 'metadata'>;

const freeFields = ['agent', 'changes', 'ext', 'git', 'phase', 'refs', 'serviceName', 'trace'] as const;
type FreeFields = Pick<EventEnvelope, (typeof freeFields)[number]>;

/** The event with its secrets masked, and what was masked; the very same object when there are none. */
export function redactEvent<E extends Redactable>(event: E, redactor: Redactor): { readonly event: E; readonly redactions: readonly Redaction[] } {
  const { data, metadata, actor } = event;
  const envelope: Draft<FreeFields> & { actor?: Partial<Actor> } = {};
  copyPresent(event as FreeFields, envelope, freeFields);
  if (actor?.model !== undefined || actor?.name !== undefined) {
    const { id: _id, type: _type, ...told } = actor;
    envelope.actor = told;
  }
  const result = redactor({ data, metadata, envelope: envelope as unknown as JsonObject });
  if (result.redactions.length === 0) return { event, redactions: [] };

  // Masks in the envelope are texts, so every field keeps its type.
  const masked = result.envelope as unknown as typeof envelope;
  return {
    event: { ...event, ...masked, data: result.data, metadata: result.metadata, ...(masked.actor === undefined ? {} : { actor: { ...actor, ...masked.actor } }) },
    redactions: result.redactions,
  };
}

/** Adds to a list in `metadata` that the log keeps; what an imported event brings along stays. */
export function withNotes(metadata: JsonObject, key: 'redactions' | 'violations', notes: readonly Json[]): JsonObject {
  if (notes.length === 0) return metadata;
  const before = metadata[key];
  return { ...metadata, [key]: [...(Array.isArray(before) ? (before as readonly Json[]) : []), ...notes] };
}
