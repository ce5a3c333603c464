/** Replays on record: which there were, where each stands, what each did, and calling one off. All of it is read from their streams. */
import { LogError, createCursorCodec, parsePage, reconstruct } from '@refold/core';
import type { EventEnvelope, StreamInfo } from '@refold/core';
import type { ReplayFields } from '@refold/catalog';
import { z } from 'zod';
import { actorInput, actorToAppend, heldTo } from './acting.ts';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { pageInput, wholeNumber } from './inputs.ts';
import { streamsOf } from './places.ts';
import { pages } from './relations.ts';
import { recordedStep, replayRun } from './replay-shapes.ts';
import { count, pageOf } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const replayKey = { id: z.string().min(1).meta({ description: 'Id of the replay.' }) };
type ReplayRun = z.infer<typeof replayRun>;

export const listReplays = defineOperation({
  name: 'listReplays',
  doc: 'Lists replays, the newest activity first.',
  scope: 'read',
  input: z.object({ status: replayRun.shape.status.optional(), mode: replayRun.shape.mode.optional(), target: z.string().optional().meta({ description: 'Only those of this stream, type/id.' }), limit: wholeNumber.optional() }),
  output: z.object({ items: z.array(replayRun), scanned: count }),
  http: { method: 'GET', path: '/replays' },
  run: async (context, { status, mode, target, limit = 20 }) => {
    const streams: StreamInfo[] = [];
    for await (const info of streamsOf(context.log, 'replay/')) streams.push(info);
    streams.sort((a, b) => b.last - a.last);
    const items: ReplayRun[] = [];
    let scanned = 0;
    for (const { stream } of streams) {
      if (items.length >= limit) break;
      context.signal?.throwIfAborted();
      scanned++;
      const run = await runOf(context, stream.slice('replay/'.length));
      if ((status === undefined || run.status === status) && (mode === undefined || run.mode === mode) && (target === undefined || `${run.target.type}/${run.target.id}` === target)) items.push(run);
    }
    return { items, scanned };
  },
});

export const getReplay = defineOperation({
  name: 'getReplay',
  doc: 'One replay: what it is of, where it stands, what came of it.',
  scope: 'read',
  input: z.object(replayKey),
  output: replayRun,
  http: { method: 'GET', path: '/replays/{id}' },
  run: (context, { id }) => runOf(context, id),
});

export const replaySteps = defineOperation({
  name: 'replaySteps',
  doc: 'The effects that a replay did again, in order, as it wrote them down.',
  scope: 'read',
  input: z.object({ ...replayKey, limit: pageInput.limit, cursor: pageInput.cursor }),
  output: pageOf(recordedStep),
  http: { method: 'GET', path: '/replays/{id}/steps' },
  run: async (context, { id, ...paging }) => {
    const { log } = context;
    if ((await log.stream(`replay/${id}`)) === null) throw notFound(id);
    const page = parsePage(paging, { limits: log.limits });
    const codec = createCursorCodec(log.ports.hasher, log.identity.cursorKey);
    const question = `replay steps ${id}`;
    const events: EventEnvelope[] = [];
    for await (const batch of pages(context, { stream: `replay/${id}`, after: page.cursor === null ? 0 : codec.decode(page.cursor, 'forward', question) })) {
      events.push(...batch.filter(({ type }) => Object.hasOwn(stepActions, type)));
      if (events.length > page.limit) break;
    }
    const shown = events.slice(0, page.limit);
    return { items: shown.map(stepOf), nextCursor: events.length > page.limit ? codec.encode(shown.at(-1)!.revision, 'forward', question) : null, total: null };
  },
});

export const cancelReplay = defineOperation({
  name: 'cancelReplay',
  doc: 'Calls a replay off: whoever runs it, in whichever process, does nothing more after the effect under way.',
  scope: 'replay:execute',
  kind: 'write',
  input: z.object({ ...replayKey, reason: z.string().optional(), ...actorInput }),
  output: replayRun,
  http: { method: 'POST', path: '/replays/{id}/cancel' },
  run: async (context, { id, reason, actor }) => {
    const { status, sequence } = await runOf(context, id);
    if (status !== 'running') throw new LogError('ILLEGAL_TRANSITION', `The replay ${id} is ${status}.`, { details: { stream: `replay/${id}`, type: 'replay.cancelled', from: status, allowedFrom: ['running'] }, hint: 'There is nothing to call off.' });
    // The one that runs writes to the same stream; it meets this at its next note, and that note must not be in the way here.
    await context.log.append({
      ...heldTo(context),
      expectedRevision: 'exists',
      transitions: 'enforce',
      events: [{ type: 'replay.cancelled', streamType: 'replay', streamId: id, actor: actorToAppend(context, actor), data: { ...(reason === undefined ? {} : { reason }), ...(sequence === null ? {} : { at_sequence: sequence }) } }],
    });
    return await runOf(context, id);
  },
});

/** @throws LogError NOT_FOUND `replay`. */
async function runOf(context: OperationContext, id: string): Promise<ReplayRun> {
  if ((await context.log.stream(`replay/${id}`)) === null) throw notFound(id);
  const { state } = await reconstruct(travelParts(context), { streamType: 'replay', streamId: id }, { kind: 'end' });
  // A stream of this type is folded by this aggregate.
  const { status, mode, purpose, target, replayed, skipped, failed, divergences, stepsDone, stepsFailed, sequence, report } = state as unknown as ReplayFields;
  return { replayId: id, status: status === 'absent' ? 'running' : status, mode, purpose, target: { ...target }, replayed, skipped, failed, divergences, stepsDone, stepsFailed, sequence, startedAt: state.createdAt, lastEventAt: state.lastEventAt, report };
}

const notFound = (id: string): LogError => new LogError('NOT_FOUND', `There is no replay ${id}.`, { details: { reason: 'replay', id }, hint: 'List the replays, or check the id.' });

const stepActions: { readonly [type: string]: 'begun' | 'executed' | 'failed' } = { 'replay.step_started': 'begun', 'replay.step_completed': 'executed', 'replay.step_failed': 'failed' };

function stepOf({ type, data, occurredAt }: EventEnvelope): z.infer<typeof recordedStep> {
  // The log holds these payloads against their schema.
  const { replay_of: eventId, sequence, result, error, produced_event_ids: produced } = data as { readonly replay_of: string; readonly sequence?: number; readonly result?: never; readonly error?: { readonly message?: string }; readonly produced_event_ids?: string[] };
  return { sequence: sequence ?? null, eventId, action: stepActions[type]!, result: result ?? null, error: error?.message ?? null, producedEventIds: produced ?? [], at: occurredAt };
}
