/**
 * Names as integers, where rows repeat them. A name is written once and never changes its number, so what was read once
 * stays true whatever other processes write; only a transaction that was rolled back takes numbers back, and then everything
 * is forgotten.
 */
import { createRecent } from '@refold/core';
import type { LabelKind } from '@refold/core';
import type { Connection } from './database.ts';

/** Names that are kept in memory per table. */
const namesKeptMax = 131_072;

const labelKinds: Readonly<Record<LabelKind, number>> = { type: 0, tag: 1 };

/** Names to numbers, for writing and for asking. */
export interface Numbering {
  /** Number of the stream; null when nothing was ever written to it. */
  streamOf(name: string): number | null;
  labelOf(kind: LabelKind, name: string): number | null;
  /** The same, given out when it is new. Inside a write transaction only. */
  addStream(name: string): number;
  addLabel(kind: LabelKind, name: string): number;
  forgetAll(): void;
}

/** Names to numbers without adding any. */
export type LabelLookup = Pick<Numbering, 'labelOf'>;

/** Numbers to names, for reading. */
export type StreamNames = (id: number) => string;

export function createNumbering(db: Connection): Numbering {
  const streams = createRecent<string, number>(namesKeptMax);
  const labels = { type: createRecent<string, number>(namesKeptMax), tag: createRecent<string, number>(namesKeptMax) };
  const findStream = db.prepare<[string], number>('SELECT id FROM stream WHERE name = ?').pluck();
  const findLabel = db.prepare<[string, number], number>('SELECT id FROM label WHERE name = ? AND kind = ?').pluck();
  const insertStream = db.prepare<[string]>('INSERT INTO stream (name) VALUES (?)');
  // A name that is not in memory is most often a new one (`cause:<id>`), so inserting is tried first.
  const insertLabel = db.prepare<[string, number]>('INSERT INTO label (name, kind) VALUES (?, ?) ON CONFLICT DO NOTHING');

  const streamOf = (name: string): number | null => {
    const known = streams.get(name);
    if (known !== undefined) return known;
    const found = findStream.get(name);
    return found === undefined ? null : streams.set(name, found);
  };
  const labelOf = (kind: LabelKind, name: string): number | null => {
    const known = labels[kind].get(name);
    if (known !== undefined) return known;
    const found = findLabel.get(name, labelKinds[kind]);
    return found === undefined ? null : labels[kind].set(name, found);
  };

  return {
    streamOf,
    labelOf,
    addStream: (name) => streamOf(name) ?? streams.set(name, Number(insertStream.run(name).lastInsertRowid)),
    addLabel(kind, name) {
      const known = labels[kind].get(name);
      if (known !== undefined) return known;
      const { changes, lastInsertRowid } = insertLabel.run(name, labelKinds[kind]);
      // Nothing was changed, so the name is there.
      return changes === 0 ? (labelOf(kind, name) as number) : labels[kind].set(name, Number(lastInsertRowid));
    },
    forgetAll() {
      streams.clear();
      labels.type.clear();
      labels.tag.clear();
    },
  };
}

export function createStreamNames(db: Connection): StreamNames {
  const streams = createRecent<number, string>(namesKeptMax);
  const findStream = db.prepare<[number], string>('SELECT name FROM stream WHERE id = ?').pluck();
  return (id) => streams.get(id) ?? streams.set(id, findStream.get(id) ?? '');
}
