/**
 * The body that a driver keeps: `{"actor","metadata","payload","salts","schema"}`, canonical JSON in itself, so one line of
 * text shows a whole event. What is hashed are slices of these very bytes, never a second serialisation.
 *
 * Slicing needs no JSON.parse: the head is a string and the tail (salts, schema) has a fixed form, found from the end. A quote
 * inside a JSON string always has a backslash before it, so `"],"schema":"` cannot occur inside the last string. Only the end of the
 * metadata is looked for, by counting brackets.
 */
import { LogError } from '../errors.ts';
import { decodeUtf8, encodeUtf8, sharedUtf8 } from '../log/bytes.ts';
import type { JsonObject } from '../log/event.ts';
import { base64Of, bytesOfBase64At } from './base64.ts';
import { parseJson } from './parse-json.ts';

/** 32 random bytes each, drawn for one event: [for the payload, for the metadata]. */
export type Salts = readonly [Uint8Array, Uint8Array];
/** Base64 of 32 bytes each: [of the payload, of the metadata]. */
export type Commitments = readonly [string, string];

export interface BodyParts {
  /** `type:id`, as in the leaf. */
  readonly actor: string;
  /** Version of the payload's schema. */
  readonly schema: string;
  /** Canonical JSON of an object. */
  readonly payload: string;
  readonly metadata: string;
  readonly salts: Salts;
}

export const encodeBody = ({ actor, schema, payload, metadata, salts }: BodyParts): Uint8Array =>
  sharedUtf8(`{"actor":${JSON.stringify(actor)},"metadata":${metadata},"payload":${payload},"salts":["${base64Of(salts[0])}","${base64Of(salts[1])}"],"schema":${JSON.stringify(schema)}}`);

/** What stays when the payload is erased: enough to rebuild the leaf, nothing of the payload. */
export const encodeErasedBody = ({ actor, schema, commitments }: { readonly actor: string; readonly schema: string; readonly commitments: Commitments }): Uint8Array =>
  encodeUtf8(`{"actor":${JSON.stringify(actor)},"commitments":["${commitments[0]}","${commitments[1]}"],"schema":${JSON.stringify(schema)}}`);

export type DecodedBody =
  | { readonly kind: 'whole'; readonly actor: string; readonly schema: string; readonly data: JsonObject; readonly metadata: JsonObject; readonly salts: Commitments }
  | { readonly kind: 'erased'; readonly actor: string; readonly schema: string; readonly commitments: Commitments };

/**
 * Everything in a body. Salts stay in base64.
 *
 * @throws LogError INTEGRITY_VIOLATION `body` for bytes that are no body.
 * Cost: one decode and one JSON.parse.
 */
export function decodeBody(body: Uint8Array): DecodedBody {
  const parts = parseBody(body);
  if (typeof parts.actor !== 'string' || typeof parts.schema !== 'string') throw noBody('actor or schema is absent');
  const { actor, schema } = parts;
  if (isPair(parts.commitments)) return { kind: 'erased', actor, schema, commitments: parts.commitments };
  if (!isPair(parts.salts) || !isObject(parts.payload) || !isObject(parts.metadata)) throw noBody('payload, metadata or salts are absent');
  return { kind: 'whole', actor, schema, data: parts.payload, metadata: parts.metadata, salts: parts.salts };
}

export type SlicedBody =
  | { readonly kind: 'whole'; readonly actor: string; readonly schema: string; readonly payload: Uint8Array; readonly metadata: Uint8Array; readonly salts: Salts }
  | { readonly kind: 'erased'; readonly actor: string; readonly schema: string; readonly commitments: Commitments };

/**
 * The parts of a body as views into its bytes.
 *
 * @throws LogError INTEGRITY_VIOLATION `body` when the bytes have not the form that `encodeBody` gives.
 * Cost: one look at each byte of the metadata; the payload is not read.
 */
