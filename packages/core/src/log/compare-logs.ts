/**
 * Holds one log against another, position by position: everything that an event is must be the same, bytes included. The only
 * difference that is no contradiction is an erasure that the copy has not heard of yet.
 */
import type { Clock, Hasher } from '../ports.ts';
import { isEqual } from '../trust/proof.ts';
import { addLeaf } from '../trust/tree.ts';
import type { Frontier } from '../trust/tree.ts';
import type { LogDriver, Position, Recorded } from './driver.ts';

export interface Range {
  /** Exclusive. */
  readonly after: Position;
  /** Inclusive; both logs reach it. */
  readonly upTo: Position;
}

export interface CompareParts {
  readonly clock: Pick<Clock, 'turn'>;
  readonly hasher: Hasher;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: Position) => void;
}

export interface Difference {
  readonly position: Position;
  /** What of the event differs: `leaf`, `body`, `recordedAt`, ... */
  readonly field: string;
}

export interface Comparison {
  /** The first one; null when there is none. */
  readonly difference: Difference | null;
  /** Over the leaves that are the same in both, those of `tree` first. */
  readonly tree: Frontier;
  /** Erased in the source, and not in the copy. */
  readonly unerased: readonly Position[];
}

/** @param tree  Over everything before the range. */
export async function compareLogs(source: LogDriver, copy: LogDriver, range: Range, tree: Frontier, parts: CompareParts): Promise<Comparison> {
  const unerased: Position[] = [];
  const copied = eventsIn(copy, range, parts);
  let grown = tree;
  try {
    for await (const event of eventsIn(source, range, parts)) {
      const { value: other } = await copied.next();
      const field = other === undefined ? 'position' : fieldThatDiffers(event, other);
      if (field !== null) return { difference: { position: event.position, field }, tree: grown, unerased };
      if (event.forgotten === true && other?.forgotten !== true) unerased.push(event.position);
      // Equal leaves were compared, and neither is absent.
      grown = addLeaf(parts.hasher, grown, event.leaf!);
      parts.onProgress(event.position);
    }
    return { difference: null, tree: grown, unerased };
  } finally {
    await copied.return(undefined);
  }
}

/** Events one by one, a page in memory; between pages the loop has its turn. */
export async function* eventsIn(driver: LogDriver, { after, upTo }: Range, { clock, signal }: Pick<CompareParts, 'clock' | 'signal'>): AsyncGenerator<Recorded, undefined> {
  if (after >= upTo) return;
  for await (const page of driver.read({ after, upTo }, signal)) {
    yield* page.events;
    await clock.turn();
    signal?.throwIfAborted();
  }
}

const plainFields = ['position', 'revision', 'id', 'stream', 'type', 'commit', 'index', 'recordedAt'] as const;

function fieldThatDiffers(event: Recorded, other: Recorded): string | null {
  for (const field of plainFields) if (event[field] !== other[field]) return field;
  if (event.tags.length !== other.tags.length || event.tags.some((tag, index) => tag !== other.tags[index])) return 'tags';
  if (event.leaf === undefined || other.leaf === undefined || !isEqual(event.leaf, other.leaf)) return 'leaf';
  if (event.forgotten !== true && other.forgotten === true) return 'forgotten';
  // What was erased since the copy was made differs in its body; the leaf above says that it was the same.
  const isErasedSince = event.forgotten === true && other.forgotten !== true;
  return isErasedSince || isEqual(event.body, other.body) ? null : 'body';
}
