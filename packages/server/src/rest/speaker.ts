/** Translates at the edge: events of a foreign form on the way in, answers into the spelling that was asked for on the way out. */
import { createDialects, recogniseDialect, toCamelNaming, toSnakeNaming } from '@refold/catalog';
import type { EventEnvelope, Json, Registry } from '@refold/core';
import type { Spelling } from './spelling.ts';

export interface ReadEvent {
  /** What an append takes. */
  readonly event: Json;
  /** Revision that the form says the stream is at. */
  readonly expectedRevision?: number;
}

export interface Speaker {
  /**
   * @throws LogError MISSING_FIELD, BAD_TIMESTAMP, SCHEMA_VIOLATION with a pointer into the foreign form.
   */
  readEvent(event: Json, spelling: Spelling): ReadEvent;
  /** The view of an answer, or of one item of a stream. */
  viewOf(spelling: Spelling): (answer: unknown) => unknown;
}

export function createSpeaker(registry: Registry): Speaker {
  const dialects = createDialects(registry);

  return {
    readEvent(event, spelling) {
      const dialect = recogniseDialect(dialects, event);
      if (dialect === null) return { event: spelling.naming === 'snake' ? toCamelNaming(event) : event };
      const { input, claimedRevision } = dialects[dialect].inputFrom(event);
      // An event of document 002 with a version says which revision it will be (K-015).
      const claims = dialect === 'agentLightning' && claimedRevision !== null;
      // An input is JSON.
      return { event: input as unknown as Json, ...(claims ? { expectedRevision: claimedRevision - 1 } : {}) };
    },

    viewOf({ naming, dialect }) {
      if (naming === 'camel' && dialect === 'canonical') return (answer) => answer;
      const spelled = (value: Json): Json => (naming === 'snake' ? toSnakeNaming(value) : value);
      // An answer is JSON by its operation's output schema.
      if (dialect === 'canonical') return (answer) => spelled(answer as Json);
      // A foreign form is JSON once it is written: its Date becomes text there.
      const foreign = (event: EventEnvelope): Json => dialects[dialect].toForeign(event) as unknown as Json;
      return (answer) => withEvents(answer as Json, spelled(answer as Json), foreign);
    },
  };
}

/** The respelled answer, with each event in it written by `write` instead. The two have the same members in the same order. */
function withEvents(answer: Json, respelled: Json, write: (event: EventEnvelope) => Json): Json {
  if (isEvent(answer)) return write(answer);
  if (Array.isArray(answer)) return answer.map((item: Json, index) => withEvents(item, (respelled as readonly Json[])[index]!, write));
  if (!isObject(answer)) return respelled;
  const members = Object.values(answer);
  return Object.fromEntries(Object.entries(respelled as object).map(([key, value], index) => [key, withEvents(members[index]!, value as Json, write)]));
}

const isObject = (value: Json): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** No state and no report has these fields together; only what the log recorded. */
const isEvent = (value: Json): value is Json & EventEnvelope =>
  isObject(value) && typeof value['type'] === 'string' && typeof value['recordedAt'] === 'string' && typeof value['hash'] === 'string' && typeof value['prevHash'] === 'string' && typeof value['position'] === 'number';
