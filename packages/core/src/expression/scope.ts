/**
 * The names an expression may use. One table: an expression that passes `compileExpression` can ask for nothing else, and
 * every name is read lazily, so that evaluating over a million events builds no object per event but one thin context.
 *
 * `event` is the envelope as it is (camelCase; `event.data` as stored). Its fields are also there bare (`type`, `actor`),
 * and under the names of document 002 (`event_type`, `event_data`). A bare name whose field is absent is null; an absent
 * member behind a dot (`event.sessionId`) is an evaluation error, so ask `has(event.sessionId)` first.
 */
import type { FoldEvent } from '../fold/aggregate.ts';

export type ScopeName = 'event' | 'debug' | 'rule' | 'run';

/** What one evaluation may see. Names whose value is left out are null. */
export interface ExpressionValues {
  readonly event?: FoldEvent;
  /** The state after the event, and before it. */
  readonly state?: unknown;
  readonly previous?: unknown;
  /** The event's entity around it (rules, breakpoints). */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly run?: unknown;
  readonly rule?: unknown;
  /** Milliseconds since the epoch; `now` is a CEL timestamp. */
  readonly now?: number;
  /** State of an entity at the place of evaluation, or null. */
  readonly entity?: (type: string, id: string) => unknown;
  /** States of the children of one type, deleted ones left out. */
  readonly children?: (type: string, id: string, childType: string) => readonly unknown[];
}

type Reader = (values: ExpressionValues) => unknown;
type Path = readonly [string, ...string[]];

/** A name is a field of the event, told by where it stands, or is read in a way of its own. */
const eventTable: Readonly<Record<string, Path | Reader>> = {
  event: ({ event }) => event,
  now: ({ now }) => (now === undefined ? null : new Date(now)),
  id: ['id'],
  type: ['type'],
  schemaVersion: ['schemaVersion'],
  stream: ({ event }) => event && `${event.streamType}/${event.streamId}`,
  streamType: ['streamType'],
  streamId: ['streamId'],
  revision: ['revision'],
  position: ['position'],
  entityType: ['entityType'],
  entityId: ['entityId'],
  refs: ({ event }) => event && (event.refs ?? []),
  occurredAt: ['occurredAt'],
  recordedAt: ['recordedAt'],
  actor: ['actor'],
  actorType: ['actor', 'type'],
  actorId: ['actor', 'id'],
  serviceName: ['serviceName'],
  correlationId: ['correlationId'],
  correlationChain: ['correlationChain'],
  causationId: ['causationId'],
  sessionId: ['sessionId'],
  issueKey: ['issueKey'],
  phase: ['phase'],
  agent: ['agent'],
  data: ['data'],
  changes: ['changes'],
  metadata: ['metadata'],
  priority: ['priority'],
  severity: ['severity'],
  git: ['git'],
  trace: ['trace'],
  event_id: ['id'],
  event_type: ['type'],
  event_data: ['data'],
  event_version: ['schemaVersion'],
  event_metadata: ['metadata'],
  event_sequence: ['revision'],
  aggregate_id: ['streamId'],
  aggregate_type: ['streamType'],
  version: ['revision'],
  timestamp: ['occurredAt'],
  user_id: ({ event }) => (event?.actor.type === 'user' ? event.actor.id : null),
  correlation_id: ['correlationId'],
  causation_id: ['causationId'],
  session_id: ['sessionId'],
  issue_key: ['issueKey'],
  service_name: ['serviceName'],
};

function readerOf(entry: Path | Reader): Reader {
  if (typeof entry === 'function') return entry;
  const [key, inner] = entry as readonly [keyof FoldEvent, string?];
  // Safe: the only fields with something inside are records that every event has.
  return inner === undefined ? ({ event }) => event?.[key] : ({ event }) => (event?.[key] as { readonly [key: string]: unknown } | undefined)?.[inner];
}

const eventNames: Readonly<Record<string, Reader>> = Object.fromEntries(Object.entries(eventTable).map(([name, entry]) => [name, readerOf(entry)]));

/** Where in the event a name stands, as keys; null when it is more, or something else, than one of its fields. */
export function pathInEvent(name: string): readonly string[] | null {
  if (name === 'event') return [];
  const entry = eventTable[name];
  return entry === undefined || typeof entry === 'function' ? null : entry;
}

const stateNames: Readonly<Record<string, Reader>> = {
  state: ({ state }) => state,
  previous: ({ previous }) => previous,
  before: ({ before }) => before,
  after: ({ after }) => after,
};

const namesOf: Readonly<Record<ScopeName, Readonly<Record<string, Reader>>>> = {
  event: eventNames,
  debug: { ...eventNames, ...stateNames },
  rule: { ...eventNames, ...stateNames, rule: ({ rule }) => rule },
  run: { run: ({ run }) => run, now: eventNames['now']! },
};

/** Names of a scope, in the order in which they are worth showing to a person. */
export const scopeNames = (scope: ScopeName): readonly string[] => Object.keys(namesOf[scope]);

/** Kinds of expression that may look entities up (`entity`, `children`). */
export const looksUpEntities = (scope: ScopeName): boolean => scope === 'rule' || scope === 'debug';

/** Reads one name of a scope, as an expression sees it: an absent value is null. */
export function nameReader(scope: ScopeName, name: string): (values: ExpressionValues) => unknown {
  const read = namesOf[scope][name]!;
  return (values) => read(values) ?? null;
}

export type ContextClass<Given = ExpressionValues> = new (given: Given) => object;

/**
 * A class with one getter per name; an instance is the whole cost of binding an event. An absent value is null, because
 * the engine takes `undefined` for an unknown variable.
 */
export const contextClass = (scope: ScopeName): ContextClass => classOf(scope, (name) => namesOf[scope][name]!);

/** The same over what each name stands for, where that is known without an event. */
export const givenNamesClass = (scope: ScopeName): ContextClass<GivenNames> => classOf(scope, (name) => (names) => names[name]);

export interface GivenNames {
  readonly [name: string]: unknown;
}

function classOf<Given>(scope: ScopeName, readerOf: (name: string) => (given: Given) => unknown): ContextClass<Given> {
  class Context {
    readonly $given: Given;
    constructor(given: Given) {
      this.$given = given;
    }
  }
  for (const name of scopeNames(scope)) {
    if (variableFor(name) !== name) continue;
    const read = readerOf(name);
    Object.defineProperty(Context.prototype, name, {
      get(this: Context) {
        return read(this.$given) ?? null;
      },
    });
  }
  return Context;
}

/**
 * The engine keeps some names for its own types; such a name is carried under another variable. `type` is the event's
 * type here, and the function `type(x)` still works because calls are looked up elsewhere.
 */
export const variableFor = (name: string): string => (name === 'type' ? 'event_type' : name);
