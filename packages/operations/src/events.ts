/** Events in and out: append, query, one by id, tail, validate. */
import { LogError, compileFilter, createCursorCodec, fillPage, parseFilter, parsePage, questionOf, testsOf, validateEvent } from '@refold/core';
import type { AppendReceipt, AppendRequest, EventEnvelope, EventInput, EventTest, Log } from '@refold/core';
import { z } from 'zod';
import { heldTo, mayNameActors } from './acting.ts';
import { defineBatchedStream, defineOperation } from './define.ts';
import type { OperationContext } from './define.ts';
import { patiently, stopOf } from './followed-stream.ts';
import { filterInput, flag, pageInput, texts, wholeNumber } from './inputs.ts';
import { catchUpForUnknown } from './registered-types.ts';
import { epochInput } from './same-log.ts';
import { selectEvents } from './select-events.ts';
import { appendedEvent, count, event, eventInput, instant, pageOf, position } from './shapes.ts';

const expectedRevision = z.union([z.number(), z.enum(['any', 'none', 'exists'])]).meta({ description: 'Revision the caller last saw; 0 or none = must not exist; exists; any (default) checks nothing.' });

const receipt = z
  .object({
    commitId: z.string(),
    duplicate: z.boolean().meta({ description: 'This commit was in the log already; nothing was written now.' }),
    events: z.array(appendedEvent),
    first: position,
    last: position,
    recordedAt: instant,
    warnings: z.array(z.string()),
  })
  .meta({ id: 'AppendReceipt' });

export const appendEvents = defineOperation({
  name: 'appendEvents',
  doc: 'Appends events of one or more streams as one commit: all or none, once however often it is sent.',
  scope: 'append',
  kind: 'write',
  // The log holds a caller to his streams: only it knows the address of an event that leaves it out.
  streamsOf: () => [],
  input: z.object({
    events: z.array(eventInput),
    // Judged by the log, which says what is wrong with it in its own words.
    expectedRevision: z.unknown().optional().meta({ description: expectedRevision.meta()?.description ?? '' }),
    expectedRevisions: z.record(z.string(), expectedRevision).optional(),
    commitId: z.string().min(1).max(200).optional().meta({ description: 'Idempotency key.' }),
    transitions: z.enum(['enforce', 'flag']).optional(),
  }),
  output: receipt,
  http: { method: 'POST', path: '/events', status: 201, aliases: ['/api/orchestrator/events', '/api/orchestration/events'] },
  run: async (context, { events, ...rest }): Promise<AppendReceipt> => {
    const { log, principal } = context;
    await catchUpForUnknown(log, events.map(({ type }) => type));
    // The schema is open where the log's gates say more precisely what is wrong, so its type is wider than the request's.
    const given = events as unknown as readonly EventInput[];
    const named = principal !== undefined && mayNameActors(context) ? given.map((one) => (one.actor === undefined ? { ...one, actor: principal } : one)) : given;
    return await log.append({ ...rest, events: named, ...heldTo(context) } as AppendRequest);
  },
});

export const queryEvents = defineOperation({
  name: 'queryEvents',
  doc: 'Lists the events a filter asks for, in the log\'s order, in pages.',
  scope: 'read',
  input: filterInput.extend(pageInput),
  output: pageOf(event),
  http: { method: 'GET', path: '/events', aliases: ['/api/orchestrator/events', '/api/orchestration/events'] },
  run: (context, input) => listEvents(context, input),
});

