/**
 * Between the envelope that people read and the record that a driver keeps. A field lives in exactly one place: in the leaf
 * (id, stream, revision, type, schema version, time recorded, actor), in the metadata document, or in the payload.
 */
import { LogError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Randomness } from '../ports.ts';
import type { Registry } from '../schema/registry.ts';
import { decodeBody } from '../trust/body.ts';
import type { Commitments, DecodedBody } from '../trust/body.ts';
import { canonicalise } from '../trust/canonical.ts';
import type { LeafLinker } from '../trust/leaf.ts';
import { isEqual } from '../trust/proof.ts';
import { encodeUtf8, hexOf } from './bytes.ts';
import type { NewEvent, Recorded } from './driver.ts';
import { zeroHash } from './event.ts';
import type { Actor, EventEnvelope } from './event.ts';
import type { Pseudonym } from './pseudonym.ts';
import { tagsOf } from './tags.ts';

/** The actor as leaf and body spell it: `type:id`. */
const actorText = (actor: Actor): string => `${actor.type}:${actor.id}`;

/** Envelope fields that are there or not; nothing stands for them when they are not. */
export const optionalFields = ['causationId', 'serviceName', 'sessionId', 'issueKey', 'phase', 'agent', 'changes', 'git', 'trace', 'ext'] as const;

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Copies what is there. Spreading a conditional object per field made garbage on every append. */
export function copyPresent<K extends string, T extends { readonly [field in K]?: unknown }>(from: T, to: Draft<T>, fields: readonly K[]): void {
  for (const field of fields) if (from[field] !== undefined) to[field] = from[field];
}

/** Fields of the metadata document, in the envelope's own names. Left-out fields follow from the rest. */
export type MetadataDocument = Partial<Omit<EventEnvelope, 'id' | 'type' | 'schemaVersion' | 'streamType' | 'streamId' | 'revision' | 'position' | 'recordedAt' | 'data' | 'prevHash' | 'hash'>>;

/**
 * Everything the leaf and the driver do not keep (TRUST.md 3). A default that the reader can restore is left out.
 *
 * @param actorId  The actor's id as the leaf shows it; when that is a pseudonym, the clear form is kept here.
 */
export function metadataDocument(event: Omit<EventEnvelope, 'revision' | 'position' | 'recordedAt' | 'prevHash' | 'hash'>, actorId: string): MetadataDocument {
  const document: Draft<MetadataDocument> = { occurredAt: event.occurredAt, correlationId: event.correlationId, priority: event.priority, severity: event.severity };
  const { actor } = event;
  if (actor.model !== undefined || actor.name !== undefined || actor.id !== actorId) document.actor = actor;
  if (event.correlationChain.length !== 1) document.correlationChain = event.correlationChain;
  if (event.entityType !== event.streamType || event.entityId !== event.streamId) {
    document.entityType = event.entityType;
    document.entityId = event.entityId;
  }
  if (event.refs !== undefined && event.refs.length > 0) document.refs = event.refs;
  if (Object.keys(event.metadata).length > 0) document.metadata = event.metadata;
  copyPresent(event, document, optionalFields);
  return document;
}

/** An event as the driver takes it, and what the commit says about it. */
export interface EncodedEvent {
  readonly event: NewEvent;
  readonly commitments: Commitments;
  /** Bytes that count against the limits: all of the body. */
  readonly size: number;
}

export interface EncodingParts {
  readonly registry: Registry;
  readonly randomness: Randomness;
  readonly limits: Limits;
  /** Makes the body and its salted commitments; remembered, so that the driver's linker hashes nothing twice. */
  readonly commit: LeafLinker['commit'];
  /** How leaf and tags show an actor's id. */
  readonly pseudonym: Pseudonym;
  /** Replace lone surrogates, and say so in `metadata.sanitized`, instead of refusing them. */
  readonly sanitize: boolean;
}

/** Salts, separators and keys around payload and metadata in a body, with the longest actor and schema version we expect. */
const bodyFrameBytes = 256;

/**
 * The canonical bytes of an event. They are made here, once; stored, hashed and moved as they are from here on.
 *
 * @throws LogError BAD_JSON, BAD_NUMBER, BAD_UTF8, TOO_LARGE with the pointer of the value at fault.
 */
