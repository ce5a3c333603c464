/** What the definitions of this catalogue have in common: state machines, spellings, links. */
import type { EntityRef, EventDefinition, FoldEvent, Json, Transition } from '@refold/core';
import { readId } from './read.ts';

export interface Events<S extends object> {
  readonly [type: string]: EventDefinition<S>;
}

/** Names a machine and says where it stands; the result states one legal move of it. */
export const machine =
  <S extends object>(name: string, status: Transition<S>['status']) =>
  (from: Transition<S>['from'], to: Transition<S>['to']): Transition<S> => ({ machine: name, status, from, to });

/** Takes over the machine's next status; leaves the old one when the event was illegal (null). */
export function moveTo<T extends string>(subject: { status: T }, status: string | null): void {
  // Safe: every `to` of the subject's machine is one of its statuses.
  if (status !== null) subject.status = status as T;
}

/** Adds the spelling of document 003, which is the same rule for every type (K-003). */
export const spelled = <S extends object>(events: Events<S>): Events<S> =>
  Object.fromEntries(
    Object.entries(events).map(([type, definition]) => [type, { ...definition, aliases: { ...definition.aliases, orchestration: `orchestration.${type}` } }]),
  );

/** The links that a payload names: `{ sprint: data.sprint_code }`; what is missing is left out. */
export const links = (targets: { readonly [type: string]: Json | undefined }): readonly EntityRef[] =>
  Object.entries(targets).flatMap(([type, value]) => {
    const id = readId(value);
    return id === null ? [] : [{ type, id }];
  });

/** The part of the stream that an event is about; the stream itself when the payload does not say. */
export const partOf =
  (type: string, ...keys: readonly string[]): NonNullable<EventDefinition['entity']> =>
  ({ data }) => {
    for (const key of keys) {
      const id = readId(data[key]);
      if (id !== null) return { type, id };
    }
    return null;
  };

/** Key of a part in the state: what the payload says, else what the envelope says, else the event's own id (K-086). */
export const partId = (event: FoldEvent, type: string, key: string): string =>
  readId(event.data[key]) ?? (event.entityType === type ? event.entityId : event.id);
