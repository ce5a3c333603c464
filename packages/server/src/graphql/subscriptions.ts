/** Subscriptions: each follows one stream, and answers once per item. Positions travel beside the data (engine.ts), because the given types have none. */
import { followDebugSession, followJob, followJobLogs, followOrchestratorHealth, followReplay, followState, followStats, tailEvents } from '@refold/operations';
import type { EventEnvelope } from '@refold/core';
import type { FollowedLine, JobUpdate, StreamOperation } from '@refold/operations';
import type { GraphqlContext, Resolver, Subscriber } from './context.ts';
import { filterOf, given, upper } from './resolvers/arguments.ts';
import type { Given } from './resolvers/arguments.ts';
import { jobEventOf, lineOf } from './resolvers/jobs.ts';
import { recordedRun } from './resolvers/replay.ts';

/** @param inputOf  From the arguments of the field, and the place where it goes on. */
const following = <I, T>(operation: StreamOperation<I, T>, inputOf: (args: Given, context: GraphqlContext) => Given, resolve: Resolver = (item) => item): Subscriber => ({
  subscribe: (_, args: Given, context) => context.follow(operation, given(inputOf(args, context))),
  resolve,
  extensions: { scope: operation.scope },
});

export const subscriptions: { readonly [field: string]: Subscriber } = {
  jobStatusUpdated: following(followJob, ({ jobId }, { afterPosition }) => ({ id: jobId, afterPosition }), ({ status, events, ...rest }: JobUpdate, _args, context) => ({
    ...rest,
    status: upper(status),
    events: events.map((event) => jobEventOf(event as EventEnvelope, context)),
  })),
  jobLogsStream: following(followJobLogs, ({ jobId }, { afterPosition }) => ({ id: jobId, afterPosition }), (line: FollowedLine) => lineOf(line, line.jobId)),
  orchestratorHealth: following(followOrchestratorHealth, () => ({})),
  // Where the client went on is newer than where it began.
  eventAppended: following(tailEvents, ({ filter, afterPosition }, context) => ({ ...filterOf(filter as Given | null), afterPosition: context.afterPosition ?? afterPosition })),
  stateUpdated: following(followState, ({ type, id }, { afterPosition }) => ({ streamType: type, streamId: id, afterPosition })),
  statsUpdated: following(followStats, ({ filter, bucket }) => ({ ...filterOf(filter as Given | null), bucket })),
  debugSessionUpdated: following(followDebugSession, ({ id }) => ({ id })),
  replayProgress: following(followReplay, ({ id }, { afterPosition }) => ({ id, afterPosition }), (run) => recordedRun(run)),
};
