/**
 * The event of document 003: a row about an entity, with actor, time, changes and correlation chain inside its metadata.
 * Columns that the document only implies are named in the unified model, 3.1.2.
 */
import type { ActorType, Change, Json, JsonObject } from '@refold/core';
import { isObject, readObject, readText, readTexts } from '../read.ts';
import { createDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { actorAt, instantAt, optionalText, requiredObject, requiredText } from './foreign-field.ts';
import { without } from './object.ts';
import type { Spellings } from './spellings.ts';

const prefix = 'orchestration.';
/** What document 003 itself puts into the metadata. */
const standardKeys = ['actor', 'timestamp', 'changes', 'correlation_chain'];

export interface OrchestrationFormOptions {
  /** The type of an actor that is only named; default unknown. */
  readonly actorTypeOf?: (id: string) => ActorType;
}

export const orchestrationDialect = (spellings: Spellings, { actorTypeOf = () => 'unknown' }: OrchestrationFormOptions = {}): Dialect =>
  createDialect({
    name: 'orchestration',
    ext: 'orchestration',
    residueIn: 'metadata',
    home: ['id', 'entityType', 'entityId', 'data'],
    looksRight: (value) => 'event_type' in value && 'entity_type' in value && 'entity_id' in value,

    write: (event) => ({
      id: event.id,
      event_type: prefix + event.type,
      entity_type: event.entityType,
      entity_id: event.entityId,
      correlation_id: event.correlationId,
      session_key: event.sessionId ?? null,
      payload: event.data,
      metadata: {
        ...event.metadata,
        actor: event.actor.id,
        timestamp: event.occurredAt,
        // Safe: changes are JSON.
        changes: (event.changes ?? {}) as unknown as JsonObject,
        correlation_chain: event.correlationChain,
      },
      emitted_at: event.recordedAt,
      archived_at: event.archivedAt ?? null,
    }),

    read(value) {
      const spelling = requiredText(value, 'event_type');
      const type = spellings.canonical(spelling) ?? (spelling.startsWith(prefix) && spelling.slice(prefix.length).includes('.') ? spelling.slice(prefix.length) : spelling);
      const [entityType, entityId] = [requiredText(value, 'entity_type'), requiredText(value, 'entity_id')];
      const metadata = readObject(value['metadata']) ?? {};
      const id = requiredText(value, 'id');
      const occurredAt = instantAt(metadata['timestamp'] ?? value['emitted_at'], metadata['timestamp'] === undefined ? 'emitted_at' : 'metadata/timestamp');
      const chain = readTexts(metadata['correlation_chain']);
      const correlationId = readText(value['correlation_id']) ?? chain.at(-1) ?? id;
      return {
        id,
        type,
        streamType: spellings.streamTypeOf(type) ?? entityType,
        streamId: entityId,
        entityType,
        entityId,
        occurredAt,
        recordedAt: typeof value['emitted_at'] === 'string' ? instantAt(value['emitted_at'], 'emitted_at') : occurredAt,
        archivedAt: optionalText(value['archived_at']),
        actor: actorOf(metadata['actor'], actorTypeOf),
        correlationId,
        correlationChain: chain.length > 0 ? chain : [correlationId],
        sessionId: optionalText(value['session_key']),
        changes: changesOf(metadata['changes']),
        metadata: without(metadata, standardKeys),
        data: requiredObject(value, 'payload'),
      };
    },
  });

function actorOf(value: Json | undefined, typeOf: (id: string) => ActorType) {
  const id = readText(value) ?? 'unknown';
  return actorAt(value) ?? { type: typeOf(id), id };
}

function changesOf(value: Json | undefined): { readonly [field: string]: Change } | undefined {
  const changes = Object.entries(readObject(value) ?? {}).filter(([, change]) => isObject(change) && 'before' in change && 'after' in change);
  // Safe: just checked.
  return changes.length === 0 ? undefined : (Object.fromEntries(changes) as unknown as { readonly [field: string]: Change });
}
