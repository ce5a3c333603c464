/** The events a filter asks for, in one direction, from one place on: by tags, by stream, or by words. */
import { compileFilter, createPace, entityChain, searchableText } from '@refold/core';
import type { CompiledFilter, EventEnvelope, EventTest, Filter, Log, Position, ReadRequest, SearchIndex } from '@refold/core';
import type { OperationContext } from './define.ts';

export interface Selection {
  /** Batches to test with `residue`; the caller stops when it has enough. */
  readonly batches: AsyncIterable<readonly EventEnvelope[]>;
  readonly residue: EventTest | null;
  /** What cursors count. */
  readonly counts: CompiledFilter['counts'];
  /** What has to be said beside the answer, once the batches were looked at. */
  warnings(): { readonly warnings?: readonly string[] };
}

export interface SelectOptions {
  readonly direction?: 'forward' | 'backward';
  /** Exclusive start: a position or a revision, as `counts` says. */
  readonly from?: number;
  /** How many events the caller is likely to look at. Default: all there are. */
  readonly expected?: number;
  /** Each event is held against its leaf, for whoever shows all of them. */
  readonly isProven?: boolean;
}

export async function selectEvents(context: OperationContext, filter: Filter, { direction = 'forward', from, expected = Infinity, isProven = false }: SelectOptions = {}): Promise<Selection> {
  const { log } = context;
  const whole = filter.entityChain === undefined ? filter : { ...filter, entities: (await relatedEntities(context, filter.entityChain)).entities };
  const compiled = compileFilter(whole, log.registry, log);
  const { request } = compiled;
  const bounds = from === undefined ? {} : direction === 'forward' ? { after: Math.max(from, request.after ?? 0) } : { upTo: Math.min(from - 1, request.upTo ?? Number.MAX_SAFE_INTEGER) };
  const byWords = whole.text !== undefined && request.stream === undefined && request.ids === undefined;
  const batches = byWords
    ? eventsWithWords(context, whole.text, direction, { after: request.after ?? 0, upTo: request.upTo ?? Number.MAX_SAFE_INTEGER, ...bounds }, isProven)
    : inGrowingReadings(log, { ...request, ...bounds, direction }, { expected, ...(isProven ? { isProven } : {}) }, context.signal);
  return {
    batches: whole.expression === undefined ? batches : oneByOne(context, batches),
    // Words find events whatever their tags are: then every part of the filter is tested.
    residue: byWords ? compiled.whole : compiled.residue,
    counts: compiled.counts,
    warnings() {
      const { count, firstError } = compiled.notEvaluated();
      return count === 0 ? {} : { warnings: [`The expression could not be evaluated for ${count} of the events looked at, which count as no match; at the first: ${firstError}`] };
    },
  };
}

/** An expression may be slow on every event of a page: others get their turn between two of them. */
async function* oneByOne({ log, signal }: OperationContext, batches: AsyncIterable<readonly EventEnvelope[]>): AsyncGenerator<readonly EventEnvelope[]> {
  const pace = createPace(log.ports.clock);
  for await (const batch of batches)
    for (const event of batch) {
      if (pace.isDue()) await pace.turn(signal);
      yield [event];
    }
}

/** Absent: as the log does by itself, which proves what is asked for by name. */
type Proving = Pick<SelectOptions, 'isProven'>;

async function* envelopes(log: Log, request: Parameters<Log['events']>[0], signal: AbortSignal | undefined, how: Proving = {}): AsyncGenerator<readonly EventEnvelope[]> {
  for await (const page of log.events(request, signal, how)) if (page.events.length > 0) yield page.events;
}

/**
 * A page of a hundred is not worth reading a thousand events: as many as are expected to do are read first, and each further
 * reading, which the residue makes necessary, is twice as long.
 */
async function* inGrowingReadings(log: Log, request: ReadRequest, { expected, ...how }: { readonly expected: number } & Proving, signal: AbortSignal | undefined): AsyncGenerator<readonly EventEnvelope[]> {
  const pace = createPace(log.ports.clock);
  let place: Pick<ReadRequest, 'after' | 'upTo'> = {};
  for (let limit = expected; ; limit *= 2) {
    let next: number | null = null;
    for await (const page of log.events({ ...request, ...place, ...(Number.isFinite(limit) ? { limit } : {}) }, signal, how)) {
      if (page.events.length > 0) yield page.events;
      ({ next } = page);
    }
    if (next === null) return;
    if (pace.isDue()) await pace.turn(signal);
    place = request.direction === 'backward' ? { upTo: next } : { after: next };
  }
}

/** The entity and what refers to it, up to three steps away. */
const relatedEntities = (context: OperationContext, seed: { readonly type: string; readonly id: string }): ReturnType<typeof entityChain> =>
  entityChain(seed, (entity) => envelopes(context.log, compileFilter({ entityType: entity.type, entityId: entity.id }, context.log.registry).request, context.signal));

/** Positions that the first lookup gives. An index may have to walk up to its place again, so each further one gives twice as many. */
const positionsPerLookup = 200;
const positionsPerLookupMax = 12_800;

async function* eventsWithWords({ log, search, signal }: OperationContext, text: string, direction: 'forward' | 'backward', { after, upTo }: { readonly after: Position; readonly upTo: Position }, isProven: boolean): AsyncGenerator<readonly EventEnvelope[]> {
  await catchUpSearch(log, search, signal);
  let place = direction === 'forward' ? after : Math.min(upTo + 1, Number.MAX_SAFE_INTEGER);
  for (let limit = positionsPerLookup; ; limit = Math.min(2 * limit, positionsPerLookupMax)) {
    const found = await search.search(text, { after: place, limit, direction });
    const wanted = found.filter((position) => position > after && position <= upTo);
    for (const stretch of stretchesOf(wanted)) yield* eventsAt(log, stretch, { direction, isProven }, signal);
    if (found.length < limit || wanted.length < found.length) return;
    place = found.at(-1)!;
  }
}

/** Neighbours are read at one go: reading over a few events between them costs less than asking again. */
const neighbourDistanceMax = 16;

function stretchesOf(positions: readonly Position[]): readonly (readonly Position[])[] {
  const stretches: Position[][] = [];
  for (const position of positions) {
    const stretch = stretches.at(-1);
    if (stretch !== undefined && Math.abs(position - stretch.at(-1)!) <= neighbourDistanceMax) stretch.push(position);
    else stretches.push([position]);
  }
  return stretches;
}

async function* eventsAt(log: Log, stretch: readonly Position[], { direction, isProven }: { readonly direction: 'forward' | 'backward'; readonly isProven: boolean }, signal: AbortSignal | undefined): AsyncGenerator<readonly EventEnvelope[]> {
  const wanted = new Set(stretch);
  const [first, last] = [Math.min(stretch[0]!, stretch.at(-1)!), Math.max(stretch[0]!, stretch.at(-1)!)];
  for await (const page of envelopes(log, { after: first - 1, upTo: last, direction }, signal, { isProven })) yield page.filter(({ position }) => wanted.has(position));
}

/** Brings the index up to the head. It holds nothing of its own: a cursor past the head means another log, and it is built anew. */
export async function catchUpSearch(log: Log, search: SearchIndex, signal?: AbortSignal): Promise<void> {
  let cursor = await search.cursor();
  const head = await log.head();
  if (cursor > head.position) {
    await search.reset();
    cursor = 0;
  }
  if (cursor === head.position) return;
  for await (const page of log.events({ after: cursor }, signal)) {
    const last = page.events.at(-1);
    if (last !== undefined) await search.add(page.events.map((event) => ({ position: event.position, text: searchableText(event) })), last.position);
  }
}
