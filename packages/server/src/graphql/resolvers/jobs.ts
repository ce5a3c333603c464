/** Jobs (document 004): what they are, what whoever controls them does, their events as JobEvents, and their lines. */
import type { JobState } from '@refold/catalog';
import type { EventEnvelope } from '@refold/core';
import { cancelJob, compareRuns, createJob, getJob, jobLogs, listJobs, orchestratorHealth, pauseJob, queryEvents, rerunJob, resumeJob, startJob, stateAt, streamEvents } from '@refold/operations';
import type { FollowedLine, JobLogLine } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { filterOf, given, orNull, pageOf, upper } from './arguments.ts';
import { connectionOf } from './events.ts';

interface Job {
  readonly streamId: string;
  readonly revision: number;
  readonly state: JobState;
}

/** `Date` becomes the text that DateTime is. */
export function jobEventOf(event: EventEnvelope, context: GraphqlContext): object {
  const { timestamp, ...rest } = context.jobEvent(event);
  return { ...rest, timestamp: timestamp.toISOString() };
}

export const lineOf = ({ line, at, ...rest }: JobLogLine & Partial<FollowedLine>, jobId: string): object => ({ jobId, sequence: line, timestamp: at, ...rest });

async function linesOf(context: GraphqlContext, jobId: string, { afterLine, first }: { readonly afterLine: number; readonly first: number }): Promise<readonly object[]> {
  const { items } = await context.call(jobLogs, given({ id: jobId, afterLine, limit: first }));
  return items.map((line) => lineOf(line, jobId));
}

const jobNamed = (context: GraphqlContext, id: string): Promise<unknown> => context.call(getJob, { id });

export const jobResolvers: Resolvers = {
  Query: {
    job: (_, { id }, context) => orNull(jobNamed(context, id)),
    async jobs(_, { filter, page }, context) {
      const { status, ...rest } = given(filter);
      const { items, nextCursor } = await context.call(listJobs, { ...rest, ...(status === undefined ? {} : { status: (status as readonly string[]).map((one) => one.toLowerCase()) }), ...pageOf(page) });
      return { nodes: items, pageInfo: { endCursor: nextCursor, hasNextPage: nextCursor !== null }, totalCount: null };
    },
    async compareJobRuns(_, { jobIds }, context) {
      const { runs, steps, divergences } = await context.call(compareRuns, { ids: jobIds });
      return { steps, totals: runs, firstDivergence: divergences.find(({ first }) => first !== null)?.first ?? null };
    },
    jobLogs: (_, { jobId, ...args }, context) => linesOf(context, jobId, args),
    orchestratorStatus: (_, _args, context) => context.call(orchestratorHealth, {}),
  },
  Mutation: {
    createJob: (_, { input }, context) => context.call(createJob, given(input)),
    startJob: (_, { jobId }, context) => context.call(startJob, { id: jobId }),
    pauseJob: (_, { jobId, ...args }, context) => context.call(pauseJob, { id: jobId, ...given(args) }),
    resumeJob: (_, { jobId, ...args }, context) => context.call(resumeJob, { id: jobId, ...given(args) }),
    cancelJob: (_, { jobId, ...args }, context) => context.call(cancelJob, { id: jobId, ...given(args) }),
    async rerunJob(_, { input }, context) {
      const { jobId, ...rest } = input as { readonly jobId: string };
      const made = await context.call(rerunJob, { id: jobId, ...given(rest) });
      return await jobNamed(context, made.jobId);
    },
  },
  Job: {
    id: ({ streamId }: Job) => streamId,
    status: ({ state }: Job) => upper(state.status),
    steps: ({ state }: Job) => state.steps.map((step) => ({ ...step, status: upper(step.status) })),
    components: ({ state }: Job) => Object.entries(state.components).map(([name, component]) => ({ name, ...component })),
    rerunOf: ({ state: { rerunOf } }: Job, _args, context) => (rerunOf === null ? null : orNull(jobNamed(context, rerunOf))),
    reruns: ({ state: { reruns } }: Job, _args, context) => reruns.map((id) => jobNamed(context, id)),
    events: ({ streamId }: Job, { filter, page }, context) => connectionOf(context, queryEvents, { ...filterOf(filter), streamType: 'job', streamId, ...pageOf(page) }),
    async jobEvents({ streamId }: Job, { afterSequence, first }, context) {
      const { items } = await context.call(streamEvents, { streamType: 'job', streamId, fromRevision: afterSequence + 1, limit: first });
      return items.map((event) => jobEventOf(event, context));
    },
    logs: ({ streamId }: Job, args, context) => linesOf(context, streamId, args),
    stateAt: async ({ streamId }: Job, place, context) => (await context.call(stateAt, { streamType: 'job', streamId, ...given(place) })).state,
    ...Object.fromEntries(['name', 'currentStep', 'progress', 'params', 'input', 'attempt', 'createdAt', 'startedAt', 'endedAt', 'result', 'error'].map((field) => [field, ({ state }: { readonly state: { readonly [field: string]: unknown } }) => state[field]])),
  },
};
