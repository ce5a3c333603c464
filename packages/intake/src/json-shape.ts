/** Reading values whose shape nobody promises: each look answers with the type asked for, or undefined. */
import type { Json, JsonObject } from '@refold/core';

export const textIn = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** Text that says something. */
export const wordIn = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const numberIn = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

export const listIn = (value: Json | undefined): readonly Json[] | undefined => (Array.isArray(value) ? (value as readonly Json[]) : undefined);

export const objectIn = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** The entries that are not undefined: optional payload keys are left out, not written as null. */
export function known(entries: { readonly [key: string]: Json | undefined }): JsonObject {
  const kept: { [key: string]: Json } = {};
  for (const key of Object.keys(entries)) {
    const value = entries[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/** What is left when the mapped keys are taken out; undefined when nothing is. */
export function without(object: JsonObject, keys: readonly string[]): JsonObject | undefined {
  const left: { [key: string]: Json } = {};
  let isEmpty = true;
  for (const key of Object.keys(object)) {
    if (keys.includes(key)) continue;
    // Safe: the key is the object's own, and the reader refuses `__proto__`.
    left[key] = object[key]!;
    isEmpty = false;
  }
  return isEmpty ? undefined : left;
}
