/**
 * Who may talk to this server at all: asked before routing and before the body, on every request. A page of another site
 * reaches a server on this machine in two ways, through a name of its own that resolves here (then Host is foreign) and
 * by a request across origins (then Origin is foreign). Both lists are exact. Source: TRUST.md section 10.1.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LogError } from '@refold/core';

export interface GuardOptions {
  /** Host names beside the loopback ones, as clients write them: `log.example`, or `log.example:8443`. */
  readonly allowedHosts?: readonly string[];
  /** Origins beside the server's own, exact: `https://ui.example`. */
  readonly allowedOrigins?: readonly string[];
  /** The server speaks TLS itself, so its own origins begin with https. */
  readonly tls?: unknown;
}

export interface Guard {
  /** null: may pass. */
  refusalOf(request: IncomingMessage): LogError | null;
  /** Headers of every answer; those that let a page of an allowed origin read it. */
  protect(request: IncomingMessage, response: ServerResponse): void;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

export function createGuard({ allowedHosts = [], allowedOrigins = [], tls }: GuardOptions): Guard {
  const [scheme, usualPort] = tls === undefined ? ['http', 80] : ['https', 443];
  const hosts = allowedHosts.map((host) => host.toLowerCase());
  const origins = new Set(allowedOrigins);

  function isAllowedHost(host: string, port: number): boolean {
    if (loopbackNames.some((name) => host === `${name}:${port}` || (port === usualPort && host === name))) return true;
    return hosts.some((name) => host === name || host === `${name}:${port}`);
  }

  const isOwnOrigin = (origin: string, port: number): boolean => loopbackNames.some((name) => origin === `${scheme}://${name}${port === usualPort ? '' : `:${port}`}`);

  return {
    refusalOf(request) {
      const named = request.headersDistinct['host'] ?? [];
      const [host = ''] = named;
      const port = portOf(request);
      if (named.length !== 1 || !isAllowedHost(host.toLowerCase(), port)) return hostNotAllowed(`${scheme}://127.0.0.1:${port}`);
      const origin = request.headers.origin;
      if (origin !== undefined && !isOwnOrigin(origin, port) && !origins.has(origin)) return originNotAllowed();
      return null;
    },
    protect(request, response) {
      for (const [name, value] of Object.entries(protectiveHeaders)) response.setHeader(name, value);
      const origin = request.headers.origin;
      if (origins.size > 0) response.setHeader('vary', 'Origin');
      if (origin === undefined || !origins.has(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'etag, link, retry-after, x-correlation-id, x-request-id');
      if (request.method !== 'OPTIONS') return;
      response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
      response.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, traceparent, tracestate, x-correlation-id');
      response.setHeader('access-control-max-age', '600');
    },
  };
}

/** Data is shown as data: nothing here is a page, and nobody's page may embed it. A page of ours sets its own policy. */
const protectiveHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

const portOf = (request: IncomingMessage): number => request.socket.localPort ?? 0;

const hostNotAllowed = (url: string): LogError =>
  new LogError('HOST_NOT_ALLOWED', 'The Host header names a server that this is not.', { details: { reason: 'host' }, hint: `Call ${url}, or allow the name.` });

const originNotAllowed = (): LogError =>
  new LogError('ORIGIN_NOT_ALLOWED', 'A page of another origin made this call.', { details: { reason: 'origin' }, hint: 'Allow the origin, if it is yours.' });
