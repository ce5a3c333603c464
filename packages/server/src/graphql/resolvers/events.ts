/** Events: one, lists, chains, and appending them. */
import type { EventEnvelope } from '@refold/core';
import { appendEvents, correlationEvents, getEvent, getEventType, listEventTypes, queryEvents, registerEventType, traceEvent, validateCorrelation } from '@refold/operations';
import type { Operation } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { filterOf, given, orNull, pageOf } from './arguments.ts';
import type { Given } from './arguments.ts';

interface EventPage {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
  readonly total: number | null;
}

/** A page of events; they are counted only when somebody asks how many there are. */
export async function connectionOf<I, O extends EventPage>(context: GraphqlContext, operation: Operation<I, O>, input: Given): Promise<object> {
  const { items, nextCursor } = await context.call(operation, input);
  return {
    nodes: items,
    pageInfo: { endCursor: nextCursor, hasNextPage: nextCursor !== null },
    totalCount: async () => (await context.call(operation, { ...given(Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'cursor'))), limit: 1, total: true })).total,
  };
}

/** Events by id, in the order of the ids; an id that is not in the log has none. */
export async function eventsById(context: GraphqlContext, ids: readonly string[]): Promise<ReadonlyMap<string, EventEnvelope>> {
  if (ids.length === 0) return new Map();
  const { items } = await context.call(queryEvents, { ids, limit: ids.length });
  return new Map(items.map((event) => [event.id, event]));
}

async function append(context: GraphqlContext, input: Given): Promise<readonly EventEnvelope[]> {
  const { events } = await context.call(appendEvents, input);
  const found = await eventsById(context, events.map(({ id }) => id));
  return events.map(({ id }) => found.get(id)!);
}

interface Tree {
  readonly event: EventEnvelope;
  readonly causes: readonly EventEnvelope[];
  readonly effects: readonly { readonly event: EventEnvelope; readonly effects: Tree['effects'] }[];
}
const flat = (effects: Tree['effects']): readonly EventEnvelope[] => effects.flatMap((effect) => [effect.event, ...flat(effect.effects)]);

export const eventResolvers: Resolvers = {
  Query: {
    event: (_, { id }, context) => orNull(context.call(getEvent, { id })),
    events: (_, { filter, page }, context) => connectionOf(context, queryEvents, { ...filterOf(filter), ...pageOf(page) }),
    eventChain: (_, { correlationId, page }, context) => connectionOf(context, correlationEvents, { id: correlationId, ...pageOf(page) }),
    async causeTree(_, { eventId, direction, depth }, context) {
      const { causes, event, effects } = (await context.call(traceEvent, given({ id: eventId, direction, depth }))) as unknown as Tree;
      return [...causes, event, ...flat(effects)];
    },
    validateChain: (_, { correlationId }, context) => context.call(validateCorrelation, { id: correlationId }),
    eventTypes: async (_, _args, context) => (await context.call(listEventTypes, {})).items,
  },
  Mutation: {
    appendEvents: (_, { streamType, streamId, events, expectedRevision }, context) =>
      append(context, given({ events: (events as readonly Given[]).map((event) => ({ ...event, streamType, streamId })), expectedRevision })),
    async registerEventType(_, { type, schemaVersion, schema, options }, context) {
      await context.call(registerEventType, { ...(options as Given | null), type, schemaVersion, schema });
      return await context.call(getEventType, { type });
    },
    logEvent: async (_, event, context) => (await append(context, { events: [given(event)] }))[0],
  },
  Event: {
    refs: ({ refs }: EventEnvelope) => refs ?? [],
    changes: ({ changes }: EventEnvelope) => Object.entries(changes ?? {}).map(([field, change]) => ({ field, ...change })),
    cause: ({ causationId }: EventEnvelope, _args, context) => (causationId === undefined ? null : orNull(context.call(getEvent, { id: causationId }))),
    effects: async ({ id }: EventEnvelope, { first }, context) => (await context.call(queryEvents, given({ causationId: id, limit: first }))).items,
    alias: async ({ type }: EventEnvelope, { dialect }, context) => (await orNull(context.call(getEventType, { type })))?.aliases[dialect as string] ?? null,
  },
  EventTypeInfo: {
    type: ({ name }) => name,
    // A type of several kinds of stream belongs to none of them.
    streamType: ({ streamType }) => streamType ?? '*',
    schemaVersions: async ({ name }, _args, context) => (await context.call(getEventType, { type: name })).schemaVersions,
    schema: async ({ name }, _args, context) => (await context.call(getEventType, { type: name })).schema,
    replayClass: ({ effect }) => effect,
    description: ({ doc }) => doc,
  },
};
