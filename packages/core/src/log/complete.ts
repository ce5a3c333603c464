/**
 * Completes what a caller hands in to a whole event: canonical type, stream, ids, times, actor, relations, context. What the
 * caller says wins; what he leaves out comes from the type, the stream, the principal, in that order. Pure: the clock and the
 * ids come in.
 */
import { LogError } from '../errors.ts';
import type { State } from '../fold/aggregate.ts';
import type { EventType, Registry } from '../schema/registry.ts';
import { normalInstant } from './instant.ts';
import { parseStreamAddress } from './place.ts';
import { copyPresent, optionalFields } from './record.ts';
import type { Draft } from './record.ts';
import type { Actor, EventEnvelope, EventInput, JsonObject, Priority, TraceContext } from './event.ts';

/** A whole event that has not been recorded yet; `revision` and `recordedAt` are what they will be if nobody is faster. */
export type PendingEvent = Omit<EventEnvelope, 'position' | 'prevHash' | 'hash'>;

/** The input with its type resolved and its stream known: enough to find the tail it builds on. */
export interface AddressedEvent {
  readonly input: EventInput;
  readonly id: string;
  readonly type: string;
  /** Null for a type nobody registered. */
  readonly eventType: EventType | null;
  readonly streamType: string;
  readonly streamId: string;
  readonly address: string;
}

/**
 * Resolves aliases and finds the stream of an event.
 *
 * @throws LogError MISSING_FIELD without a type; BAD_REQUEST `shape` when the payload is no object; BAD_STREAM_ADDRESS when no
 *         stream is given and none follows from the type; UNKNOWN_TYPE {nearest} when the type is not known, so that nothing
 *         could follow from it.
 */
export function addressEvent(input: EventInput, id: string, registry: Registry): AddressedEvent {
  refuseShapeless(input);
  const type = registry.canonicalName(input.type) ?? input.type;
  const eventType = registry.eventType(type);
  const streamType = input.streamType ?? eventType?.streamType ?? (type.startsWith('custom.') ? 'custom' : undefined);
  if (streamType === undefined && eventType === null) throw unknownWithoutStream(type, registry);
  const streamId = input.streamId ?? (streamType === undefined ? undefined : (registry.aggregate(streamType)?.streamIdOf?.(input) ?? input.entityId));
  if (streamType === undefined || streamId === undefined)
    throw new LogError('BAD_STREAM_ADDRESS', `No stream is given for ${type}${streamType === undefined ? '' : `, and no ${streamType} id follows from it`}.`, {
      details: { reason: 'missing', pointer: streamType === undefined ? '/streamType' : '/streamId' },
      hint: 'Name the stream as type/id, for example orchestration/PROJ-123.',
    });
  const address = `${streamType}/${streamId}`;
  parseStreamAddress(address);
  return { input, id, type, eventType, streamType, streamId, address };
}

/** Definitions look into type and payload before the gates do; callers without types, and doors that pass JSON on, may hand in anything. */
function refuseShapeless({ type, data }: { readonly type?: unknown; readonly data?: unknown }): void {
  if (typeof type !== 'string') throw new LogError('MISSING_FIELD', 'The event has no type.', { details: { pointer: '/type' }, hint: 'Name what happened, for example job.failed.' });
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new LogError('BAD_REQUEST', 'data must be an object.', { details: { reason: 'shape', pointer: '/data' }, hint: 'Put the payload into an object.' });
}

/** A misspelt type says nothing about its stream; the speller is told of the type, not of the stream. */
function unknownWithoutStream(type: string, registry: Registry): LogError {
  const near = registry.nearest(type);
  return new LogError('UNKNOWN_TYPE', `The event type ${type} is not known, and no stream is given.`, {
    details: { pointer: '/type', nearest: near },
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Register the type, and name the stream as type/id.',
  });
}

export interface CompletionContext {
  /** State of the stream before this event. */
  readonly state: State;
  readonly registry: Registry;
  /** RFC 3339, the time of this append. */
  readonly now: string;
  /** Chain of an event that this one may name as its cause; undefined when it is not known. */
  readonly chainOf: (causationId: string) => readonly string[] | undefined;
  readonly principal: Actor | undefined;
  /** Of an event that names none. */
  readonly trace: TraceContext | undefined;
}

