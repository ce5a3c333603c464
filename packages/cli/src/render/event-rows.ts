/** Events as rows, and one event whole. */
import type { EventEnvelope, Registry } from '@refold/core';
import { grouped } from '../output.ts';
import type { Column, Output } from '../output.ts';

/** The event in one line of words, as its type puts it; else what it is about. */
export function summaryOf(event: EventEnvelope, registry: Registry): string {
  if (event.erased === true) return '(payload erased)';
  try {
    const summary = registry.definitionIn(event.streamType, event.type)?.summary?.(event);
    if (summary !== undefined) return summary;
  } catch {
    // A payload that breaks its schema (an importer's) is shown as it is.
  }
  return `${event.entityType}/${event.entityId}`;
}

export const isBad = (event: EventEnvelope): boolean => event.severity === 'ERROR' || event.severity === 'FATAL' || /\.(?:failed|rejected|error)$/.test(event.type);

export const actorText = ({ actor }: Pick<EventEnvelope, 'actor'>): string => `${actor.type}:${actor.id}`;

/** The place of each event; on a terminal, events of one stream do not repeat its address. */
export function placeTextOf({ options }: Output, events: readonly EventEnvelope[]): (event: EventEnvelope) => string {
  const isShort = options.columns !== Infinity && events.length > 0 && isOneStream(events);
  return ({ streamType, streamId, revision }) => (isShort ? `@${revision}` : `${streamType}/${streamId}@${revision}`);
}

export const isOneStream = (events: readonly EventEnvelope[]): boolean => events.every(({ streamType, streamId }) => streamType === events[0]!.streamType && streamId === events[0]!.streamId);

/** @param events  Those that will be shown; they decide how much of their place is told. */
export function eventColumns(output: Output, registry: Registry, events: readonly EventEnvelope[]): readonly Column<EventEnvelope>[] {
  const placeText = placeTextOf(output, events);
  return [
    { title: 'position', text: ({ position }) => numberText(output, position), align: 'right', style: () => 'dim', isOptional: true },
    { title: 'occurredAt', text: ({ occurredAt }) => output.instant(occurredAt), style: () => 'dim' },
    { title: 'place', text: placeText },
    { title: 'type', text: ({ type }) => type, style: (event) => (isBad(event) ? 'red' : 'cyan') },
    { title: 'actor', text: actorText, isOptional: true },
    { title: 'summary', text: (event) => summaryOf(event, registry), fills: true },
  ];
}

/** Columns that somebody named: fields of the envelope, or `data.x`. */
export function fieldColumns(fields: readonly string[]): readonly Column<EventEnvelope>[] {
  return fields.map((field) => ({ title: field, text: (event) => cellText(fieldOf(event, field)) }));
}

/** A field by its dotted path; undefined when the event has none. */
export const fieldOf = (event: EventEnvelope, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined), event);

const cellText = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

/** Grouped for people, plain for programs. */
export const numberText = ({ options }: Output, value: number): string => (options.mode === 'plain' ? String(value) : grouped(value));

/** One event with everything it says. */
export function printEvent(output: Output, event: EventEnvelope, registry: Registry): void {
  const { safe, line } = output;
  line(`${output.style('bold', event.type)}  ${safe(summaryOf(event, registry))}`);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['id', event.id],
    ['place', `${event.streamType}/${event.streamId}@${event.revision}   position ${numberText(output, event.position)}`],
    ['occurred', event.occurredAt],
    ['recorded', event.recordedAt],
    ['actor', [actorText(event), event.actor.model, event.actor.name].filter((part) => part !== undefined).join('  ')],
    ['entity', `${event.entityType}/${event.entityId}`],
    ['cause', event.causationId],
    ['correlation', event.correlationChain.join(' > ')],
    ['issue', event.issueKey],
    ['session', event.sessionId],
    ['phase', event.phase],
    ['agent', event.agent],
    ['service', event.serviceName],
    ['trace', event.trace?.traceId],
    ['priority', `${event.priority}  ${event.severity}`],
    ['schema', event.schemaVersion],
    ['hash', event.hash],
    ['refs', event.refs?.map(({ type, id, rel }) => `${type}/${id}${rel === undefined ? '' : ` (${rel})`}`).join(', ')],
  ];
  for (const [name, value] of facts) if (value !== undefined && value !== '') line(`  ${output.style('dim', name.padEnd(12))} ${safe(value)}`);
  for (const [name, value] of Object.entries({ data: event.data, changes: event.changes, metadata: event.metadata, git: event.git, ext: event.ext })) {
    if (value === undefined || Object.keys(value).length === 0) continue;
    line(`  ${output.style('dim', name)}`);
    for (const text of JSON.stringify(value, null, 2).split('\n').slice(1, -1)) line(`    ${safe(text)}`);
  }
}
