/**
 * Edits of a what-if: leave an event out, put another in its place, put one after it, set one value in a payload. They are
 * checked as far as that is possible without the history; what only the history can tell is told as rejected.
 */
import { LogError } from '../errors.ts';
import { absent, changeAt, parsePointer, valueAt } from '../fold/pointer.ts';
import type { Revision } from '../log/driver.ts';
import type { EventInput, Json, JsonObject } from '../log/event.ts';
import { canonicalise } from '../trust/canonical.ts';

/** A revision, or an event's id. */
export type EditPlace = Revision | string;

/** An event that did not happen. What is left out is taken from the event it replaces or follows. */
export type WhatIfEvent = Pick<EventInput, 'type' | 'data'> & Partial<Pick<EventInput, 'id' | 'occurredAt' | 'actor' | 'entityType' | 'entityId' | 'refs' | 'phase' | 'agent' | 'sessionId' | 'issueKey' | 'severity' | 'priority' | 'changes' | 'causationId' | 'metadata'>>;

export type Edit =
  | { readonly op: 'omit'; readonly at: EditPlace }
  | { readonly op: 'replace'; readonly at: EditPlace; readonly event: WhatIfEvent }
  /** `after: 0` puts it before the first event. */
  | { readonly op: 'insert'; readonly after: EditPlace; readonly event: WhatIfEvent }
  /** Sets the value at a JSON pointer into the event's `data`; a key that is not there is added, `-` appends to a list. */
  | { readonly op: 'set'; readonly at: EditPlace; readonly pointer: string; readonly value: Json };

/** An edit and its place in the caller's list. */
export interface NumberedEdit {
  readonly index: number;
  readonly edit: Edit;
}

/** Edits by where they apply. */
export interface EditPlan {
  /** Edits of an event, in the order given. */
  readonly of: (event: { readonly id: string; readonly revision: Revision }) => readonly NumberedEdit[];
  /** Inserts before the first event. */
  readonly atFront: readonly NumberedEdit[];
  readonly count: number;
  /** The first revision that an edit names; 1 when one names an event by its id. */
  readonly firstRevision: Revision;
}

/**
 * @throws LogError BAD_REQUEST `path` for a pointer that is none or leads to a prototype (bad-input A19), `edit` for a place
 *         that is none; BAD_JSON, BAD_NUMBER, TOO_LARGE for a payload that no log would take.
 */
export function planEdits(edits: readonly Edit[]): EditPlan {
  const byPlace = new Map<EditPlace, NumberedEdit[]>();
  for (const [index, edit] of edits.entries()) {
    if (edit.op === 'set') refusePrototypePath(edit.pointer);
    if (edit.op !== 'omit') canonicalise(edit.op === 'set' ? edit.value : edit.event.data);
    const place = placeOfEdit(edit);
    if (typeof place === 'number' && !(Number.isSafeInteger(place) && place >= (edit.op === 'insert' ? 0 : 1)))
      throw new LogError('BAD_REQUEST', `Edit ${index} names no revision: ${place}.`, { details: { reason: 'edit', index }, hint: 'Name a revision from 1, or an event by its id.' });
    byPlace.set(place, [...(byPlace.get(place) ?? []), { index, edit }]);
  }
  return {
    of: ({ id, revision }) => [...(byPlace.get(revision) ?? []), ...(byPlace.get(id) ?? [])].toSorted((a, b) => a.index - b.index),
    atFront: byPlace.get(0) ?? [],
    count: edits.length,
    firstRevision: edits.some((edit) => typeof placeOfEdit(edit) === 'string') ? 1 : Math.max(1, Math.min(...edits.map((edit) => placeOfEdit(edit) as Revision))),
  };
}

export const placeOfEdit = (edit: Edit): EditPlace => (edit.op === 'insert' ? edit.after : edit.at);

/** `changeAt` follows own keys only; a pointer that would leave the document is refused whatever the document holds. */
function refusePrototypePath(pointer: string): void {
  const path = parsePointer(pointer);
  if (!path.some((key, index) => key === '__proto__' || (key === 'constructor' && path[index + 1] === 'prototype'))) return;
  throw new LogError('BAD_REQUEST', `${JSON.stringify(pointer.slice(0, 200).toWellFormed())} leads out of the document.`, { details: { reason: 'path', path: pointer.slice(0, 200).toWellFormed() }, hint: 'Name a key of the payload.' });
}

/**
 * A payload with one value set; the given one stays as it is.
 *
 * @throws LogError BAD_REQUEST `path` when the container does not exist, or the whole would be no object.
 */
export function withValueAt(data: JsonObject, pointer: string, value: Json): JsonObject {
  const exists = valueAt(data, pointer) !== absent;
  const changed: unknown = changeAt(structuredClone(data), pointer, { op: exists ? 'replace' : 'add', value: structuredClone(value) });
  if (typeof changed === 'object' && changed !== null && !Array.isArray(changed)) return changed as JsonObject;
  throw new LogError('BAD_REQUEST', 'A payload is an object.', { details: { reason: 'path', path: pointer }, hint: 'Set a value below the top.' });
}
