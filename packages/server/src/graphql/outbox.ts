/**
 * What goes out on one WebSocket. Messages wait for each other once the socket holds as much as it may, and whoever sends waits
 * with them, so that nothing is made for a client that has no room. One that does not read at all is given up after a while.
 */
import type { WebSocket } from 'ws';
import type { HttpLimits } from '../http-limits.ts';

export interface Outbox {
  /** Resolves when the message has left this process; at once when nobody listens any more. */
  send(data: string): Promise<void>;
  /** A last word, which waits for nothing. */
  tell(data: string): void;
}

/** @param onStall  Called once, when a message has waited for too long. */
export function createOutbox(socket: WebSocket, { webSocketBufferBytesMax, webSocketStallMs }: Pick<HttpLimits, 'webSocketBufferBytesMax' | 'webSocketStallMs'>, onStall: () => void): Outbox {
  let turn: Promise<void> = Promise.resolve();
  let isStalled = false;

  const isOpen = (): boolean => socket.readyState === socket.OPEN && !isStalled;

  function push(data: string): Promise<void> {
    if (!isOpen()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stall = setTimeout(() => {
      if (isStalled) return;
      isStalled = true;
      onStall();
      resolve();
    }, webSocketStallMs);
    // A socket that broke says so by closing; who waits here is only let go.
    socket.send(data, () => {
      clearTimeout(stall);
      resolve();
    });
    return promise;
  }

  return {
    async send(data) {
      if (socket.bufferedAmount + data.length <= webSocketBufferBytesMax) return await push(data);
      turn = turn.then(() => push(data));
      await turn;
    },
    tell: (data) => socket.send(data, () => undefined),
  };
}
