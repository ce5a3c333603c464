/**
 * What a filter means: the reference for every driver and every index. `matches` looks at the whole filter; a compiled
 * filter keeps only those of the same tests that its query does not answer already, so the two cannot drift apart.
 */
import type { Expression } from '../expression/expression.ts';
import { compileExpression } from '../expression/expression.ts';
import { severities, type EntityRef, type EventEnvelope } from '../log/event.ts';
import type { Registry } from '../schema/registry.ts';
import type { Filter } from './filter.ts';
import { containsText, searchableText } from './fulltext.ts';
import { isGlob, matchesGlob } from './glob.ts';

export type EventTest = (event: EventEnvelope) => boolean;

/** True when the event is one of those the filter asks for. */
export const matches = (filter: Filter, event: EventEnvelope, registry: Registry): boolean => [...testsOf(filter, registry).values()].every((test) => test(event));

export interface TestOptions {
  /** Told of each event that the expression could not be evaluated for. */
  readonly onNotEvaluated?: (event: EventEnvelope, error: Error) => void;
}

/** One test per part of the filter. */
export function testsOf(filter: Filter, registry: Registry, options: TestOptions = {}): ReadonlyMap<keyof Filter, EventTest> {
  const tests = new Map<keyof Filter, EventTest>();
  /** Adds a test for a part that is given. */
  const when = <K extends keyof Filter>(part: K, make: (value: NonNullable<Filter[K]>) => EventTest): void => {
    const value = filter[part];
    if (value !== undefined) tests.set(part, make(value));
  };
  const equal = (part: 'streamType' | 'streamId' | 'entityType' | 'entityId' | 'issueKey' | 'sessionId' | 'phase' | 'agent' | 'serviceName' | 'causationId'): void =>
    when(part, (value) => (event) => event[part] === value);

  // Cheap tests first: the dear ones below see only what these let through.
  when('ids', (ids) => ((known) => (event) => known.has(event.id))(new Set(ids)));
  when('types', (names) => typeTest(names, filter.streamType, registry));
  when('categories', (names) => (event) => names.includes(categoryOf(event, registry)));
  equal('streamType');
  equal('streamId');
  equal('entityType');
  equal('entityId');
  equal('issueKey');
  equal('sessionId');
  equal('phase');
  equal('agent');
  equal('serviceName');
  equal('causationId');
  when('actorId', (id) => (event) => event.actor.id === id);
  when('actorType', (type) => (event) => event.actor.type === type);
  when('correlationId', (id) => (event) => event.correlationId === id || event.correlationChain.includes(id));
  when('from', (from) => (event) => event.occurredAt >= from);
  when('to', (to) => (event) => event.occurredAt <= to);
  when('fromRevision', (first) => (event) => event.revision >= first);
  when('toRevision', (last) => (event) => event.revision <= last);
  when('afterPosition', (position) => (event) => event.position > position);
  when('priorities', (wanted) => (event) => wanted.includes(event.priority));
  when('minSeverity', (least) => ((rank) => (event) => severities.indexOf(event.severity) >= rank)(severities.indexOf(least)));
  when('traceId', (id) => (event) => event.trace?.traceId === id);
  if (filter.includeArchived !== true) tests.set('includeArchived', (event) => event.archivedAt === undefined);
  when('about', (entity) => (event) => (entity.id === '*' ? event.streamType === entity.type || event.entityType === entity.type : isAbout(event, entity)));
  const chain = chainOf(filter);
  if (chain !== null) tests.set('entities', (event) => chain.some((entity) => concerns(event, entity)));
  when('text', (text) => (event) => containsText(searchableText(event), text));
  when('expression', (source) => expressionTest(compileExpression(source, { scope: 'event', result: 'bool' }), options));
  return tests;
}

/** The entities a filter's chain stands for; the asked one alone as long as nobody looked for the others. */
export function chainOf(filter: Filter): readonly EntityRef[] | null {
  if (filter.entities !== undefined) return filter.entities;
  return filter.entityChain === undefined ? null : [filter.entityChain];
}

/** True when an event is in the stream of an entity, or on it. */
const isAbout = (event: EventEnvelope, { type, id }: EntityRef): boolean => (event.streamType === type && event.streamId === id) || (event.entityType === type && event.entityId === id);

/** True when an event is about an entity, or refers to it. */
const concerns = (event: EventEnvelope, entity: EntityRef): boolean => isAbout(event, entity) || (event.refs?.some((ref) => ref.type === entity.type && ref.id === entity.id) ?? false);

/** The family of an event: what its definition says, else the noun of its type. */
export const categoryOf = (event: Pick<EventEnvelope, 'type' | 'streamType'>, registry: Registry): string =>
  (registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition)?.category ?? event.type.split('.', 1)[0]!;

/** Names a filter's types stand for, and the globs among them (which may also match types that nobody registered). */
export function resolveTypes(given: readonly string[], streamType: string | undefined, registry: Registry): { readonly names: ReadonlySet<string>; readonly globs: readonly string[] } {
  const names = new Set<string>();
  const globs = given.filter(isGlob);
  for (const name of given) {
    if (isGlob(name)) continue;
    // Document 002 writes the verb alone beside its aggregate type: ("failed", "task").
    names.add(registry.canonicalName(name) ?? (streamType === undefined ? null : registry.canonicalName(`${streamType}.${name}`)) ?? name);
  }
  if (globs.length > 0)
    for (const type of registry.eventTypes())
      if (globs.some((glob) => [type.name, ...Object.values(type.aliases)].some((spelling) => matchesGlob(glob, spelling)))) names.add(type.name);
  return { names, globs };
}

function typeTest(given: readonly string[], streamType: string | undefined, registry: Registry): EventTest {
  const { names, globs } = resolveTypes(given, streamType, registry);
  return ({ type }) => names.has(type) || globs.some((glob) => matchesGlob(glob, type));
}

const expressionTest =
  (expression: Expression<boolean>, { onNotEvaluated }: TestOptions): EventTest =>
  (event) => {
    const answer = expression.evaluate({ event });
    if (answer.ok) return answer.value;
    onNotEvaluated?.(event, answer.error);
    return false;
  };
