/**
 * What is written to many listeners is built once: the bytes of a batch, for everybody who is given the same batch in the same
 * view. They live as long as the batch does, and a listener holds one piece of them at a time.
 */
export interface SharedFrames {
  /**
   * The batch as bytes, in pieces of about `pieceBytesMax`; an item is never cut.
   *
   * @param view  Equal for listeners who are shown the same; it also says by whom the bytes are built.
   */
  piecesOf<T>(batch: readonly T[], view: FrameView<T>): Iterable<Piece>;
}

export interface FrameView<T> {
  readonly key: string;
  readonly frameOf: (item: T) => Uint8Array;
}

export interface Piece {
  readonly bytes: Uint8Array;
  /** Items of the batch that it holds. */
  readonly count: number;
}

/** A listener that reads slowly keeps as much in memory. */
export const pieceBytesMax = 64 * 1_024;

/** Views of one batch that are kept; those beyond them are built each time. */
const viewsMax = 16;

export function createSharedFrames(): SharedFrames {
  const built = new WeakMap<readonly unknown[], Map<string, readonly Piece[]>>();
  return {
    piecesOf(batch, view) {
      const views = built.get(batch) ?? new Map<string, readonly Piece[]>();
      const known = views.get(view.key);
      if (known !== undefined) return known;
      if (views.size >= viewsMax) return cut(batch, view);
      const pieces = [...cut(batch, view)];
      views.set(view.key, pieces);
      built.set(batch, views);
      return pieces;
    },
  };
}

function* cut<T>(batch: readonly T[], { frameOf }: FrameView<T>): Generator<Piece> {
  let frames: Uint8Array[] = [];
  let bytes = 0;
  for (const item of batch) {
    const frame = frameOf(item);
    if (frames.length > 0 && bytes + frame.length > pieceBytesMax) {
      yield { bytes: Buffer.concat(frames), count: frames.length };
      [frames, bytes] = [[], 0];
    }
    frames.push(frame);
    bytes += frame.length;
  }
  if (frames.length > 0) yield { bytes: Buffer.concat(frames), count: frames.length };
}
