/**
 * Names as integers, where rows of the index repeat them. A name never changes its number, so what was read once stays true;
 * only a transaction that was rolled back takes numbers back, and then everything is forgotten.
 */
import { createRecent } from '@refold/core';
import type { LabelKind } from '@refold/core';
import type { Connection } from './database.ts';

/** Names that are kept in memory per table. */
const namesKeptMax = 131_072;

const labelKinds: Readonly<Record<LabelKind, number>> = { type: 0, tag: 1 };

export interface Names {
  /** Number of the stream; null when nothing was ever written to it. */
  streamOf(name: string): number | null;
  labelOf(kind: LabelKind, name: string): number | null;
  /** The same, given out when it is new. Inside a transaction only. */
  addStream(name: string): number;
  addLabel(kind: LabelKind, name: string): number;
  forgetAll(): void;
}

export function createNames(db: Connection): Names {
  const streams = createRecent<string, number>(namesKeptMax);
  const labels = createRecent<string, number>(namesKeptMax);
  const findStream = db.prepare<[string], number>('SELECT id FROM stream WHERE name = ?').pluck();
  const findLabel = db.prepare<[string, number], number>('SELECT id FROM label WHERE name = ? AND kind = ?').pluck();
  const insertStream = db.prepare<[string]>('INSERT INTO stream (name) VALUES (?)');
  const insertLabel = db.prepare<[string, number]>('INSERT INTO label (name, kind) VALUES (?, ?)');
  const keyOf = (kind: LabelKind, name: string): string => `${kind} ${name}`;

  const streamOf = (name: string): number | null => {
    const known = streams.get(name);
    if (known !== undefined) return known;
    const found = findStream.get(name);
    return found === undefined ? null : streams.set(name, found);
  };
  const labelOf = (kind: LabelKind, name: string): number | null => {
    const known = labels.get(keyOf(kind, name));
    if (known !== undefined) return known;
    const found = findLabel.get(name, labelKinds[kind]);
    return found === undefined ? null : labels.set(keyOf(kind, name), found);
  };

  return {
    streamOf,
    labelOf,
    addStream: (name) => streamOf(name) ?? streams.set(name, Number(insertStream.run(name).lastInsertRowid)),
    addLabel: (kind, name) => labelOf(kind, name) ?? labels.set(keyOf(kind, name), Number(insertLabel.run(name, labelKinds[kind]).lastInsertRowid)),
    forgetAll() {
      streams.clear();
      labels.clear();
    },
  };
}
