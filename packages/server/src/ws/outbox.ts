/**
 * What a socket is sent. It holds what the socket has taken and the client not yet read, which is bounded because nothing is
 * pulled for a socket without room; who leaves no room for long is told and let go.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { textFrame } from '../text-frame.ts';
import type { ServerMessage } from './server-message.ts';

export interface Outbox {
  /** A message of the protocol; small, and never kept back. */
  send(message: ServerMessage): void;
  /** Built frames, whose bytes may be shared. */
  write(frames: Uint8Array): void;
  /** Resolves when the client has read what it was sent; false when it has gone. */
  room(): Promise<boolean>;
  /** Nobody waits for room any more. */
  close(): void;
}

export interface OutboxOptions {
  readonly stallMs: number;
  /** Nothing was read for `stallMs`, though more was there. */
  readonly onStalled: () => void;
}

export function createOutbox(ws: WebSocket, socket: Duplex, { stallMs, onStalled }: OutboxOptions): Outbox {
  let waiting: { readonly room: Promise<boolean>; readonly end: (hasRoom: boolean) => void } | null = null;
  let stalled: NodeJS.Timeout | undefined;

  const settle = (hasRoom: boolean): void => {
    clearTimeout(stalled);
    waiting?.end(hasRoom);
    waiting = null;
  };
  socket.on('drain', () => settle(true)).once('close', () => settle(false));

  function write(frames: Uint8Array): void {
    if (ws.readyState !== ws.OPEN || socket.write(frames) || waiting !== null) return;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    waiting = { room: promise, end: resolve };
    stalled = setTimeout(onStalled, stallMs);
  }

  return {
    send: (message) => write(textFrame(JSON.stringify(message))),
    write,
    close: () => settle(false),
    room: () => waiting?.room ?? Promise.resolve(ws.readyState === ws.OPEN),
  };
}
