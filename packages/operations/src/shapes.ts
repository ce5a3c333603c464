/**
 * The shapes that operations take and give, as schemas: documentation, OpenAPI and the tests are made from them. Answers are
 * not parsed at run time; the tests hold every operation's answer against its schema.
 */
import { actorTypes, priorities, severities } from '@refold/core';
import type { Json } from '@refold/core';
import { z } from 'zod';

const anyJson = z.json();
/** Any JSON value; in a contract just that, because what refers to itself without an object around it is no type in most languages. */
export const json: z.ZodType<Json> = z.custom<Json>((value) => anyJson.safeParse(value).success, 'takes a JSON value');
export const jsonObject = z.record(z.string(), json);
export const instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC.' });
export const count = z.number().int().nonnegative();
export const position = count.meta({ description: 'Place in the log: 1, 2, 3, gapless, in commit order.' });
export const revision = count.meta({ description: 'Place in a stream: 1, 2, 3, dense; 0 = no stream.' });

export const actor = z.looseObject({ type: z.enum(actorTypes as [string, ...string[]]), id: z.string(), model: z.string().optional(), name: z.string().optional() }).meta({ id: 'Actor' });
export const entityRef = z.looseObject({ type: z.string(), id: z.string(), rel: z.string().optional() }).meta({ id: 'EntityRef' });
const change = z.object({ before: json, after: json });
const git = z.looseObject({ sha: z.string().optional(), branch: z.string().optional(), codebaseState: jsonObject.optional() });
const trace = z.looseObject({ traceId: z.string(), spanId: z.string().optional(), traceFlags: z.number().optional(), traceState: z.string().optional() });

const sharedFields = {
  serviceName: z.string().optional(),
  causationId: z.string().optional(),
  sessionId: z.string().optional(),
  issueKey: z.string().optional(),
  phase: z.string().optional(),
  agent: z.string().optional(),
  refs: z.array(entityRef).optional(),
  changes: z.record(z.string(), change).optional(),
  git: git.optional(),
  trace: trace.optional(),
  ext: z.record(z.string(), jsonObject).optional(),
};

export const event = z
  .object({
    id: z.string(),
    type: z.string(),
    schemaVersion: z.string(),
    streamType: z.string(),
    streamId: z.string(),
    revision,
    position,
    entityType: z.string(),
    entityId: z.string(),
    occurredAt: instant,
    recordedAt: instant,
    actor,
    correlationId: z.string(),
    correlationChain: z.array(z.string()),
    data: jsonObject,
    metadata: jsonObject,
    priority: z.enum(priorities as [string, ...string[]]),
    severity: z.enum(severities as [string, ...string[]]),
    prevHash: z.string(),
    hash: z.string(),
    archivedAt: instant.optional(),
    erased: z.literal(true).optional(),
    ...sharedFields,
  })
  .meta({ id: 'Event', description: 'A recorded fact, immutable.' });

/** Where one event of a commit stands. */
export const appendedEvent = z.object({ id: z.string(), type: z.string(), streamType: z.string(), streamId: z.string(), revision, position });

/** What a caller hands in; the gates of the log say more precisely what is wrong, so this schema is only about shape. */
export const eventInput = z
  .looseObject({
    type: z.string(),
    data: jsonObject.default({}),
    id: z.string().optional(),
    schemaVersion: z.string().optional(),
    streamType: z.string().optional(),
    streamId: z.string().optional(),
    entityType: z.string().optional(),
    entityId: z.string().optional(),
    occurredAt: z.string().optional(),
    actor: actor.optional(),
    correlationId: z.string().optional(),
    correlationChain: z.array(z.string()).optional(),
    metadata: jsonObject.optional(),
    priority: z.enum(priorities as [string, ...string[]]).optional(),
    severity: z.enum(severities as [string, ...string[]]).optional(),
    ...sharedFields,
  })
  .meta({ id: 'EventInput', description: 'What a caller hands in; what is left out is filled by the log.' });

export const streamKey = { streamType: z.string().min(1), streamId: z.string().min(1) };

/** An operation that looks at nothing but the stream it names. */
export const aboutOneStream = { streamsOf: ({ streamType, streamId }: { readonly streamType: string; readonly streamId: string }): readonly string[] => [`${streamType}/${streamId}`] };

export const streamInfo = z.object({ ...streamKey, revision, first: position, last: position }).meta({ id: 'Stream' });

/** What has to be said beside an answer; absent when there is nothing. */
export const warnings = z.array(z.string()).optional();
export const pageOf = <T extends z.ZodType>(item: T): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString>; total: z.ZodNullable<z.ZodNumber>; warnings: typeof warnings }> =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable(), total: z.number().nullable(), warnings });

export const state = z.looseObject({ streamType: z.string(), streamId: z.string(), exists: z.boolean(), revision }).meta({ id: 'State', description: 'A folded state; its fields depend on the stream type.' });
export const patch = z.object({ op: z.enum(['add', 'remove', 'replace']), path: z.string(), before: json.nullable(), after: json.nullable() }).meta({ id: 'Patch' });
export const timelineRow = z
  .object({ at: instant, until: instant.nullable(), lane: z.string(), label: z.string(), kind: z.enum(['span', 'point']), status: z.string().nullable(), eventId: z.string(), endEventId: z.string().nullable() })
  .meta({ id: 'TimelineRow' });
export const violation = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'info']),
    eventId: z.string().nullable(),
    streamType: z.string().nullable(),
    streamId: z.string().nullable(),
    revision: revision.nullable(),
    position: position.nullable(),
    file: z.string().nullable(),
    line: z.number().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'Violation' });
