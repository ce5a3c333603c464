/**
 * The table of runs (core's postings.ts tells how they are used). Writing it with every append dirties a page per tag: with
 * six tags, single appends ran at 0.44 to 0.53 of a bare insert, and run at 0.7 now that it is written in bulk.
 */
import { createPostingReader, createUnindexed, labelNamed } from '@refold/core';
import type { OpenPostings, PostingTail, Run, Unindexed } from '@refold/core';
import type { Connection } from './database.ts';
import type { LabelLookup, Numbering } from './names.ts';
import { unpackTags } from './rows.ts';

/** What is not in the table yet is read off the rows of `event`. */
export function openUnindexed(db: Connection): Unindexed {
  const rows = db.prepare<[number, number], [position: number, type: string, tags: string]>('SELECT position, type, tags FROM event WHERE position > ? AND position <= ? ORDER BY position').raw();
  return createUnindexed(function* eventsBetween(after, upTo) {
    for (const [position, type, tags] of rows.iterate(after, upTo)) yield { position, type, tags: unpackTags(tags) };
  });
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

function numberOf(numbering: Numbering, label: string): number {
  const { kind, name } = labelNamed(label);
  return numbering.addLabel(kind, name);
}

/** No run crosses `indexed`, so the bound on `last` parts the table from the tail, also when the index has moved on since. */
export const postingQueries = {
  /** Runs that end at or after a position: the run that holds it comes first. */
  forward: 'SELECT last, first FROM posting WHERE label = ? AND last >= ? AND last <= ? ORDER BY last LIMIT ?',
  /** Runs that end before a position, the nearest first. */
  backward: 'SELECT last, first FROM posting WHERE label = ? AND last < ? ORDER BY last DESC LIMIT ?',
} as const;

export function openPostingReader(db: Connection, labels: LabelLookup): (tail: PostingTail) => OpenPostings {
  const forward = db.prepare<[number, number, number, number], Run>(postingQueries.forward).raw();
  const backward = db.prepare<[number, number, number], Run>(postingQueries.backward).raw();
  return createPostingReader({
    labelOf: (kind, name) => labels.labelOf(kind, name),
    forward: (label, from, upTo, count) => forward.all(label, from, upTo, count),
    backward: (label, before, count) => backward.all(label, before, count),
  });
}
