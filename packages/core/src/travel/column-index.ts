/**
 * The columns of the streams that somebody asks about, kept between questions: the first scan of a long history leaves them on
 * its way, and the next question about the same paths reads no event but those at which it has something to tell.
 *
 * Bounded by count and by bytes over all streams: what nobody asked about for longest goes first. It may be forgotten at any time.
 */
import type { Limits } from '../limits.ts';
import { defaultLimits } from '../limits.ts';
import { createColumn } from './column.ts';
import type { Column } from './column.ts';

export interface ColumnIndex {
  readonly bytes: number;
  /** The column of a path: a name of a scope and the keys below it. Add only what the log holds. */
  of(stream: string, root: string, keys: readonly string[]): Column;
  /** Forgets a stream (an erasure changed what its events tell). */
  forget(stream: string): void;
}

interface Held {
  readonly stream: string;
  readonly column: Column;
}

export function createColumnIndex(limits: Partial<Pick<Limits, 'columnBytesMax' | 'columnsMax'>> = {}): ColumnIndex {
  const { columnBytesMax, columnsMax } = { ...defaultLimits, ...limits };
  /** In the order in which they were last asked for. */
  const known = new Map<string, Held>();

  const bytes = (): number => [...known.values()].reduce((sum, { column }) => sum + column.bytes, 0);

  /** Makes room for what a column grows by; false when there is none, or nobody keeps that column any more. */
  function makeRoom(growing: string, more: number): boolean {
    let wanted = bytes() + more;
    for (const [path, { column }] of known) {
      if (wanted <= columnBytesMax) break;
      if (path === growing) continue;
      wanted -= column.bytes;
      drop(path);
    }
    return wanted <= columnBytesMax && known.has(growing);
  }

  /** A scan may still hold it: it takes nothing more, and goes with the scan. */
  function drop(path: string): void {
    known.get(path)?.column.end();
    known.delete(path);
  }

  return {
    get bytes() {
      return bytes();
    },
    of(stream, root, keys) {
      const path = JSON.stringify([stream, root, ...keys]);
      const held = known.get(path) ?? { stream, column: createColumn(keys, { mayGrow: (more) => makeRoom(path, more) }) };
      known.delete(path);
      known.set(path, held);
      if (known.size > columnsMax) drop(known.keys().next().value!);
      return held.column;
    },
    forget(stream) {
      for (const [path, held] of known) if (held.stream === stream) drop(path);
    },
  };
}
