/** Snapshots: cached folds, which may always be thrown away. Those that somebody asks for are pinned. */
import { LogError, reconstruct, streamNotFound } from '@refold/core';
import type { SnapshotInfo } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { wholeNumber } from './inputs.ts';
import { streamsOf } from './places.ts';
import { count, revision, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const snapshot = z
  .object({ stream: z.string(), revision, eventId: z.string(), leaf: z.string().nullable(), foldVersion: z.string(), stateHash: z.string(), sha256: z.string(), pinned: z.boolean(), bytes: count })
  .meta({ id: 'Snapshot' });
const path = '/streams/{streamType}/{streamId}/snapshots';
const oneStream = { stream: z.string().optional().meta({ description: 'Only of this stream, type/id; default every stream.' }) };

export const listSnapshots = defineOperation({
  name: 'listSnapshots',
  doc: 'The snapshots of a stream, oldest first.',
  scope: 'read',
  input: z.object(streamKey),
  output: z.object({ items: z.array(snapshot) }),
  http: { method: 'GET', path },
  run: async ({ log }, { streamType, streamId }) => {
    const stream = `${streamType}/${streamId}`;
    if ((await log.stream(stream)) === null) throw streamNotFound(stream);
    return { items: [...(await log.snapshots.list(stream))] };
  },
});

export const createSnapshot = defineOperation({
  name: 'createSnapshot',
  doc: 'Keeps the state at a revision, by default the newest, for good.',
  scope: 'append',
  kind: 'write',
  input: z.object({ ...streamKey, revision: wholeNumber.optional() }),
  output: snapshot,
  http: { method: 'POST', path, status: 201 },
  run: async (context, { streamType, streamId, revision: at }): Promise<SnapshotInfo> => {
    const { log } = context;
    const { state } = await reconstruct(travelParts(context), { streamType, streamId }, at === undefined ? { kind: 'end' } : { kind: 'revision', revision: at });
    const kept = await log.snapshots.save(state, { pinned: true });
    if (kept === null) throw new LogError('TOO_LARGE', `The state of ${streamType}/${streamId} is not kept.`, { details: { reason: 'snapshot', limit: log.limits.snapshotBytesMax }, hint: 'It has no event yet, or its JSON is larger than the limit; it is folded when somebody asks.' });
    return kept;
  },
});

export const collectSnapshots = defineOperation({
  name: 'collectSnapshots',
  doc: 'Removes snapshots that are neither among the newest, nor pinned, nor wanted as keyframes.',
  scope: 'config',
  kind: 'long',
  input: z.object(oneStream),
  output: z.object({ streams: count, removed: count }),
  http: { method: 'POST', path: '/snapshots/gc' },
  run: async (context, { stream }) => {
    let [streams, removed] = [0, 0];
    for await (const address of addresses(context, stream)) {
      streams++;
      removed += await context.log.snapshots.collect(address);
    }
    return { streams, removed };
  },
});

const faultsShown = 1_000;

export const verifySnapshots = defineOperation({
  name: 'verifySnapshots',
  doc: 'Checks every snapshot and keyframe: form, bytes, state hash, version of the fold, and the event it stands on. One that does not hold is never used.',
  scope: 'read',
  kind: 'long',
  input: z.object(oneStream),
  output: z.object({ ok: z.boolean(), streams: count, checked: count, faults: z.array(z.object({ stream: z.string(), revision, fault: z.string(), pinned: z.boolean() })), faultsTotal: count }),
  http: { method: 'GET', path: '/snapshots/verify' },
  run: async (context, { stream }) => {
    let [streams, checked, faultsTotal] = [0, 0, 0];
    const faults: { stream: string; revision: number; fault: string; pinned: boolean }[] = [];
    for await (const address of addresses(context, stream)) {
      context.signal?.throwIfAborted();
      streams++;
      for (const { ok: isOk, fault, revision: at, pinned } of await context.log.snapshots.verify(address)) {
        checked++;
        if (isOk || fault === null) continue;
        faultsTotal++;
        if (faults.length < faultsShown) faults.push({ stream: address, revision: at, fault, pinned });
      }
    }
    return { ok: faultsTotal === 0, streams, checked, faults, faultsTotal };
  },
});

/** @throws LogError NOT_FOUND `stream`. */
async function* addresses({ log }: OperationContext, only: string | undefined): AsyncGenerator<string> {
  if (only === undefined) for await (const { stream } of streamsOf(log)) yield stream;
  else if ((await log.stream(only)) === null) throw streamNotFound(only);
  else yield only;
}
