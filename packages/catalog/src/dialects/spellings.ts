/** Names of types in the dialects, and the streams they belong to, read from the registry. */
import type { Registry } from '@refold/core';

export interface Spellings {
  /** Canonical name of a spelling, whichever dialect it comes from; null when unknown. */
  readonly canonical: (spelling: string) => string | null;
  /** The dialect's own spelling of a type; null when it has none. */
  readonly own: (dialect: 'jira' | 'job', type: string) => string | null;
  /** Kind of stream a type belongs to; null when it is at home in several, or unknown. */
  readonly streamTypeOf: (type: string) => string | null;
}

export const spellingsOf = (registry: Registry): Spellings => ({
  canonical: (spelling) => registry.canonicalName(spelling),
  own: (dialect, type) => registry.alias(type, dialect),
  streamTypeOf: (type) => registry.eventType(type)?.streamType ?? null,
});
