/**
 * The socket side of the server: what has to be settled before a request meets a route. Every request passes the guard here,
 * ahead of routing and of its body; connections are counted; and bytes that are not HTTP get an answer in the same form as
 * every other refusal.
 *
 * It is a server of Node that Fastify is put behind, because Fastify's hooks run after routing.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, ServerOptions as NodeServerOptions, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TlsOptions as TlsServerOptions } from 'node:tls';
import { LogError } from '@refold/core';
import type { Guard } from './guard.ts';
import { HttpFault } from './http-fault.ts';
import type { HttpLimits } from './http-limits.ts';
import { failureOf, problemMediaType } from './problem.ts';
import { answerRaw } from './raw-answer.ts';

export interface FrontDoorOptions {
  readonly guard: Guard;
  readonly limits: HttpLimits;
  /** What it speaks TLS with; without it, plain HTTP. */
  readonly tls?: TlsOptions | undefined;
  readonly newRequestId: () => string;
  /** Told about every refusal that no route will see. */
  readonly onRefused: (request: { readonly requestId: string; readonly method: string }, error: LogError) => void;
}

export interface FrontDoor {
  /** A server behind the door; one per address that is listened on, with one count of connections. */
  serve(handler: Handler): Server;
  /** Why a request may not pass; null: it may. */
  refusalOf(request: IncomingMessage): LogError | null;
  /** The id given to a request at the door. */
  requestIdOf(request: IncomingMessage): string;
  /** From now on new requests are told that the server closes. */
  startClosing(): void;
}

/** PEM. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export function createFrontDoor({ guard, limits, tls, newRequestId, onRefused }: FrontDoorOptions): FrontDoor {
  const requestIds = new WeakMap<IncomingMessage, string>();
  const crowd = createCrowd(limits);
  let isClosing = false;

  function refusalOf(request: IncomingMessage): LogError | null {
    if (crowd.isSurplus(request.socket)) return new LogError('LOG_UNAVAILABLE', 'Too many connections are open.', { details: { reason: 'sockets', limit: limits.socketsMax }, hint: 'Close connections that are not used, and try again.' });
    if (isClosing) return new LogError('LOG_UNAVAILABLE', 'The server is closing.', { details: { reason: 'closing' }, hint: 'Try again when it has started anew.' });
    const refusal = guard.refusalOf(request);
    if (refusal !== null) return refusal;
    return request.url?.startsWith('/') === true || request.url === '*' ? null : new HttpFault('url', 'The request names another server in its first line.', { status: 400, hint: 'Send the path only.' });
  }

  function receive(request: IncomingMessage, response: ServerResponse, handler: Handler): void {
    const requestId = newRequestId();
    requestIds.set(request, requestId);
    crowd.busy(request, response);
    response.setHeader('x-request-id', requestId);
    guard.protect(request, response);
    const refusal = refusalOf(request);
    if (refusal === null) {
      if (isWaiting(request) && announced(request) <= limits.bodyBytesMax) response.writeContinue();
      return handler(request, response);
    }
    onRefused({ requestId, method: request.method ?? '' }, refusal);
    refuse(response, refusal, requestId);
  }

  return {
    serve(handler) {
      const listener = (request: IncomingMessage, response: ServerResponse): void => receive(request, response, handler);
      // It differs from a plain server in nothing that stands below here, but in its type.
      const server = tls === undefined ? createServer(serverOptions(limits), listener) : (createTlsServer({ ...serverOptions(limits), ...tls, ...tlsOptions(limits) }, listener) as unknown as Server);
      // A client that waits to be asked for its body is asked here, after the guard: Node would ask for any (RFC 9110, 10.1.1).
      for (const expectation of ['checkContinue', 'checkExpectation']) server.on(expectation, listener);
      server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => crowd.admit(socket));
      server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerBrokenRequest(error, socket, crowd.standingOf(socket), newRequestId(), onRefused));
      return server;
    },
    refusalOf,
    requestIdOf(request) {
      // A request that is injected (in a test, in a process of ours) never came through this door.
      const known = requestIds.get(request) ?? newRequestId();
      requestIds.set(request, known);
      return known;
    },
    startClosing: () => void (isClosing = true),
  };
}

const isWaiting = ({ headers }: IncomingMessage): boolean => headers.expect?.toLowerCase() === '100-continue';
const announced = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

const serverOptions = (limits: HttpLimits): NodeServerOptions => ({
  maxHeaderSize: limits.headerBytesMax,
  requestTimeout: limits.requestMs,
  headersTimeout: limits.bodyReadMs,
  // Node looks every 30 s by itself, three times as long as headers may take.
  connectionsCheckingInterval: limits.connectionsCheckMs,
  keepAliveTimeout: limits.keepAliveMs,
  // An absent Host is refused by the guard, in the words of the product.
  requireHostHeader: false,
  // Whoever offers another protocol (HTTP/2, say) is answered in this one.
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
});

const tlsOptions = (limits: HttpLimits): TlsServerOptions => ({ minVersion: 'TLSv1.2', handshakeTimeout: limits.bodyReadMs });

/** The body is not wanted, whatever its size, so the connection ends with the answer. */
function refuse(response: ServerResponse, error: LogError, requestId: string): void {
  const { problem, headers } = failureOf(error, requestId);
  response.writeHead(problem.status, { ...headers, 'content-type': problemMediaType, connection: 'close' }).end(JSON.stringify(problem));
}

