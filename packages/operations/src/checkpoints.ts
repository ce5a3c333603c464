/** Checkpoints: places a run can be set back to. A restore can be looked at before it is made. */
import { LogError, fork, isLogError, reconstruct } from '@refold/core';
import type { AppendReceipt, EventInput, JsonObject, State, StreamAddress } from '@refold/core';
import { z } from 'zod';
import { actorInput, actorToAppend, heldTo } from './acting.ts';
import { checkpointsOf, refuseWithoutCheckpoints } from './checkpoint-states.ts';
import type { CheckpointView } from './checkpoint-states.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag } from './inputs.ts';
import { count, instant, patch, position, revision, streamKey } from './shapes.ts';
import { eventsByIds } from './relations.ts';
import { travelParts } from './travel-parts.ts';

const path = '/streams/{streamType}/{streamId}/checkpoints';
/** By issue, as document 000 names its runs. */
const issuePath = '/api/v1/orchestrations/{streamId}/checkpoints';

const checkpoint = z
  .object({
    id: z.string(),
    label: z.string().nullable(),
    sequence: revision.meta({ description: 'Revision of its checkpoint.created.' }),
    stateHash: z.string(),
    createdAt: instant,
    restoredCount: count,
    hasSnapshot: z.boolean().meta({ description: 'A pinned snapshot stands at its revision.' }),
  })
  .meta({ id: 'Checkpoint' });

const sessionInput = { sessionId: z.string().optional().meta({ description: 'Default: that of the newest event.' }) };

export const listCheckpoints = defineOperation({
  name: 'listCheckpoints',
  doc: 'The checkpoints of a stream, oldest first.',
  scope: 'read',
  input: z.object(streamKey),
  output: z.object({ ...streamKey, revision, items: z.array(checkpoint) }),
  http: { method: 'GET', path, aliases: [`${issuePath}?streamType=orchestration`] },
  run: async (context, address) => {
    const { state } = await standing(context, address);
    return { ...address, revision: state.revision, items: await rowsOf(context, address, checkpointsOf(state)) };
  },
});

export const createCheckpoint = defineOperation({
  name: 'createCheckpoint',
  doc: 'Marks where a stream stands as a place it can be set back to, and pins a snapshot there.',
  scope: 'append',
  kind: 'write',
  input: z.object({ ...streamKey, checkpointId: z.string().min(1).optional(), label: z.string().optional(), reason: z.string().optional(), ...sessionInput, ...actorInput }),
  output: checkpoint,
  http: { method: 'POST', path, status: 201, aliases: [`${issuePath}?streamType=orchestration`] },
  run: async (context, { checkpointId, label, reason, sessionId, actor, ...address }) => {
    const { log } = context;
    const data = { ...(checkpointId === undefined ? {} : { checkpoint_id: checkpointId }), ...(label === undefined ? {} : { label }), ...(reason === undefined ? {} : { reason }) };
    const { revision: sequence } = await appendWhereItStands(context, address, async ({ state, stateHash }) => ({
      ...heldTo(context),
      // The hash is of the state that the checkpoint is taken on; which fold came to it stands beside it.
      events: [{ ...(await surroundings(context, state, sessionId)), type: 'checkpoint.created', ...address, actor: actorToAppend(context, actor), data: { ...data, state_hash: stateHash }, metadata: { foldVersion: log.fold.foldVersion(address.streamType) } }],
    }));
    const { state } = await reconstruct(travelParts(context), address, { kind: 'revision', revision: sequence });
    await log.snapshots.save(state, { pinned: true });
    const [row] = await rowsOf(context, address, checkpointsOf(state).filter((one) => one.sequence === sequence));
    return row!;
  },
});

