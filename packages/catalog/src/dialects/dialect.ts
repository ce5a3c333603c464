/**
 * Foreign forms of the event: the envelopes of the four documents, and CloudEvents. Each is a lossless view (K-011):
 *
 *   L1  fromForeign(toForeign(event), trusting the residue) = event
 *   L2  toForeign(fromForeign(foreign), without residue)   = foreign
 *
 * How both hold by construction, not by care: a form only says what is written where (`write`) and what is read from where
 * (`read`). What the foreign form has no place for travels in it as residue (`_refold`): every field of the event that
 * reading gives back differently. What the canonical form has no place for travels in `ext`: every key of the foreign form
 * that writing gives back differently (a time with microseconds, an own row id, a null where we write nothing).
 *
 * Residue comes from outside and could claim anything; it is only listened to on request.
 */
import { LogError, zeroHash } from '@refold/core';
import type { EventEnvelope, EventInput, Json, JsonObject } from '@refold/core';
import { isEqualJson } from '../json-equal.ts';
import { isObject } from '../read.ts';
import { defined, without } from './object.ts';

export type DialectName = 'jira' | 'agentLightning' | 'orchestration' | 'job' | 'cloudevents';

export interface WriteOptions {
  /** Default true: the form carries what it has no place for, so that the way back is exact. false: as documented. */
  readonly residue?: boolean;
}

export interface ReadOptions {
  /** Default false: a residue in the form is passed over. true only for an import by an admin. */
  readonly trustResidue?: boolean;
}

/** What a caller of the append gets out of a foreign form. */
export interface ForeignInput {
  readonly input: EventInput;
  /** The revision the form claims for the event; document 002 means "expect the one before" by it (K-015). Null = none. */
  readonly claimedRevision: number | null;
}

export interface Dialect<F extends object = JsonObject> {
  readonly name: DialectName;
  /** True for a value that looks like this form. */
  recognises(value: unknown): boolean;
  toForeign(event: EventEnvelope, options?: WriteOptions): F;
  /** @throws LogError MISSING_FIELD, BAD_TIMESTAMP, SCHEMA_VIOLATION with the pointer of the key. */
  fromForeign(value: unknown, options?: ReadOptions): EventEnvelope;
  /** The same for an append: only what the form says, without what the log itself decides. */
  inputFrom(value: unknown, options?: ReadOptions): ForeignInput;
}

/** What a form says of an event; the rest is filled. */
export type Said = Pick<EventEnvelope, 'id' | 'type' | 'data' | 'streamType' | 'streamId' | 'occurredAt' | 'actor' | 'correlationId'> & Partial<EventEnvelope>;

/** How one form is written and read. Values are JSON; a key that is `undefined` is left out. */
export interface Form {
  readonly name: DialectName;
  /** Where the residue of this form is kept: a key of the form, or below its metadata. */
  readonly residueIn: 'top' | 'metadata' | 'envelope';
  /** Key of `ext`, as the model names it. */
  readonly ext: string;
  /** Fields of the event that this form holds exactly, so that they need no residue. */
  readonly home: readonly (keyof EventEnvelope)[];
  readonly looksRight: (value: JsonObject) => boolean;
  readonly write: (event: EventEnvelope) => { readonly [key: string]: Json | undefined };
  /** May throw LogError. */
  readonly read: (value: JsonObject) => { readonly [K in keyof Said]: Said[K] | undefined };
}

