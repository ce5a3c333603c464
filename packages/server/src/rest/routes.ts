/**
 * The REST door: one route per operation that has a path, and one per alias, all made from the table. A handler reads the
 * request into the operation's input, runs it, and shows the answer in the spelling that was asked for. No operation is
 * named here.
 */
import { LogError } from '@refold/core';
import type { Json, Log, SearchIndex } from '@refold/core';
import { authorizeAny, isStream, runOperation, runStreamInBatches } from '@refold/operations';
import type { AnyOperation, HttpBinding, Installation, Operation, OperationContext, ReplaySettings, StreamOperation } from '@refold/operations';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Caller } from '../auth/caller.ts';
import type { Rates } from '../auth/rates.ts';
import { methodNotAllowed } from '../http-fault.ts';
import type { HttpLimits } from '../http-limits.ts';
import { lastEventId } from '../last-event-id.ts';
import { ndjsonMediaType } from '../ndjson.ts';
import type { Problem } from '../problem.ts';
import { readBody, readListBody } from '../read-body.ts';
import type { ListBody } from '../read-body.ts';
import type { SharedFrames } from '../shared-frames.ts';
import { addVary, sendAnswer } from './answer.ts';
import { inputShapeOf } from './input-shape.ts';
import type { InputShape } from './input-shape.ts';
import { writeLines } from './lines.ts';
import { refuseUnacceptable } from './negotiation.ts';
import { asPrecondition, atLine, operationInput } from './operation-input.ts';
import type { RawInput } from './operation-input.ts';
import { readQuery } from './query.ts';
import { fillPath, parseRoutePath, routerPath } from './route-path.ts';
import type { RoutePath } from './route-path.ts';
import type { Speaker } from './speaker.ts';
import { aliasSpelling, takeSpelling } from './spelling.ts';
import { eventStreamView, writeEventStream } from './sse.ts';

export const epochHeader = 'refold-epoch';

export interface RestDoor {
  readonly operations: readonly AnyOperation[];
  readonly basePath: string;
  readonly log: Log;
  readonly search: SearchIndex;
  readonly installation: Installation;
  readonly replay?: ReplaySettings;
  readonly http: HttpLimits;
  readonly speaker: Speaker;
  readonly problemOf: (thrown: unknown, request: FastifyRequest) => Problem;
  readonly callerOf: (request: FastifyRequest) => Caller;
  /** Is told what an operation answered. */
  readonly answered: (request: FastifyRequest, output: unknown) => void;
  /** null: nobody is held to a rate. */
  readonly rates: Rates | null;
  readonly frames: SharedFrames;
  /** Streams that are open; aborting one ends it. */
  readonly openStreams: Set<AbortController>;
}

/** One way to an operation. */
interface Route {
  readonly operation: AnyOperation;
  readonly binding: HttpBinding;
  readonly shape: InputShape;
  readonly path: RoutePath;
  /** The route that this one is another name of; null for the canonical one. */
  readonly canonical: RoutePath | null;
}

export function registerOperations(app: FastifyInstance, door: RestDoor): void {
  const methodsByUrl = new Map<string, Set<HTTPMethods>>();
  for (const route of routesOf(door)) {
    const url = routerPath(route.path);
    const { method } = route.binding;
    app.route({ method, url, exposeHeadRoute: !isStream(route.operation), handler: (request, reply) => answer(route, door, request, reply) });
    methodsByUrl.set(url, (methodsByUrl.get(url) ?? new Set<HTTPMethods>()).add(method));
    if (method === 'GET' && !isStream(route.operation)) methodsByUrl.get(url)!.add('HEAD');
  }
  for (const [url, methods] of methodsByUrl) refuseOtherMethods(app, url, [...methods]);
}

function routesOf({ operations, basePath }: RestDoor): readonly Route[] {
  return operations.flatMap((operation) => {
    const binding = operation.http;
    if (binding === undefined) return [];
    const shape = inputShapeOf(operation);
    const canonical = parseRoutePath(basePath + binding.path);
    const aliases = (binding.aliases ?? []).map(parseRoutePath);
    return [
      { operation, binding, shape: besidePath(shape, canonical), path: canonical, canonical: null },
      ...aliases.map((path) => ({ operation, binding, shape: besidePath(shape, path), path, canonical })),
    ];
  });
}

/** What the path says cannot be said again in the query or the body. */
const besidePath = (shape: InputShape, { parameters, fixed }: RoutePath): InputShape => ({ ...shape, names: new Set([...shape.names].filter((name) => !parameters.includes(name) && !Object.hasOwn(fixed, name))) });

const ordinaryMethods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The path is right and the method is not: 405 with what is allowed. OPTIONS asks just that. */
function refuseOtherMethods(app: FastifyInstance, url: string, allowed: readonly HTTPMethods[]): void {
  app.route({
    method: ordinaryMethods.filter((method) => !allowed.includes(method)),
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, allowed);
      return reply.code(204).header('allow', allowed.join(', ')).send();
    },
  });
}

