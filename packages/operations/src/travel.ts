/** The time machine: state at a place, how it came about, what differs, who set it. */
import { LogError, diffPlaces, history, parseInstant, provenance, reconstruct, timeTravel } from '@refold/core';
import type { Reconstruction } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { flag, placeInput, wholeNumber } from './inputs.ts';
import { byAnyName } from './other-names.ts';
import { placeOf } from './places.ts';
import { aboutOneStream, actor, count, event, instant, json, patch, position, revision, state, streamKey, timelineRow } from './shapes.ts';
import { resolveStream } from './streams.ts';
import { travelParts } from './travel-parts.ts';
import { timelineRows } from './views.ts';

const placed = {
  revision,
  asOf: instant.nullable().meta({ description: 'The instant asked for; by number, when the last event happened.' }),
  stateHash: z.string(),
  fromSnapshot: revision.nullable(),
  eventsFolded: count,
  head: revision.meta({ description: 'Newest revision of the stream.' }),
  stragglers: count.meta({ description: 'Events recorded after the clean prefix that had happened by the instant.' }),
  warnings: z.array(z.string()),
};

export const stateView = z.object({ ...streamKey, ...placed, state }).meta({ id: 'StateView' });

export const stateAt = defineOperation({
  name: 'stateAt',
  doc: 'Folds a stream to a place: a revision, an instant as it happened or as known then, a position.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, ...placeInput, useSnapshot: flag.optional() }),
  output: stateView,
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/state', aliases: ['/api/v1/orchestrations/{streamId}/state?streamType=orchestration', '/api/v1/jobs/{streamId}/state?streamType=job'] },
  run: async (context, { streamType, streamId, useSnapshot, ...place }) => {
    const view = await byAnyName(context, { streamType, streamId }, (address) => reconstruct(travelParts(context), address, placeOf(place), { useSnapshots: useSnapshot ?? true }));
    await keepSnapshot(context, view);
    return view;
  },
});

/** The same by an id alone, where it names one stream only. */
export const aggregateState = defineOperation({
  name: 'aggregateState',
  doc: 'Folds the stream that an id alone names to a place.',
  scope: 'read',
  input: z.object({ id: z.string().min(1), ...placeInput, useSnapshot: flag.optional() }),
  output: stateView,
  http: { method: 'GET', path: '/aggregates/{id}/state' },
  run: async (context, { id, ...place }) => await stateAt.run(context, { ...(await resolveStream.run(context, { id })), ...place }),
});

/** A long fold to the newest event is worth keeping; the next one starts from there. */
async function keepSnapshot({ log }: OperationContext, view: Reconstruction): Promise<void> {
  if (view.revision !== view.head || view.stragglers > 0 || !log.snapshots.isDue(view.revision, view.fromSnapshot ?? 0)) return;
  await log.snapshots.save(view.state).catch((error: unknown) => {
    // A snapshot is a convenience; a read-only or full store still answers.
    if (!(error instanceof LogError)) throw error;
  });
}

export const stateHistory = defineOperation({
  name: 'stateHistory',
  doc: 'How a stream became what it is: one entry per event with what that event changed.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, after: wholeNumber.optional(), upTo: wholeNumber.optional(), from: z.string().optional().meta({ description: 'Only what happened at this instant or later.' }), to: z.string().optional(), limit: wholeNumber.optional(), withState: flag.optional(), path: z.string().optional().meta({ description: 'JSON pointer: only what changed there.' }) }),
  output: z.object({
    entries: z.array(
      z.object({ at: instant, revision, eventId: z.string(), type: z.string(), actor, changes: z.record(z.string(), z.object({ before: json.optional(), after: json.optional() })), state: state.optional() }),
    ),
    next: revision.nullable(),
  }),
  http: {
    method: 'GET',
    path: '/streams/{streamType}/{streamId}/history',
    aliases: [
      '/api/v1/orchestrations/{streamId}/history?streamType=orchestration',
      '/api/v1/jobs/{streamId}/history?streamType=job',
      ...['sprint', 'task'].flatMap((type) => ['/api/v1', '/api/orchestration'].map((base) => `${base}/${type}s/{streamId}/history?streamType=${type}`)),
    ],
  },
  run: (context, { streamType, streamId, path, from, to, ...options }) =>
    byAnyName(context, { streamType, streamId }, (address) =>
      history(travelParts(context), address, { ...defined(options), ...(path === undefined ? {} : { pointer: path }), ...(from === undefined ? {} : { from: parseInstant(from, '/from') }), ...(to === undefined ? {} : { to: parseInstant(to, '/to') }) }),
    ),
});

