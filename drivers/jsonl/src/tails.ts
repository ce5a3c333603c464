/** Where streams stand: kept in memory between batches, else read off the last line of the stream. */
import { createRecent } from '@refold/core';
import type { Revision } from '@refold/core';
import type { Connection } from './database.ts';
import type { Names } from './names.ts';
import { eventColumns, withCommit } from './rows.ts';
import type { EventRow, EventRows } from './rows.ts';

export interface Tail {
  readonly revision: Revision;
  readonly leaf: Uint8Array | null;
}

export interface Tails {
  /** Null when the stream has no events. */
  find(stream: string): Tail | null;
  /** In the batch that is under way: its lines cannot be read yet. */
  move(stream: string, tail: Tail): void;
  /** The batch is written. */
  keep(): void;
  clear(): void;
}

/** Streams whose tails are kept in memory. */
const tailsKeptMax = 65_536;

export function createTails(db: Connection, names: Names, rows: EventRows): Tails {
  const kept = createRecent<string, Tail>(tailsKeptMax);
  const moved = new Map<string, Tail>();
  const findLast = db.prepare<[number], EventRow>(`SELECT ${eventColumns} FROM event e ${withCommit} WHERE e.stream = ? ORDER BY e.revision DESC LIMIT 1`).raw();

  return {
    find(name) {
      const known = moved.get(name) ?? kept.get(name);
      if (known !== undefined) return known;
      const stream = names.streamOf(name);
      const row = stream === null ? undefined : findLast.get(stream);
      if (row === undefined) return null;
      const [last] = rows.read([row], { bodies: false });
      return kept.set(name, { revision: last!.revision, leaf: last!.leaf ?? null });
    },
    move: (name, tail) => void moved.set(name, tail),
    keep() {
      for (const [name, tail] of moved) kept.set(name, tail);
      moved.clear();
    },
    clear() {
      moved.clear();
      kept.clear();
    },
  };
}