/** What a connection waits for: a request, the rest of one whose route reads it, or an answer. */
type Standing = 'request' | 'body' | 'answer';

/** Who is connected, who is being answered, and who came when the room was full. */
function createCrowd(limits: HttpLimits): { admit(socket: Socket): void; isSurplus(socket: Socket): boolean; busy(request: IncomingMessage, response: ServerResponse): void; standingOf(socket: Socket): Standing } {
  const surplus = new WeakSet<Socket>();
  const answering = new WeakMap<Socket, Map<IncomingMessage, ServerResponse>>();
  let open = 0;
  return {
    admit(socket) {
      if (open >= limits.socketsMax) {
        // It may still ask, and is told why it is not served; if it stays silent it is let go.
        surplus.add(socket);
        setTimeout(() => socket.destroy(), limits.surplusSocketMs).unref();
        return;
      }
      open++;
      socket.once('close', () => open--);
    },
    isSurplus: (socket) => surplus.has(socket),
    busy(request, response) {
      const here = answering.get(request.socket) ?? new Map<IncomingMessage, ServerResponse>();
      answering.set(request.socket, here.set(request, response));
      response.once('close', () => here.delete(request));
    },
    standingOf(socket) {
      const here = [...(answering.get(socket) ?? [])];
      if (here.length === 0) return 'request';
      return here.some(([request, response]) => request.complete || response.headersSent) ? 'answer' : 'body';
    },
  };
}

/** Bytes that Node's parser refuses never become a request, so the answer is written by hand. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket, standing: Standing, requestId: string, onRefused: FrontDoorOptions['onRefused']): void {
  // In the middle of another answer, or in front of it, more bytes would pass for it.
  if (error.code === 'ECONNRESET' || !socket.writable || standing === 'answer') return void socket.destroy();
  const fault = parserFaultOf(error);
  // Whoever reads the body sees it end, and tells.
  if (standing === 'request') onRefused({ requestId, method: '' }, fault);
  answerRaw(socket, fault, requestId);
}

function parserFaultOf({ code }: NodeJS.ErrnoException): HttpFault {
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpFault('headers', 'The headers are too large.', { status: 431, hint: 'Send fewer or smaller headers.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpFault('request_timeout', 'The request took too long to arrive.', { status: 408, hint: 'Send it at once.' });
  return new HttpFault('http', 'These bytes are not an HTTP/1.1 request.', { status: 400, hint: 'Send one length of the body only, and header fields as RFC 9112 has them.' });
}
