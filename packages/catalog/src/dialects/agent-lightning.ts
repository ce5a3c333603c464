/** The event of document 002: a row of the table `events`, one aggregate per stream, types without their aggregate's name. */
import type { Actor, JsonObject } from '@refold/core';
import { readObject, readText } from '../read.ts';
import { createDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { instantAt, optionalRevision, optionalText, requiredObject, requiredText } from './foreign-field.ts';
import type { Spellings } from './spellings.ts';

export const agentLightningDialect = (spellings: Spellings): Dialect =>
  createDialect({
    name: 'agentLightning',
    ext: 'agentLightning',
    residueIn: 'metadata',
    home: ['id', 'streamType', 'streamId', 'data', 'revision', 'metadata'],
    looksRight: (value) => 'aggregate_id' in value && 'aggregate_type' in value && 'event_type' in value,

    write: (event) => ({
      event_id: event.id,
      aggregate_id: event.streamId,
      aggregate_type: event.streamType,
      event_type: event.type.startsWith(`${event.streamType}.`) ? event.type.slice(event.streamType.length + 1) : event.type,
      event_data: event.data,
      timestamp: event.occurredAt,
      version: event.revision,
      correlation_id: event.correlationId,
      causation_id: event.causationId ?? null,
      user_id: event.actor.type === 'user' ? event.actor.id : null,
      service_name: event.serviceName ?? null,
      metadata: event.metadata,
    }),

    read(value) {
      const id = requiredText(value, 'event_id');
      const streamType = requiredText(value, 'aggregate_type');
      const metadata = readObject(value['metadata']) ?? {};
      const serviceName = optionalText(value['service_name']);
      return {
        id,
        type: typeOf(requiredText(value, 'event_type'), streamType, spellings),
        schemaVersion: optionalText(metadata['schema_version']),
        streamType,
        streamId: requiredText(value, 'aggregate_id'),
        revision: optionalRevision(value['version']),
        occurredAt: instantAt(value['timestamp'], 'timestamp'),
        correlationId: readText(value['correlation_id']) ?? id,
        causationId: optionalText(value['causation_id']),
        actor: actorOf(value, serviceName),
        serviceName,
        data: requiredObject(value, 'event_data'),
        metadata,
      };
    },
  });

function typeOf(spelling: string, streamType: string, spellings: Spellings): string {
  const whole = `${streamType}.${spelling}`;
  return spellings.canonical(spelling) ?? spellings.canonical(whole) ?? (spelling.includes('.') ? spelling : whole);
}

/** K-072. */
function actorOf(value: JsonObject, serviceName: string | undefined): Actor {
  const user = readText(value['user_id']);
  if (user !== null && user !== '') return { type: 'user', id: user };
  return serviceName === undefined ? { type: 'system', id: 'unknown' } : { type: 'service', id: serviceName };
}
