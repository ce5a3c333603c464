/**
 * A query as a walk over postings: alternatives take the least key of their parts, conjunctions leap from part to part.
 *
 * Each part only has to name a key below which it has no match. Asking again from there refines the answer, and a key that
 * comes back unchanged is a match. So a tag with ten events beside one with a million costs ten jumps, whichever is written
 * first; sixty-two alternatives with a limit cost sixty-two small reads; and no statistics are kept.
 */
import type { Position, Query } from './driver.ts';

/** What a query names: a type or a tag. */
export type LabelKind = 'type' | 'tag';

export type Direction = 'forward' | 'backward';

/**
 * The smallest matching key at or after `key`, or a smaller one that may be asked next; Infinity when there is none.
 * A key is the position when reading forward and its negative when reading backward, so that one algebra serves both.
 * Keys asked for never decrease.
 */
export type Seek = (key: number) => number;

/** Opens a cursor on the postings of one type or tag. */
export type OpenPostings = (kind: LabelKind, name: string, direction: Direction) => Seek;

export interface Matches {
  /**
   * Up to `count` further matching positions between the bounds, in the direction of reading. Fewer than `count` with
   * `isDone` false means that `stepsMax` was used up: the caller lets others work and asks again.
   */
  take(count: number, stepsMax: number): { readonly positions: readonly Position[]; readonly isDone: boolean };
}

/** Both bounds inclusive. */
export interface PositionRange {
  readonly low: Position;
  readonly high: Position;
}

export function openMatches(query: Query, range: PositionRange, direction: Direction, open: OpenPostings): Matches {
  const seek = seekQuery(query, (kind, name) => open(kind, name, direction));
  const sign = direction === 'forward' ? 1 : -1;
  const end = direction === 'forward' ? range.high : -range.low;
  let key = direction === 'forward' ? range.low : -range.high;

  return {
    take(count, stepsMax) {
      const positions: Position[] = [];
      for (let step = 0; positions.length < count && step < stepsMax && key <= end; step += 1) {
        const found = seek(key);
        if (found === key) {
          positions.push(key * sign);
          key += 1;
        } else {
          key = found;
        }
      }
      return { positions, isDone: key > end };
    },
  };
}

const everything: Seek = (key) => key;

type OpenLabel = (kind: LabelKind, name: string) => Seek;

function seekQuery(query: Query, open: OpenLabel): Seek {
  if (query.items.length === 0) return everything;
  return anyOf(query.items.map((item) => seekItem(item, open)));
}

function seekItem({ types = [], tags = [] }: Query['items'][number], open: OpenLabel): Seek {
  const parts = tags.map((tag) => open('tag', tag));
  if (types.length > 0) parts.push(anyOf(types.map((type) => open('type', type))));
  return allOf(parts);
}

function anyOf(parts: readonly Seek[]): Seek {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  const nextKeys = new Float64Array(parts.length).fill(-Infinity);
  return (key) => {
    let least = Infinity;
    for (let index = 0; index < parts.length; index += 1) {
      // A part that said it has nothing below a later key need not be asked; what it said of this key was no promise.
      let next = nextKeys[index] as number;
      if (next <= key) {
        next = (parts[index] as Seek)(key);
        nextKeys[index] = next;
      }
      if (next < least) least = next;
    }
    return least;
  };
}

function allOf(parts: readonly Seek[]): Seek {
  if (parts.length === 0) return everything;
  return (key) => {
    let candidate = key;
    for (const part of parts) {
      candidate = part(candidate);
      if (candidate === Infinity) return Infinity;
    }
    return candidate;
  };
}
