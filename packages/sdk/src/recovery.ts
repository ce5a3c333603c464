/** Recovery as a program asks for it: a run set back, its events replayed, a job run again. Shapes of document 000 and the model. */
import { replayHandlers } from '@refold/core';
import type { Actor, JsonObject, ReplayHandler, ReplayPurpose, ReplayStep } from '@refold/core';
import { createCheckpoint, listCheckpoints, parseInput, replayEvents, rerunJob, restoreCheckpoint, runReplay } from '@refold/operations';
import type { ReplayAnswer } from '@refold/operations';
import { currentContext } from './context.ts';
import { parametersOf } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';
import { addressText } from './store-session.ts';
import type { StoreSession, StreamAddress, StreamRef } from './store-session.ts';

/** A stream by its issue, or by any name that streams have. */
export type OfStream = { readonly issueKey: string; readonly stream?: never } | { readonly stream: StreamRef; readonly issueKey?: never };

export type ReplayRequest = (OfStream | { readonly correlationId: string; readonly issueKey?: never; readonly stream?: never }) & {
  /** First and last revision; of a chain, positions. Default all there is now. */
  readonly fromSequence?: number;
  readonly toSequence?: number;
  /** Default false: a program that asks means it (K-048). Without handlers that is a fold and a record. */
  readonly dryRun?: boolean;
  /** An expression over the event, or a filter. */
  readonly filter?: string | EventFilter;
  /** Beside those that the store has. */
  readonly handlers?: { readonly [type: string]: ReplayHandler };
  readonly allowTypes?: readonly string[];
  /** Names, or expressions. */
  readonly preconditions?: readonly string[];
  readonly purpose?: ReplayPurpose;
  readonly params?: JsonObject;
  readonly stopOnError?: boolean;
  /** Under the id of a replay that was left off, it goes on. */
  readonly replayId?: string;
  readonly actor?: Actor;
  readonly onStep?: (step: ReplayStep) => void;
  /** Leaves off before the next effect; its reason is thrown, and the replay goes on under its id. */
  readonly signal?: AbortSignal;
};

export async function replayStored(session: StoreSession, request: ReplayRequest): Promise<ReplayAnswer> {
  const { handlers, onStep, signal, dryRun = false, filter, issueKey, stream, correlationId, ...rest } = { correlationId: undefined, ...request };
  const context = await session.context(signal);
  const address = correlationId === undefined ? await addressIn(session, { issueKey, stream }) : null;
  const input = parseInput(replayEvents, {
    stepLimit: context.log.limits.replayEventsMax,
    ...rest,
    ...acting(rest.actor),
    ...(address ?? { correlationId }),
    dryRun,
    // Whoever wrote the call has confirmed it.
    confirm: address === null ? `correlation/${correlationId}` : addressText(address),
    ...(filter === undefined ? {} : { filter: typeof filter === 'string' ? filter : parametersOf(filter) }),
  });
  const own = replayHandlers(handlers ?? {}, context.log.registry);
  return await runReplay({ ...context, replay: { ...context.replay, handlers: new Map([...context.replay.handlers, ...own]) } }, input, onStep);
}

export type CheckpointRequest = OfStream & { readonly checkpointId?: string; readonly label?: string; readonly reason?: string; readonly sessionId?: string; readonly actor?: Actor };
export type RestoreRequest = OfStream & { readonly checkpointId: string; readonly reason?: string; readonly dryRun?: boolean; readonly sessionId?: string; readonly actor?: Actor };

export type Checkpoint = Awaited<ReturnType<typeof createCheckpoint.run>>;
export type Restored = Awaited<ReturnType<typeof restoreCheckpoint.run>>;
export type Rerun = Awaited<ReturnType<typeof rerunJob.run>>;

export const createCheckpointIn = async (session: StoreSession, { issueKey, stream, ...rest }: CheckpointRequest): Promise<Checkpoint> =>
  await session.run(createCheckpoint, { ...inSession(), ...rest, ...acting(rest.actor), ...(await addressIn(session, { issueKey, stream })) });

export const listCheckpointsIn = async (session: StoreSession, stream: StreamRef): Promise<readonly Checkpoint[]> => (await session.run(listCheckpoints, await session.address(stream))).items;

export const restoreCheckpointIn = async (session: StoreSession, { issueKey, stream, ...rest }: RestoreRequest): Promise<Restored> =>
  await session.run(restoreCheckpoint, { ...inSession(), ...rest, ...acting(rest.actor), ...(await addressIn(session, { issueKey, stream })) });

export interface RerunRequest {
  readonly jobId: string;
  readonly newId?: string;
  /** Merged into the old parameters; null removes. */
  readonly params?: JsonObject;
  readonly fromStep?: string;
  readonly fromRevision?: number;
  readonly name?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly actor?: Actor;
}

export const rerunJobIn = async (session: StoreSession, { jobId, ...rest }: RerunRequest): Promise<Rerun> => await session.run(rerunJob, { id: jobId, ...rest, ...acting(rest.actor) });

/** Whom the call names; else who works here. */
function acting(named: Actor | undefined): { readonly actor?: Actor } {
  const actor = named ?? currentContext().actor;
  return actor === undefined ? {} : { actor };
}

function inSession(): { readonly sessionId?: string } {
  const { sessionId } = currentContext();
  return sessionId === undefined ? {} : { sessionId };
}

const addressIn = async (session: StoreSession, { issueKey, stream }: { readonly issueKey?: string | undefined; readonly stream?: StreamRef | undefined }): Promise<StreamAddress> =>
  issueKey === undefined ? await session.address(stream!) : { streamType: 'orchestration', streamId: issueKey };
