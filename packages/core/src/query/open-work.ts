/**
 * What was under way after some events: what had begun or waited, and had not ended. Told by the same steps as a timeline, so
 * it knows no domain; what waits (blocked, paused, requested) is open too, although a timeline draws no bar for it.
 */
import type { Instant, Revision } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import type { Registry } from '../schema/registry.ts';
import type { EventPages } from './page.ts';
import { createStanding, isOpenStatus, stepOf } from './timeline.ts';

export interface OpenWork {
  readonly lane: string;
  /** The summary of the event that began it. */
  readonly label: string;
  readonly status: string;
  readonly since: Instant;
  readonly begunBy: WorkEvent;
  /** The event that set the status in which it stands. */
  readonly setBy: WorkEvent;
}

export interface WorkEvent {
  readonly eventId: string;
  readonly type: string;
  readonly revision: Revision;
  readonly at: Instant;
}

/**
 * @param events  In the log's order: a prefix, or what had happened by an instant.
 * @returns what is open, in the order in which it began.
 */
export async function openWorkOf(events: EventPages, registry: Registry): Promise<readonly OpenWork[]> {
  const standing = createStanding();
  const open = new Map<string, OpenWork>();
  for await (const batch of events)
    for (const event of batch) {
      const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition ?? null;
      const { key, lane, mark, status } = stepOf(event, definition, standing);
      const known = open.get(key);
      const isOpen = mark === 'start' || (mark !== 'end' && (status === null ? known !== undefined : isOpenStatus(status)));
      if (mark === 'hidden') continue;
      if (!isOpen && !(mark === 'end' && status !== null && isOpenStatus(status))) open.delete(key);
      else if (known === undefined) open.set(key, { lane, label: definition?.summary?.(event) ?? `${event.type} ${event.entityId}`, status: status ?? 'running', since: event.occurredAt, begunBy: workEvent(event), setBy: workEvent(event) });
      else if (status !== null && status !== known.status) open.set(key, { ...known, status, setBy: workEvent(event) });
    }
  return [...open.values()];
}

const workEvent = ({ id, type, revision, occurredAt }: EventEnvelope): WorkEvent => ({ eventId: id, type, revision, at: occurredAt });