export const restoreCheckpoint = defineOperation({
  name: 'restoreCheckpoint',
  doc: 'Sets a stream back to a checkpoint by one more event; nothing is erased. With dryRun it shows what would change and what would stay.',
  scope: 'append',
  kind: 'write',
  dryRun: { scope: 'read', isAsked: ({ dryRun }) => dryRun },
  input: z.object({ ...streamKey, checkpointId: z.string().min(1), reason: z.string().optional(), dryRun: flag.default(false), ...sessionInput, ...actorInput }),
  output: z.object({
    ...streamKey,
    checkpointId: z.string(),
    restoredSequence: revision,
    dryRun: z.boolean(),
    changes: z.array(patch).meta({ description: 'What the restore changes in the state.' }),
    stays: z.array(z.object({ field: z.string(), count })).meta({ description: 'What it leaves as it is: what cannot be undone, and what tells the story.' }),
    refused: z.string().nullable().meta({ description: 'Why the rules do not take it now.' }),
    event: z.object({ id: z.string(), revision, position }).nullable(),
  }),
  http: { method: 'POST', path: `${path}/{checkpointId}/restore`, aliases: [`${issuePath}/{checkpointId}/restore?streamType=orchestration`] },
  run: async (context, { checkpointId, reason, dryRun, sessionId, actor, ...address }) => {
    const { state } = await standing(context, address);
    const found = checkpointNamed(state, checkpointId);
    const data: JsonObject = { checkpoint_id: checkpointId, restored_sequence: found.sequence, ...(reason === undefined ? {} : { reason }) };
    const event = { ...(await surroundings(context, state, sessionId)), type: 'checkpoint.restored', data, actor: actorToAppend(context, actor) };
    const { diff, rejected } = await fork(travelParts(context), address, { kind: 'revision', revision: state.revision }, [{ op: 'insert', after: state.revision, event }]);
    // What was looked at is what happens: an event in between is a conflict.
    const receipt = dryRun ? null : await context.log.append({ expectedRevision: state.revision, events: [{ ...event, ...address }], ...heldTo(context) });
    const written = receipt?.events[0];
    return {
      ...address,
      checkpointId,
      restoredSequence: found.sequence,
      dryRun,
      changes: [...diff],
      stays: staysOf(state, found),
      refused: rejected[0]?.detail ?? null,
      event: written === undefined ? null : { id: written.id, revision: written.revision, position: written.position },
    };
  },
});

/** @throws LogError NOT_FOUND `stream`; BAD_REQUEST `no_checkpoints`. */
async function standing(context: OperationContext, address: StreamAddress): Promise<{ readonly state: State; readonly stateHash: string }> {
  refuseWithoutCheckpoints(context.log.fold, address.streamType);
  return await reconstruct(travelParts(context), address, { kind: 'end' });
}

function checkpointNamed(state: State, id: string): CheckpointView {
  const checkpoints = checkpointsOf(state);
  const found = checkpoints.find((one) => one.id === id);
  if (found !== undefined) return found;
  const known = checkpoints.map((one) => one.id);
  throw new LogError('NOT_FOUND', `${state.streamType}/${state.streamId} has no checkpoint ${id}.`, { details: { reason: 'checkpoint', id, known }, hint: known.length === 0 ? 'None was made yet.' : `There are ${known.join(', ')}.` });
}

async function rowsOf({ log }: OperationContext, { streamType, streamId }: StreamAddress, checkpoints: readonly CheckpointView[]): Promise<z.infer<typeof checkpoint>[]> {
  const pinned = new Set((await log.snapshots.list(`${streamType}/${streamId}`)).flatMap((info) => (info.pinned ? [info.revision] : [])));
  return checkpoints.map(({ id, label, sequence, stateHash, createdAt, restoredCount }) => ({ id, label, sequence, stateHash, createdAt, restoredCount, hasSnapshot: pinned.has(sequence) }));
}

/** Collections that hold something and that the restore does not set back. */
function staysOf(state: State, { saved }: CheckpointView): { field: string; count: number }[] {
  return Object.entries(state).flatMap(([field, value]) => {
    if (Object.hasOwn(saved, field) || bookkeeping.has(field) || typeof value !== 'object' || value === null) return [];
    const size = Object.keys(value).length;
    return size === 0 ? [] : [{ field, count: size }];
  });
}

const bookkeeping: ReadonlySet<string> = new Set(['correlationChain', 'anomalies', 'totals']);

/** Of the run as it last went on; also when it has ended, which is when one sets it back. */
async function surroundings(context: OperationContext, { lastEventId }: State, sessionId: string | undefined): Promise<Pick<EventInput, 'issueKey' | 'sessionId'>> {
  const [last] = lastEventId === null ? [] : await eventsByIds(context, [lastEventId]);
  const session = sessionId ?? last?.sessionId;
  return { ...(last?.issueKey === undefined ? {} : { issueKey: last.issueKey }), ...(session === undefined ? {} : { sessionId: session }) };
}

/** A run goes on while it is marked: what was appended in between is looked at, and it is tried again. */
async function appendWhereItStands(context: OperationContext, address: StreamAddress, request: (standing: { readonly state: State; readonly stateHash: string }) => Promise<Parameters<OperationContext['log']['append']>[0]>): Promise<AppendReceipt['events'][number]> {
  const { log } = context;
  for (let attempt = 1; ; attempt++) {
    const place = await standing(context, address);
    try {
      return (await log.append({ ...(await request(place)), expectedRevision: place.state.revision })).events[0]!;
    } catch (error) {
      if (!isLogError(error, 'REVISION_CONFLICT') || attempt >= log.limits.conflictRetriesMax) throw error;
    }
  }
}