/** One page of a filter's events; shared by every list of events. */
export async function listEvents(context: OperationContext, input: { readonly [name: string]: unknown }): Promise<{ items: readonly EventEnvelope[]; nextCursor: string | null; total: number | null; warnings?: readonly string[] }> {
  const { log } = context;
  const filter = parseFilter(input);
  const page = parsePage(input, { limits: log.limits });
  const codec = createCursorCodec(log.ports.hasher, log.identity.cursorKey);
  const question = questionOf(filter);
  const from = page.cursor === null ? undefined : codec.decode(page.cursor, page.direction, question);
  const offset = page.cursor === null ? page.offset : 0;
  // One further than the page tells whether there is a next one.
  const selection = await selectEvents(context, filter, { direction: page.direction, ...(from === undefined ? {} : { from }), expected: offset + page.limit + 1 });
  const { items, last } = await fillPage(selection.batches, { limit: page.limit, offset, residue: selection.residue });
  await assertIntact(log, items);
  return {
    items,
    nextCursor: last === null ? null : codec.encode(selection.counts === 'revisions' ? last.revision : last.position, page.direction, question),
    total: page.wantsTotal ? await countEvents(context, filter) : null,
    ...selection.warnings(),
  };
}

/** Ranges are read unproved, because most of what is read is only looked at; what is shown is asked for once more, by name. */
async function assertIntact(log: Log, shown: readonly EventEnvelope[]): Promise<void> {
  if (shown.length === 0) return;
  for await (const page of log.driver.read({ ids: shown.map(({ id }) => id) })) for (const record of page.events) log.assertIntact(record);
}

async function countEvents(context: OperationContext, filter: ReturnType<typeof parseFilter>): Promise<number> {
  const { batches, residue } = await selectEvents(context, filter);
  let total = 0;
  for await (const batch of batches) total += residue === null ? batch.length : batch.filter(residue).length;
  return total;
}

export const getEvent = defineOperation({
  name: 'getEvent',
  doc: 'One event by its id.',
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: event,
  http: { method: 'GET', path: '/events/{id}', immutable: true },
  run: async (context, { id }) => {
    const found = await context.log.event(id.toLowerCase());
    if (found === null) throw await eventNotFound(context, id);
    return found;
  },
});

/** Says whether the log itself answers, so that a wrong id and a lost store are told apart (B-146). */
export async function eventNotFound({ log, installation }: OperationContext, id: string): Promise<LogError> {
  const head = await log.head();
  return new LogError('NOT_FOUND', `There is no event ${id}.`, {
    details: { reason: 'event', id, head: head.position, store: installation.store },
    hint: `The store answers and holds ${head.position} events; check the id, or query for it.`,
  });
}

export const getCommit = defineOperation({
  name: 'getCommit',
  doc: 'Was this commit written? Answers its events; decides an unknown outcome.',
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), recordedAt: instant, events: z.array(event) }),
  http: { method: 'GET', path: '/commits/{id}', immutable: true },
  run: async ({ log, signal }, { id }) => {
    const events: EventEnvelope[] = [];
    for await (const page of log.events({ commits: [id] }, signal)) events.push(...page.events);
    if (events[0] === undefined) throw new LogError('NOT_FOUND', `Commit ${id} was not written.`, { details: { reason: 'commit', id }, hint: 'Send the commit again with the same id; it is stored once.' });
    return { id, recordedAt: events[0].recordedAt, events };
  },
});

export const validateEvents = defineOperation({
  name: 'validateEvents',
  doc: 'Judges events as an append would, on the newest states of their streams, without appending them.',
  scope: 'read',
  input: z.object({
    events: z.array(eventInput),
    against: z.enum(['state', 'rules']).optional().meta({ description: 'state (default): may each follow what its stream holds and the sound events before it? rules: each event alone, wherever it stands.' }),
    commitId: z.string().min(1).max(200).optional().meta({ description: 'Idempotency key that the append would have.' }),
  }),
  output: z.object({ ok: z.boolean(), results: z.array(z.object({ index: count, ok: z.boolean(), violations: z.array(z.object({ code: z.string(), detail: z.string(), pointer: z.string().nullable() })) })) }),
  http: { method: 'POST', path: '/events/validate' },
  run: async ({ log, principal }, { events: given, against = 'state', commitId }) => {
    const events = given as unknown as readonly EventInput[];
    await catchUpForUnknown(log, events.map(({ type }) => type));
    const now = new Date(log.ports.clock.now()).toISOString();
    const found = against === 'state' ? await log.rehearse({ events, ...(commitId === undefined ? {} : { commitId }), ...(principal === undefined ? {} : { principal }) }) : events.map((event) => violationsOf(log, event, now));
    const results = found.map((remarks, index) => ({ index, ok: remarks.length === 0, violations: remarks.map(({ code, detail, pointer = null }) => ({ code, detail, pointer })) }));
    return { ok: results.every((result) => result.ok), results };
  },
});

