/**
 * The quality gates that every event passes before it is recorded (A-248 to A-254): type, schema, required fields, times,
 * keys, actor. One zod parse per event; the payload is checked, never changed: keys and values stay as they were sent.
 *
 * Two ways to fail. What a log cannot hold at all (no object as payload, a time that is no time, a type that is no name) is
 * always refused. Everything else is a rule about good events: `strict` refuses at the first one, `flag` tells them all,
 * because a fact that happened is worth more than its form (imports).
 */
import type { z } from 'zod';
import { LogError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { Refusal } from '../fold/aggregate.ts';
import { defaultLimits } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { instantMs, normalInstant } from '../log/instant.ts';
import { actorTypes, priorities, severities } from '../log/event.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';
import { pointerOf } from '../trust/json-pointer.ts';
import { nearest } from './registry.ts';
import type { EventType, Registry } from './registry.ts';
import { isVersion, upcast } from './upcast.ts';

/** An event on its way in; a whole envelope is one. */
export type IncomingEvent = Pick<EventEnvelope, 'type' | 'data' | 'streamType'> &
  Partial<Pick<EventEnvelope, 'schemaVersion' | 'occurredAt' | 'actor' | 'issueKey' | 'sessionId' | 'priority' | 'severity'>>;

export interface ValidateOptions {
  /** strict: the first violation is thrown. flag: violations are returned. Default "strict". */
  readonly mode?: 'strict' | 'flag';
  /** The log's time, RFC 3339. Without it no event is from the future. */
  readonly now?: string;
  readonly limits?: Pick<Limits, 'clockSkewMsMax' | 'eventTypeCharactersMax'>;
  /** auto: as `mode` says. reject and flag: whatever the mode. allow: unknown types are taken without a word. Default "auto". */
  readonly unknownTypes?: 'auto' | 'reject' | 'flag' | 'allow';
  /** Types that begin so are taken without a schema. Default `["custom."]`. */
  readonly customTypePrefixes?: readonly string[];
  /** Unknown keys at the top of a payload. Default "allow": what a producer knows and we do not is kept. */
  readonly additionalProperties?: 'allow' | 'reject';
  /** Default `^[A-Z][A-Z0-9_]+-[0-9]+$` (A-167). */
  readonly issueKeyPattern?: RegExp;
  /** Default: 1 to 200 printable characters without space. */
  readonly sessionIdPattern?: RegExp;
}

export interface Violation {
  /** Of the gates here: BAD_REQUEST, UNKNOWN_TYPE, SCHEMA_VIOLATION, MISSING_FIELD, BAD_TIMESTAMP, BAD_ISSUE_KEY, BAD_SESSION_ID, ACTOR_MISSING. */
  readonly code: ErrorCode | Refusal['code'];
  readonly detail: string;
  /** JSON pointer into the event; absent when the event as a whole is at fault (a transition). */
  readonly pointer?: string;
  readonly reason?: string;
  readonly hint?: string;
  /** Known names nearest to an unknown type or field. */
  readonly nearest?: readonly string[];
  /** Cannot be flagged: the log has no form for it. */
  readonly fatal?: true;
}

const defaultCustomPrefixes: readonly string[] = ['custom.'];
const defaultIssueKeyPattern = /^[A-Z][A-Z0-9_]+-[0-9]+$/;
const defaultSessionIdPattern = /^[^\s\p{C}]{1,200}$/u;
const typePattern = /^[A-Za-z0-9._-]+$/;
const noViolations: readonly Violation[] = Object.freeze([]);

/**
 * Checks one event against the gates.
 *
 * @returns what is wrong, all of it; in `strict` mode nothing.
 * @throws LogError with the code of the first violation (details: pointer, reason, and all `violations` when there are
 *         several): BAD_REQUEST `shape` or `unknown_field`, UNKNOWN_TYPE (details.nearest), SCHEMA_VIOLATION, MISSING_FIELD, BAD_TIMESTAMP,
 *         BAD_ISSUE_KEY, BAD_SESSION_ID, ACTOR_MISSING.
 */
export function validateEvent(event: IncomingEvent, registry: Registry, options: ValidateOptions = {}): readonly Violation[] {
  const violations = findViolations(event, registry, options);
  if (violations.length === 0) return noViolations;
  const strict = options.mode !== 'flag';
  const refused = violations.find((violation) => violation.fatal === true || (violation.code === 'UNKNOWN_TYPE' ? refusesUnknown(options, strict) : strict));
  if (refused !== undefined) throw refusalOf(refused, violations);
  return violations;
}

/** Fields that the log alone writes. */
const reservedFields: readonly string[] = ['recordedAt', 'position', 'revision', 'hash', 'prevHash', 'archivedAt', 'erased'];

/** @throws LogError BAD_REQUEST `reserved_field` when the caller sets what only the log may say (bad-input A34). */
export function refuseReservedFields(input: object): void {
  const field = reservedFields.find((name) => Object.hasOwn(input, name));
  if (field === undefined) return;
  throw new LogError('BAD_REQUEST', `${field} is written by the log and cannot be set.`, {
    details: { reason: 'reserved_field', pointer: `/${field}` },
    hint: `Leave ${field} out; to say when something happened, use occurredAt.`,
  });
}

/** @throws LogError BAD_REQUEST `unknown_field` {pointer, nearest} for a field that no event has: it would be lost (A-097). */
export function refuseUnknownFields(input: object): void {
  const violations = unknownFieldsOf(input);
  if (violations[0] !== undefined) throw refusalOf(violations[0], violations);
}

/** The type keeps the list whole. */
const isField: { readonly [field in keyof EventEnvelope]-?: true } = {
  id: true,
  type: true,
  schemaVersion: true,
  streamType: true,
  streamId: true,
  revision: true,
  position: true,
  entityType: true,
  entityId: true,
  refs: true,
  occurredAt: true,
  recordedAt: true,
  actor: true,
  serviceName: true,
  correlationId: true,
  correlationChain: true,
  causationId: true,
  sessionId: true,
  issueKey: true,
  phase: true,
  agent: true,
  data: true,
  changes: true,
  metadata: true,
  priority: true,
  severity: true,
  git: true,
  trace: true,
  prevHash: true,
  hash: true,
  archivedAt: true,
  erased: true,
  ext: true,
};

const envelopeFields: ReadonlySet<string> = new Set(Object.keys(isField));

/** Fields that no event has, such as a misspelt one. Foreign forms keep theirs in `ext` before they come here. */
export function unknownFieldsOf(input: object): readonly Violation[] {
  const names = Object.keys(input);
  return names.every((name) => envelopeFields.has(name)) ? noViolations : names.filter((name) => !envelopeFields.has(name)).map(unknownField);
}

function unknownField(name: string): Violation {
  const near = nearest(name, [...envelopeFields], 1);
  return {
    code: 'BAD_REQUEST',
    detail: `${name} is no field of an event.`,
    pointer: pointerOf([name]),
    reason: 'unknown_field',
    nearest: near,
    hint: near[0] === undefined ? 'Put it into data, or into metadata.' : `Did you mean ${near[0]}? What is your own goes into data or metadata.`,
  };
}

function findViolations(event: IncomingEvent, registry: Registry, options: ValidateOptions): readonly Violation[] {
  if (!isJsonObject(event.data)) return [{ code: 'BAD_REQUEST', detail: 'data must be an object.', pointer: '/data', reason: 'shape', hint: 'Put the payload into an object.', fatal: true }];
  const violations: Violation[] = [...unknownFieldsOf(event)];
  checkType(event, registry, options, violations);
  checkTime(event, options, violations);
  checkKeys(event, registry, options, violations);
  checkActor(event, violations);
  checkClass(event, violations);
  return violations;
}

const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

// ---------- type and payload

function checkType(event: IncomingEvent, registry: Registry, options: ValidateOptions, violations: Violation[]): void {
  const { eventTypeCharactersMax } = options.limits ?? defaultLimits;
  if (typeof event.type !== 'string' || event.type.length > eventTypeCharactersMax || !typePattern.test(event.type)) {
    violations.push({ code: 'UNKNOWN_TYPE', detail: 'An event type is a dotted name such as job.failed.', pointer: '/type', reason: 'name', fatal: true });
    return;
  }
  const known = registry.eventType(event.type);
  if (known === null) checkUnknownType(event, registry, options, violations);
  else if (isAtHome(event, known, registry)) checkPayload(event, known, options, violations);
  else violations.push({ code: 'SCHEMA_VIOLATION', detail: `${known.name} is no type of ${event.streamType} streams.`, pointer: '/streamType', reason: 'wrong_stream', hint: `Append it to a stream of type ${known.streamType ?? 'that takes it'}.` });
}

function checkUnknownType({ type }: IncomingEvent, registry: Registry, options: ValidateOptions, violations: Violation[]): void {
  const prefixes = options.customTypePrefixes ?? defaultCustomPrefixes;
  if (options.unknownTypes === 'allow' || prefixes.some((prefix) => type.startsWith(prefix) && type.length > prefix.length)) return;
  const near = registry.nearest(type);
  violations.push({
    code: 'UNKNOWN_TYPE',
    detail: `The event type ${type} is not known.`,
    pointer: '/type',
    nearest: near,
    hint: `${near.length > 0 ? `Did you mean ${near.join(' or ')}? Else register` : 'Register'} the type, or name it ${prefixes[0] ?? 'custom.'}${type}.`,
  });
}

const refusesUnknown = (options: ValidateOptions, strict: boolean): boolean => options.unknownTypes === 'reject' || (strict && options.unknownTypes !== 'flag');

/** A shared type is at home in every kind of stream that has its part, and in kinds that nobody declared. */
function isAtHome(event: IncomingEvent, known: EventType, registry: Registry): boolean {
  // A kind of stream may take a family of events that another kind has as its own: a session takes commits.
  if (known.streamType === event.streamType || registry.definitionIn(event.streamType, known.name) !== null) return true;
  return known.streamType === null && registry.aggregate(event.streamType) === null;
}

function checkPayload(event: IncomingEvent, known: EventType, options: ValidateOptions, violations: Violation[]): void {
  const { schemaVersion = known.schemaVersion } = event;
  const own = known.versions?.get(schemaVersion);
  if (own !== undefined) return holdAgainst(own, known.name, event.data, options, violations);
  const lifted = schemaVersion === known.schemaVersion ? null : isVersion(schemaVersion) ? upcast(known.definition, event.data, schemaVersion) : { ok: false as const };
  // A version that no step leads from, and one that is newer than what we know, cannot be checked.
  if (lifted !== null && (!lifted.ok || lifted.schemaVersion !== known.schemaVersion)) {
    violations.push({ code: 'SCHEMA_VIOLATION', detail: `${known.name} has no schema version ${schemaVersion}; the newest is ${known.schemaVersion}.`, pointer: '/schemaVersion', reason: 'unknown_schema_version', hint: `Send version ${known.schemaVersion}, or register the newer schema first.` });
    return;
  }
  if (known.schema === null) return;
  holdAgainst(known.schema, known.name, lifted === null ? event.data : lifted.data, options, violations);
}

function holdAgainst(schema: z.ZodType, type: string, data: JsonObject, options: ValidateOptions, violations: Violation[]): void {
  const result = schema.safeParse(data);
  if (!result.success) for (const issue of result.error.issues) violations.push(...violationsOf(issue, type, data));
  if (options.additionalProperties === 'reject') violations.push(...unknownKeys(schema, type, data));
}

function violationsOf(issue: z.core.$ZodIssue, type: string, data: JsonObject): readonly Violation[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(type, [...path, key]));
  const pointer = pointerOf(['data', ...path]);
  if (isAbsent(data, path)) return [{ code: 'MISSING_FIELD', detail: `${type} needs ${pointer.slice('/data/'.length)}.`, pointer, hint: 'Add the field.' }];
  return [{ code: 'SCHEMA_VIOLATION', detail: `${type}: ${issue.message}`, pointer, reason: issue.code }];
}

