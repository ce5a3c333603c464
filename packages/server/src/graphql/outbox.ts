/**
 * What goes out on one WebSocket. Messages wait for each other once the socket holds as much as it may, and whoever sends waits
 * with them, so that nothing is made for a client that has no room. One that does not read at all is given up after a while.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { HttpLimits } from '../http-limits.ts';
import { textFrame } from '../text-frame.ts';

export interface Outbox {
  /** Resolves when the message has left this process; at once when nobody listens any more. */
  send(data: string): Promise<void>;
  /** The same for built frames. @param onTaken  Called when the socket has them, so that they arrive if anything after them does. */
  write(frames: Uint8Array, onTaken: () => void): Promise<void>;
  /** A last word, which waits for nothing. */
  tell(data: string): void;
}

/** @param onStall  Called once, when a message has waited for too long. */
export function createOutbox(ws: WebSocket, socket: Duplex, { webSocketBufferBytesMax, webSocketStallMs }: Pick<HttpLimits, 'webSocketBufferBytesMax' | 'webSocketStallMs'>, onStall: () => void): Outbox {
  let turn: Promise<void> = Promise.resolve();
  let isStalled = false;

  const isOpen = (): boolean => ws.readyState === ws.OPEN && !isStalled;

  function push(frames: Uint8Array, onTaken?: () => void): Promise<void> {
    if (!isOpen()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const stall = setTimeout(() => {
      if (isStalled) return;
      isStalled = true;
      onStall();
      resolve();
    }, webSocketStallMs);
    // A socket that broke says so by closing; who waits here is only let go.
    socket.write(frames, () => {
      clearTimeout(stall);
      resolve();
    });
    onTaken?.();
    return promise;
  }

  async function write(frames: Uint8Array, onTaken?: () => void): Promise<void> {
    if (ws.bufferedAmount + frames.length <= webSocketBufferBytesMax) return await push(frames, onTaken);
    turn = turn.then(() => push(frames, onTaken));
    await turn;
  }

  return {
    send: (data) => write(textFrame(data)),
    write,
    tell: (data) => void (ws.readyState === ws.OPEN && socket.write(textFrame(data))),
  };
}
