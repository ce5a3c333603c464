/** Debug sessions: opened, moved, looked at. */
import { LogError } from '@refold/core';
import { addBreakpoint, addWatch, debugTimeline, getDebugSession, listDebugSessions, pauseDebugSession, removeBreakpoint, removeWatch, restartDebugSession, resumeDebugSession, seekDebugSession, startDebugSession, stepDebugSession, stopDebugSession } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { given, orNull, upper } from './arguments.ts';
import { eventsById } from './events.ts';

const moves: { readonly [action: string]: (context: GraphqlContext, id: string, count: number) => Promise<unknown> } = {
  pause: (context, id) => context.call(pauseDebugSession, { id }),
  resume: (context, id) => context.call(resumeDebugSession, { id }),
  step: (context, id, count) => context.call(stepDebugSession, { id, count }),
  stop: (context, id) => context.call(stopDebugSession, { id }),
  restart: (context, id) => context.call(restartDebugSession, { id }),
  seek: (context, id, revision) => context.call(seekDebugSession, { id, revision }),
};

export const debugResolvers: Resolvers = {
  Query: {
    debugSession: (_, { id }, context) => orNull(context.call(getDebugSession, { id })),
    debugSessions: async (_, _args, context) => (await context.call(listDebugSessions, {})).items.map(({ id }) => context.call(getDebugSession, { id })),
  },
  Mutation: {
    startDebugSession: async (_, args, context) => (await context.call(startDebugSession, given(args))).info,
    async debugControl(_, { id, action, count }, context) {
      const move = Object.hasOwn(moves, action) ? moves[action] : undefined;
      if (move === undefined) throw new LogError('BAD_REQUEST', 'A debug session cannot be moved so.', { details: { reason: 'action', pointer: '/action' }, hint: `One of ${Object.keys(moves).join(', ')}; count is the number of steps, or the revision to seek.` });
      await move(context, id, count);
      return await context.call(getDebugSession, { id });
    },
    addBreakpoint: (_, args, context) => context.call(addBreakpoint, given(args)),
    async removeBreakpoint(_, args, context) {
      await context.call(removeBreakpoint, args);
      return true;
    },
    addWatch: (_, args, context) => context.call(addWatch, args),
    async removeWatch(_, args, context) {
      await context.call(removeWatch, args);
      return true;
    },
  },
  DebugSession: {
    id: ({ sessionId }) => sessionId,
    state: ({ state }) => upper(state),
    async timeline({ sessionId }, { first, after }, context) {
      const { entries } = await context.call(debugTimeline, { id: sessionId, from: after, limit: first });
      const events = await eventsById(context, entries.map(({ eventId }) => eventId));
      return entries.map(({ eventId, visitedAt, ...entry }) => ({ ...entry, at: visitedAt, event: events.get(eventId) }));
    },
  },
};