const unknownKey = (type: string, path: readonly (string | number)[]): Violation => ({
  code: 'SCHEMA_VIOLATION',
  detail: `${type} has no field ${String(path.at(-1))}.`,
  pointer: pointerOf(['data', ...path]),
  reason: 'unknown_field',
  hint: 'Leave the field out, or correct its name.',
});

/** True when the path ends at a key that is not there, in a container that is. */
function isAbsent(data: JsonObject, path: readonly (string | number)[]): boolean {
  let value: unknown = data;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return false;
    if (!Object.hasOwn(value, segment)) return segment === path.at(-1);
    value = (value as { readonly [key: string]: unknown })[segment];
  }
  return value === undefined;
}

function unknownKeys(schema: z.ZodType, type: string, data: JsonObject): readonly Violation[] {
  const shape = 'shape' in schema ? (schema.shape as object) : null;
  return shape === null ? [] : Object.keys(data).filter((key) => !Object.hasOwn(shape, key)).map((key) => unknownKey(type, [key]));
}

// ---------- envelope

function checkTime({ occurredAt }: IncomingEvent, { now, limits = defaultLimits }: ValidateOptions, violations: Violation[]): void {
  // What the log itself filled in is its own time.
  if (occurredAt === undefined || occurredAt === now) return;
  if (typeof occurredAt !== 'string' || normalInstant(occurredAt) === null) {
    violations.push({ code: 'BAD_TIMESTAMP', detail: 'occurredAt is no instant.', pointer: '/occurredAt', reason: 'format', hint: 'Write RFC 3339 with an offset, for example 2025-12-22T10:00:00Z.', fatal: true });
    return;
  }
  const nowMs = now === undefined ? null : instantMs(now);
  if (nowMs !== null && instantMs(occurredAt)! > nowMs + limits.clockSkewMsMax)
    violations.push({ code: 'BAD_TIMESTAMP', detail: `occurredAt is more than ${limits.clockSkewMsMax / 1000} s ahead of the log's clock.`, pointer: '/occurredAt', reason: 'future', hint: 'Set the clock of the producer.' });
}

