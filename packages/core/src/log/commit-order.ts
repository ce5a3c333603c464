/**
 * The order in which commits of this process go to the engine, stream by stream.
 *
 * A commit is judged on the state that the commits before it leave, while those are still on their way. Its revision check
 * alone would not hold that: if the one before it loses to another process that writes as many events, the revision is what
 * was expected and the state is not. So a commit whose legality rests on a state is sent when those before it on its
 * streams are written; if one was not, it is not sent at all and its writer judges it again. A commit that is written
 * whatever the state (imports) goes along with those before it, as does every commit on an engine that has one writer.
 */
import type { Batcher } from './batcher.ts';
import type { AppendResult, Commit } from './driver.ts';

export interface CommitOrder {
  /**
   * Queues a commit at once, behind the earlier ones on its streams.
   *
   * @param options.restsOnState  It may only be written after exactly those before it.
   * @returns the engine's answer; null when it was not sent, because one that it rests on was not written.
   */
  send(commit: Commit, streams: readonly string[], options: { readonly restsOnState: boolean }): Promise<AppendResult | null>;
  /** Resolves when everything that is under way on these streams now is decided; true when all of it was written. */
  settled(streams: readonly string[]): Promise<boolean>;
}

/** The newest commit on a stream, as long as there is no answer for it. */
interface UnderWay {
  isSent: boolean;
  /** True when it and all that was under way before it is in the log. */
  readonly isWritten: Promise<boolean>;
}

/** @param hasOtherWriters  False for an engine that only this process writes to. */
export function createCommitOrder(batcher: Pick<Batcher, 'submit'>, hasOtherWriters: boolean): CommitOrder {
  const newest = new Map<string, UnderWay>();
  const underWay = (streams: readonly string[]): readonly UnderWay[] => (newest.size === 0 ? [] : [...new Set(streams.flatMap((stream) => newest.get(stream) ?? []))]);

  async function sendAfter(before: readonly UnderWay[], commit: Commit, onSent: () => void): Promise<AppendResult | null> {
    if (!(await allWritten(before))) return null;
    onSent();
    return await batcher.submit(commit);
  }

  return {
    send(commit, streams, { restsOnState }) {
      const before = underWay(streams);
      const awaited = restsOnState && hasOtherWriters ? before : before.filter(({ isSent }) => !isSent);
      const answer = awaited.length === 0 ? batcher.submit(commit) : sendAfter(awaited, commit, () => void (own.isSent = true));
      const decided = async (): Promise<boolean> => {
        try {
          return (await answer)?.ok === true && (before.length === 0 || (await allWritten(before)));
        } catch {
          return false;
        } finally {
          for (const stream of streams) if (newest.get(stream) === own) newest.delete(stream);
        }
      };
      const own: UnderWay = { isSent: awaited.length === 0, isWritten: decided() };
      for (const stream of streams) newest.set(stream, own);
      return answer;
    },
    settled: (streams) => allWritten(underWay(streams)),
  };
}

const allWritten = async (commits: readonly UnderWay[]): Promise<boolean> => (await Promise.all(commits.map(({ isWritten }) => isWritten))).every(Boolean);
