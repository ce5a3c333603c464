/** A long stream at a glance: how many events of which family stand where, and the marks a person finds their way by. */
import { LogError, blame, createLod, createMarks, eventAt, formatStreamAddress, idleMsMax, instantMs, lodAxes, lodPxMax, parseFilter, parseInstant, questionOf, streamNotFound, waitMsMin } from '@refold/core';
import type { EventEnvelope, Filter, Lod, LodAxis, Log, Mark, Marks, Position, StreamAddress } from '@refold/core';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { filterInput, flag, wholeNumber } from './inputs.ts';
import { eventsByIds } from './relations.ts';
import { selectEvents } from './select-events.ts';
import { count, instant, revision, streamKey } from './shapes.ts';
import { travelParts } from './travel-parts.ts';

const place = z.union([z.string(), z.number()]);

export const lodOf = defineOperation({
  name: 'lod',
  doc: 'How many events of which family stand where on an axis, in at least as many buckets as there are pixels.',
  scope: 'read',
  input: filterInput.extend({
    ...streamKey,
    axis: z.enum(lodAxes).optional().meta({ description: `revision (default), time, or active: time in which a silence counts at most ${idleMsMax} ms.` }),
    from: place.optional().meta({ description: 'A revision, an instant, or active milliseconds; inclusive, as the axis says. Default: all there is.' }),
    to: place.optional(),
    px: wholeNumber.optional().meta({ description: `Buckets wanted at least, up to ${lodPxMax}; default 1,024.` }),
  }),
  output: z.object({
    axis: z.enum(lodAxes),
    level: count.meta({ description: 'The width is two to the power of it.' }),
    from: z.union([instant, z.number()]),
    to: z.union([instant, z.number()]),
    width: count.meta({ description: 'Revisions or milliseconds per bucket.' }),
    events: count.meta({ description: 'Events that the filter asks for, in the whole stream.' }),
    families: z.array(z.string()),
    buckets: z.array(z.tuple([count, z.string().nullable(), z.string().nullable(), revision.nullable(), z.array(count)])).meta({ description: '[count, topFamily, maxSeverity, firstRevision, [perFamily]], one for each bucket from `from` on.' }),
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/lod' },
  kind: 'long',
  run: async (context, input: { readonly [parameter: string]: unknown }) => {
    // The schema has seen to these; a filter's own parameters have no names that a type could know.
    const { streamType, streamId, axis = 'revision', from, to, px, ...asked } = input as unknown as LodInput;
    const bounds = { ...bound('from', axis, from), ...bound('to', axis, to) };
    const { lod } = await overviewOf(context, parseFilter({ ...asked, streamType, streamId }));
    const window = lod.window({ axis, ...bounds, ...(px === undefined ? {} : { px }) });
    const shown = axis === 'time' ? { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() } : {};
    return { ...window, ...shown, events: lod.events };
  },
});

interface LodInput {
  readonly streamType: string;
  readonly streamId: string;
  readonly axis?: LodAxis;
  readonly from?: string | number;
  readonly to?: string | number;
  readonly px?: number;
  readonly [filter: string]: unknown;
}

function bound(name: 'from' | 'to', axis: LodAxis, value: string | number | undefined): { readonly [bound: string]: number } {
  if (value === undefined) return {};
  // Safe: what is parsed as an instant has milliseconds.
  if (axis === 'time') return { [name]: instantMs(parseInstant(String(value), `/${name}`))! };
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new LogError('BAD_REQUEST', `"${name}" is a whole number on the axis ${axis}.`, { details: { reason: name, pointer: `/${name}` }, hint: 'Correct the parameter.' });
  return { [name]: number };
}

const markRow = z
  .object({ kind: z.string(), from: revision, to: revision.nullable(), at: instant, until: instant.nullable(), label: z.string(), status: z.string().nullable(), eventId: z.string() })
  .meta({ id: 'Mark' });

export const marksOf = defineOperation({
  name: 'marks',
  doc: 'What a person finds their way by in a long stream: its own life, phases, checkpoints, gaps, long silences, and on demand the first bad event.',
  scope: 'read',
  input: z.object({
    ...streamKey,
    from: wholeNumber.optional().meta({ description: 'Revision, inclusive; default the first.' }),
    to: wholeNumber.optional(),
    limit: wholeNumber.optional().meta({ description: 'Marks at most; default 1,000, up to 10,000. Of more, the rare kinds are told whole and the others evenly thinned out.' }),
    firstBad: flag.optional().meta({ description: 'Also the first bad event; it costs a fold of the whole stream.' }),
  }),
  output: z.object({ items: z.array(markRow), total: count.meta({ description: 'Marks in the window, those left out too.' }), waitMs: count.meta({ description: 'Shortest silence that is a mark.' }) }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/marks' },
  kind: 'long',
  run: async (context, { streamType, streamId, from = 1, to = Number.MAX_SAFE_INTEGER, limit = marksDefault, firstBad }) => {
    if (limit < 1 || limit > marksMax) throw new LogError('BAD_REQUEST', `"limit" is a number from 1 to ${marksMax}.`, { details: { reason: 'limit', pointer: '/limit', limit: marksMax }, hint: 'Ask for a narrower window.' });
    const { marks } = await overviewOf(context, { streamType, streamId });
    const bad = firstBad === true ? await firstBadMark(context, { streamType, streamId }) : null;
    const found = marks.window(from, to, limit);
    if (bad === null || bad.from < from || bad.from > to) return { items: [...found.marks], total: found.total, waitMs: waitMsMin };
    const items = [...found.marks, bad].toSorted((a, b) => a.from - b.from).slice(0, limit);
    return { items, total: found.total + 1, waitMs: waitMsMin };
  },
});

const marksDefault = 1_000;
const marksMax = 10_000;

async function firstBadMark(context: OperationContext, address: StreamAddress): Promise<Mark | null> {
  const { reader } = travelParts(context);
  const { firstBad } = await blame(travelParts(context), address, { kind: 'end' }, { byIds: async (ids) => await eventsByIds(context, ids) });
  const event = firstBad === null ? null : await eventAt(reader, formatStreamAddress(address), firstBad.event.revision);
  if (event === null) return null;
  const definition = context.log.registry.definitionIn(event.streamType, event.type) ?? context.log.registry.eventType(event.type)?.definition;
  return { kind: 'first_bad', from: event.revision, to: event.revision, at: event.occurredAt, until: null, label: definition?.summary?.(event) ?? event.type, status: null, eventId: event.id };
}

/* ---- Kept between questions ---- */

/** What one pass over a filter's events of one stream left; it grows with the stream, and may be forgotten at any time. */
interface Overview {
  readonly lod: Lod;
  readonly marks: Marks;
  /** Position of the last event that was looked at. */
  seen: Position;
  /** One at a time: two readers would add the same events twice. */
  turn: Promise<unknown>;
}

const overviewsOf = new WeakMap<Log, Map<string, Overview>>();

/** Events of all overviews that are kept of a log, 25 bytes each; those asked for longest ago go first. */
const overviewEventsMax = 4_000_000;

/** Up to the head as it is now. A reading that was stopped goes on where it was with the next question. */
async function overviewOf(context: OperationContext, filter: Filter): Promise<Overview> {
  const { log } = context;
  const stream = `${filter.streamType}/${filter.streamId}`;
  if ((await log.stream(stream)) === null) throw streamNotFound(stream);
  const kept = overviewsOf.get(log) ?? new Map<string, Overview>();
  overviewsOf.set(log, kept);
  const question = questionOf(filter);
  const overview = kept.get(question) ?? { lod: createLod(log.registry), marks: createMarks(log.registry), seen: 0, turn: Promise.resolve() };
  kept.delete(question);
  kept.set(question, overview);
  makeRoom(kept);
  const turn = overview.turn.then(() => catchUp(context, filter, overview), () => catchUp(context, filter, overview));
  overview.turn = turn;
  await turn;
  return overview;
}

async function catchUp(context: OperationContext, filter: Filter, overview: Overview): Promise<void> {
  const { position: head } = await context.log.head();
  if (overview.seen >= head) return;
  const { batches, residue } = await selectEvents(context, overview.seen === 0 ? filter : { ...filter, afterPosition: Math.max(overview.seen, filter.afterPosition ?? 0) });
  for await (const batch of batches) {
    for (const event of batch) if (residue === null || residue(event)) add(overview, event);
    overview.seen = Math.max(overview.seen, batch.at(-1)?.position ?? 0);
  }
  overview.seen = Math.max(overview.seen, head);
}

function add({ lod, marks }: Overview, event: EventEnvelope): void {
  lod.add(event);
  marks.add(event);
}

function makeRoom(kept: Map<string, Overview>): void {
  let events = [...kept.values()].reduce((sum, { lod }) => sum + lod.events, 0);
  for (const [question, { lod }] of kept) {
    if (events <= overviewEventsMax || kept.size === 1) return;
    events -= lod.events;
    kept.delete(question);
  }
}
