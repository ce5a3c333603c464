/**
 * The filter: which events a question is about. One shape for REST, GraphQL, MCP, CLI and SDK; `parseFilter` reads what
 * came in at any of those doors, whatever spelling it used. What a filter means is in match.ts, how it is asked of a driver
 * in compile-filter.ts. Source: the unified model, 3.4.1 (filter parameters F).
 */
import { LogError } from '../errors.ts';
import { compileExpression } from '../expression/expression.ts';
import { defaultLimits } from '../limits.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import type { Instant, Position, Revision } from '../log/driver.ts';
import { actorTypes, priorities, severities, type ActorType, type EntityRef, type Priority, type Severity } from '../log/event.ts';
import { parseInstant } from '../log/instant.ts';
import { nearest } from '../schema/registry.ts';

/** All parts hold together (AND); within a list, any one (OR). */
export interface Filter {
  readonly ids?: readonly string[];
  /** Canonical names, aliases, or globs (`agent_run.*`). */
  readonly types?: readonly string[];
  readonly categories?: readonly string[];
  readonly streamType?: string;
  readonly streamId?: string;
  readonly entityType?: string;
  readonly entityId?: string;
  /** Events on this entity or in its stream; the id `*` stands for every entity of the type. */
  readonly about?: EntityRef;
  /** Events of this entity and of what is related to it; `entities` are all of those, once somebody looked (entity-chain.ts). */
  readonly entityChain?: EntityRef;
  readonly entities?: readonly EntityRef[];
  readonly issueKey?: string;
  readonly sessionId?: string;
  readonly phase?: string;
  readonly agent?: string;
  readonly actorId?: string;
  readonly actorType?: ActorType;
  readonly serviceName?: string;
  /** Anywhere in the correlation chain: a flow includes the flows it started. */
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Both inclusive, against `occurredAt`. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** Both inclusive. */
  readonly fromRevision?: Revision;
  readonly toRevision?: Revision;
  /** Exclusive. */
  readonly afterPosition?: Position;
  readonly priorities?: readonly Priority[];
  readonly minSeverity?: Severity;
  readonly traceId?: string;
  /** Literal text found in the payload or the metadata, without regard to case. */
  readonly text?: string;
  /** CEL over the event; an event it cannot be evaluated for does not match. */
  readonly expression?: string;
  readonly includeArchived?: boolean;
}

export interface ParseFilterOptions {
  /** Parameters of the caller's own that may stand beside the filter's and the page's. */
  readonly also?: readonly string[];
}

/**
 * Reads a filter from named values: texts, lists, numbers, dates. Empty values count as not given.
 *
 * @throws LogError BAD_REQUEST `unknown_parameter`, `range` (from after to), `text`, `filter`; BAD_TIMESTAMP; BAD_EXPRESSION.
 */
export function parseFilter(input: { readonly [name: string]: unknown }, options: ParseFilterOptions = {}): Filter {
  const filter: Record<string, unknown> = {};
  const passed = new Set([...pageParameters, ...(options.also ?? [])]);
  let bytes = 0;
  for (const [given, value] of Object.entries(input)) {
    if (value === undefined || value === null || value === '') continue;
    const name = canonicalParameter(given);
    if (passed.has(given) || passed.has(name)) continue;
    const parameter = parameters.get(name);
    if (parameter === undefined) throw unknownParameter(given);
    if (name !== 'id') bytes += sizeOf(value);
    for (const [field, part] of Object.entries(parameter(value, given))) put(filter, field, part, given);
  }
  if (bytes > defaultLimits.filterBytesMax) throw refuse('filter', 'filter', `The filter is larger than ${defaultLimits.filterBytesMax} bytes.`, 'Ask for less at once.', defaultLimits.filterBytesMax);
  checkRanges(filter);
  return filter;
}

/** Parameters of a list that page.ts reads. */
export const pageParameters: readonly string[] = ['limit', 'offset', 'cursor', 'order', 'sort', 'total'];

