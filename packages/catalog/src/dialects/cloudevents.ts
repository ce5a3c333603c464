/**
 * CloudEvents 1.0 in structured JSON mode, with the extensions correlation, sequence, severity, recordedtime, authcontext,
 * partitioning and distributed tracing; 0.3 is read as well. Attribute names are lower-case letters and digits, at most 20.
 * Source: cloudevents/spec at c2845a49; the unified model 3.1.1 for the mapping of each field.
 */
import { formatTraceparent, parseTraceparent } from '@refold/core';
import type { ActorType, EventEnvelope, Json, JsonObject, Severity, TraceContext } from '@refold/core';
import { isObject, readChoice, readText } from '../read.ts';
import { createDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { instantAt, optionalText, requiredText } from './foreign-field.ts';
import type { Spellings } from './spellings.ts';

const cloudEventTypePrefix = 'io.refold.';

/** Severity numbers of OpenTelemetry logs. */
const severityNumbers: { readonly [severity in Severity]: number } = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 };
/** `agent` is our own value, which the authcontext extension allows. */
const authTypes: { readonly [type in ActorType]: string } = { user: 'app_user', agent: 'agent', service: 'service_account', system: 'system', unknown: 'unknown' };

export const cloudEventsDialect = (spellings: Spellings): Dialect =>
  createDialect({
    name: 'cloudevents',
    ext: 'cloudEvents',
    residueIn: 'envelope',
    home: ['id', 'data'],
    looksRight: (value) => 'specversion' in value && 'type' in value && 'source' in value && 'id' in value,

    write: (event) => ({
      specversion: '1.0',
      id: event.id,
      source: `/streams/${encodeURIComponent(event.streamType)}/${encodeURIComponent(event.streamId)}`,
      type: cloudEventTypePrefix + event.type,
      subject: `${event.entityType}/${event.entityId}`,
      time: event.occurredAt,
      datacontenttype: 'application/json',
      dataschema: `/schemas/${event.type}/${event.schemaVersion}`,
      data: event.data,
      // The sequence extension wants text order to be the order.
      sequence: String(event.revision).padStart(16, '0'),
      partitionkey: `${event.streamType}/${event.streamId}`,
      correlationid: event.correlationId,
      causationid: event.causationId,
      recordedtime: event.recordedAt,
      severitytext: event.severity,
      severitynumber: severityNumbers[event.severity],
      authtype: authTypes[event.actor.type],
      authid: event.actor.id,
      traceparent: traceparentOf(event),
      tracestate: event.trace?.traceState,
      refoldhash: event.hash,
      refoldprevhash: event.prevHash,
      refoldpriority: event.priority,
      // CloudEvents integers have 32 bits.
      refoldposition: event.position === undefined ? undefined : String(event.position),
      refoldsessionid: event.sessionId,
      refoldissuekey: event.issueKey,
    }),

    read(value) {
      const id = requiredText(value, 'id');
      const source = requiredText(value, 'source');
      const type = typeOf(requiredText(value, 'type'), spellings);
      const subject = addressOf(value['subject']);
      const stream = addressOf(value['partitionkey']) ?? subject ?? { type: 'custom', id: source };
      const entity = subject ?? stream;
      return {
        id,
        type,
        schemaVersion: schemaVersionOf(value['dataschema']),
        streamType: stream.type,
        streamId: stream.id,
        entityType: entity.type,
        entityId: entity.id,
        revision: revisionOf(value['sequence']),
        occurredAt: instantAt(value['time'] ?? value['recordedtime'], 'time'),
        recordedAt: typeof value['recordedtime'] === 'string' ? instantAt(value['recordedtime'], 'recordedtime') : undefined,
        actor: { type: actorTypeOf(value['authtype']), id: readText(value['authid']) ?? source },
        correlationId: readText(value['correlationid']) ?? id,
        causationId: optionalText(value['causationid']),
        sessionId: optionalText(value['refoldsessionid']),
        issueKey: optionalText(value['refoldissuekey']),
        severity: severityOf(value),
        priority: readChoice(value['refoldpriority'], ['P0', 'P1', 'P2', 'P3']) ?? undefined,
        trace: traceOf(value),
        data: dataOf(value),
      };
    },
  });

/** A known name of any kind, our own prefix, else a user's type under `custom.`. */
function typeOf(spelling: string, spellings: Spellings): string {
  const bare = spelling.startsWith(cloudEventTypePrefix) ? spelling.slice(cloudEventTypePrefix.length) : null;
  const known = spellings.canonical(spelling) ?? (bare === null ? null : spellings.canonical(bare));
  if (known !== null) return known;
  if (bare !== null && /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(bare)) return bare;
  const cleaned = spelling.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[_0-9]+|_+$/g, '');
  return `custom.${cleaned === '' ? 'event' : cleaned}`;
}

/** `type/id`, split at the first slash. */
function addressOf(value: Json | undefined): { readonly type: string; readonly id: string } | null {
  const match = typeof value === 'string' ? /^([a-z][a-z0-9_]*)\/(.+)$/s.exec(value) : null;
  return match === null ? null : { type: match[1]!, id: match[2]! };
}

const schemaVersionOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? /\/(\d+\.\d+\.\d+)$/.exec(value)?.[1] : undefined);

function revisionOf(value: Json | undefined): number | undefined {
  const revision = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(revision) ? (revision as number) : undefined;
}

const actorTypeOf = (value: Json | undefined): ActorType => (Object.keys(authTypes) as ActorType[]).find((type) => authTypes[type] === value) ?? (value === 'user' ? 'user' : 'unknown');

function severityOf(value: JsonObject): Severity | undefined {
  const names = Object.keys(severityNumbers) as Severity[];
  const named = readChoice(typeof value['severitytext'] === 'string' ? value['severitytext'].toUpperCase() : null, names);
  if (named !== null) return named;
  const number = value['severitynumber'];
  // Each name stands for four numbers: 9 to 12 are INFO.
  return typeof number === 'number' ? names.findLast((name) => severityNumbers[name] <= number) : undefined;
}

const traceparentOf = ({ trace }: EventEnvelope): string | undefined => (trace === undefined ? undefined : (formatTraceparent(trace) ?? undefined));

const traceOf = (value: JsonObject): TraceContext | undefined => parseTraceparent(value['traceparent'], value['tracestate']) ?? undefined;

/** `data`, or `data_base64` decoded (1.0), or `data` in base64 (0.3). What is no object is kept under `value`. */
function dataOf(value: JsonObject): JsonObject {
  const encoded = readText(value['data_base64']) ?? (value['datacontentencoding'] === 'base64' ? readText(value['data']) : null);
  const content: Json = encoded === null ? (value['data'] ?? {}) : decoded(encoded, readText(value['datacontenttype']));
  return isObject(content) ? content : { value: content };
}

function decoded(base64: string, contentType: string | null): Json {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return contentType === null || /[/+]json\b/.test(contentType) ? (JSON.parse(text) as Json) : text;
  } catch {
    // Not text, or not JSON: the bytes stay as they came.
    return base64;
  }
}
