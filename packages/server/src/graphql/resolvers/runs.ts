/** Orchestrations with their checkpoints, and views over events: timeline, counts, agents. */
import { summariseState } from '@refold/core';
import { agentMetrics, collectSnapshots, createCheckpoint, getStream, listCheckpoints, restoreCheckpoint, stateAt, stats, timeline } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { filterOf, given, orNull } from './arguments.ts';

const streamType = 'orchestration';

async function checkpointsOf(context: GraphqlContext, issueKey: string): Promise<readonly object[]> {
  const { items } = await context.call(listCheckpoints, { streamType, streamId: issueKey });
  return items.map((checkpoint) => ({ issueKey, ...checkpoint }));
}

const metricsOf = async (context: GraphqlContext, filter: object): Promise<readonly object[]> => Object.values((await context.call(agentMetrics, filter)).items);

const countsIn = (counts: { readonly [key: string]: number }): readonly object[] => Object.entries(counts).map(([key, count]) => ({ key, count }));

export const runResolvers: Resolvers = {
  Query: {
    orchestration: (_, { issueKey }, context) => orNull(context.call(getStream, { streamType, streamId: issueKey })),
    checkpoints: (_, { issueKey }, context) => checkpointsOf(context, issueKey),
    timeline: async (_, { filter, bucket }, context) => (await context.call(timeline, { ...filterOf(filter), ...given({ bucket }) })).rows,
    stats: (_, { filter, bucket }, context) => context.call(stats, { ...filterOf(filter), bucket }),
    agentMetrics: (_, { filter }, context) => metricsOf(context, filterOf(filter)),
  },
  Mutation: {
    createCheckpoint: async (_, { issueKey, label }, context) => ({ issueKey, ...(await context.call(createCheckpoint, { streamType, streamId: issueKey, ...given({ label }) })) }),
    async restoreCheckpoint(_, { issueKey, checkpointId, reason }, context) {
      const address = { streamType, streamId: issueKey };
      const { event } = await context.call(restoreCheckpoint, { ...address, checkpointId, ...given({ reason }) });
      return await context.call(stateAt, { ...address, ...given({ revision: event?.revision }) });
    },
    collectSnapshots: async (_, _args, context) => (await context.call(collectSnapshots, {})).removed,
  },
  Orchestration: {
    issueKey: ({ streamId }) => streamId,
    status: ({ state }) => state.status,
    summary: ({ state }) => summariseState(state),
    checkpoints: ({ streamId }, _args, context) => checkpointsOf(context, streamId),
    agentMetrics: ({ streamId }, _args, context) => metricsOf(context, { issueKey: streamId }),
  },
  Stats: Object.fromEntries(['byType', 'byActor', 'byStreamType', 'byPriority', 'byDate'].map((field) => [field, (source: { readonly [field: string]: { readonly [key: string]: number } }) => countsIn(source[field]!)])),
};