function checkRanges(filter: Filter): void {
  const { from, to, fromRevision, toRevision, expression } = filter;
  if (from !== undefined && to !== undefined && from > to) throw refuse('range', 'from', '"from" is after "to".', 'Exchange the two.');
  if (fromRevision !== undefined && toRevision !== undefined && fromRevision > toRevision) throw refuse('range', 'fromRevision', '"fromRevision" is after "toRevision".', 'Exchange the two.');
  if (expression !== undefined) compileExpression(expression, { scope: 'event', result: 'bool' });
}

/** Lists join; one value given twice under two spellings must be the same. */
function put(filter: Record<string, unknown>, field: string, value: unknown, given: string): void {
  const before = filter[field];
  if (Array.isArray(before) && Array.isArray(value)) filter[field] = [...new Set([...before, ...value])];
  else if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) filter[field] = value;
  else throw refuse('ambiguous', given, `"${given}" contradicts another parameter.`, 'Give it once.');
}

/* ---- The parameters, by canonical name ---- */

type Parameter = (value: unknown, given: string) => Partial<Filter>;

const textParameter =
  (field: keyof Filter): Parameter =>
  (value, given) => ({ [field]: text(value, given) });
const listParameter =
  (field: keyof Filter): Parameter =>
  (value, given) => ({ [field]: list(value, given) });
const refParameter =
  (build: (ref: EntityRef) => Partial<Filter>): Parameter =>
  (value, given) => build(reference(value, given));

const parameters: ReadonlyMap<string, Parameter> = new Map<string, Parameter>([
  ['id', listParameter('ids')],
  ['type', listParameter('types')],
  ['category', listParameter('categories')],
  ...(['streamType', 'streamId', 'entityType', 'entityId', 'issueKey', 'sessionId', 'phase', 'agent', 'actorId', 'serviceName', 'correlationId', 'causationId', 'traceId', 'expression'] as const).map(
    (field): [string, Parameter] => [field, textParameter(field)],
  ),
  ['entity', refParameter(({ type, id }) => ({ entityType: type, entityId: id }))],
  ['stream', refParameter(({ type, id }) => ({ streamType: type, streamId: id }))],
  ['about', refParameter((about) => ({ about }))],
  ['entityChain', refParameter((entityChain) => ({ entityChain }))],
  ['actor', actor],
  ['userId', (value, given) => ({ actorType: 'user', actorId: text(value, given) })],
  ['actorType', (value, given) => ({ actorType: oneOf(actorTypes, text(value, given).toLowerCase(), given) })],
  ['priority', (value, given) => ({ priorities: list(value, given).map((name) => oneOf(priorities, name.toUpperCase(), given)) })],
  ['minSeverity', (value, given) => ({ minSeverity: oneOf(severities, text(value, given).toUpperCase(), given) })],
  ['from', (value, given) => ({ from: instant(value, given, 'T00:00:00.000Z') })],
  ['to', (value, given) => ({ to: instant(value, given, 'T23:59:59.999Z') })],
  ['fromRevision', (value, given) => ({ fromRevision: wholeNumber(value, given) })],
  ['toRevision', (value, given) => ({ toRevision: wholeNumber(value, given) })],
  ['afterPosition', (value, given) => ({ afterPosition: wholeNumber(value, given) })],
  ['text', (value, given) => ({ text: searchText(value, given) })],
  ['includeArchived', (value, given) => ({ includeArchived: flag(value, given) })],
]);

/** Other spellings: the documents', GraphQL's plurals, and those of the UI's links. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['ids', 'id'],
  ['eventId', 'id'],
  ['types', 'type'],
  ['eventType', 'type'],
  ['eventTypes', 'type'],
  ['categories', 'category'],
  ['priorities', 'priority'],
  ['aggregateId', 'streamId'],
  ['aggregateType', 'streamType'],
  ['sessionKey', 'sessionId'],
  ['fromTimestamp', 'from'],
  ['toTimestamp', 'to'],
  ['fromSequence', 'fromRevision'],
  ['toSequence', 'toRevision'],
  ['fromVersion', 'fromRevision'],
  ['toVersion', 'toRevision'],
  ['chain', 'entityChain'],
  ['where', 'expression'],
  ['archived', 'includeArchived'],
]);

/** Names a filter is given by, for help and completion. */
export const filterParameters: readonly string[] = [...parameters.keys()];

