/**
 * Payloads of Temporal: `{ metadata: { encoding }, data }`, both in base64, or a list of them under `payloads`. JSON is decoded;
 * what has another encoding (encrypted, protobuf, bytes) is kept as it came. A command line that decodes payloads itself hands
 * in plain values, and these pass.
 *
 * A decoded payload no longer says how it was spelled, so whatever its metadata says beyond plain JSON is noted by pointer.
 * Source: INTAKE.md, section 9; temporal.api.common.v1.Payload.
 */
import { bytesOfBase64, isLogError, parseStrictJson } from '@refold/core';
import type { Json, JsonObject } from '@refold/core';
import { listIn, objectIn, textIn } from '../json-shape.ts';

/** Metadata of decoded payloads by RFC 6901 pointer, where it says more than `json/plain`. */
export type PayloadNotes = Map<string, JsonObject>;

/** A value with every payload in it decoded, however deep. */
export function decoded(value: Json, notes: PayloadNotes, pointer: string): Json {
  const items = listIn(value);
  if (items !== undefined) return items.map((item, index) => decoded(item, notes, `${pointer}/${index}`));
  const object = objectIn(value);
  if (object === undefined) return value;
  if (isPayload(object)) return decodedPayload(object, notes, pointer);
  if (isPayloadList(object)) return decoded(object.payloads ?? [], notes, pointer);
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, decoded(item, notes, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)]));
}

function decodedPayload(payload: JsonObject, notes: PayloadNotes, pointer: string): Json {
  // Safe: `isPayload` looked.
  const metadata = payload.metadata as JsonObject;
  const encoding = encodingOf(metadata);
  const value = encoding === 'binary/null' ? null : encoding === 'json/plain' || encoding === 'json/protobuf' ? jsonIn(payload.data) : undefined;
  if (value === undefined) return payload;
  if (metadata.encoding !== plainJson || Object.keys(metadata).length > 1) notes.set(pointer, metadata);
  return value;
}

/** `json/plain` in base64. */
const plainJson = 'anNvbi9wbGFpbg==';

const isPayload = (object: JsonObject): boolean =>
  textIn(objectIn(object.metadata)?.encoding) !== undefined && Object.keys(object).every((key) => key === 'metadata' || key === 'data');

const isPayloadList = (object: JsonObject): boolean => {
  const keys = Object.keys(object);
  return keys.length === 1 && keys[0] === 'payloads' && (object.payloads === null || listIn(object.payloads) !== undefined);
};

/** One of the real samples has a newline after the name. */
function encodingOf(metadata: JsonObject): string | undefined {
  const bytes = bytesOfBase64(textIn(metadata.encoding) ?? '');
  return bytes === null ? undefined : new TextDecoder().decode(bytes).trim();
}

/** undefined for what is not JSON as strict as the log's own: then the payload is kept as it came. */
function jsonIn(data: Json | undefined): Json | undefined {
  const bytes = bytesOfBase64(textIn(data) ?? '');
  if (bytes === null) return undefined;
  try {
    return parseStrictJson(bytes, { bigNumbersAsText: true, sanitize: true });
  } catch (error) {
    if (!isLogError(error)) throw error;
    return undefined;
  }
}
