/**
 * A filter, as a request to a driver and what is left to test on the events that come back. The request finds all that
 * match, and perhaps more; the residue throws out the more. Alternatives (several days, priorities, actors of one id) are
 * multiplied into the query's items while there are few; what would make too many stays in the residue.
 */
import { equalitiesOf } from '../expression/equalities.ts';
import type { Query, ReadRequest } from '../log/driver.ts';
import { actorTypes, severities } from '../log/event.ts';
import { isExactTag, overflowTag, pair, tagFor, unregisteredTag, type TagKind } from '../log/tags.ts';
import type { Pseudonym } from '../log/pseudonym.ts';
import type { Registry } from '../schema/registry.ts';
import type { Filter } from './filter.ts';
import { isGlob } from './glob.ts';
import { categoryOf, chainOf, resolveTypes, testsOf, type EventTest } from './match.ts';

export interface CompiledFilter {
  /** What to ask of the driver: at most one of stream, query and ids. Nothing = the whole log. */
  readonly request: Pick<ReadRequest, 'stream' | 'query' | 'ids' | 'after' | 'upTo'>;
  /** What `after` and `upTo`, and so cursors, count. */
  readonly counts: 'positions' | 'revisions';
  /** What the request leaves to be tested; null = the request is exact. */
  readonly residue: EventTest | null;
  /** The whole filter, for events that were found in another way. */
  readonly whole: EventTest;
  /** Events that the filter's expression could not be evaluated for, since the filter was compiled: no match. */
  notEvaluated(): NotEvaluated;
}

export interface NotEvaluated {
  readonly count: number;
  /** Why, at the first of them. */
  readonly firstError: string | null;
}

/** More items than this cost an engine more than reading on. */
const itemsMax = 128;
const daysMax = 62;
/** Beside a tag that is selective already, more days than this do not pay. */
const daysBesideIdentityMax = 7;

export interface CompileOptions {
  /** How the log's tags show an actor's id (log/pseudonym.ts). Default: as it is. */
  readonly pseudonym?: Pseudonym;
}

export function compileFilter(filter: Filter, registry: Registry, { pseudonym = (id) => id }: CompileOptions = {}): CompiledFilter {
  let notEvaluated: NotEvaluated = { count: 0, firstError: null };
  const onNotEvaluated = (_event: unknown, { message }: Error): void => void (notEvaluated = { count: notEvaluated.count + 1, firstError: notEvaluated.firstError ?? message });
  const tests = new Map(testsOf(filter, registry, { onNotEvaluated }));
  const { request, exact } = requestFor(filter, registry, pseudonym);
  const whole = [...tests.values()];
  for (const part of exact) tests.delete(part);
  const residue = [...tests.values()];
  return {
    request,
    counts: request.stream === undefined ? 'positions' : 'revisions',
    residue: residue.length === 0 ? null : allOf(residue),
    whole: allOf(whole),
    notEvaluated: () => notEvaluated,
  };
}

const allOf = (tests: readonly EventTest[]): EventTest => (tests.length === 1 ? tests[0]! : (event) => tests.every((test) => test(event)));

interface Asked {
  readonly request: CompiledFilter['request'];
  /** Parts of the filter that the request answers on its own. */
  readonly exact: readonly (keyof Filter)[];
}

function requestFor(filter: Filter, registry: Registry, pseudonym: Pseudonym): Asked {
  if (filter.ids !== undefined) return { request: { ids: filter.ids }, exact: ['ids'] };
  const after = filter.afterPosition;
  const { dimensions, exact } = dimensionsOf(filter, registry, pseudonym);
  const { streamType, streamId } = filter;
  // A stream's own order is the shortest way when nothing else narrows it.
  if (streamType !== undefined && streamId !== undefined && dimensions.length === 1 && after === undefined) return streamRequest(filter, pair(streamType, streamId));
  const query = queryOf(dimensions);
  return {
    request: { ...(query === null ? {} : { query }), ...(after === undefined ? {} : { after }) },
    exact: after === undefined ? exact : [...exact, 'afterPosition'],
  };
}

function streamRequest({ fromRevision, toRevision }: Filter, stream: string): Asked {
  return {
    request: { stream, ...(fromRevision === undefined ? {} : { after: Math.max(0, fromRevision - 1) }), ...(toRevision === undefined ? {} : { upTo: toRevision }) },
    exact: ['streamType', 'streamId', 'fromRevision', 'toRevision'],
  };
}

/** One part of the question; an event carries one alternative's types and tags or it does not match. */
type Dimension = readonly { readonly types?: readonly string[]; readonly tags?: readonly string[] }[];

const singleTags: readonly (readonly [part: 'issueKey' | 'sessionId' | 'phase' | 'agent' | 'serviceName' | 'causationId' | 'traceId', kind: TagKind])[] = [
  ['causationId', 'cause'],
  ['sessionId', 'session'],
  ['issueKey', 'issue'],
  ['traceId', 'trace'],
  ['agent', 'agent'],
  ['phase', 'phase'],
  ['serviceName', 'service'],
];
const identities: ReadonlySet<keyof Filter> = new Set(['causationId', 'sessionId', 'issueKey', 'traceId', 'correlationId', 'streamId', 'entityId', 'about', 'entityChain', 'entities']);

