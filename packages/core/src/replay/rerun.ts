/** Running something again with other parameters: the parameters of the new run, and what changed. The domain writes the events. */
import { LogError } from '../errors.ts';
import { diff } from '../fold/diff.ts';
import type { Patch } from '../fold/diff.ts';
import { absent, changeAt, parsePointer, pointerOf, valueAt } from '../fold/pointer.ts';
import type { Json, JsonObject } from '../log/event.ts';

export interface ChangedParameters {
  readonly params: JsonObject;
  readonly changes: readonly Patch[];
}

/**
 * Merges changes into parameters: maps are merged key by key, null removes a key, everything else replaces (RFC 7396).
 *
 * @returns new parameters; the old ones are not changed.
 */
export function mergeParameters(params: JsonObject, changes: JsonObject): ChangedParameters {
  const merged = merge(params, changes) as JsonObject;
  return { params: merged, changes: diff(params, merged) };
}

/**
 * Sets values by JSON pointer; maps on the way are made.
 *
 * @throws LogError BAD_REQUEST `path` for a pointer that is none, or leads through what is no map.
 */
export function setParameters(params: JsonObject, values: { readonly [pointer: string]: Json }): ChangedParameters {
  const copy = structuredClone(params);
  for (const [pointer, value] of Object.entries(values)) {
    const path = parsePointer(pointer);
    if (path.length === 0) throw new LogError('BAD_REQUEST', 'A pointer to all parameters names none.', { details: { reason: 'path', path: pointer }, hint: 'Name one: /model.' });
    for (let depth = 1; depth < path.length; depth++) if (valueAt(copy, path.slice(0, depth)) === absent) changeAt(copy, pointerOf(path.slice(0, depth)), { op: 'add', value: {} });
    changeAt(copy, pointer, { op: valueAt(copy, path) === absent ? 'add' : 'replace', value: structuredClone(value) });
  }
  return { params: copy, changes: diff(params, copy) };
}

function merge(base: Json | undefined, change: Json): Json {
  if (!isMap(change)) return structuredClone(change);
  const merged: Record<string, Json> = isMap(base) ? structuredClone(base as Record<string, Json>) : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else Object.defineProperty(merged, key, { value: merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value), enumerable: true, configurable: true, writable: true });
  }
  return merged;
}

const isMap = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
