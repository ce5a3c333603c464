/** The runs of labels in the sidecar, and those that wait for it (core's postings.ts tells how they are used). */
import { createPostingReader, labelNamed } from '@refold/core';
import type { OpenPostings, PostingTail, Run } from '@refold/core';
import type { Connection } from './database.ts';
import type { Names } from './names.ts';

export function openPostingReader(db: Connection, names: Names): (tail: PostingTail) => OpenPostings {
  const forward = db.prepare<[number, number, number, number], Run>('SELECT last, first FROM posting WHERE label = ? AND last >= ? AND last <= ? ORDER BY last LIMIT ?').raw();
  const backward = db.prepare<[number, number, number], Run>('SELECT last, first FROM posting WHERE label = ? AND last < ? ORDER BY last DESC LIMIT ?').raw();
  return createPostingReader({
    labelOf: (kind, name) => names.labelOf(kind, name),
    forward: (label, from, upTo, count) => forward.all(label, from, upTo, count),
    backward: (label, before, count) => backward.all(label, before, count),
  });
}

/** Moves a tail to the table, in the order of the table. Inside a transaction. */
export function createPostingWriter(db: Connection, names: Names): (tail: PostingTail) => void {
  const insert = db.prepare<[number, number, number]>('INSERT INTO posting (label, last, first) VALUES (?, ?, ?)');
  return ({ runs }) => {
    const numbered = Array.from(runs, ([label, found]) => {
      const { kind, name } = labelNamed(label);
      return [names.addLabel(kind, name), found] as const;
    }).sort(([left], [right]) => left - right);
    for (const [label, found] of numbered) {
      for (let index = 0; index < found.length; index += 2) insert.run(label, found[index] ?? 0, found[index + 1] ?? 0);
    }
  };
}