function canonicalParameter(given: string): string {
  const camel = given.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return synonyms.get(camel) ?? camel;
}

/* ---- Values ---- */

function text(value: unknown, given: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw refuse('filter', given, `"${given}" takes a text.`, 'Give one text.');
}

const list = (value: unknown, given: string): string[] =>
  (Array.isArray(value) ? value : [value])
    .flatMap((part) => text(part, given).split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '');

function reference(value: unknown, given: string): EntityRef {
  if (typeof value === 'object' && value !== null && 'type' in value && 'id' in value) return { type: text(value.type, given), id: text(value.id, given) };
  const address = text(value, given);
  const slash = address.indexOf('/');
  if (slash < 1 || slash === address.length - 1) throw refuse('filter', given, `"${given}" takes an address.`, 'Write type/id.');
  return { type: address.slice(0, slash), id: address.slice(slash + 1) };
}

/** `agent/planner` as in a tag, `agent:planner` as people see it, or an id alone. */
function actor(value: unknown, given: string): Partial<Filter> {
  const name = text(value, given);
  const type = actorTypes.find((known) => name.startsWith(`${known}/`) || name.startsWith(`${known}:`));
  return type === undefined ? { actorId: name } : { actorType: type, actorId: name.slice(type.length + 1) };
}

function oneOf<T extends string>(known: readonly T[], value: string, given: string): T {
  const found = known.find((name) => name === value);
  if (found === undefined) throw refuse('filter', given, `"${value}" is not a value of "${given}".`, `One of ${known.join(', ')}.`);
  return found;
}

/** A date alone is its whole day; a time without an offset is UTC, as the documents' clients write it. */
function instant(value: unknown, given: string, restOfDay: string): Instant {
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.toISOString();
  const written = text(value, given);
  if (/^\d{4}-\d{2}-\d{2}$/.test(written)) return parseInstant(`${written}${restOfDay}`, `/${given}`);
  return parseInstant(/T\d{2}:\d{2}:\d{2}(\.\d+)?$/.test(written) ? `${written}Z` : written, `/${given}`);
}

function wholeNumber(value: unknown, given: string): number {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw refuse('filter', given, `"${given}" takes a whole number.`, 'Give a number from 0.');
}

/** Literal text; what the search copy cannot hold is put as the copy has it (bad-input B8). */
function searchText(value: unknown, given: string): string {
  const words = text(value, given);
  const limit = defaultLimits.searchTextBytesMax;
  if (encodeUtf8(words).length > limit) throw refuse('text', given, `The text is longer than ${limit} bytes.`, 'Search for less.', limit);
  return words.replaceAll('\0', '\ufffd');
}

function flag(value: unknown, given: string): boolean {
  if (value === true || value === 'true' || value === '1' || value === 1) return true;
  if (value === false || value === 'false' || value === '0' || value === 0) return false;
  throw refuse('filter', given, `"${given}" is true or false.`, 'Write true or false.');
}

const sizeOf = (value: unknown): number => (typeof value === 'string' ? encodeUtf8(value).length : Array.isArray(value) ? value.reduce<number>((sum, part) => sum + sizeOf(part), 0) : 8);

const refuse = (reason: string, parameter: string, message: string, hint: string, limit?: number): LogError =>
  new LogError('BAD_REQUEST', message, { details: { reason, pointer: `/${parameter}`, ...(limit === undefined ? {} : { limit }) }, hint });

function unknownParameter(given: string): LogError {
  const near = nearest(given, [...filterParameters, ...pageParameters]);
  return refuse('unknown_parameter', given, `There is no parameter "${given.slice(0, 64)}".`, near.length > 0 ? `Did you mean ${near.join(', ')}?` : `There are: ${filterParameters.join(', ')}.`);
}
