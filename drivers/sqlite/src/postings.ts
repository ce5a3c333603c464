/**
 * Where a label occurs: runs of neighbouring positions.
 *
 * Runs are kept in the table `posting` up to the position `log.indexed`. What was appended behind it is gathered in memory
 * from the rows of `event`, and moved to the table a thousand events at a time. Writing the index with every append dirties
 * a page per tag: with six tags, single appends ran at 0.44 to 0.53 of a bare insert, and run at 0.7 now. In bulk, rows of
 * one label go to one page and neighbours become one run. Nothing is lost in a crash, since the events hold it all.
 *
 * Reading never counts and never sorts: a cursor jumps to the first run at or after a key, and reads ahead in blocks that
 * grow while it is read in sequence and shrink when it is only jumped about in.
 */
import type { Position } from '@refold/core';
import type { Connection } from './database.ts';
import type { LabelKind, LabelLookup, Numbering } from './names.ts';
import { unpackTags } from './rows.ts';

export type Direction = 'forward' | 'backward';

/** Events that may wait for the index: more of them make the index cheaper, and the write that moves them longer (about 10 ms). */
export const unindexedMax = 1_024;

export type Run = readonly [last: Position, first: Position];

/** A type or a tag as one text: a type has a NUL in front, which no tag holds. */
export type Label = string;
const typeLabel = (type: string): Label => `\0${type}`;
const tagLabel = (tag: string): Label => tag;

/** Postings that are not in the table. What it says of positions up to `indexed` is nothing; beyond, everything. */
export interface PostingTail {
  readonly indexed: Position;
  /** Rising: last, first, last, first, ... */
  readonly runs: ReadonlyMap<Label, readonly number[]>;
  /** Events come in rising order. */
  add(position: Position, type: string, tags: readonly string[]): void;
}

export interface Unindexed {
  /** The tail behind `indexed` with the events up to `head`, read from the table where they are not known yet. */
  upTo(indexed: Position, head: Position): PostingTail;
  /** The caller has added everything up to this position itself. */
  reached(position: Position): void;
  clear(): void;
}

export function createUnindexed(db: Connection): Unindexed {
  const eventsBetween = db.prepare<[number, number], [position: number, type: string, tags: string]>('SELECT position, type, tags FROM event WHERE position > ? AND position <= ? ORDER BY position').raw();
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
        for (const [position, type, tags] of eventsBetween.iterate(known, head)) tail.add(position, type, unpackTags(tags));
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

export interface PostingWriter {
  /** Moves a tail to the table, in the order of the table. */
  write(tail: PostingTail): void;
}

/** Rows per statement; what is left over goes one by one. */
const rowsPerInsert = 16;

export function createPostingWriter(db: Connection, numbering: Numbering): PostingWriter {
  const insertOne = db.prepare<[number, number, number]>('INSERT INTO posting (label, last, first) VALUES (?, ?, ?)');
  const insertMany = db.prepare<number[]>(`INSERT INTO posting (label, last, first) VALUES ${Array.from({ length: rowsPerInsert }, () => '(?, ?, ?)').join(', ')}`);
  const valuesPerInsert = rowsPerInsert * 3;

  return {
    write({ runs }) {
      const numbered = Array.from(runs, ([label, found]) => [numberOf(numbering, label), found] as const).sort(([left], [right]) => left - right);
      const values: number[] = [];
      for (const [number, found] of numbered) {
        for (let index = 0; index < found.length; index += 2) values.push(number, found[index] ?? 0, found[index + 1] ?? 0);
      }
      let at = 0;
      for (; at + valuesPerInsert <= values.length; at += valuesPerInsert) insertMany.run(...values.slice(at, at + valuesPerInsert));
      for (; at < values.length; at += 3) insertOne.run(values[at] ?? 0, values[at + 1] ?? 0, values[at + 2] ?? 0);
    },
  };
}

function numberOf(numbering: Numbering, label: Label): number {
  return label.startsWith('\0') ? numbering.addLabel('type', label.slice(1)) : numbering.addLabel('tag', label);
}

/**
 * The smallest matching key at or after `key`, or a smaller one that may be asked next; Infinity when there is none.
 * A key is the position when reading forward and its negative when reading backward, so that one algebra serves both.
 * Keys asked for never decrease.
 */
export type Seek = (key: number) => number;

/** Opens a cursor on the postings of one type or tag. */
export type OpenPostings = (kind: LabelKind, name: string, direction: Direction) => Seek;

/** No run crosses `indexed`, so the bound on `last` parts the table from the tail, also when the index has moved on since. */
export const postingQueries = {
  /** Runs that end at or after a position: the run that holds it comes first. */
  forward: 'SELECT last, first FROM posting WHERE label = ? AND last >= ? AND last <= ? ORDER BY last LIMIT ?',
  /** Runs that end before a position, the nearest first. */
  backward: 'SELECT last, first FROM posting WHERE label = ? AND last < ? ORDER BY last DESC LIMIT ?',
} as const;

export function createPostingReader(db: Connection, labels: LabelLookup): (tail: PostingTail) => OpenPostings {
  const forward = db.prepare<[number, number, number, number], Run>(postingQueries.forward).raw();
  const backward = db.prepare<[number, number, number], Run>(postingQueries.backward).raw();

  const fetchForward = ({ number, waiting, indexed }: Postings, from: Position, count: number): readonly Run[] => {
    const runs = number === null || from > indexed ? [] : forward.all(number, from, indexed, count);
    return runs.length === count ? runs : [...runs, ...waiting.filter(([last]) => last >= from)];
  };

  const fetchBackward = ({ number, waiting, indexed }: Postings, from: Position, count: number): readonly Run[] => {
    const runs = waiting.filter(([, first]) => first <= from).reverse();
    if (number === null) return runs;
    if (from > indexed) return [...runs, ...backward.all(number, indexed + 1, count)];
    // The run that holds the position ends at or after it, and is the only such one that matters.
    const holding = forward.all(number, from, indexed, 1).filter(([, first]) => first <= from);
    return [...holding, ...backward.all(number, from, count)];
  };

  return (tail) => (kind, name, direction) => {
    const postings = { number: labels.labelOf(kind, name), waiting: runsOf(tail, kind === 'type' ? typeLabel(name) : tagLabel(name)), indexed: tail.indexed };
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

/** `fetch` gives at least `count` runs from the key on, or all there are. */
function createCursor(fetch: (key: number, count: number) => readonly KeyRun[]): Seek {
  let block: readonly KeyRun[] = [];
  let index = 0;
  let visited = 0;
  let blockRows = blockRowsMin;
  let isLastBlock = false;

  const load = (key: number): void => {
    const wasReadInSequence = block.length > 0 && visited * 2 >= block.length;
    blockRows = wasReadInSequence ? Math.min(blockRows * 2, blockRowsMax) : blockRowsMin;
    block = fetch(key, blockRows);
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