async function answer(route: Route, door: RestDoor, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { operation, binding, shape, path, canonical } = route;
  const caller = door.callerOf(request);
  // Judged again where the operation is run; here it keeps the body of who may not from being read.
  authorizeAny(operation, caller.identity);
  refuseUnacceptable(request.headers, mediaTypeOf(route));
  const { rates } = door;
  const rated = operation.scope === 'none' ? null : caller.credential;
  if (rates !== null && rated !== null) rates.take(rated, operation.scope === 'append' ? 'appends' : 'queries');
  const query = new Map(readQuery(request.raw.url ?? ''));
  const spelling = takeSpelling(query, shape, aliasSpelling(path.template));
  const body = await bodyOf(route, door, request);
  const input = operationInput({
    shape,
    path: { ...path.fixed, ...(request.params as { readonly [name: string]: string }) },
    query,
    ...(body === null ? {} : { body }),
    headers: request.headers,
    readEvent: (event: Json) => door.speaker.readEvent(event, spelling),
  });
  if (rates !== null && rated !== null && operation.scope === 'append' && Array.isArray(input['events'])) rates.take(rated, 'events', input['events'].length);
  if (canonical !== null) reply.header('link', `<${fillPath(canonical, input)}>; rel="canonical"`);

  const view = door.speaker.viewOf(spelling);
  if (isStream(operation)) return await answerStream(operation, route, door, { request, reply, input, view, viewName: `${spelling.naming} ${spelling.dialect}`, caller });
  const context = { ...contextOf(door, caller), gone: goneSignal(reply) };
  // No stream, so it answers once; the guard's type is narrower than the table's.
  const output = await runOperation(operation as Operation, context, input).catch((error: unknown) => {
    throw atLine(asPrecondition(error, request.headers), body?.lineNumbers ?? null);
  });
  if (operation.kind === 'write') door.answered(request, output);
  return await sendAnswer(request, reply, binding, view(output), { mayCompress: !caller.byCookie, http: door.http });
}

const mediaTypeOf = ({ operation, binding }: Route): string => (binding.isFile === true ? ndjsonMediaType : isStream(operation) ? 'text/event-stream' : 'application/json');

/** null: the method has none. Where events go in, they may come as lines. */
async function bodyOf({ binding, shape }: Route, { http, log }: RestDoor, { raw }: FastifyRequest): Promise<ListBody | null> {
  if (binding.method === 'GET' || binding.method === 'DELETE') return null;
  return shape.names.has('events') ? await readListBody(raw, http, log.limits) : { value: await readBody(raw, http, log.limits), lineNumbers: null };
}

const contextOf = ({ log, search, installation, replay }: RestDoor, { identity }: Caller): OperationContext => ({ log, search, installation, ...identity, ...(replay === undefined ? {} : { replay }) });

/** Aborts when the client has gone before its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new LogError('BAD_REQUEST', 'The client has gone.', { details: { reason: 'aborted' } }));
  });
  return gone.signal;
}

interface StreamCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly input: RawInput;
  readonly view: (item: unknown) => unknown;
  /** Equal for equal views. */
  readonly viewName: string;
  readonly caller: Caller;
}

async function answerStream(operation: StreamOperation, { shape, binding }: Route, door: RestDoor, { request, reply, input, view, viewName, caller }: StreamCall): Promise<undefined> {
  const stop = new AbortController();
  const from = shape.names.has('afterPosition') ? await startOf(input, shape, request, door) : null;
  const listening = Promise.withResolvers<void>();
  const batches = runStreamInBatches(operation, { ...contextOf(door, caller), signal: stop.signal, onListening: listening.resolve }, from === null ? input : { ...input, afterPosition: from });
  door.openStreams.add(stop);
  // Who has lost his right to listen is not told more; when he comes back he is told why.
  const recheck = setInterval(() => void caller.isStillValid().then((isValid) => isValid || stop.abort(), () => stop.abort()), door.http.credentialRecheckMs).unref();
  // What a client says again beside the position after which it goes on.
  if (shape.names.has('epoch')) reply.header(epochHeader, (await door.log.head()).epoch);
  const mayCompress = binding.isFile === true && !caller.byCookie;
  if (binding.attachment !== undefined) reply.header('content-disposition', `attachment; filename="${binding.attachment}"`);
  if (mayCompress) addVary(reply, 'Accept-Encoding');
  const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]));
  const onOpen = (): void => void reply.hijack();
  try {
    if (binding.isFile === true) await writeLines(reply.raw, batches, { headers, view, acceptEncoding: mayCompress ? request.headers['accept-encoding'] : undefined, onFault: (error) => void door.problemOf(error, request), stop, onOpen });
    else await writeEventStream(reply.raw, batches, { heartbeatMs: door.http.heartbeatMs, from, headers, frames: door.frames, view: eventStreamView(viewName, view), problemOf: (error) => door.problemOf(error, request), stop, listening: listening.promise, onOpen });
  } finally {
    clearInterval(recheck);
    door.openStreams.delete(stop);
  }
  return undefined;
}

/**
 * The place after which a tail begins. It is settled here, not left open, so that the client has it before the first event:
 * a connection that breaks on a quiet log resumes without a gap. A reconnecting EventSource repeats its address, so the
 * header wins over the query. What does not begin at the newest event by itself begins where the operation says.
 */
async function startOf(input: RawInput, shape: InputShape, request: FastifyRequest, { log }: RestDoor): Promise<number | null> {
  const resumed = lastEventId(request.headers);
  if (resumed !== undefined) return resumed;
  const asked = input['afterPosition'];
  // Nonsense is left to the operation, which says what is wrong with it.
  if (asked !== undefined) return typeof asked === 'string' && /^\d{1,15}$/.test(asked) ? Number(asked) : null;
  if (!shape.names.has('fromStart')) return null;
  return input['fromStart'] === 'true' ? 0 : (await log.head()).position;
}
