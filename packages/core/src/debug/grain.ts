/**
 * How far a step goes: one event, one call, one agent's turn, one phase, one cause. The words are the envelope's and the
 * registry's; no domain is named here.
 *
 * field:x  to where another value of the envelope field x begins (an agent's turn, a phase, a session)
 * part:x   to the next event of the machine x, or about an entity of type x
 * call     over what began here to its end; from elsewhere to the next thing that begins or ends
 * cause    forward to the first effect of this event, back to its recorded cause
 */
import { LogError } from '../errors.ts';
import type { AnyEventDefinition } from '../fold/aggregate.ts';
import type { Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { activeStatuses } from '../query/timeline.ts';
import type { Registry } from '../schema/registry.ts';
import { eventAt } from '../travel/stream-reader.ts';
import type { StreamReader } from '../travel/stream-reader.ts';

const fields = ['agent', 'phase', 'sessionId', 'issueKey', 'serviceName', 'correlationId'] as const;
type Field = (typeof fields)[number];

export type Grain = { readonly kind: 'event' | 'call' | 'cause' } | { readonly kind: 'field'; readonly field: Field } | { readonly kind: 'part'; readonly name: string };

/** @throws LogError BAD_REQUEST `grain` {known}. */
export function parseGrain(text: string): Grain {
  if (text === 'event' || text === 'call' || text === 'cause') return { kind: text };
  const [kind, name] = text.includes(':') ? ([text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] as const) : (['field', text] as const);
  const field = fields.find((known) => known === name);
  if (kind === 'field' && field !== undefined) return { kind, field };
  if (kind === 'part' && name !== '') return { kind, name };
  throw new LogError('BAD_REQUEST', `There is no step of the size ${JSON.stringify(text.slice(0, 64))}.`, {
    details: { reason: 'grain', known: ['event', 'call', 'cause', ...fields, 'part:<machine or entity type>'] },
    hint: 'Step by event, call, agent, phase, cause, field:<name> or part:<name>.',
  });
}

/** What finding the next place may look at. */
export interface GrainSource {
  readonly reader: StreamReader;
  readonly registry: Registry;
  readonly stream: string;
  readonly first: Revision;
  readonly head: Revision;
  /** Looks events up by id, where the log can; without it the stream is read from the cursor on. */
  readonly byId?: ((id: string) => Promise<EventEnvelope | null>) | undefined;
}

/** Why there is no such place. */
export type NoPlace = 'start' | 'end' | 'no_cause' | 'no_effect' | 'no_answer' | 'other_stream';

export type Found = { readonly revision: Revision } | { readonly none: NoPlace; readonly eventId?: string };

type Direction = 'forward' | 'backward';

/** The next place of a grain, strictly after or before where one stands. `event` is the one there; null before the first. */
export async function findPlace(source: GrainSource, grain: Grain, from: Revision, event: EventEnvelope | null, direction: Direction): Promise<Found> {
  switch (grain.kind) {
    case 'event':
      return direction === 'forward' ? within(source, from + 1) : from - 1 < source.first ? { none: 'start' } : { revision: from - 1 };
    case 'field':
      return direction === 'forward' ? await nextValue(source, grain.field, from, event) : await valueBefore(source, grain.field, from, event);
    case 'part':
      return await firstWhere(source, from, direction, (other) => isOfPart(other, grain.name, source.registry));
    case 'call':
      return await overCall(source, from, event, direction);
    case 'cause':
      return event === null ? { none: direction === 'forward' ? 'no_effect' : 'no_cause' } : direction === 'forward' ? await effectOf(source, event) : await causeOf(source, event);
  }
}

const within = ({ head }: GrainSource, revision: Revision): Found => (revision > head ? { none: 'end' } : { revision });

async function* eventsFrom({ reader, stream, first, head }: GrainSource, from: Revision, direction: Direction): AsyncGenerator<EventEnvelope> {
  const range = direction === 'forward' ? { after: from, upTo: head } : { after: first, upTo: from - 1, direction };
  if (range.after >= range.upTo) return;
  for await (const page of reader.pages(stream, range)) yield* page;
}

async function firstWhere(source: GrainSource, from: Revision, direction: Direction, test: (event: EventEnvelope) => boolean): Promise<Found> {
  for await (const event of eventsFrom(source, from, direction)) if (test(event)) return { revision: event.revision };
  return { none: direction === 'forward' ? 'end' : 'start' };
}

/* ---- field ---- */

async function nextValue(source: GrainSource, field: Field, from: Revision, event: EventEnvelope | null): Promise<Found> {
  let current = event?.[field];
  // An event may say nothing of it; then what was said last still holds.
  if (current === undefined) for await (const earlier of eventsFrom(source, from, 'backward')) if ((current = earlier[field]) !== undefined) break;
  return await firstWhere(source, from, 'forward', (other) => other[field] !== undefined && other[field] !== current);
}

/** Where the value that holds here began; when that is here, where the one before it began. */
async function valueBefore(source: GrainSource, field: Field, from: Revision, event: EventEnvelope | null): Promise<Found> {
  let value = event?.[field];
  let began = value === undefined ? null : from;
  for await (const earlier of eventsFrom(source, from, 'backward')) {
    const said = earlier[field];
    if (said === undefined) continue;
    if (began !== null && began < from && said !== value) break;
    value = said;
    began = earlier.revision;
  }
  return began === null || began === from ? { none: 'start' } : { revision: began };
}

/* ---- part ---- */

const definitionOf = (event: EventEnvelope, registry: Registry): AnyEventDefinition | null => registry.definitionIn(event.streamType, event.type);

const isOfPart = (event: EventEnvelope, name: string, registry: Registry): boolean => event.entityType === name || definitionOf(event, registry)?.transition?.machine === name;

/* ---- call ---- */

interface Mark {
  readonly mark: 'start' | 'end';
  readonly key: string;
}

async function overCall(source: GrainSource, from: Revision, event: EventEnvelope | null, direction: Direction): Promise<Found> {
  const mark = event === null ? null : markOf(event, source.registry);
  if (mark?.mark !== (direction === 'forward' ? 'start' : 'end')) return await firstWhere(source, from, direction, (other) => markOf(other, source.registry) !== null);
  for await (const other of eventsFrom(source, from, direction)) {
    const found = markOf(other, source.registry);
    if (found !== null && found.key === mark.key && found.mark !== mark.mark) return { revision: other.revision };
  }
  return { none: 'no_answer' };
}

/** Does something begin or end here? The stream as a whole is no call. */
function markOf(event: EventEnvelope, registry: Registry): Mark | null {
  const definition = definitionOf(event, registry);
  const machine = definition?.transition?.machine;
  const mark = definition?.timeline?.mark ?? (machine === undefined || machine === event.streamType ? null : markOfTransition(definition!, event));
  if (mark !== 'start' && mark !== 'end') return null;
  const about = definition?.timeline?.key?.(event) ?? `${event.entityType}/${event.entityId}`;
  return { mark, key: `${definition?.timeline?.lane ?? machine ?? event.entityType} ${about}` };
}

function markOfTransition({ transition }: AnyEventDefinition, event: EventEnvelope): 'start' | 'end' | null {
  const { from, to } = transition!;
  const wasActive = from !== 'any' && from.some((status) => activeStatuses.has(status));
  const isActive = activeStatuses.has(targetOf(to, event));
  return isActive === wasActive ? null : isActive ? 'start' : 'end';
}

function targetOf(to: NonNullable<AnyEventDefinition['transition']>['to'], event: EventEnvelope): string {
  if (typeof to === 'string') return to;
  try {
    return to(event, 'absent', {});
  } catch {
    // This step asks the state, which finding a place does not fold; it marks nothing.
    return 'same';
  }
}

/* ---- cause ---- */

async function effectOf(source: GrainSource, event: EventEnvelope): Promise<Found> {
  const found = await firstWhere(source, event.revision, 'forward', (other) => other.causationId === event.id);
  return 'none' in found ? { none: 'no_effect' } : found;
}

async function causeOf(source: GrainSource, event: EventEnvelope): Promise<Found> {
  const { causationId } = event;
  if (causationId === undefined) return { none: 'no_cause' };
  if (source.byId === undefined) {
    const found = await firstWhere(source, event.revision, 'backward', (other) => other.id === causationId);
    return 'none' in found ? { none: 'other_stream', eventId: causationId } : found;
  }
  const cause = await source.byId(causationId);
  const isHere = cause !== null && `${cause.streamType}/${cause.streamId}` === source.stream && cause.revision > source.first && (await eventAt(source.reader, source.stream, cause.revision))?.id === causationId;
  return isHere ? { revision: cause.revision } : { none: 'other_stream', eventId: causationId };
}