export function sliceBody(body: Uint8Array): SlicedBody {
  expectAscii(body, 0, '{"actor":"');
  const actorEnd = endOfString(body, 9);
  const actor = textOf(body, 9, actorEnd);
  const tail = findTail(body);
  const schema = textOf(body, tail + schemaMark.length - 1, body.length - 1);

  if (holdsAscii(body, actorEnd, commitmentsMark)) {
    const from = actorEnd + 17;
    expectAscii(body, from + 44, '","');
    if (from + 91 !== tail) throw noBody('the commitments have not their length');
    return { kind: 'erased', actor, schema, commitments: [asciiOf(body, from, from + 44), asciiOf(body, from + 47, from + 91)] };
  }

  // `,"salts":["` + 44 + `","` + 44, then the tail.
  const payloadEnd = tail - 91 - 11;
  expectAscii(body, actorEnd, ',"metadata":{');
  const metadataEnd = endOfObject(body, actorEnd + 12);
  expectAscii(body, metadataEnd, ',"payload":{');
  expectAscii(body, payloadEnd - 1, '},"salts":["');
  expectAscii(body, tail - 47, '","');
  return {
    kind: 'whole',
    actor,
    schema,
    payload: body.subarray(metadataEnd + 11, payloadEnd),
    metadata: body.subarray(actorEnd + 12, metadataEnd),
    salts: [saltAt(body, tail - 91), saltAt(body, tail - 44)],
  };
}

/** A quick look at where an erased body differs first; only `sliceBody` says whether the rest has its form. */
export const startsErased = (body: Uint8Array): boolean => body.length > 0 && holdsAscii(body, endOfString(body, 9), commitmentsMark);

/** Bytes that count against `limits.eventBytesMax`: canonical payload and canonical metadata. */
export function contentBytesOf(body: Uint8Array): number {
  const sliced = sliceBody(body);
  return sliced.kind === 'whole' ? sliced.payload.length + sliced.metadata.length : 0;
}

const commitmentsMark = ',"commitments":["';
const schemaMark = '"],"schema":"';
const quote = 0x22;
const backslash = 0x5c;

/** Place of `"],"schema":"`, looked for from the end, where only the short schema version stands behind it. */
function findTail(body: Uint8Array): number {
  if (body[body.length - 1] !== 0x7d || body[body.length - 2] !== quote) throw noBody('it does not end with the schema');
  for (let place = body.length - 1 - schemaMark.length; place > 0; place--) if (body[place] === quote && holdsAscii(body, place, schemaMark)) return place;
  throw noBody('the schema is absent');
}

/** Place behind the string that opens at `from`. */
function endOfString(body: Uint8Array, from: number): number {
  for (let place = from + 1; place < body.length; place++) {
    if (body[place] === quote) return place + 1;
    if (body[place] === backslash) place++;
  }
  throw noBody('a string does not end');
}

/** Place behind the object that opens at `from`. */
function endOfObject(body: Uint8Array, from: number): number {
  let depth = 0;
  for (let place = from; place < body.length; place++) {
    const byte = body[place];
    if (byte === quote) place = endOfString(body, place) - 1;
    else if (byte === 0x7b) depth++;
    else if (byte === 0x7d && --depth === 0) return place + 1;
  }
  throw noBody('the metadata does not end');
}

/** The text of the JSON string in `[from, to)`, quotes included. */
function textOf(body: Uint8Array, from: number, to: number): string {
  for (let place = from + 1; place < to - 1; place++) {
    const byte = body[place]!;
    if (byte === backslash || byte === quote || byte < 0x20 || byte >= 0x80) return stringIn(body.subarray(from, to));
  }
  return asciiOf(body, from + 1, to - 1);
}

function stringIn(bytes: Uint8Array): string {
  try {
    const text: unknown = JSON.parse(decodeUtf8(bytes));
    if (typeof text === 'string') return text;
  } catch {
    // Falls through: what is no JSON string is no part of a body.
  }
  throw noBody('a string is not JSON');
}

function asciiOf(body: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let place = from; place < to; place++) text += String.fromCharCode(body[place]!);
  return text;
}

function saltAt(body: Uint8Array, from: number): Uint8Array {
  const salt = bytesOfBase64At(body, from, 44);
  if (salt?.length !== 32) throw noBody('a salt is not 32 bytes');
  return salt;
}

function expectAscii(body: Uint8Array, place: number, text: string): void {
  if (!holdsAscii(body, place, text)) throw noBody(`${text} is not at byte ${place}`);
}

function holdsAscii(body: Uint8Array, place: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (body[place + index] !== text.charCodeAt(index)) return false;
  return true;
}

function parseBody(body: Uint8Array): { readonly [key: string]: unknown } {
  try {
    const parts: unknown = parseJson(decodeUtf8(body));
    if (isObject(parts)) return parts;
  } catch (cause) {
    throw noBody('it is not JSON', cause);
  }
  throw noBody('it is not an object');
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPair = (value: unknown): value is Commitments => Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'string';

const noBody = (why: string, cause?: unknown): LogError =>
  new LogError('INTEGRITY_VIOLATION', `The stored body is damaged: ${why}.`, { details: { reason: 'body' }, hint: 'Run refold verify; restore the event from a backup or an archive.', cause });
