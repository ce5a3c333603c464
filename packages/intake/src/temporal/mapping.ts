/** What the mappings of the event types share: what they are given, what they answer, and how they name things. */
import type { EntityRef, EventInput, Json, JsonObject } from '@refold/core';
import { known, objectIn, textIn, wordIn } from '../json-shape.ts';
import type { Attributes } from './attributes.ts';
import { runIdIn } from './history.ts';
import type { History, HistoryEvent } from './history.ts';

export interface MappedEvent {
  readonly type: string;
  readonly data: JsonObject;
  readonly refs?: readonly EntityRef[];
  readonly severity?: EventInput['severity'];
  /** A second event that the same record tells. */
  readonly next?: MappedEvent;
  /** Start that this end needs and that the history does not show. */
  readonly missingStart?: MappedEvent;
}

export type Mapping = (attributes: Attributes, event: HistoryEvent, history: History) => MappedEvent;

export interface Mappings {
  readonly [type: string]: Mapping;
}

export const fact = (type: string, data: { readonly [key: string]: Json | undefined }, more: Omit<MappedEvent, 'type' | 'data'> = {}): MappedEvent => ({ type, data: known(data), ...more });

/** The event that `key` names, "0" being none. */
export function eventAt({ byId }: History, attributes: Attributes, key: string): HistoryEvent | undefined {
  const id = attributes.peek(key);
  return byId.get(typeof id === 'number' ? String(id) : (textIn(id) ?? ''));
}

/** Address of the run that a `WorkflowExecution` names; by workflow id when it has no run id yet. */
export function runAddress(execution: Json | undefined): string | undefined {
  const id = runIdIn(execution) ?? wordIn(objectIn(execution)?.workflowId);
  return id === undefined ? undefined : `workflow/${id}`;
}

/** Links to runs, by what they are to this one. */
export const runLinks = (links: { readonly [rel: string]: string | undefined }): readonly EntityRef[] =>
  Object.entries(links).flatMap(([rel, id]) => (id === undefined ? [] : [{ type: 'workflow', id, rel }]));

/** `EVENT_CAUSE_LIKE_THIS` as it is, `LikeThis` as `LIKE_THIS`. */
export const codeOf = (word: string): string => (/[a-z]/.test(word) ? word.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase() : word);

/**
 * The outermost failure as an error: its message, its code (the application's own type, else the kind of failure) and its
 * stack. The whole chain of causes stays in the rest.
 */
export function errorOf(failure: JsonObject, fallback: { readonly message: string; readonly code: string }): JsonObject {
  const kind = Object.keys(failure).find((key) => key.endsWith('FailureInfo') && objectIn(failure[key]) !== undefined);
  const code = wordIn(objectIn(failure.applicationFailureInfo)?.type) ?? (kind === undefined ? undefined : codeOf(kind.slice(0, -'FailureInfo'.length)));
  return known({ message: wordIn(failure.message) ?? fallback.message, code: code ?? fallback.code, stack: wordIn(failure.stackTrace) });
}