/** @throws LogError ACTOR_MISSING when nobody is known to have acted. */
export function completeEvent({ input, id, type, eventType, streamType, streamId }: AddressedEvent, context: CompletionContext): PendingEvent {
  const { state, registry } = context;
  const data = filledPayload(input.data, eventType, id);
  const actor = actorOf(input.actor, context.principal);
  if (actor === undefined)
    throw new LogError('ACTOR_MISSING', `${type} does not say who acted.`, { details: { pointer: '/actor' }, hint: 'Give actor { type, id }, or sign in.' });

  const lent = registry.aggregate(streamType)?.contextOf?.(state, { type, data, actor }) ?? {};
  const correlationChain = chainFor(input, id, context);
  const entity = eventType?.definition.entity?.({ id, data, streamType, streamId, ...(input.issueKey === undefined ? {} : { issueKey: input.issueKey }) });
  const refs = input.refs ?? eventType?.definition.refs?.(data);
  const event: Draft<PendingEvent> = {
    id,
    type,
    schemaVersion: input.schemaVersion ?? eventType?.schemaVersion ?? '1.0.0',
    streamType,
    streamId,
    revision: state.revision + 1,
    entityType: input.entityType ?? entity?.type ?? streamType,
    entityId: input.entityId ?? entity?.id ?? streamId,
    occurredAt: input.occurredAt === undefined ? context.now : (normalInstant(input.occurredAt) ?? input.occurredAt),
    recordedAt: context.now,
    actor,
    correlationId: correlationChain.at(-1)!,
    correlationChain,
    data,
    metadata: input.metadata ?? {},
    priority: input.priority ?? moreUrgent(eventType?.priority ?? 'P2', lent.priority),
    severity: input.severity ?? eventType?.severity ?? 'INFO',
  };
  if (refs !== undefined && refs.length > 0) event.refs = refs;
  if (actor.type === 'agent') event.agent = actor.id;
  copyPresent<LentField, Pick<PendingEvent, LentField>>(lent, event, lentFields);
  copyPresent<OptionalField, Pick<PendingEvent, OptionalField>>(input, event, optionalFields);
  if (event.trace === undefined && context.trace !== undefined) event.trace = context.trace;
  // The principal acted; whom the caller names is kept as what it is, a claim.
  if (input.actor !== undefined && !isSameActor(actor, input.actor)) event.metadata = { ...event.metadata, claimedActor: { ...input.actor } };
  return event;
}

/** What a stream lends its events when the caller leaves it out. */
const lentFields = ['phase', 'agent', 'issueKey', 'sessionId'] as const;
type LentField = (typeof lentFields)[number];
type OptionalField = (typeof optionalFields)[number];

/** A type's own priority is raised to that of the thing it happens to (a P0 task), never lowered. */
const moreUrgent = (own: Priority, lent: Priority | undefined): Priority => (lent !== undefined && lent < own ? lent : own);

/** Who is signed in acted; what he tells about himself (model, name) stays. */
export function actorOf(told: Actor | undefined, principal: Actor | undefined): Actor | undefined {
  if (principal === undefined) return told;
  return told !== undefined && isSameActor(told, principal) ? { ...told, ...principal } : principal;
}

const isSameActor = (a: Actor, b: Actor): boolean => a.type === b.type && a.id === b.id;

/**
 * The conversation of an event, root to own: what the caller says, else the stream's, else a new one (named by this event)
 * below that of its cause. A correlation id without its chain brings the stream's chain along when it is the stream's own.
 */
function chainFor(input: EventInput, id: string, { state, chainOf }: CompletionContext): readonly string[] {
  const said = chainSaid(input);
  if (said !== undefined) return said;
  const { correlationId, causationId } = input;
  if (state.correlationChain.length > 0 && (correlationId === undefined || state.correlationChain.at(-1) === correlationId)) return state.correlationChain;
  if (correlationId !== undefined) return [correlationId];
  return [...((causationId === undefined ? undefined : chainOf(causationId)) ?? []), id];
}

/** The chain a caller gives, made to end in the correlation id that he gives. */
export const chainSaid = ({ correlationChain = [], correlationId }: Pick<EventInput, 'correlationChain' | 'correlationId'>): readonly string[] | undefined =>
  correlationChain.length === 0 ? undefined : correlationId === undefined || correlationChain.at(-1) === correlationId ? correlationChain : [...correlationChain, correlationId];

/** The cause whose conversation an event begins its own below, if nothing nearer says where it belongs. */
export const causeToAsk = ({ correlationChain = [], correlationId, causationId }: EventInput, state: State): string | undefined =>
  correlationChain.length > 0 || correlationId !== undefined || state.correlationChain.length > 0 ? undefined : causationId;

/** Ids of parts that the caller left out become the event's own id (K-086). */
export function filledPayload(data: JsonObject, eventType: EventType | null, id: string): JsonObject {
  const keys = eventType?.definition.fillWithId?.filter((key) => data[key] === undefined) ?? [];
  return keys.length === 0 ? data : { ...data, ...Object.fromEntries(keys.map((key) => [key, id])) };
}