export function createDialect(form: Form): Dialect {
  const residues = residuePlaces[form.residueIn];

  function toForeign(event: EventEnvelope, { residue = true }: WriteOptions = {}): JsonObject {
    const bare = applyDifferences(defined(form.write(event)), event.ext?.[form.ext]);
    if (!residue) return bare;
    // Read back what the reader will see, so that nothing that differs is left out of the residue.
    const seen = residues.take(residues.put(bare, {})).rest;
    return residues.put(bare, residueOf(event, homeOf(form, seen)));
  }

  function fromForeign(value: unknown, options: ReadOptions = {}): EventEnvelope {
    const { residue, rest } = residues.take(objectAt(value));
    // Safe: a trusted residue is what `toForeign` wrote.
    if (residue !== null && options.trustResidue === true) return { ...homeOf(form, rest), ...residue } as unknown as EventEnvelope;
    return filled(form, rest);
  }

  return {
    name: form.name,
    recognises: (value) => isObject(value) && form.looksRight(value),
    toForeign,
    fromForeign,
    inputFrom(value, options = {}) {
      const { residue, rest } = residues.take(objectAt(value));
      const trusted = residue !== null && options.trustResidue === true;
      const event: Partial<EventEnvelope> = trusted ? fromForeign(value, options) : { ...definedFields(form.read(rest)), ...extOf(form, rest) };
      const { revision, position: _position, recordedAt: _recordedAt, prevHash: _prevHash, hash: _hash, archivedAt: _archivedAt, erased: _erased, ...input } = event;
      // Safe: `read` gives at least the type and the data.
      return { input: input as EventInput, claimedRevision: revision !== undefined && revision > 0 ? revision : null };
    },
  };
}

/** The event with the defaults of one that no log has taken yet. */
function filled(form: Form, value: JsonObject): EventEnvelope {
  const said = definedFields(form.read(value));
  return {
    schemaVersion: '1.0.0',
    revision: 0,
    position: 0,
    entityType: said.streamType,
    entityId: said.streamId,
    recordedAt: said.occurredAt,
    correlationChain: [said.correlationId],
    metadata: {},
    priority: 'P2',
    severity: 'INFO',
    prevHash: zeroHash,
    hash: '',
    ...said,
    ...extOf(form, value),
  };
}

// Safe: leaves out what is undefined, and the required fields of `Said` never are.
const definedFields = (said: { readonly [K in keyof Said]: Said[K] | undefined }): Said => Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as unknown as Said;

/** Fields that the form holds exactly, as it holds them. A form that cannot be read gives none. */
function homeOf(form: Form, value: JsonObject): JsonObject {
  const said = form.read(value) as { readonly [field: string]: Json | undefined };
  return Object.fromEntries(form.home.flatMap((field) => (said[field] === undefined ? [] : [[field, said[field]]])));
}

const residueOf = (event: EventEnvelope, home: JsonObject): JsonObject =>
  // Safe: an envelope is JSON.
  Object.fromEntries(Object.entries(event as unknown as { readonly [field: string]: Json | undefined }).flatMap(([field, value]) =>
    value === undefined || (Object.hasOwn(home, field) && isEqualJson(home[field], value)) ? [] : [[field, value]],
  ));

/* What of the foreign form the event cannot hold. Known keys by their name, others in `rest`, missing ones in `absent`; for
 * `metadata`, which is a mixture in three forms, the same one level below in `inMetadata`. */

interface Differences {
  readonly rest?: JsonObject;
  readonly absent?: readonly string[];
  readonly inMetadata?: { readonly set?: JsonObject; readonly absent?: readonly string[] };
  readonly [key: string]: unknown;
}

function extOf(form: Form, value: JsonObject): { readonly ext?: { readonly [dialect: string]: JsonObject } } {
  // The fold of defaults does not matter here: `write` reads only what `read` found.
  const said = definedFields(form.read(value));
  const natural = defined(form.write({ schemaVersion: '1.0.0', revision: 0, metadata: {}, recordedAt: said.occurredAt, correlationChain: [said.correlationId], entityType: said.streamType, entityId: said.streamId, ...said } as EventEnvelope));
  const differences = differencesOf(natural, value);
  return Object.keys(differences).length === 0 ? {} : { ext: { [form.ext]: differences as JsonObject } };
}

