/**
 * The server put together: the front door, then Fastify with one route per operation. It opens no log, knows no driver and
 * prints nothing; who starts it owns the log and closes it afterwards.
 *
 * The way of a request: socket cap -> Host and Origin -> route -> who is it -> query, body, headers -> input -> operation -> view -> answer.
 * Whatever is thrown on the way becomes one problem and, if somebody listens, one line.
 */
import type { IncomingMessage } from 'node:http';
import { LogError } from '@refold/core';
import type { Log, SearchIndex, TraceContext } from '@refold/core';
import { auditOf, authorize } from '@refold/operations';
import type { AnyOperation, Installation, ReplaySettings } from '@refold/operations';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { anyone, stranger } from './auth/caller.ts';
import type { Caller } from './auth/caller.ts';
import { createRates } from './auth/rates.ts';
import type { RateLimits } from './auth/rates.ts';
import type { SignIn } from './auth/sign-in.ts';
import { createFrontDoor } from './front-door.ts';
import type { TlsOptions } from './front-door.ts';
import { createGuard } from './guard.ts';
import { defaultHttpLimits } from './http-limits.ts';
import type { HttpLimits } from './http-limits.ts';
import { registerGraphql } from './graphql/http.ts';
import { graphqlPath } from './graphql/options.ts';
import { registerMcp } from './mcp/http.ts';
import { registerPages } from './pages.ts';
import { failureOf, problemMediaType } from './problem.ts';
import type { Problem } from './problem.ts';
import { silentLog } from './request-log.ts';
import type { FailedRequest, RequestLog } from './request-log.ts';
import { registerOperations } from './rest/routes.ts';
import { createSpeaker } from './rest/speaker.ts';
import { createSharedFrames } from './shared-frames.ts';
import { registerUpgrades } from './upgrades.ts';
import type { UpgradeHandler } from './upgrades.ts';
import { createChannelDoor } from './ws/channel-door.ts';
import { createChannels } from './ws/channels.ts';
import type { ChannelOptions } from './ws/channels.ts';
import { noteLimit } from './telemetry/limit-reached.ts';
import { registerMetrics } from './telemetry/metrics-route.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { correlationHeader, createRequestFacts } from './telemetry/request-facts.ts';
import { traceRequests } from './telemetry/trace-requests.ts';

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
  /** Folder of the built web app, shown at `/`; null: it should be here, and is not built. Without it there is a page of links. */
  readonly webApp?: string | null;
  /** Offers agents the tools that append, beside those that read. Default false. */
  readonly mcpWrites?: boolean;
  readonly limits?: Partial<HttpLimits>;
  /** The WebSocket channels at `/ws`; false: there are none. */
  readonly channels?: ChannelOptions | false;
  /** Speaks TLS itself, so that it may listen beyond this machine without a proxy. */
  readonly tls?: TlsOptions;
  /** Who may call; without it everybody who passes the guard may do everything, and only the loopback can be listened on. */
  readonly signIn?: SignIn;
  /** How much one credential may ask for; without it there is no bound. */
  readonly rates?: RateLimits;
  /** Is told of every request that ended. */
  readonly requestLog?: RequestLog;
  /** Shows the figures of this process below a path; their meter stands in the ports of the log. */
  readonly metrics?: { readonly shown: Metrics; readonly path: string };
}

const channelsPath = '/ws';

const signIns = new WeakMap<FastifyInstance, SignIn>();
const encrypted = new WeakSet<FastifyInstance>();

/** What is said to a server cannot be overheard. */
export const speaksTls = (app: FastifyInstance): boolean => encrypted.has(app);

/** How a server lets people in; null: nobody has to sign in. */
export const signInOf = (app: FastifyInstance): SignIn | null => signIns.get(app) ?? null;

