/**
 * A GraphQL WebSocket: what is said on it is in protocol.ts, what goes out in outbox.ts; here it is kept within its bounds and
 * ended. Every subscription on it is pulled, so a client that reads slowly is waited for, and one that does not read is told
 * where to go on and let go (4008).
 */
import { LogError, parseStrictJson } from '@refold/core';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Problem } from '../problem.ts';
import type { Arrival } from './arrival.ts';
import type { Door } from './door.ts';
import type { GraphqlOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import { closeCodes, createProtocol } from './protocol.ts';
import type { Connection } from './protocol.ts';

export interface SocketOptions extends GraphqlOptions {
  readonly problemOnSocket: (thrown: unknown, requestId: string) => Problem;
}

export function createSockets(door: Door, options: SocketOptions): (arrival: Arrival) => void {
  const { http, log } = options;
  const protocol = createProtocol(door, options);
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: http.webSocketFrameBytesMax, handleProtocols });

  function serve(socket: WebSocket, arrival: Arrival): void {
    const requestId = log.ports.ids.uuid();
    const close = (code: number, reason: string): void => socket.close(code, reason);
    const problemOf = (thrown: unknown): Problem => options.problemOnSocket(thrown, requestId);
    const connection: Connection = { arrival, caller: arrival.caller, underWay: new Map(), problemOf, close, write: (frames, onTaken) => outbox.write(frames, onTaken) };
    const outbox = createOutbox(socket, arrival.socket, http, () => {
      for (const frame of resyncFrames(connection)) outbox.tell(frame);
      close(closeCodes.resyncRequired, 'RESYNC_REQUIRED');
      void ended(closeCodes.resyncRequired, 'RESYNC_REQUIRED');
    });
    const isTooMany = perSecond(http.webSocketMessagesPerSecond, () => log.ports.clock.now());
    const ended = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => outbox.send(data),
        close: (code = closeCodes.goingAway, reason = '') => close(code, reason),
        onMessage: (take) =>
          socket.on('message', (data, isBinary) => {
            if (isTooMany()) return close(closeCodes.rateLimited, 'RATE_LIMITED');
            const text = isBinary ? null : strictText(data);
            if (text === null) return close(closeCodes.badRequest, 'BAD_JSON');
            take(text).catch((error: unknown) => {
              connection.problemOf(error);
              close(closeCodes.badRequest, 'BAD_REQUEST');
            });
          }),
      },
      connection,
    );
    const leave = (): void => close(closeCodes.goingAway, 'The server is closing.');
    const lose = (): void => close(closeCodes.unauthenticated, 'UNAUTHENTICATED');
    arrival.visit.closing.addEventListener('abort', leave);
    const recheck = setInterval(() => void connection.caller.isStillValid().then((isValid) => isValid || lose(), lose), http.credentialRecheckMs);
    const pulse = keepAlive(socket, http.webSocketPingMs);
    // A broken socket closes, and that is heard below.
    socket.on('error', () => undefined);
    socket.once('close', (code, reason) => {
      clearInterval(recheck);
      clearInterval(pulse);
      arrival.visit.closing.removeEventListener('abort', leave);
      for (const { stop } of connection.underWay.values()) stop.abort();
      void ended(code, String(reason));
    });
  }

  return (arrival) => sockets.handleUpgrade(arrival.request, arrival.socket, arrival.head, (socket) => serve(socket, arrival));
}

/** What each subscription is told when its client does not read: from where to ask again. */
function resyncFrames({ underWay, problemOf }: Connection): readonly string[] {
  const { code, details, hint, requestId, retryable } = problemOf(new LogError('RATE_LIMITED', 'What was sent was not read.', { details: { reason: 'RESYNC_REQUIRED' }, hint: 'Subscribe again, with extensions.afterPosition at the cursor.' }));
  return [...underWay].map(([id, { cursor }]) => JSON.stringify({ id, type: 'error', payload: [{ message: 'RESYNC_REQUIRED', extensions: { code, details: { ...details, cursor }, hint, requestId, retryable } }] }));
}

/** Messages are held to the rules of every other body; null: this one breaks them. */
function strictText(data: RawData): string | null {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  try {
    parseStrictJson(bytes);
    return bytes.toString();
  } catch {
    return null;
  }
}

/** A connection that has not answered a ping by the next one is half open (bad-input I10). */
function keepAlive(socket: WebSocket, everyMs: number): NodeJS.Timeout {
  let isAlive = true;
  socket.on('pong', () => (isAlive = true));
  return setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, everyMs);
}

/** Whether one more in this second is too many. */
function perSecond(limit: number, now: () => number): () => boolean {
  let [second, seen] = [0, 0];
  return () => {
    const current = Math.floor(now() / 1_000);
    [second, seen] = current === second ? [second, seen + 1] : [current, 1];
    return seen > limit;
  };
}
