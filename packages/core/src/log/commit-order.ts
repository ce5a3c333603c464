/**
 * The order of the appends of this process, stream by stream: whose turn it is to be judged, and what was judged and has no
 * answer yet.
 *
 * A commit is judged on the state that the commits before it leave, while those are still on their way. Its revision check
 * alone would not hold that: if the one before it loses to another process that writes as many events, the revision is what
 * was expected and the state is not. So where others write too, an append whose legality rests on a state is judged when those
 * before it are decided, and keeps its turn until it is decided itself, however many races it loses: what is called after it
 * is never judged on a state that it may not leave, and never overtakes it. An append that is written whatever the state
 * (imports) gives its turn on as soon as it is queued, as does every append on an engine that has one writer.
 */

/** Of an append on its streams, from its call on. */
export interface Turn {
  /** Resolves when every append that was called earlier on one of these streams has given its turn on; null when there is none. */
  readonly comes: Promise<unknown> | null;
  giveOn(): void;
}

export interface CommitOrder {
  turn(streams: readonly string[]): Turn;
  /** A commit on these streams is queued. @param isWritten  Whether it is in the log as it was judged; must not reject. */
  queued(streams: readonly string[], isWritten: Promise<boolean>): void;
  /** Whether anything that is queued on these streams has no answer yet. */
  isUnderWay(streams: readonly string[]): boolean;
  /** Resolves when everything that is queued on these streams now is decided; true when all of it was written. */
  settled(streams: readonly string[]): Promise<boolean>;
}

export function createCommitOrder(): CommitOrder {
  /** By stream, the end of the turn that was asked for last. */
  const turns = new Map<string, Promise<void>>();
  /** By stream, whether the newest commit without an answer, and all before it, will be written. */
  const newest = new Map<string, Promise<boolean>>();
  const onThese = <T>(known: ReadonlyMap<string, T>, streams: readonly string[]): readonly T[] => (known.size === 0 ? [] : [...new Set(streams.flatMap((stream) => known.get(stream) ?? []))]);

  return {
    turn(streams) {
      const before = onThese(turns, streams);
      const { promise: isOver, resolve } = Promise.withResolvers<void>();
      for (const stream of streams) turns.set(stream, isOver);
      return {
        comes: before.length === 0 ? null : Promise.all(before),
        giveOn() {
          resolve();
          for (const stream of streams) if (turns.get(stream) === isOver) turns.delete(stream);
        },
      };
    },
    queued(streams, isWritten) {
      const before = onThese(newest, streams);
      const decide = async (): Promise<boolean> => {
        const areWritten = (await isWritten) && (await allTrue(before));
        for (const stream of streams) if (newest.get(stream) === decided) newest.delete(stream);
        return areWritten;
      };
      const decided = decide();
      for (const stream of streams) newest.set(stream, decided);
    },
    isUnderWay: (streams) => newest.size > 0 && streams.some((stream) => newest.has(stream)),
    settled: (streams) => allTrue(onThese(newest, streams)),
  };
}

const allTrue = async (claims: readonly Promise<boolean>[]): Promise<boolean> => claims.length === 0 || (await Promise.all(claims)).every(Boolean);