function checkKeys(event: IncomingEvent, registry: Registry, options: ValidateOptions, violations: Violation[]): void {
  const { issueKey, sessionId } = event;
  if (issueKey !== undefined && !matches(options.issueKeyPattern ?? defaultIssueKeyPattern, issueKey))
    violations.push({ code: 'BAD_ISSUE_KEY', detail: 'The issue key breaks its pattern.', pointer: '/issueKey', hint: 'Write it as in PROJ-123.' });
  if (sessionId !== undefined && !matches(options.sessionIdPattern ?? defaultSessionIdPattern, sessionId))
    violations.push({ code: 'BAD_SESSION_ID', detail: 'The session id breaks its pattern.', pointer: '/sessionId', hint: 'Use 1 to 200 printable characters without space.' });
  for (const field of registry.aggregate(event.streamType)?.requires ?? [])
    if (event[field] === undefined) violations.push({ code: 'MISSING_FIELD', detail: `Events of ${event.streamType} streams need ${field}.`, pointer: `/${field}`, hint: `Give ${field} with the event, or in the context.` });
}

/** Without a state of the pattern's own: a global pattern would remember where it stood. */
const matches = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && value.length <= 1_024 && value.search(pattern) === 0;

function checkActor({ actor }: IncomingEvent, violations: Violation[]): void {
  if (actor === undefined || actor === null || typeof actor.id !== 'string' || actor.id === '')
    violations.push({ code: 'ACTOR_MISSING', detail: 'Nobody is named as the actor.', pointer: actor === undefined || actor === null ? '/actor' : '/actor/id', hint: 'Give actor { type, id }, or sign in.' });
  else if (!actorTypes.includes(actor.type))
    violations.push({ code: 'SCHEMA_VIOLATION', detail: 'The actor is of no known type.', pointer: '/actor/type', reason: 'invalid_value', hint: `Use one of ${actorTypes.join(', ')}.` });
}

function checkClass({ priority, severity }: IncomingEvent, violations: Violation[]): void {
  if (priority !== undefined && !priorities.includes(priority))
    violations.push({ code: 'SCHEMA_VIOLATION', detail: 'The priority is not known.', pointer: '/priority', reason: 'invalid_value', hint: `Use one of ${priorities.join(', ')}.` });
  if (severity !== undefined && !severities.includes(severity))
    violations.push({ code: 'SCHEMA_VIOLATION', detail: 'The severity is not known.', pointer: '/severity', reason: 'invalid_value', hint: `Use one of ${severities.join(', ')}.` });
}

function refusalOf(refused: Violation, violations: readonly Violation[]): LogError {
  const { code, detail, pointer, reason, hint, nearest } = refused;
  const all = violations.length === 1 ? {} : { violations: violations.map((violation) => ({ code: violation.code, pointer: violation.pointer, detail: violation.detail })) };
  // The gates only speak in error codes; remarks of a fold never come here.
  return new LogError(code as ErrorCode, detail, {
    details: { ...(pointer === undefined ? {} : { pointer }), ...(reason === undefined ? {} : { reason }), ...(nearest === undefined ? {} : { nearest }), ...all },
    ...(hint === undefined ? {} : { hint }),
  });
}
