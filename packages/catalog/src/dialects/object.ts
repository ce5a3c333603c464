/** Objects made from other objects. Keys from outside may have any name, `__proto__` too, so nothing is ever assigned to one. */
import type { Json, JsonObject } from '@refold/core';

export const without = (object: JsonObject, keys: readonly string[]): JsonObject => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

export const defined = (object: { readonly [key: string]: Json | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