/** Makes the server; it listens when it is told to (`listen`). */
export function createServer(options: ServerOptions): FastifyInstance {
  const { log, search, installation, operations, basePath = '/api/v1', requestLog = silentLog } = options;
  const http: HttpLimits = { ...defaultHttpLimits, ...options.limits };
  const arrivals = new WeakMap<FastifyRequest, number>();
  const callers = new WeakMap<FastifyRequest, Caller>();
  /** What failed was told where it failed. */
  const failed = new WeakSet<FastifyRequest>();
  const openStreams = new Set<AbortController>();
  const frames = createSharedFrames();
  const speaker = createSpeaker(log.registry);
  const replay = options.replay === undefined ? {} : { replay: options.replay };
  const rates = options.rates === undefined ? null : createRates(log.ports.clock, options.rates);
  const facts = createRequestFacts(log);
  /** What somebody is told, counted when it is a limit that he came up against. */
  const refusalFor = (error: unknown, requestId: string): ReturnType<typeof failureOf> => {
    const failure = failureOf(error, requestId);
    noteLimit(log.ports.meter, failure.problem);
    return failure;
  };
  const callerOf = (request: FastifyRequest): Caller => inTrace(callers.get(request) ?? (options.signIn === undefined ? anyone : stranger), facts.traceOf(request.raw));
  const door = createFrontDoor({
    guard: createGuard(options),
    limits: http,
    tls: options.tls,
    newRequestId: () => log.ports.ids.uuid(),
    onRefused: ({ requestId, method }, error) => requestLog.failed(lineOf(refusalFor(error, requestId).problem, { method, route: null, durationMs: 0 })),
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

  const webSockets = new Map<string, UpgradeHandler>();
  const upgrades = registerUpgrades(app.server, {
    door,
    signIn: options.signIn ?? null,
    limits: http,
    routes: webSockets,
    onRefused: ({ requestId, method, route }, error) => report(error, refusalFor(error, requestId).problem, { method, route, durationMs: 0 }),
  });

  const channels = options.channels === false ? null : createChannels(operations, options.channels);
  if (channels !== null)
    webSockets.set(channelsPath, createChannelDoor({
      log,
      channels,
      http,
      frames,
      speaker,
      signIn: options.signIn ?? null,
      rates,
      contextOf: ({ identity }, signal) => ({ log, search, installation, ...identity, ...replay, signal }),
      problemOf(error, request) {
        const { problem } = refusalFor(error, door.requestIdOf(request));
        report(error, problem, { method: request.method ?? '', route: channelsPath, durationMs: 0 }, request);
        return problem;
      },
    }));

  // Bodies are read by the route, after everything cheaper was looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', async (request, reply) => {
    arrivals.set(request, log.ports.clock.now());
    const correlationId = facts.correlationOf(request.raw);
    if (correlationId !== undefined) reply.header(correlationHeader, correlationId);
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    if (!failed.has(request)) requestLog.done?.(facts.line(request.raw, { message: 'request done', requestId: request.id, method: request.method, route: routeOf(request), status: statusCode, durationMs: sinceArrival(request) }));
  });
  app.addHook('onRequest', async (request) => {
    // What has no route is told so without a look at who asks.
    if (options.signIn !== undefined && !request.is404) callers.set(request, await options.signIn.callerOf(request.raw));
  });
  app.addHook('preClose', async () => {
    door.startClosing();
    for (const stream of openStreams) stream.abort();
    await upgrades.close();
  });

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { problem, headers } = refusalFor(error, request.id);
    reportFailed(error, problem, request);
    // What is left of the body is not wanted, so the connection cannot be used again.
    if (holdsUnreadBody(request)) reply.header('connection', 'close');
    void reply.code(problem.status).headers(headers).type(problemMediaType).send(JSON.stringify(problem));
  }

  /** @param raw  The request, where there is more of it to tell than its id. */
  function report(error: unknown, problem: Problem, where: Where, raw?: IncomingMessage): void {
    const line = { ...lineOf(problem, where), ...(problem.status >= 500 ? { error } : {}) };
    requestLog.failed(raw === undefined ? line : facts.line(raw, line));
  }

  function reportFailed(error: unknown, problem: Problem, request: FastifyRequest): void {
    failed.add(request);
    if (problem.code === 'FORBIDDEN') recordDenial(log, callerOf(request), `${request.method} ${routeOf(request) ?? ''}`, problem);
    report(error, problem, { method: request.method, route: routeOf(request), durationMs: sinceArrival(request) }, request.raw);
  }

  const sinceArrival = (request: FastifyRequest): number => log.ports.clock.now() - (arrivals.get(request) ?? log.ports.clock.now());

  function problemOf(error: unknown, request: FastifyRequest): Problem {
    const { problem } = refusalFor(error, request.id);
    reportFailed(error, problem, request);
    return problem;
  }

  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) => fail(new LogError('NOT_FOUND', 'There is nothing at this address.', { details: { reason: 'route' }, hint: 'See /openapi.json for what there is.' }), request, reply));

  traceRequests(app, log.ports.tracer, facts);
  if (options.metrics !== undefined) registerMetrics(app, { metrics: options.metrics.shown, path: options.metrics.path, contextOf: (request) => ({ log, search, installation, ...callerOf(request).identity }), lasting: { log, search, installation } });
  registerOperations(app, {
    operations,
    basePath,
    log,
    search,
    installation,
    ...replay,
    http,
    speaker,
    frames,
    openStreams,
    callerOf,
    rates,
    problemOf,
    answered: (request, output) => facts.answered(request.raw, output),
  });
  registerMcp(app, {
    version: installation.version,
    allowWrite: options.mcpWrites ?? false,
    basePath,
    http,
    limits: log.limits,
    contextOf: (request) => {
      const { identity, credential } = callerOf(request);
      authorize('read', identity);
      if (credential !== null) rates?.take(credential, 'queries');
      return { log, search, installation, ...identity, ...replay };
    },
    problemOf,
  });
  webSockets.set(
    graphqlPath,
    registerGraphql(app, {
      log,
      http,
      signIn: options.signIn ?? null,
      rates,
      contextOf: ({ identity }) => ({ log, search, installation, ...identity, ...replay }),
      callerOf,
      problemOf,
      problemOnSocket(error, requestId) {
        const { problem } = refusalFor(error, requestId);
        report(error, problem, { method: 'GET', route: graphqlPath, durationMs: 0 });
        return problem;
      },
      openStreams,
    }),
  );
  registerPages(app, { operations, installation, basePath, channels: channels?.forms ?? [], channelsPath, http, callerOf, signIn: options.signIn ?? null, webApp: options.webApp });
  if (options.signIn !== undefined) signIns.set(app, options.signIn);
  if (options.tls !== undefined) encrypted.add(app);
  return app;
}

/** Who may not do something is told so, and it is on record (bad-input G6). */
function recordDenial(log: Log, { identity, credential }: Caller, asked: string, { details }: Problem): void {
  const { reason = 'unknown', scope } = details;
  auditOf(log)?.recordSome('access.denied', identity.principal ?? { type: 'unknown', id: 'stranger' }, credential ?? '', { asked, reason, ...(typeof scope === 'string' ? { scope } : {}) });
}

const routeOf = ({ routeOptions }: FastifyRequest): string | null => routeOptions.url ?? null;

const inTrace = (caller: Caller, trace: TraceContext | undefined): Caller => (trace === undefined ? caller : { ...caller, identity: { ...caller.identity, trace } });

const holdsUnreadBody = ({ raw, headers }: FastifyRequest): boolean => !raw.complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);

type Where = Pick<FailedRequest, 'method' | 'route' | 'durationMs'>;

const lineOf = ({ requestId, status, code, details }: Problem, where: Where): FailedRequest => ({
  message: 'request failed',
  requestId,
  ...where,
  status,
  code,
  ...(details.reason === undefined ? {} : { reason: details.reason }),
});