export function encodeEvent(event: Parameters<typeof metadataDocument>[0], { registry, randomness, limits, commit, pseudonym, sanitize }: EncodingParts): EncodedEvent {
  const { actor } = event;
  const id = pseudonym(actor.id);
  const shown = id === actor.id ? actor : { ...actor, id };
  const payload = canonicalise(event.data, { limits, sanitize });
  const document = metadataDocument(event, shown.id);
  const written = canonicalise(document, { limits, sanitize });
  const isSanitized = payload.sanitized || written.sanitized;
  const metadata = isSanitized ? canonicalise({ ...document, metadata: { ...event.metadata, sanitized: true } }, { limits, sanitize }) : written;
  const salts = [randomness.bytes(32), randomness.bytes(32)] as const;
  const { body, commitments } = commit({ actor: actorText(shown), schema: event.schemaVersion, payload: payload.text, metadata: metadata.text, salts });
  if (body.length > limits.eventBytesMax - bodyFrameBytes) refuseLarge(payload.text, metadata.text, limits.eventBytesMax);
  return {
    event: { id: event.id, stream: `${event.streamType}/${event.streamId}`, type: event.type, tags: tagsOf(shown === actor ? event : { ...event, actor: shown }, registry), body },
    commitments,
    size: body.length,
  };
}

/** Only near the limit are payload and metadata measured on their own: the limit is theirs, not the frame's. */
function refuseLarge(payload: string, metadata: string, limit: number): void {
  const size = encodeUtf8(payload).length + encodeUtf8(metadata).length;
  if (size > limit)
    throw new LogError('TOO_LARGE', `The event has ${size} canonical bytes; the most is ${limit}.`, {
      details: { reason: 'event', size, limit },
      hint: 'Put large values into a blob and refer to it with {"$blob": ...}.',
    });
}

/** Splits an address at its first slash. */
export function splitAddress(address: string): { readonly type: string; readonly id: string } {
  const slash = address.indexOf('/');
  return { type: address.slice(0, slash), id: address.slice(slash + 1) };
}

/**
 * The envelope of a record: one JSON.parse, nothing copied twice.
 *
 * @throws LogError INTEGRITY_VIOLATION `body` {position} when the bytes are no body.
 */
export function envelopeOf(record: Recorded): EventEnvelope {
  const body = bodyOf(record);
  const { type: streamType, id: streamId } = splitAddress(record.stream);
  const document: MetadataDocument = body.kind === 'whole' ? body.metadata : {};
  const correlationId = document.correlationId ?? '';
  // One literal, always of the same shape: an envelope is made for every event that is read.
  const event: Draft<EventEnvelope> = {
    id: record.id,
    type: record.type,
    schemaVersion: body.schema,
    streamType,
    streamId,
    revision: record.revision,
    position: record.position,
    entityType: document.entityType ?? streamType,
    entityId: document.entityId ?? streamId,
    occurredAt: document.occurredAt ?? record.recordedAt,
    recordedAt: record.recordedAt,
    actor: document.actor ?? actorOf(body.actor),
    correlationId,
    correlationChain: document.correlationChain ?? [correlationId],
    data: body.kind === 'whole' ? body.data : {},
    metadata: document.metadata ?? {},
    priority: document.priority ?? 'P2',
    severity: document.severity ?? 'INFO',
    prevHash: hashOf(record.previousLeaf),
    hash: hashOf(record.leaf),
  };
  if (document.refs !== undefined) event.refs = document.refs;
  copyPresent(document, event, optionalFields);
  if (body.kind === 'erased') event.erased = true;
  return event;
}

/** The leaf of an event is the one before it for the next of its stream, which mostly is read next. */
function hashOf(leaf: Uint8Array | undefined): string {
  if (leaf === undefined) return zeroHash;
  if (!isEqual(leaf, newest.leaf)) newest = { leaf: leaf.slice(), text: hexOf(leaf) };
  return newest.text;
}

let newest = { leaf: new Uint8Array(32), text: zeroHash };

function bodyOf({ body, position, stream, revision }: Recorded): DecodedBody {
  try {
    return decodeBody(body);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new LogError(error.code, error.message, { details: { ...error.details, position, stream, revision }, cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

function actorOf(text: string): Actor {
  const colon = text.indexOf(':');
  return { type: text.slice(0, colon) as Actor['type'], id: text.slice(colon + 1) };
}