function differencesOf(natural: JsonObject, actual: JsonObject): Differences {
  const inMetadata = isObject(natural['metadata']) && isObject(actual['metadata']) && !isEqualJson(natural['metadata'], actual['metadata']) ? nestedDifferences(natural['metadata'], actual['metadata']) : null;
  const differing = Object.entries(actual).filter(([key, value]) => !(key === 'metadata' && inMetadata !== null) && !(Object.hasOwn(natural, key) && isEqualJson(natural[key], value)));
  const known = differing.filter(([key]) => Object.hasOwn(natural, key) || namedByDocuments.has(key));
  const rest = differing.filter(([key]) => !Object.hasOwn(natural, key) && !namedByDocuments.has(key));
  const absent = Object.keys(natural).filter((key) => !Object.hasOwn(actual, key));
  return {
    ...Object.fromEntries(known),
    ...(rest.length === 0 ? {} : { rest: Object.fromEntries(rest) }),
    ...(absent.length === 0 ? {} : { absent }),
    ...(inMetadata === null ? {} : { inMetadata }),
  };
}

/** Keys that the documents name but the natural form may leave out. */
const namedByDocuments = new Set(['id', 'issue_key', 'session_id', 'git_sha', 'branch', 'codebase_state', 'archived_at', 'timestamp', 'event_type']);

function nestedDifferences(natural: JsonObject, actual: JsonObject): NonNullable<Differences['inMetadata']> {
  const set = Object.entries(actual).filter(([key, value]) => !(Object.hasOwn(natural, key) && isEqualJson(natural[key], value)));
  const absent = Object.keys(natural).filter((key) => !Object.hasOwn(actual, key));
  return { ...(set.length === 0 ? {} : { set: Object.fromEntries(set) }), ...(absent.length === 0 ? {} : { absent }) };
}

function applyDifferences(natural: JsonObject, ext: JsonObject | undefined): JsonObject {
  if (ext === undefined) return natural;
  const { rest, absent, inMetadata, ...known } = ext as Differences;
  const merged: JsonObject = { ...natural, ...(known as JsonObject), ...(isObject(rest) ? rest : {}) };
  const metadata = isObject(inMetadata) && isObject(merged['metadata']) ? { metadata: applyNested(merged['metadata'], inMetadata) } : {};
  return without({ ...merged, ...metadata }, textsOf(absent));
}

const applyNested = (natural: JsonObject, { set, absent }: NonNullable<Differences['inMetadata']>): JsonObject =>
  without({ ...natural, ...(isObject(set) ? set : {}) }, textsOf(absent));

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);

/* Where a form keeps its residue. */

interface ResiduePlace {
  readonly put: (bare: JsonObject, residue: JsonObject) => JsonObject;
  readonly take: (value: JsonObject) => { readonly residue: JsonObject | null; readonly rest: JsonObject };
}

const residueKey = '_refold';
/** CloudEvents attributes are scalars in lower case, so there the residue is JSON text under a name of its own. */
const envelopeAttribute = 'refoldenvelope';

const residuePlaces: { readonly [place in Form['residueIn']]: ResiduePlace } = {
  top: {
    put: (bare, residue) => ({ ...bare, [residueKey]: residue }),
    take: (value) => ({ residue: objectOrNull(value[residueKey]), rest: without(value, [residueKey]) }),
  },
  metadata: {
    put: (bare, residue) => ({ ...bare, metadata: { ...objectOrNull(bare['metadata']), [residueKey]: residue } }),
    take(value) {
      const metadata = objectOrNull(value['metadata']);
      if (metadata === null || !Object.hasOwn(metadata, residueKey)) return { residue: null, rest: value };
      return { residue: objectOrNull(metadata[residueKey]), rest: { ...value, metadata: without(metadata, [residueKey]) } };
    },
  },
  envelope: {
    put: (bare, residue) => ({ ...bare, [envelopeAttribute]: JSON.stringify(residue) }),
    take: (value) => ({ residue: parsedOrNull(value[envelopeAttribute]), rest: without(value, [envelopeAttribute]) }),
  },
};

const objectOrNull = (value: unknown): JsonObject | null => (isObject(value) ? value : null);

function parsedOrNull(value: Json | undefined): JsonObject | null {
  if (typeof value !== 'string') return null;
  try {
    return objectOrNull(JSON.parse(value));
  } catch {
    return null;
  }
}

function objectAt(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw new LogError('SCHEMA_VIOLATION', 'An event is a JSON object.', { details: { reason: 'type', pointer: '' }, hint: 'Send one event as an object.' });
}
