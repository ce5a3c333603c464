/**
 * A timeline: spans from what begins and ends, points for the rest, in lanes. It knows no domain: a span opens when an
 * event's transition enters an active status and closes when one leaves it, per machine and entity; where a transition table
 * cannot tell (a tool call and its answer), the definition says so by its `timeline` hint.
 *
 * One pass in the log's order; what is open at the end is a span without an end. Source: the unified model, 3.3.4.
 */
import type { AnyEventDefinition } from '../fold/aggregate.ts';
import type { Instant } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { pair } from '../log/tags.ts';
import type { Registry } from '../schema/registry.ts';
import type { EventTest } from './match.ts';
import type { EventPages } from './page.ts';

export interface TimelineRow {
  readonly at: Instant;
  /** null for points, and for spans that are open. */
  readonly until: Instant | null;
  readonly lane: string;
  readonly label: string;
  readonly kind: 'span' | 'point';
  /** Of a span: the status it ended in, or stands in. */
  readonly status: string | null;
  readonly eventId: string;
  readonly endEventId: string | null;
}

export interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** There were more rows than asked for; those that began later are left out. */
  readonly truncated: boolean;
}

export interface TimelineOptions {
  /** Lanes to show; default all. */
  readonly lanes?: readonly string[];
  /** Default 10,000. */
  readonly rowsMax?: number;
  readonly residue?: EventTest | null;
}

/** Statuses in which something goes on. */
export const activeStatuses: ReadonlySet<string> = new Set(['running', 'active', 'in_progress', 'executing', 'recovering', 'open', 'firing']);

/** Statuses of what is there, does not go on, and has not ended. */
const waitingStatuses: ReadonlySet<string> = new Set(['blocked', 'paused', 'waiting', 'suspended', 'requested', 'pending', 'received', 'queued', 'scheduled', 'escalated', 'retrying']);

/** @param events  In the log's order. */
export async function timelineOf(events: EventPages, registry: Registry, { lanes, rowsMax = 10_000, residue = null }: TimelineOptions = {}): Promise<Timeline> {
  const wanted = lanes === undefined ? null : new Set(lanes);
  const rows: Draft[] = [];
  const open = new Map<string, Draft | null>();
  const standing = createStanding();
  let truncated = false;

  const draw = (row: Draft): Draft | null => {
    if (rows.length >= rowsMax) {
      truncated = true;
      return null;
    }
    rows.push(row);
    return row;
  };

  for await (const batch of events)
    for (const event of batch) {
      if (residue !== null && !residue(event)) continue;
      const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition ?? null;
      const step = stepOf(event, definition, standing);
      if (step.mark === 'hidden' || (wanted !== null && !wanted.has(step.lane))) continue;
      const isOpen = open.has(step.key);
      const running = open.get(step.key) ?? null;
      if (step.mark === 'start' && !isOpen) open.set(step.key, draw(rowOf(event, definition, step, 'span')));
      else if (step.mark === 'end' && isOpen) {
        if (running !== null) close(running, event, step.status);
        open.delete(step.key);
      } else {
        // An end without its start, or a second start, is still something that happened.
        draw(rowOf(event, definition, step, 'point'));
        if (running !== null && step.status !== null) running.status = step.status;
      }
    }
  return { rows, truncated };
}

type Draft = { -readonly [K in keyof TimelineRow]: TimelineRow[K] };

/** What one event is to the span it belongs to. */
export interface Step {
  readonly lane: string;
  readonly mark: 'start' | 'end' | 'point' | 'hidden';
  /** What pairs starts with ends. */
  readonly key: string;
  readonly status: string | null;
}

/** Where each machine stands, by the step's key, and what is open under a second name: keys, in the order they opened. */
export interface Standing {
  readonly statuses: Map<string, string>;
  readonly keysByName: Map<string, string[]>;
}

export const createStanding = (): Standing => ({ statuses: new Map(), keysByName: new Map() });

/** @param standing  Kept by the caller from event to event. */
export function stepOf(event: EventEnvelope, definition: AnyEventDefinition | null, standing: Standing): Step {
  const { statuses } = standing;
  const hint = definition?.timeline;
  const machine = definition?.transition?.machine;
  const lane = hint?.lane ?? machine ?? event.entityType;
  const about = hint?.key?.(event) ?? pair(event.entityType, event.entityId);
  // An address holds no line break, and what it is about stands last, so two keys are equal only when their parts are.
  const prefix = `${event.streamType}/${event.streamId}\n${lane}\n`;
  const name = hint?.name?.(event) ?? null;
  const sameName = name === null ? null : keysOf(standing, prefix + name);
  const own = prefix + about;
  // A name alone says which span is meant only as long as one is open under it; a key that is known always does.
  const isSure = opens(definition) || (statuses.has(own) && event.entityId !== name);
  const key = isSure ? own : (sameName?.at(-1) ?? own);
  const before = statuses.get(key) ?? null;
  const status = nextStatus(event, definition, before);
  if (status !== null) statuses.set(key, status);
  if (sameName !== null && status !== null) noteOpen(sameName, key, isOpenStatus(status));
  return { lane, key, status, mark: hint?.mark ?? markOf(before, status) };
}

function keysOf({ keysByName }: Standing, name: string): string[] {
  const known = keysByName.get(name) ?? [];
  keysByName.set(name, known);
  return known;
}

/** Only what is open stays listed: a name may have had thousands of spans. */
function noteOpen(keys: string[], key: string, isOpen: boolean): void {
  const place = keys.lastIndexOf(key);
  if (isOpen && place < 0) keys.push(key);
  if (!isOpen && place >= 0) keys.splice(place, 1);
}

const opens = (definition: AnyEventDefinition | null): boolean => definition?.transition !== undefined && definition.transition.from !== 'any' && definition.transition.from.includes('absent');

/** Has it begun, or does it wait, and not ended? */
export const isOpenStatus = (status: string): boolean => activeStatuses.has(status) || waitingStatuses.has(status);

/** The status after the event, as far as the transition tells without the state; null when the event has none. */
function nextStatus(event: EventEnvelope, definition: AnyEventDefinition | null, before: string | null): string | null {
  const to = definition?.transition?.to;
  if (to === undefined) return null;
  if (typeof to === 'string') return to === 'same' ? before : to;
  try {
    return to(event, before ?? 'absent', {});
  } catch {
    // This step asks the state, which a timeline does not fold; the span stays as it is.
    return before;
  }
}

function markOf(before: string | null, status: string | null): Step['mark'] {
  const isActive = status !== null && activeStatuses.has(status);
  const wasActive = before !== null && activeStatuses.has(before);
  if (isActive && !wasActive) return 'start';
  return wasActive && !isActive && status !== null ? 'end' : 'point';
}

const rowOf = (event: EventEnvelope, definition: AnyEventDefinition | null, { lane, status }: Step, kind: 'span' | 'point'): Draft => ({
  at: event.occurredAt,
  until: null,
  lane,
  label: definition?.summary?.(event) ?? `${event.type} ${event.entityId}`,
  kind,
  status: kind === 'span' ? (status ?? 'running') : null,
  eventId: event.id,
  endEventId: null,
});

function close(row: Draft, event: EventEnvelope, status: string | null): void {
  row.until = event.occurredAt;
  row.endEventId = event.id;
  // Without a machine the verb says how it ended: `returned` of `tool_call.returned`.
  row.status = status ?? event.type.slice(event.type.lastIndexOf('.') + 1);
}
