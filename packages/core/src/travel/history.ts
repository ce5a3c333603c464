/** How a stream became what it is: one entry per event, with what that event changed. */
import type { State } from '../fold/aggregate.ts';
import { diff } from '../fold/diff.ts';
import { absent, parsePointer, valueAt } from '../fold/pointer.ts';
import type { Instant, Revision } from '../log/driver.ts';
import type { Actor, Change } from '../log/event.ts';
import type { StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { factsOf } from './facts.ts';
import { reconstruct } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';
import { headOf } from './stream-reader.ts';

export interface HistoryEntry {
  /** When it happened. */
  readonly at: Instant;
  readonly revision: Revision;
  readonly eventId: string;
  readonly type: string;
  readonly actor: Actor;
  /** JSON pointer into the state -> before and after. */
  readonly changes: { readonly [pointer: string]: Change };
  readonly state?: State;
}

export interface HistoryOptions {
  /** Exclusive lower and inclusive upper bound. Default: the whole stream. */
  readonly after?: Revision;
  readonly upTo?: Revision;
  /** Only events that happened from and up to these instants, both inclusive. */
  readonly from?: Instant;
  readonly to?: Instant;
  /** Entries at most. Default 100. */
  readonly limit?: number;
  /** Adds the state after each event. */
  readonly withState?: boolean;
  /** Only events that changed something at or below this JSON pointer, and only what they changed there. */
  readonly pointer?: string;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Value of `after` that goes on here; null at the end. */
  readonly next: Revision | null;
}

/** @throws LogError NOT_FOUND, INCOMPLETE_HISTORY, FOLD_FAILED {position, type, revision}; BAD_REQUEST `path` for a pointer that is none. */
export async function history(parts: TravelParts, address: StreamAddress, options: HistoryOptions = {}): Promise<HistoryPage> {
  const { after = 0, limit = 100, pointer = '', from = '', to } = options;
  const stream = formatStreamAddress(address);
  const head = await headOf(parts.reader, stream);
  const upTo = Math.min(options.upTo ?? head, head);
  if (after >= upTo) return { entries: [], next: null };
  const path = parsePointer(pointer);

  let { state } = await reconstruct(parts, address, { kind: 'revision', revision: after });
  let before = copyAt(state, path);
  const entries: HistoryEntry[] = [];
  for await (const page of parts.reader.pages(stream, { after, upTo }))
    for (const event of page) {
      state = parts.fold.evolveDraft(state, event);
      const now = copyAt(state, path);
      const changes = changesBetween(before, now, pointer);
      before = now;
      if (pointer !== '' && Object.keys(changes).length === 0) continue;
      if (event.occurredAt < from || (to !== undefined && event.occurredAt > to)) continue;
      entries.push({
        at: event.occurredAt,
        revision: event.revision,
        eventId: event.id,
        type: event.type,
        actor: event.actor,
        changes,
        ...(options.withState === true ? { state: structuredClone(state) } : {}),
      });
      if (entries.length >= limit) return { entries, next: event.revision < upTo ? event.revision : null };
    }
  return { entries, next: null };
}

/** The draft goes on changing, so what is compared later has to be a copy. */
function copyAt(state: State, path: readonly string[]): unknown {
  const value = path.length === 0 ? factsOf(state) : valueAt(state, path);
  return value === absent ? undefined : structuredClone(value);
}

function changesBetween(before: unknown, after: unknown, pointer: string): { readonly [pointer: string]: Change } {
  const changes = new Map<string, Change>();
  for (const { path, before: was, after: is } of diff({ value: before }, { value: after })) {
    const at = pointer + path.slice('/value'.length);
    // An item that left and one that came at the same place are one change of that place.
    changes.set(at, { before: changes.has(at) ? changes.get(at)!.before : was, after: is });
  }
  return Object.fromEntries(changes);
}
