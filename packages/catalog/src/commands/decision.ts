/**
 * Deciding: from a state and a command come the events that follow, or none when nothing changes. Pure. What a decision does not
 * judge (transitions, `before` against the state, payloads) is judged once, for every writer, by the log.
 */
import type { Change, Json, JsonObject } from '@refold/core';
import { isEqualJson } from '../json-equal.ts';

/** An event of the stream that the command is about; who acts, and where, is added by whoever appends it. */
export interface Decision {
  readonly type: string;
  readonly data: JsonObject;
  /** Before and after, by the payload's names of the fields. */
  readonly changes?: { readonly [field: string]: Change };
  /** Index, in the same list, of the decision that this one follows from. */
  readonly causedBy?: number;
}

/** Fields by the payload's names; those that were not given are undefined. */
export interface Given {
  readonly [field: string]: Json | undefined;
}

/** A payload of what was given. */
export const payloadOf = (given: Given): JsonObject => Object.fromEntries(Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined));

/** One event with `before` and `after`; none when the value stands so already, or was not given. */
export function changed(type: string, field: string, before: Json, after: Json | undefined, more: Given = {}): readonly Decision[] {
  if (after === undefined || isEqualJson(before, after)) return [];
  return [{ type, data: { ...payloadOf(more), before, after }, changes: { [field]: { before, after } } }];
}

/** One event with all fields that differ; none when none does. */
export function updated(type: string, before: { readonly [field: string]: Json }, given: Given): readonly Decision[] {
  const data = Object.fromEntries(Object.entries(payloadOf(given)).filter(([field, after]) => !isEqualJson(before[field] ?? null, after)));
  if (Object.keys(data).length === 0) return [];
  return [{ type, data, changes: Object.fromEntries(Object.entries(data).map(([field, after]) => [field, { before: before[field] ?? null, after }])) }];
}