/** The question in dimensions, the most selective first. */
function dimensionsOf(filter: Filter, registry: Registry, pseudonym: Pseudonym): { readonly dimensions: readonly Dimension[]; readonly exact: readonly (keyof Filter)[] } {
  const dimensions: Dimension[] = [];
  const exact: (keyof Filter)[] = [];
  const anyTag = (tags: readonly string[]): void => void dimensions.push([...new Set(tags)].map((tag) => ({ tags: [tag] })));
  // What an expression cannot be true without is asked for like a part of the filter; the expression is tested all the same.
  const implied: ReadonlyMap<string, string> = filter.expression === undefined ? new Map() : equalitiesOf(filter.expression);

  if (filter.streamId !== undefined) {
    const types = filter.streamType === undefined ? registry.aggregates().map(({ type }) => type) : [filter.streamType];
    const tags = types.map((type) => tagFor('entity', pair(type, filter.streamId!)));
    anyTag(filter.streamType === undefined ? [...tags, unregisteredTag] : tags);
  }
  if (filter.entityType !== undefined && filter.entityId !== undefined) anyTag([tagFor('entity', pair(filter.entityType, filter.entityId))]);
  if (filter.about !== undefined && filter.about.id !== '*') anyTag([tagFor('entity', pair(filter.about.type, filter.about.id))]);
  if (filter.correlationId !== undefined) anyTag([tagFor('correlation', filter.correlationId), overflowTag('correlation')]);
  for (const [part, kind] of singleTags) {
    const value = filter[part] ?? implied.get(part);
    if (value === undefined || value === '') continue;
    anyTag([tagFor(kind, value)]);
    if (isExactTag(kind, value)) exact.push(part);
  }
  const chain = chainOf(filter);
  if (chain !== null) anyTag([...chain.map(({ type, id }) => tagFor('entity', pair(type, id))), overflowTag('entity')]);
  if (filter.actorId !== undefined) anyTag((filter.actorType === undefined ? actorTypes : [filter.actorType]).map((type) => tagFor('actor', pair(type, pseudonym(filter.actorId!)))));
  const impliedType = implied.get('type');
  const types = filter.types === undefined && impliedType !== undefined ? [{ types: [impliedType] }] : typesOf(filter, registry);
  if (types !== null) dimensions.push(types);
  if (filter.types?.some(isGlob) === false) exact.push('types');
  if (filter.priorities?.every((priority) => priority === 'P0' || priority === 'P1') === true) anyTag(filter.priorities.map((priority) => tagFor('priority', priority)));
  const rank = filter.minSeverity === undefined ? 0 : severities.indexOf(filter.minSeverity);
  if (rank >= severities.indexOf('WARN')) anyTag(severities.slice(rank).map((severity) => tagFor('severity', severity)));
  const days = daysOf(filter);
  const isIdentified = Object.keys(filter).some((part) => identities.has(part as keyof Filter));
  if (days !== null && days.length <= (isIdentified ? daysBesideIdentityMax : daysMax)) anyTag(days.map((day) => tagFor('day', day)));
  return { dimensions: dimensions.filter((dimension) => dimension.length <= itemsMax), exact };
}

/** Types the filter can mean; null when every type may match. Types that nobody registered are found by their mark. */
function typesOf(filter: Filter, registry: Registry): Dimension | null {
  if (filter.types !== undefined) {
    if (filter.types.includes('*')) return null;
    const { names, globs } = resolveTypes(filter.types, filter.streamType, registry);
    return alternatives([...names], globs.length > 0);
  }
  const aggregate = filter.streamType === undefined || filter.streamId !== undefined ? null : registry.aggregate(filter.streamType);
  const isForeignStream = filter.streamType !== undefined && filter.streamId === undefined && aggregate === null;
  if (isForeignStream) return [{ tags: [unregisteredTag] }];
  const { categories } = filter;
  if (aggregate === null && categories === undefined) return null;
  const names = registry.eventTypes().filter(({ name }) => {
    if (aggregate !== null && !registry.isDeclaredIn(aggregate.type, name)) return false;
    return categories === undefined || categories.some((category) => category === categoryOf({ type: name, streamType: aggregate?.type ?? '' }, registry));
  });
  return alternatives(
    names.map(({ name }) => name),
    true,
  );
}

const alternatives = (types: readonly string[], alsoUnregistered: boolean): Dimension => [...(types.length > 0 ? [{ types }] : []), ...(alsoUnregistered ? [{ tags: [unregisteredTag] }] : [])];

const dayMs = 86_400_000;

/** The UTC days from `from` to `to`; null when a side is open. */
function daysOf({ from, to }: Filter): readonly string[] | null {
  if (from === undefined || to === undefined) return null;
  const first = Date.parse(`${from.slice(0, 10)}T00:00:00.000Z`);
  const count = Math.floor((Date.parse(to) - first) / dayMs) + 1;
  return count > daysMax ? null : Array.from({ length: count }, (_, index) => new Date(first + index * dayMs).toISOString().slice(0, 10));
}

/** Multiplies dimensions into items, the most selective first, as long as they stay few. */
function queryOf(dimensions: readonly Dimension[]): Query | null {
  let items: Query['items'] = [{}];
  for (const dimension of dimensions) {
    if (items.length * dimension.length > itemsMax) continue;
    items = items.flatMap((item) => dimension.map((part) => ({ ...item, ...(part.types ? { types: part.types } : {}), tags: [...(item.tags ?? []), ...(part.tags ?? [])] })));
  }
  const isOpen = items.some(({ types = [], tags = [] }) => types.length === 0 && tags.length === 0);
  return isOpen ? null : { items };
}
