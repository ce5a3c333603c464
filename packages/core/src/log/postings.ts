/**
 * Where a label (a type or a tag) occurs: runs of neighbouring positions, for engines that keep an index.
 *
 * Runs stand in a table of the engine's up to the position `indexed`. What was appended behind it is gathered in memory and
 * moved to the table a thousand events at a time: in bulk, rows of one label go to one page and neighbours become one run.
 * Nothing is lost in a crash, since the events hold it all.
 *
 * Reading never counts and never sorts: a cursor jumps to the first run at or after a key, and reads ahead in blocks that
 * grow while it is read in sequence and shrink when it is only jumped about in.
 */
import type { Position, Recorded } from './driver.ts';
import type { LabelKind, OpenPostings, Seek } from './query-walk.ts';

/** Events that may wait for the index: more of them make the index cheaper, and the write that moves them longer (about 10 ms). */
export const unindexedMax = 1_024;

export type Run = readonly [last: Position, first: Position];

/** A type or a tag as one text: a type has a NUL in front, which no tag holds. */
export type Label = string;
const typeLabel = (type: string): Label => `\0${type}`;
const tagLabel = (tag: string): Label => tag;

export const labelNamed = (label: Label): { readonly kind: LabelKind; readonly name: string } => (label.startsWith('\0') ? { kind: 'type', name: label.slice(1) } : { kind: 'tag', name: label });

/** Postings that are not in the table. What it says of positions up to `indexed` is nothing; beyond, everything. */
export interface PostingTail {
  readonly indexed: Position;
  /** Rising: last, first, last, first, ... */
  readonly runs: ReadonlyMap<Label, readonly number[]>;
  /** Events come in rising order. */
  add(position: Position, type: string, tags: readonly string[]): void;
}

/** What of an event is in the index. */
export type Labelled = Pick<Recorded, 'position' | 'type' | 'tags'>;

export interface Unindexed {
  /** The tail behind `indexed` with the events up to `head`, read from the table where they are not known yet. */
  upTo(indexed: Position, head: Position): PostingTail;
  /** The caller has added everything up to this position itself. */
  reached(position: Position): void;
  clear(): void;
}

/** @param eventsBetween  The events above the first position, up to the second, in rising order. */
export function createUnindexed(eventsBetween: (after: Position, upTo: Position) => Iterable<Labelled>): Unindexed {
  let tail = createTail(0);
  let known: Position = 0;

  return {
    upTo(indexed, head) {
      if (tail.indexed !== indexed) {
        // A reading that began on the old tail goes on with it.
        tail = createTail(indexed);
        known = indexed;
      }
      if (known < head) {
        for (const { position, type, tags } of eventsBetween(known, head)) tail.add(position, type, tags);
        known = head;
      }
      return tail;
    },
    reached(position) {
      known = position;
    },
    clear() {
      tail = createTail(0);
      known = 0;
    },
  };
}

function createTail(indexed: Position): PostingTail {
  const runs = new Map<Label, number[]>();
  const note = (label: Label, position: Position): void => {
    const found = runs.get(label);
    if (found === undefined) {
      runs.set(label, [position, position]);
    } else if (found[found.length - 2] === position - 1) {
      found[found.length - 2] = position;
    } else {
      found.push(position, position);
    }
  };
  return {
    indexed,
    runs,
    add(position, type, tags) {
      note(typeLabel(type), position);
      for (const tag of tags) note(tagLabel(tag), position);
    },
  };
}

/** The runs that an engine keeps, in rising order of `last`. No run crosses the end of the index. */
export interface PostingTable {
  /** Null when the table has no run of this label. */
  labelOf(kind: LabelKind, name: string): number | null;
  /** Runs that end between two positions, both inclusive: the run that holds the first comes first. */
  forward(label: number, from: Position, upTo: Position, count: number): readonly Run[];
  /** Runs that end before a position, the nearest first. */
  backward(label: number, before: Position, count: number): readonly Run[];
}

export function createPostingReader(table: PostingTable): (tail: PostingTail) => OpenPostings {
  const fetchForward = ({ number, waiting, indexed }: Postings, from: Position, count: number): readonly Run[] => {
    const runs = number === null || from > indexed ? [] : table.forward(number, from, indexed, count);
    return runs.length === count ? runs : [...runs, ...waiting.filter(([last]) => last >= from)];
  };

  const fetchBackward = ({ number, waiting, indexed }: Postings, from: Position, count: number): readonly Run[] => {
    const runs = waiting.filter(([, first]) => first <= from).reverse();
    if (number === null) return runs;
    if (from > indexed) return [...runs, ...table.backward(number, indexed + 1, count)];
    // The run that holds the position ends at or after it, and is the only such one that matters.
    const holding = table.forward(number, from, indexed, 1).filter(([, first]) => first <= from);
    return [...holding, ...table.backward(number, from, count)];
  };

  return (tail) => (kind, name, direction) => {
    const postings = { number: table.labelOf(kind, name), waiting: runsOf(tail, kind === 'type' ? typeLabel(name) : tagLabel(name)), indexed: tail.indexed };
    return direction === 'forward'
      ? createCursor((key, count) => fetchForward(postings, key, count).map(([last, first]) => [first, last] as const))
      : createCursor((key, count) => fetchBackward(postings, -key, count).map(([last, first]) => [-last, -first] as const));
  };
}

/** Of one label: its number in the table (null when the table does not have it), and the runs that wait. */
interface Postings {
  readonly number: number | null;
  readonly waiting: readonly Run[];
  readonly indexed: Position;
}

function runsOf({ runs }: PostingTail, label: Label): readonly Run[] {
  const found = runs.get(label) ?? [];
  return Array.from({ length: found.length / 2 }, (_, index) => [found[2 * index] ?? 0, found[2 * index + 1] ?? 0] as const);
}

/** A run in keys: where it begins and where it ends, in the direction of reading. */
type KeyRun = readonly [begin: number, end: number];

const blockRowsMin = 16;
const blockRowsMax = 1_024;

/** `runsFrom` gives at least `count` runs from the key on, or all there are. */
function createCursor(runsFrom: (key: number, count: number) => readonly KeyRun[]): Seek {
  let block: readonly KeyRun[] = [];
  let index = 0;
  let visited = 0;
  let blockRows = blockRowsMin;
  let isLastBlock = false;

  const load = (key: number): void => {
    const wasReadInSequence = block.length > 0 && visited * 2 >= block.length;
    blockRows = wasReadInSequence ? Math.min(blockRows * 2, blockRowsMax) : blockRowsMin;
    block = runsFrom(key, blockRows);
    isLastBlock = block.length < blockRows;
    index = 0;
    visited = 0;
  };

  return (key) => {
    for (;;) {
      const tail = block[block.length - 1];
      if (tail !== undefined && tail[1] >= key) break;
      if (isLastBlock) return Infinity;
      load(key);
    }
    index = firstEndingAtOrAfter(block, index, key);
    visited += 1;
    // Within the block: its last run ends at or after the key.
    return Math.max(key, (block[index] as KeyRun)[0]);
  };
}

/** Gallops from `start`, since the next run is mostly the very next one; the block holds one that fits. */
function firstEndingAtOrAfter(block: readonly KeyRun[], start: number, key: number): number {
  const endsBefore = (index: number): boolean => (block[index] as KeyRun)[1] < key;
  let low = start;
  let step = 1;
  while (low + step < block.length && endsBefore(low + step - 1)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, block.length) - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endsBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
