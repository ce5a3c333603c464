/**
 * Reading the attributes of one history event, and remembering what was read: the rest stays in `metadata.source.rest`, so a
 * field that no mapping knows is never lost. Only what is taken over whole counts as read.
 */
import type { Json, JsonObject } from '@refold/core';
import { listIn, objectIn, textIn, without, wordIn } from '../json-shape.ts';
import { decoded } from './payload.ts';
import type { PayloadNotes } from './payload.ts';

export interface Attributes {
  /** Text that says something. */
  text(key: string): string | undefined;
  /** Number; int64 comes as text. */
  count(key: string): number | undefined;
  /** `{ name }`, as types of workflows and activities, and task queues, are written. */
  name(key: string): string | undefined;
  /** Arguments: the decoded payloads as a list. */
  values(key: string): readonly Json[] | undefined;
  /** A result: the decoded payload itself when there is one. */
  value(key: string): Json | undefined;
  /** Anything, with the payloads in it decoded. */
  decoded(key: string): Json | undefined;
  /** The value as it came; it stays in the rest. */
  peek(key: string): Json | undefined;
  /** As `peek`, for objects; empty when there is none. */
  inside(key: string): JsonObject;
  /** What nobody took over; undefined when nothing is left. */
  left(): JsonObject | undefined;
  /** Metadata of the payloads that were decoded, by pointer into the attributes. */
  notes(): JsonObject | undefined;
}

export function readAttributes(attributes: JsonObject): Attributes {
  const taken = new Set<string>();
  const notes: PayloadNotes = new Map();

  function take<T>(key: string, value: T | undefined): T | undefined {
    if (value !== undefined) taken.add(key);
    return value;
  }
  const peek = (key: string): Json | undefined => (Object.hasOwn(attributes, key) ? attributes[key] : undefined);
  const decodedAt = (key: string): Json | undefined => {
    const value = peek(key);
    return value === undefined || value === null ? undefined : take(key, decoded(value, notes, `/${key}`));
  };

  return {
    text: (key) => take(key, wordIn(peek(key))),
    count: (key) => take(key, countIn(peek(key))),
    name(key) {
      const object = objectIn(peek(key));
      const name = wordIn(object?.name);
      if (name !== undefined && Object.keys(object ?? {}).length === 1) taken.add(key);
      return name;
    },
    values(key) {
      const value = isEmptyObject(peek(key)) ? undefined : decodedAt(key);
      return value === undefined ? undefined : (listIn(value) ?? [value]);
    },
    value(key) {
      const value = isEmptyObject(peek(key)) ? undefined : decodedAt(key);
      const isOne = listIn(objectIn(peek(key))?.payloads)?.length === 1;
      return isOne ? listIn(value)?.[0] : value;
    },
    decoded: decodedAt,
    peek,
    inside: (key) => objectIn(peek(key)) ?? {},
    left: () => without(attributes, [...taken]),
    notes: () => (notes.size === 0 ? undefined : Object.fromEntries(notes)),
  };
}

/** `"input": {}` stands for no arguments at all. */
const isEmptyObject = (value: Json | undefined): boolean => Object.keys(objectIn(value) ?? { full: true }).length === 0;

function countIn(value: Json | undefined): number | undefined {
  const count = typeof value === 'number' ? value : /^-?\d{1,15}$/.test(textIn(value) ?? '') ? Number(value) : undefined;
  return Number.isSafeInteger(count) ? count : undefined;
}
