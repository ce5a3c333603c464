/** Replays: planned or carried out, where each stands, and what each did. */
import type { ReplayAnswer } from '@refold/operations';
import { cancelReplay, getReplay, listReplays, replayEvents, replaySteps } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { filterOf, given, orNull, upper } from './arguments.ts';
import { eventsById } from './events.ts';

type ReplayRun = Awaited<ReturnType<typeof getReplay.run>>;

interface Steps {
  readonly first: number;
  readonly after: number;
}

/** What the log keeps of a replay. */
export const recordedRun = ({ replayId, mode, purpose, status, divergences: _count, lastEventAt, report, ...rest }: ReplayRun): object => ({
  ...rest,
  id: replayId,
  mode: upper(mode),
  purpose: upper(purpose),
  status: upper(status),
  divergences: (report?.['divergences'] as readonly object[] | undefined) ?? [],
  endedAt: status === 'running' ? null : lastEventAt,
  finalState: null,
  steps: ({ first, after }: Steps, context: GraphqlContext) => recordedSteps(context, replayId, first, after),
});

async function recordedSteps(context: GraphqlContext, id: string, first: number, after: number): Promise<readonly object[]> {
  const { items } = await context.call(replaySteps, { id, limit: first + after });
  const shown = items.slice(after);
  const events = await eventsById(context, shown.map(({ eventId }) => eventId));
  return shown.map(({ eventId, error, ...step }) => ({ ...step, event: events.get(eventId), reason: error, divergence: null }));
}

/** What was just planned or carried out. */
const answeredRun = ({ replayId, mode, purpose, status, steps, ...rest }: ReplayAnswer): object => ({
  ...rest,
  id: replayId,
  mode: upper(mode),
  purpose: upper(purpose),
  status: upper(status),
  steps: ({ first, after }: Steps) => steps.slice(after, after + first),
});

export const replayResolvers: Resolvers = {
  Query: {
    replayRun: async (_, { id }, context) => {
      const run = await orNull(context.call(getReplay, { id }));
      return run === null ? null : recordedRun(run);
    },
    replayRuns: async (_, { page }, context) => (await context.call(listReplays, given({ limit: page?.first }))).items.map(recordedRun),
  },
  Mutation: {
    async replayEvents(_, { input }, context) {
      const { mode, purpose, filter, ...rest } = input;
      const asked = given({ ...rest, purpose: purpose?.toLowerCase(), dryRun: mode !== 'EXECUTE', confirm: context.confirm, filter: filter === null || filter === undefined ? null : filterOf(filter) });
      return answeredRun(await context.call(replayEvents, asked));
    },
    cancelReplay: async (_, { id }, context) => recordedRun(await context.call(cancelReplay, { id })),
  },
};
