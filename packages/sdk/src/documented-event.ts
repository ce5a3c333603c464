/**
 * Events as the documents' programs write them: `log_event(event_type, metadata, actor)` of 000, `create_event(aggregate_id,
 * aggregate_type, event_type, event_data, user_id)` of 002, in camelCase or snake_case. They become the one input of the log.
 *
 * `metadata` is the payload in 000 and 001 and extras in 002 and 003 (K-007): it is the payload when no other is there.
 * `version` of 002 is the revision the event will have, so the stream must stand one before it (K-015).
 */
import { camelCase } from '@refold/catalog';
import { LogError } from '@refold/core';
import type { Actor, EventInput, GitContext, JsonObject } from '@refold/core';
import { instantText } from './event-filter.ts';
import type { SnakeCase } from './snake-naming.ts';

interface DocumentedFields {
  readonly eventId?: string;
  /** A name of any document: `AgentSpawned`, `agent.created`, or with an aggregate type the verb alone, `created`. */
  readonly eventType: string;
  readonly eventVersion?: string;
  readonly eventData?: JsonObject;
  readonly data?: JsonObject;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  readonly timestamp?: string | Date;
  readonly version?: number | null;
  readonly correlationId?: string | null;
  readonly causationId?: string | null;
  readonly actor?: Actor;
  readonly userId?: string | null;
  readonly serviceName?: string | null;
  readonly issueKey?: string;
  readonly sessionId?: string;
  readonly sessionKey?: string;
  readonly metadata?: JsonObject;
  readonly gitSha?: string;
  readonly branch?: string;
  readonly codebaseState?: JsonObject;
}

type InSnakeCase<T> = { readonly [Name in keyof T as SnakeCase<Name & string>]: T[Name] };

/** An event in the words of documents 000 to 002; `changes`, `priority` and the other fields of our envelope may stand beside. */
export type DocumentedEvent = (DocumentedFields | InSnakeCase<DocumentedFields>) & Partial<Omit<EventInput, keyof DocumentedFields | 'type'>>;

/** What is handed to the log, and the revision the writer says the event will have. */
export interface ReadEvent {
  readonly input: EventInput;
  readonly version: number | null;
}

/** @throws LogError BAD_REQUEST `version` when the version is no revision. */
export function readEvent(event: EventInput | DocumentedEvent): ReadEvent {
  const { version = null, ...fields } = event as { readonly version?: unknown };
  if (version !== null && !(Number.isSafeInteger(version) && Number(version) >= 1))
    throw new LogError('BAD_REQUEST', `version must be a whole number from 1 up; it is ${JSON.stringify(version)}.`, { details: { reason: 'version', pointer: '/version' }, hint: 'Leave it out, or give the revision that the event will have.' });
  // Safe: what has no event type of the documents is our own input; the log looks at what it really is.
  const input = 'eventType' in fields || 'event_type' in fields ? inputOf(fields) : ({ data: {}, ...fields } as unknown as EventInput);
  return { input, version: version === null ? null : Number(version) };
}

/**
 * Where the streams of a commit must stand, when its events say which revisions they will have.
 *
 * @throws LogError BAD_REQUEST `version` when two events of a stream contradict each other, or the stream is not named.
 */
export function revisionsBefore(events: readonly ReadEvent[]): { readonly [stream: string]: number } {
  const expected: { [stream: string]: number } = {};
  const counts = new Map<string, number>();
  for (const [index, { input, version }] of events.entries()) {
    const stream = `${input.streamType ?? ''}/${input.streamId ?? ''}`;
    const earlier = counts.get(stream) ?? 0;
    counts.set(stream, earlier + 1);
    if (version === null) continue;
    const before = version - 1 - earlier;
    if (input.streamType === undefined || input.streamId === undefined || (expected[stream] ?? before) !== before)
      throw new LogError('BAD_REQUEST', `Event ${index}: version ${version} does not follow from its stream.`, { details: { reason: 'version', pointer: '/version', index }, hint: 'Name the stream, and count the versions of its events up by one.' });
    expected[stream] = before;
  }
  return expected;
}

function inputOf(fields: object): EventInput {
  // Null means absent in the documents' forms.
  const camel = Object.fromEntries(Object.entries(fields).flatMap(([key, value]: [string, unknown]) => (value === null || value === undefined ? [] : [[camelCase(key), value]])));
  const { eventId, eventType, eventVersion, data, eventData = data, aggregateType, aggregateId, timestamp, userId, sessionKey, metadata, gitSha, branch, codebaseState, ...same } = camel as { readonly [Name in keyof DocumentedFields]?: NonNullable<DocumentedFields[Name]> };
  const git: GitContext = { ...given('sha', gitSha), ...given('branch', branch), ...given('codebaseState', codebaseState) };
  return {
    ...given('id', eventId),
    type: aggregateType === undefined ? String(eventType) : typeIn(aggregateType, String(eventType)),
    data: eventData ?? (aggregateId === undefined ? metadata : undefined) ?? {},
    ...given('schemaVersion', eventVersion),
    ...given('streamType', aggregateType),
    ...given('streamId', aggregateId),
    ...given('occurredAt', timestamp === undefined ? undefined : instantText(timestamp)),
    ...given('actor', actorOf(userId, same.serviceName)),
    ...given('sessionId', sessionKey),
    ...given('metadata', eventData === undefined && aggregateId === undefined ? undefined : metadata),
    ...given('git', Object.keys(git).length === 0 ? undefined : git),
    ...same,
  };
}

/** Document 002 writes the verb alone beside its aggregate type. Names of 000 and 004 begin with a capital. */
const typeIn = (aggregateType: string, eventType: string): string => (/^[a-z][a-z0-9_]*$/.test(eventType) ? `${aggregateType}.${eventType}` : eventType);

/** Who acted, when only a user or a service is named (K-072). */
function actorOf(userId: string | undefined, serviceName: string | undefined): Actor | undefined {
  if (userId !== undefined) return { type: 'user', id: userId };
  return serviceName === undefined ? undefined : { type: 'service', id: serviceName };
}

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } => (value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V }));