export const diffStates = defineOperation({
  name: 'diffStates',
  doc: 'What differs between two places of one stream, or of two.',
  scope: 'read',
  input: z.object({
    ...streamKey,
    fromPlace: z.string().optional(),
    toPlace: z.string().optional(),
    fromRevision: wholeNumber.optional(),
    toRevision: wholeNumber.optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    againstType: z.string().optional().meta({ description: 'The second place is in this stream; default the same one.' }),
    againstId: z.string().optional(),
    path: z.string().optional(),
  }),
  output: z.object({ from: z.object({ ...streamKey, ...placed }), to: z.object({ ...streamKey, ...placed }), patches: z.array(patch) }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/diff', aliases: ['/api/v1/orchestrations/{streamId}/diff?streamType=orchestration'] },
  run: (context, { streamType, streamId, againstType, againstId, path, ...places }) =>
    diffPlaces(
      travelParts(context),
      { streamType, streamId, place: placeOf({ place: places.fromPlace, at: places.from, revision: places.fromRevision }) },
      { streamType: againstType ?? streamType, streamId: againstId ?? streamId, place: placeOf({ place: places.toPlace, at: places.to, revision: places.toRevision }) },
      path === undefined ? {} : { pointer: path },
    ),
});

export const travelTo = defineOperation({
  name: 'timeTravel',
  doc: 'A look around at an instant: the state then, what had just happened, what came next, and the timeline.',
  scope: 'read',
  input: z.object({ ...streamKey, at: z.string(), window: wholeNumber.optional() }),
  output: z.object({
    queryTimestamp: instant,
    state,
    stateHash: z.string(),
    surroundingEvents: z.array(event),
    stateSummary: z.object({ status: z.string(), currentPhase: z.string().nullable(), activeAgents: z.array(z.string()), completedPhases: z.array(z.string()) }),
    timeline: z.array(timelineRow),
    revision,
    before: count,
    after: count,
    later: z.array(z.string()),
    stragglers: count,
    warnings: z.array(z.string()),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/time-travel', aliases: ['/api/v1/orchestrations/{streamId}/time-travel?streamType=orchestration'] },
  run: async (context, { streamType, streamId, at, window }) => {
    const instantAsked = parseInstant(at, '/at');
    const result = await timeTravel(travelParts(context), { streamType, streamId }, instantAsked, window === undefined ? {} : { window });
    return { ...result, timeline: await timelineRows(context, { streamType, streamId }) };
  },
});

export const provenanceOf = defineOperation({
  name: 'provenance',
  doc: 'Which event set the value at a JSON pointer of the state, and what stood there before; one answer per leaf.',
  scope: 'read',
  ...aboutOneStream,
  input: z.object({ ...streamKey, ...placeInput, path: z.string() }),
  output: z.object({
    items: z.array(
      z.object({
        path: z.string(),
        value: json.optional(),
        before: json.optional(),
        setBy: z.object({ eventId: z.string(), type: z.string(), revision, position: position.nullable(), occurredAt: instant, actor }).nullable(),
        removed: z.literal(true).optional(),
      }),
    ),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/provenance' },
  run: async (context, { streamType, streamId, path, ...place }) => ({ items: await provenance(travelParts(context), { streamType, streamId }, placeOf(place), path) }),
});

/** Leaves out what is undefined: an option that is there and undefined is another thing than one that is not there. */
const defined = <T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
