/** How events hang together: causes and effects, one conversation, one session, one entity and what refers to it. */
import { causeTree, compileFilter, validateChain } from '@refold/core';
import type { EventEnvelope } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { eventNotFound, listEvents } from './events.ts';
import { pageInput, wholeNumber } from './inputs.ts';
import { count, event, pageOf, revision, violation } from './shapes.ts';

/** Pages of envelopes that have some. */
export async function* pages(context: OperationContext, request: Parameters<OperationContext['log']['events']>[0]): AsyncGenerator<readonly EventEnvelope[]> {
  for await (const page of context.log.events(request, context.signal)) if (page.events.length > 0) yield page.events;
}

/** Events by their ids, wherever in the log they stand. */
export async function eventsByIds(context: OperationContext, ids: readonly string[]): Promise<readonly EventEnvelope[]> {
  const found: EventEnvelope[] = [];
  for await (const page of pages(context, { ids })) found.push(...page);
  return found;
}

/** What an event caused, and what that caused. */
const effect = z
  .object({
    event,
    get effects() {
      return z.array(effect);
    },
  })
  .meta({ id: 'Effect' });

export const traceEvent = defineOperation({
  name: 'traceEvent',
  doc: 'What caused an event, up to the first, and what it caused; recorded links only.',
  scope: 'read',
  input: z.object({ id: z.string(), direction: z.enum(['up', 'down', 'both']).optional(), depth: wholeNumber.optional() }),
  output: z.object({ event, causes: z.array(event), effects: z.array(effect), dangling: z.array(z.object({ eventId: z.string(), causationId: z.string() })), truncated: z.boolean() }),
  http: { method: 'GET', path: '/events/{id}/cause-tree' },
  run: async (context, { id, direction, depth }) => {
    const source = {
      byIds: (ids: readonly string[]) => eventsByIds(context, ids),
      effectsOf: async (causationId: string, limit: number) => {
        const effects: EventEnvelope[] = [];
        for await (const page of pages(context, { ...compileFilter({ causationId }, context.log.registry).request, limit })) effects.push(...page.filter((effect) => effect.causationId === causationId));
        return effects;
      },
    };
    const tree = await causeTree(id.toLowerCase(), source, { ...(direction === undefined ? {} : { direction }), ...(depth === undefined ? {} : { depthMax: depth }) });
    if (tree === null) throw await eventNotFound(context, id);
    return tree;
  },
});

export const correlationEvents = defineOperation({
  name: 'correlationEvents',
  doc: 'Every event of one conversation, in position order.',
  scope: 'read',
  input: z.object({ id: z.string(), ...pageInput }),
  output: pageOf(event),
  http: { method: 'GET', path: '/events/correlation/{id}', aliases: ['/api/orchestration/events/correlation/{id}'] },
  run: (context, { id, ...page }) => listEvents(context, { correlationId: id, ...page }),
});

export const validateCorrelation = defineOperation({
  name: 'validateCorrelation',
  doc: 'Is a conversation whole? Causes, nesting, revisions, hashes, order and transitions, everything found.',
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: z.object({ ok: z.boolean(), correlationId: z.string(), checked: count, streams: z.array(z.object({ type: z.string(), id: z.string(), fromRevision: revision, toRevision: revision })), violations: z.array(violation) }),
  http: { method: 'GET', path: '/events/correlation/{id}/validate' },
  run: (context, { id }) =>
    validateChain(id, {
      events: pages(context, compileFilter({ correlationId: id }, context.log.registry).request),
      stream: (streamType, streamId, fromRevision, toRevision) => pages(context, { stream: `${streamType}/${streamId}`, after: fromRevision - 1, upTo: toRevision }),
      byIds: (ids) => eventsByIds(context, ids),
      anomalies: async (streamType, streamId, toRevision) => {
        let state = context.log.fold.initial(streamType, streamId);
        for await (const page of pages(context, { stream: `${streamType}/${streamId}`, upTo: toRevision })) for (const next of page) state = context.log.fold.evolveDraft(state, next);
        return state.anomalies;
      },
    }),
});

export const sessionEvents = defineOperation({
  name: 'sessionEvents',
  doc: 'Every event of one session.',
  scope: 'read',
  input: z.object({ key: z.string(), ...pageInput }),
  output: pageOf(event),
  http: { method: 'GET', path: '/events/session/{key}', aliases: ['/api/orchestration/events/session/{key}'] },
  run: (context, { key, ...page }) => listEvents(context, { sessionId: key, ...page }),
});

export const entityEvents = defineOperation({
  name: 'entityEvents',
  doc: 'Events of an entity and of what refers to it, up to three steps away.',
  scope: 'read',
  input: z.object({ type: z.string(), id: z.string(), ...pageInput }),
  output: pageOf(event),
  http: { method: 'GET', path: '/events/entity/{type}/{id}' },
  run: (context, { type, id, ...page }) => listEvents(context, { entityChain: `${type}/${id}`, ...page }),
});
