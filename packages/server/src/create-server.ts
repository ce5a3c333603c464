/**
 * The server put together: the front door, then Fastify with one route per operation. It opens no log, knows no driver and
 * prints nothing; who starts it owns the log and closes it afterwards.
 *
 * The way of a request: socket cap -> Host and Origin -> route -> query, body, headers -> input -> operation -> view -> answer.
 * Whatever is thrown on the way becomes one problem and, if somebody listens, one line.
 */
import { LogError } from '@refold/core';
import type { Log, SearchIndex } from '@refold/core';
import type { AnyOperation, Installation, ReplaySettings } from '@refold/operations';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createFrontDoor } from './front-door.ts';
import { frontPageOf } from './front-page.ts';
import { createGuard } from './guard.ts';
import { defaultHttpLimits } from './http-limits.ts';
import type { HttpLimits } from './http-limits.ts';
import { registerMcp } from './mcp/http.ts';
import { failureOf, problemMediaType } from './problem.ts';
import type { Problem } from './problem.ts';
import { silentLog } from './request-log.ts';
import type { RequestLog } from './request-log.ts';
import { jsonMediaType } from './rest/answer.ts';
import { openApiDocument } from './rest/openapi.ts';
import { registerOperations } from './rest/routes.ts';
import { createSpeaker } from './rest/speaker.ts';

export interface ServerOptions {
  readonly log: Log;
  readonly search: SearchIndex;
  readonly installation: Installation;
  readonly operations: readonly AnyOperation[];
  /** What a replay may do here; default: be planned. */
  readonly replay?: ReplaySettings;
  /** Host names beside the loopback ones. */
  readonly allowedHosts?: readonly string[];
  /** Origins of pages beside the server's own, exact. */
  readonly allowedOrigins?: readonly string[];
  /** Default `/api/v1`. */
  readonly basePath?: string;
  /** Offers agents the tools that append, beside those that read. Default false. */
  readonly mcpWrites?: boolean;
  readonly limits?: Partial<HttpLimits>;
  /** Is told of every request that failed. */
  readonly requestLog?: RequestLog;
}

/** Makes the server; it listens when it is told to (`listen`). */
export function createServer(options: ServerOptions): FastifyInstance {
  const { log, search, installation, operations, basePath = '/api/v1', requestLog = silentLog } = options;
  const http: HttpLimits = { ...defaultHttpLimits, ...options.limits };
  const arrivals = new WeakMap<FastifyRequest, number>();
  const openStreams = new Set<AbortController>();
  const door = createFrontDoor({
    guard: createGuard(options),
    limits: http,
    newRequestId: () => log.ports.ids.uuid(),
    onRefused: ({ requestId, method }, error) => requestLog.failed(lineOf(failureOf(error, requestId).problem, { method, route: null, durationMs: 0 })),
  });

  const app = fastify({
    logger: false,
    serverFactory: (handler) => door.serve(handler),
    genReqId: (request) => door.requestIdOf(request),
    // The query is read by the route, strictly; an id may be as long as the headers allow, and the log judges it.
    routerOptions: { querystringParser: () => ({}), maxParamLength: http.headerBytesMax },
    // The front door answers while the server closes.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => fail(error, request, reply),
  });

  // Bodies are read by the route, after everything cheaper was looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', async (request) => void arrivals.set(request, log.ports.clock.now()));
  app.addHook('preClose', async () => {
    door.startClosing();
    for (const stream of openStreams) stream.abort();
  });

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { problem, headers } = failureOf(error, request.id);
    report(error, problem, request);
    // What is left of the body is not wanted, so the connection cannot be used again.
    if (holdsUnreadBody(request)) reply.header('connection', 'close');
    void reply.code(problem.status).headers(headers).type(problemMediaType).send(JSON.stringify(problem));
  }

  function report(error: unknown, problem: Problem, request: FastifyRequest): void {
    const durationMs = log.ports.clock.now() - (arrivals.get(request) ?? log.ports.clock.now());
    requestLog.failed({ ...lineOf(problem, { method: request.method, route: request.routeOptions.url ?? null, durationMs }), ...(problem.status >= 500 ? { error } : {}) });
  }

  function problemOf(error: unknown, request: FastifyRequest): Problem {
    const { problem } = failureOf(error, request.id);
    report(error, problem, request);
    return problem;
  }

  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) => fail(new LogError('NOT_FOUND', 'There is nothing at this address.', { details: { reason: 'route' }, hint: 'See /openapi.json for what there is.' }), request, reply));

  registerOperations(app, {
    operations,
    basePath,
    log,
    search,
    installation,
    ...(options.replay === undefined ? {} : { replay: options.replay }),
    http,
    speaker: createSpeaker(log.registry),
    openStreams,
    problemOf,
  });
  registerMcp(app, {
    version: installation.version,
    allowWrite: options.mcpWrites ?? false,
    basePath,
    http,
    limits: log.limits,
    contextOf: () => ({ log, search, installation, ...(options.replay === undefined ? {} : { replay: options.replay }) }),
    problemOf,
  });
  registerPages(app, { operations, installation, basePath });
  return app;
}

const holdsUnreadBody = ({ raw, headers }: FastifyRequest): boolean => !raw.complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

function registerPages(app: FastifyInstance, options: Pick<ServerOptions, 'operations' | 'installation'> & { readonly basePath: string }): void {
  const page = frontPageOf(options);
  app.get('/', (request, reply) => {
    reply.header('vary', 'Accept');
    const wantsHtml = request.headers.accept?.includes('text/html') === true;
    return wantsHtml ? reply.header('content-security-policy', page.contentSecurityPolicy).type('text/html; charset=utf-8').send(page.html) : reply.type('text/plain; charset=utf-8').send(page.text);
  });
  const contract = JSON.stringify(openApiDocument({ ...options, version: options.installation.version }));
  for (const path of ['/openapi.json', `${options.basePath}/openapi.json`]) app.get(path, (_request, reply) => reply.type(jsonMediaType).send(contract));
}

const lineOf = ({ requestId, status, code, details }: Problem, where: { readonly method: string; readonly route: string | null; readonly durationMs: number }): Parameters<RequestLog['failed']>[0] => ({
  message: 'request failed',
  requestId,
  ...where,
  status,
  code,
  ...(details.reason === undefined ? {} : { reason: details.reason }),
});
