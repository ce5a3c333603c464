/** The JobEvent of document 004: camelCase, one job per stream, trace and user in the metadata, the time a `Date`. */
import type { EventEnvelope, Json, JsonObject } from '@refold/core';
import { isObject, readObject, readText } from '../read.ts';
import { createDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { instantAt, optionalRevision, optionalText, requiredObject, requiredText } from './foreign-field.ts';
import { defined, without } from './object.ts';
import type { Spellings } from './spellings.ts';

export interface JobEvent {
  readonly id: string;
  readonly jobId: string;
  readonly eventType: string;
  readonly eventData: JsonObject;
  readonly timestamp: Date;
  readonly sequence: number;
  readonly metadata: { readonly traceId?: string; readonly userId?: string; readonly version?: string; readonly [key: string]: Json | undefined };
}

export function jobDialect(spellings: Spellings): Dialect<JobEvent> {
  const plain = createDialect({
    name: 'job',
    ext: 'job',
    residueIn: 'metadata',
    home: ['id', 'data', 'schemaVersion', 'revision'],
    looksRight: (value) => 'jobId' in value && 'eventType' in value && 'eventData' in value,

    write: (event) => ({
      id: event.id,
      jobId: event.streamType === 'job' ? event.streamId : `${event.streamType}/${event.streamId}`,
      eventType: spellings.own('job', event.type) ?? event.type,
      eventData: event.data,
      timestamp: event.occurredAt,
      sequence: event.revision,
      metadata: defined({ ...event.metadata, traceId: event.trace?.traceId, userId: event.actor.type === 'user' ? event.actor.id : undefined, version: event.schemaVersion }),
    }),

    read(value) {
      const jobId = requiredText(value, 'jobId');
      const spelling = requiredText(value, 'eventType');
      const metadata = readObject(value['metadata']) ?? {};
      const [userId, traceId] = [readText(metadata['userId']), readText(metadata['traceId'])];
      return {
        id: requiredText(value, 'id'),
        type: spellings.canonical(spelling) ?? spelling,
        schemaVersion: optionalText(metadata['version']),
        streamType: 'job',
        streamId: jobId,
        revision: optionalRevision(value['sequence']),
        occurredAt: instantAt(value['timestamp'], 'timestamp'),
        actor: userId === null ? { type: 'system', id: 'unknown' } : { type: 'user', id: userId },
        correlationId: jobId,
        trace: traceId === null ? undefined : { traceId },
        metadata: without(metadata, ['traceId', 'userId', 'version']),
        data: requiredObject(value, 'eventData'),
      };
    },
  });

  return {
    ...plain,
    toForeign(event: EventEnvelope, options) {
      const { timestamp, ...rest } = plain.toForeign(event, options);
      // Safe: `write` above has these keys; an `ext` can only have come from a JobEvent.
      return { ...rest, timestamp: new Date(instantAt(timestamp, 'timestamp')) } as unknown as JobEvent;
    },
    fromForeign: (value, options) => plain.fromForeign(textTime(value), options),
    inputFrom: (value, options) => plain.inputFrom(textTime(value), options),
  };
}

/** Over the wire the time is a text; in a program it is a `Date`. */
function textTime(value: unknown): unknown {
  if (!isObject(value)) return value;
  const timestamp: unknown = value['timestamp'];
  return timestamp instanceof Date && !Number.isNaN(timestamp.getTime()) ? { ...value, timestamp: timestamp.toISOString() } : value;
}
