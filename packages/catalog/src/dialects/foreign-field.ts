/** Reading the keys of a foreign form. What must be there and is not, or is something else, is told with its pointer. */
import { LogError, normalInstant } from '@refold/core';
import type { Actor, ActorType, Json, JsonObject } from '@refold/core';
import { isObject, readChoice, readText } from '../read.ts';

const pointerTo = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

export function requiredText(value: JsonObject, key: string): string {
  const found = value[key];
  if (typeof found === 'string' && found !== '') return found;
  if (typeof found === 'number') return String(found);
  throw new LogError('MISSING_FIELD', `"${key}" is missing.`, { details: { pointer: pointerTo(key) }, hint: `Give ${key} as a text.` });
}

export function requiredObject(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  if (isObject(found)) return found;
  if (found === undefined || found === null) throw new LogError('MISSING_FIELD', `"${key}" is missing.`, { details: { pointer: pointerTo(key) }, hint: `Give ${key} as an object, {} if there is nothing to say.` });
  throw new LogError('SCHEMA_VIOLATION', `"${key}" is no object.`, { details: { reason: 'type', pointer: pointerTo(key) }, hint: `Give ${key} as an object.` });
}

export const optionalText = (value: Json | undefined): string | undefined => readText(value) ?? undefined;
export const optionalRevision = (value: Json | undefined): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

/**
 * An instant in the log's own spelling; a time without a zone is UTC, as the documents' programs write it.
 *
 * @throws LogError BAD_TIMESTAMP
 */
export function instantAt(text: Json | undefined, key: string): string {
  const found = typeof text === 'string' ? (normalInstant(text) ?? normalInstant(`${text.replace(' ', 'T')}Z`)) : null;
  if (found !== null) return found;
  throw new LogError('BAD_TIMESTAMP', `"${key}" is no instant.`, { details: { reason: 'format', pointer: pointerTo(key) }, hint: 'Write RFC 3339, for example 2025-12-22T10:00:00Z.' });
}

const actorTypes: readonly ActorType[] = ['user', 'agent', 'service', 'system', 'unknown'];

/** An actor object of a foreign form; undefined when it is none. */
export function actorAt(value: Json | undefined): Actor | undefined {
  if (!isObject(value) || typeof value['id'] !== 'string') return undefined;
  const [model, name] = [readText(value['model']), readText(value['name'])];
  return { type: readChoice(value['type'], actorTypes) ?? 'unknown', id: value['id'], ...(model === null ? {} : { model }), ...(name === null ? {} : { name }) };
}
