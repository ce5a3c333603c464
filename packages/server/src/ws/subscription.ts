/** One subscription of a socket: batches of an operation, pulled as the socket has room, written as frames that others share. */
import type { SharedFrames, FrameView } from '../shared-frames.ts';
import type { StartedStream } from '../started-stream.ts';
import type { Positioned } from './channels.ts';
import type { Outbox } from './outbox.ts';

export interface Subscription {
  /** Channel, and id if the client gave one, as every frame about it names them. */
  readonly name: { readonly channel?: string; readonly id?: string };
  /** What was written last, or where it began: a client that comes back goes on here. */
  readonly position: number;
  stop(): void;
  /** Resolves when it was stopped or has come to its end; true for an end of its own. @throws what its operation throws. */
  readonly done: Promise<boolean>;
}

export interface SubscriptionParts {
  readonly name: Subscription['name'];
  readonly from: number;
  readonly stream: StartedStream<readonly Positioned[]>;
  readonly view: FrameView<Positioned>;
  readonly frames: SharedFrames;
  readonly outbox: Outbox;
  /** Aborting it ends the operation. */
  readonly stop: AbortController;
}

export function startSubscription({ name, from, stream: { iterator, first }, view, frames, outbox, stop }: SubscriptionParts): Subscription {
  let position = from;

  async function deliver(): Promise<boolean> {
    try {
      for (let next = first; ; next = iterator.next()) {
        const { done, value: batch } = await next;
        if (done === true) return !stop.signal.aborted;
        let written = 0;
        for (const { bytes, count } of frames.piecesOf(batch, view)) {
          if (!(await outbox.room()) || stop.signal.aborted) return false;
          outbox.write(bytes);
          written += count;
          position = batch[written - 1]!.position ?? position;
        }
      }
    } catch (error) {
      if (stop.signal.aborted) return false;
      throw error;
    } finally {
      stop.abort();
      // Ends the generator where it waits; what it says on the way out concerns nobody any more.
      await iterator.return?.().catch(() => undefined);
    }
  }

  return {
    name,
    get position() {
      return position;
    },
    stop: () => stop.abort(),
    done: deliver(),
  };
}
