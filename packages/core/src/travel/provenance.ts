/**
 * Which event set this value? For a subtree, each leaf has its own answer: the last event after which the value at that very
 * pointer was another one than before. An item of an array that moves to another index is a change at both.
 */
import { LogError } from '../errors.ts';
import type { FoldEvent, State } from '../fold/aggregate.ts';
import { absent, parsePointer, pointerOf, valueAt } from '../fold/pointer.ts';
import type { Instant, Position, Revision } from '../log/driver.ts';
import type { Actor, Json } from '../log/event.ts';
import type { Place, StreamAddress } from '../log/place.ts';
import { formatStreamAddress } from '../log/place.ts';
import { cutAt } from './cut.ts';
import { factsOf } from './facts.ts';
import { eventsOf, isStraggler } from './reconstruct.ts';
import type { TravelParts } from './reconstruct.ts';

export interface ProvenanceEvent {
  readonly eventId: string;
  readonly type: string;
  readonly revision: Revision;
  readonly position: Position | null;
  readonly occurredAt: Instant;
  readonly actor: Actor;
}

export interface Provenance {
  /** JSON pointer of a leaf: a value that holds no others. */
  readonly path: string;
  readonly value: Json;
  /** What stood there before; null when nothing did. */
  readonly before: Json;
  /** null: the value is as it was before the first event. */
  readonly setBy: ProvenanceEvent | null;
  /** The value is not there any more; `setBy` removed it. */
  readonly removed?: true;
}

/**
 * Finds who set what is at a pointer, by walking the history up to a place.
 *
 * @returns one entry per leaf, ordered by path; for a pointer whose value was removed, one entry per leaf that went last.
 * @throws LogError NOT_FOUND `path` when nothing was ever there; NOT_FOUND {head}, INCOMPLETE_HISTORY, FOLD_FAILED {position, type, revision}.
 * Cost: a fold from the first event; per event one comparison of what is below the pointer.
 */
export async function provenance(parts: TravelParts, address: StreamAddress, place: Place, pointer: string): Promise<readonly Provenance[]> {
  const path = parsePointer(pointer);
  const cut = await cutAt(parts.reader, formatStreamAddress(address), place, parts.timeIndexes);
  let state = parts.fold.initial(address.streamType, address.streamId);
  const trail = createTrail(subtreeOf(state, path), path);
  for await (const page of eventsOf(parts.reader, address, cut))
    for (const event of page) {
      state = parts.fold.evolveDraft(state, event, { cut: isStraggler(cut, event) });
      trail.step(subtreeOf(state, path), event);
    }
  const answers = trail.answers();
  if (answers.length === 0)
    throw new LogError('NOT_FOUND', `Nothing was ever at ${pointer} in ${formatStreamAddress(address)}.`, { details: { reason: 'path', path: pointer }, hint: 'Read the state to see which pointers it has.' });
  return answers;
}

/** The whole state is asked for without its bookkeeping, which the last event always set. */
const subtreeOf = (state: State, path: readonly string[]): unknown => (path.length === 0 ? factsOf(state) : valueAt(state, path));

interface Trail {
  step(subtree: unknown, event: FoldEvent): void;
  answers(): readonly Provenance[];
}

interface Setting {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly event: FoldEvent;
}

/** Leaves are kept as JSON text, so that later changes of the draft cannot reach back. */
function createTrail(first: unknown, root: readonly string[]): Trail {
  const settings = new Map<string, Setting>();
  let text = textOf(first);
  let leaves = leavesOf(first, root);

  return {
    step(subtree, event) {
      const now = textOf(subtree);
      if (now === text) return;
      text = now;
      const next = leavesOf(subtree, root);
      for (const path of new Set([...leaves.keys(), ...next.keys()])) {
        const [before, after] = [leaves.get(path), next.get(path)];
        if (before !== after) settings.set(path, { before, after, event });
      }
      leaves = next;
    },
    answers() {
      if (leaves.size > 0) return [...leaves].map(([path, value]) => answer(path, value, settings.get(path))).toSorted(byPath);
      const lastRevision = Math.max(...[...settings.values()].map(({ event }) => event.revision));
      return [...settings].filter(([, { event }]) => event.revision === lastRevision).map(([path, setting]) => ({ ...answer(path, undefined, setting), removed: true as const })).toSorted(byPath);
    },
  };
}

const textOf = (subtree: unknown): string | undefined => (subtree === absent ? undefined : JSON.stringify(subtree));

const byPath = (a: Provenance, b: Provenance): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

function answer(path: string, value: string | undefined, setting: Setting | undefined): Provenance {
  return { path, value: parsed(value), before: parsed(setting?.before), setBy: setting === undefined ? null : eventOf(setting.event) };
}

const parsed = (text: string | undefined): Json => (text === undefined ? null : (JSON.parse(text) as Json));

const eventOf = ({ id, type, revision, position, occurredAt, actor }: FoldEvent): ProvenanceEvent => ({ eventId: id, type, revision, position: position ?? null, occurredAt, actor });

/** Pointer -> JSON text of each value that holds no others (empty objects and arrays are such). */
function leavesOf(subtree: unknown, root: readonly string[]): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (value === absent || value === undefined) return;
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (entries.length === 0) leaves.set(pointerOf(path), JSON.stringify(value));
    else for (const [key, inner] of entries) visit(inner, [...path, key]);
  };
  visit(subtree, root);
  return leaves;
}
