/** The time machine: states, histories, differences, what-ifs, and the proof that the log is whole. */
import { LogError } from '@refold/core';
import { createSnapshot, diffStates, divergenceOf, forkStream, getStream, listSnapshots, stateAt, stateHistory, streamEvents, travelTo, verifyLog } from '@refold/operations';
import type { GraphqlContext, Resolvers } from '../context.ts';
import { given, orNull, pageOf } from './arguments.ts';
import type { Given, PageInput } from './arguments.ts';
import { connectionOf, eventsById } from './events.ts';

const addressOf = (type: unknown, id: unknown): { readonly streamType: unknown; readonly streamId: unknown } => ({ streamType: type, streamId: id });

interface HistoryRange {
  readonly from?: string | null;
  readonly to?: string | null;
  readonly withState?: boolean;
  readonly page?: PageInput | null;
}

/** One point per event, each with the event itself. */
export async function historyOf(context: GraphqlContext, streamType: string, streamId: string, { from, to, withState, page }: HistoryRange): Promise<readonly object[]> {
  const { entries } = await context.call(stateHistory, { streamType, streamId, ...given({ from, to, withState, after: page?.after, limit: page?.first }) });
  const events = await eventsById(context, entries.map(({ eventId }) => eventId));
  return entries.map(({ eventId, changes, ...entry }) => ({ ...entry, event: events.get(eventId), changes: Object.entries(changes).map(([field, change]) => ({ field, ...change })) }));
}

/** The schema names edits by what they do; the operation has one list of them. */
function editsOf({ insert, omit, replace }: { readonly [kind: string]: readonly unknown[] | null | undefined }): readonly Given[] {
  const named = (op: string, edits: readonly unknown[] | null | undefined): readonly Given[] => (edits ?? []).map((edit) => ({ ...(edit as Given), op }));
  return [...named('insert', insert), ...(omit ?? []).map((at) => ({ op: 'omit', at })), ...named('replace', replace)];
}

function snapshotOf({ stream, eventId, foldVersion, bytes, ...rest }: { readonly stream: string; readonly eventId: string; readonly foldVersion: string; readonly bytes: number }): object {
  const slash = stream.indexOf('/');
  return { ...rest, streamType: stream.slice(0, slash), streamId: stream.slice(slash + 1), lastEventId: eventId, reducerVersion: foldVersion, sizeBytes: bytes };
}

async function snapshotsOf(context: GraphqlContext, streamType: string, streamId: string): Promise<readonly object[]> {
  return (await context.call(listSnapshots, { streamType, streamId })).items.map(snapshotOf);
}

export const travelResolvers: Resolvers = {
  Query: {
    stream: (_, { type, id }, context) => orNull(context.call(getStream, addressOf(type, id))),
    state: (_, { type, id, ...place }, context) => context.call(stateAt, { ...addressOf(type, id), ...given(place) }),
    timeTravel(_, { issueKey, type, id, at, window }, context) {
      const address = addressOf(type ?? (issueKey === null || issueKey === undefined ? type : 'orchestration'), id ?? issueKey);
      return context.call(travelTo, given({ ...address, at, window }));
    },
    stateHistory: (_, { type, id, ...range }, context) => historyOf(context, type, id, range),
    stateDiff: async (_, { type, id, ...places }, context) => (await context.call(diffStates, { ...addressOf(type, id), ...given(places) })).patches,
    async divergence(_, { type, id, againstStreamId }, context) {
      const { first } = await context.call(divergenceOf, { ...addressOf(type, id), ...given({ against: typeof againstStreamId === 'string' ? `${type}/${againstStreamId}` : null }) });
      return first === null ? [] : [first];
    },
    fork: (_, { input }, context) => {
      const { streamType, streamId, at, fromRevision, lenient, ...edits } = input;
      return context.call(forkStream, { streamType, streamId, edits: editsOf(edits), ...given({ at, revision: fromRevision, lenient }) });
    },
    async verifyIntegrity(_, { streamType, streamId }, context) {
      const named = [streamType, streamId].filter((part) => typeof part === 'string');
      if (named.length === 1) throw new LogError('BAD_REQUEST', 'A stream has a type and an id.', { details: { reason: 'stream' }, hint: 'Give both, or none for the whole log.' });
      const { ok, checked, findings, firstBadPosition } = await context.call(verifyLog, named.length === 0 ? {} : { stream: named.join('/') });
      return {
        ok,
        checkedEvents: checked,
        firstBadPosition,
        firstBadEventId: findings.find(({ position }) => position === firstBadPosition && position !== null)?.eventId ?? null,
        violations: findings.map(({ stream, ...finding }) => ({ ...finding, streamType: stream?.slice(0, stream.indexOf('/')) ?? null, streamId: stream?.slice(stream.indexOf('/') + 1) ?? null })),
      };
    },
    snapshots: (_, { type, id }, context) => snapshotsOf(context, type, id),
  },
  Mutation: {
    createSnapshot: async (_, { type, id }, context) => snapshotOf(await context.call(createSnapshot, addressOf(type, id))),
  },
  Stream: {
    type: ({ streamType }) => streamType,
    id: ({ streamId }) => streamId,
    events: ({ streamType, streamId }, { page }, context) => connectionOf(context, streamEvents, { streamType, streamId, ...pageOf(page) }),
    state: ({ streamType, streamId }, place, context) => context.call(stateAt, { streamType, streamId, ...given(place) }),
    snapshots: ({ streamType, streamId }, _args, context) => snapshotsOf(context, streamType, streamId),
  },
};