function violationsOf(log: OperationContext['log'], input: EventInput, now: string): readonly { readonly code: string; readonly detail: string; readonly pointer?: string | undefined }[] {
  const type = log.registry.canonicalName(input.type) ?? input.type;
  const streamType = input.streamType ?? log.registry.eventType(type)?.streamType ?? 'custom';
  try {
    return validateEvent({ ...input, type, streamType }, log.registry, { mode: 'flag', now });
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return [{ code: error.code, detail: error.message, pointer: error.details.pointer }];
  }
}

/** What live channels carry: types that their definition keeps off them are left out, or only those of a list are let in. */
function broadcastTest({ registry }: Log, carried: boolean | readonly string[] | undefined): EventTest | null {
  if (carried === undefined || carried === false) return null;
  if (carried === true) return ({ type, streamType }) => (registry.definitionIn(streamType, type) ?? registry.eventType(type)?.definition)?.broadcast !== false;
  return testsOf({ types: carried }, registry).get('types')!;
}

/** The stream that a filter is about; any stream when it does not name one. */
function streamOf(input: { readonly [name: string]: unknown }): string {
  const { streamType, streamId } = parseFilter(input);
  return streamType === undefined || streamId === undefined ? '' : `${streamType}/${streamId}`;
}

export const tailEvents = defineBatchedStream({
  name: 'tailEvents',
  doc: 'Follows the log: the events a filter asks for, from a position on, then as they come.',
  scope: 'read',
  streamsOf: ({ afterPosition: _after, fromStart: _start, epoch: _epoch, broadcast: _carried, ...filter }) => [streamOf(filter)],
  input: filterInput.extend({
    afterPosition: wholeNumber.optional().meta({ description: 'Resumes after this position; default: the newest event.' }),
    fromStart: flag.optional(),
    ...epochInput,
    broadcast: z.union([flag, texts]).optional().meta({ description: 'true: only types that live channels carry; a list: only these types.' }),
  }),
  output: event,
  http: { method: 'GET', path: '/events/stream' },
  async *batches(context, { afterPosition, fromStart, epoch: _epoch, broadcast, ...rest }: TailInput): AsyncGenerator<readonly EventEnvelope[]> {
    const { log } = context;
    const filter = parseFilter(rest);
    const after = afterPosition ?? (fromStart === true ? 0 : (await log.head()).position);
    // From a position on, a stream is asked for by its tag like everything else.
    const { request } = compileFilter({ ...filter, afterPosition: after }, log.registry, log);
    const carried = broadcastTest(log, broadcast);
    // What the request says of ids and of bounds is lost on an endless read, so every part is tested.
    const tests = [...(carried === null ? [] : [carried]), ...testsOf(filter, log.registry).values()];
    const residue = { key: JSON.stringify([broadcast, questionOf(filter)]), test: (one: EventEnvelope) => tests.every((test) => test(one)) };
    const signal = stopOf(context);
    yield* patiently(context, after, signal, async function* (seen = after) {
      context.onListening?.();
      for await (const { events } of log.follow(seen, signal, request.query, residue)) yield events;
    });
  },
});

interface TailInput {
  readonly afterPosition?: number | undefined;
  readonly fromStart?: boolean | undefined;
  readonly epoch?: string | undefined;
  readonly broadcast?: boolean | readonly string[] | undefined;
  readonly [filter: string]: unknown;
}
