/**
 * GraphQL over HTTP at `/graphql`: behind the front door like every other request, its body read by the same strict parser.
 * A page with a cookie asks by POST only, with the header that no form can send; everybody else may also ask by GET.
 * GraphQL is loaded with the first request.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LogError } from '@refold/core';
import { unauthenticated } from '@refold/operations';
import { isStranger } from '../auth/caller.ts';
import type { Caller } from '../auth/caller.ts';
import { methodNotAllowed } from '../http-fault.ts';
import { lastEventId } from '../last-event-id.ts';
import type { Problem } from '../problem.ts';
import { readBody } from '../read-body.ts';
import type { UpgradeHandler } from '../upgrades.ts';
import { answerOf } from './answers.ts';
import type { Answers } from './answers.ts';
import type { Arrival } from './arrival.ts';
import type { Door } from './door.ts';
import type { Running } from './engine.ts';
import { defaultGraphqlLimits } from './limits.ts';
import { formFor, mediaTypeOf } from './media.ts';
import { counterOf, graphqlPath, isOnNetwork } from './options.ts';
import type { GraphqlOptions } from './options.ts';
import { refuse, refuseDocument } from './refusal.ts';
import { membersInAddress, readRequest } from './request.ts';

export interface GraphqlHttpOptions extends GraphqlOptions {
  readonly callerOf: (request: FastifyRequest) => Caller;
  /** Writes the line about a request that failed, and says what the caller is told. */
  readonly problemOf: (thrown: unknown, request: FastifyRequest) => Problem;
  /** The same where there is no request of the router's. */
  readonly problemOnSocket: (thrown: unknown, requestId: string) => Problem;
  /** Streams that are open; aborting one ends it. */
  readonly openStreams: Set<AbortController>;
}

/** @returns what takes over a WebSocket that was opened at `graphqlPath`. */
export function registerGraphql(app: FastifyInstance, options: GraphqlHttpOptions): UpgradeHandler {
  let door: Promise<Door> | undefined;
  const load = (): Promise<Door> => (door ??= import('./door.ts').then(({ createDoor }) => createDoor(options.log, isOnNetwork(options))));

  app.route({
    method: ['GET', 'POST'],
    url: graphqlPath,
    exposeHeadRoute: false,
    handler: (request, reply) => answer(request, reply, options, load),
    // Also for what the way to the route throws: a credential that is not valid.
    errorHandler: (error, request, reply) => void refuse(request, reply, options.problemOf(error, request), error),
  });
  app.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: graphqlPath,
    handler: (request, reply) => {
      if (request.method !== 'OPTIONS') throw methodNotAllowed(request.method, ['GET', 'POST']);
      return reply.code(204).header('allow', 'GET, POST').send();
    },
  });
  app.get('/schema.graphql', async (request, reply) => {
    if (isOnNetwork(options) && isStranger(options.callerOf(request))) throw unauthenticated();
    return reply.type('application/graphql; charset=utf-8').send((await load()).text);
  });

  let sockets: Promise<(arrival: Arrival) => void> | undefined;
  const loadSockets = async (): Promise<(arrival: Arrival) => void> => {
    const [door, { createSockets }] = await Promise.all([load(), import('./socket.ts')]);
    return createSockets(door, options);
  };
  return (request, socket, head, caller, visit) => {
    (sockets ??= loadSockets()).then((open) => open({ request, socket, head, caller, visit })).catch(() => socket.destroy());
  };
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: GraphqlHttpOptions, load: () => Promise<Door>): Promise<FastifyReply> {
  const caller = options.callerOf(request);
  if (isStranger(caller)) throw unauthenticated();
  if (caller.byCookie && request.method === 'GET') throw new LogError('FORBIDDEN', 'A page asks by POST.', { details: { reason: 'csrf' }, hint: 'Send application/json by POST, with the header x-refold-csrf.' });
  const count = counterOf(options, caller);
  const asked = readRequest(request.method === 'GET' ? membersInAddress(request.raw.url ?? '') : await readBody(request.raw, { ...options.http, bodyBytesMax: defaultGraphqlLimits.requestBytesMax }, options.log.limits));
  const door = await load();
  const prepared = door.prepare(asked);
  if (!('document' in prepared)) return await refuseDocument(request, reply, prepared, (thrown) => options.problemOf(thrown, request));
  const { operation } = prepared.operation;
  if (operation === 'mutation' && request.method === 'GET') throw methodNotAllowed('GET', ['POST']);
  const form = formFor(request.headers.accept, operation === 'subscription');

  const stop = new AbortController();
  reply.raw.once('close', () => stop.abort());
  const running: Running = { operations: options.contextOf(caller), stop, afterPosition: lastEventId(request.headers) ?? asked.afterPosition, epoch: asked.epoch, confirm: asked.confirm, count, problemOf: (thrown) => options.problemOf(thrown, request) };
  const result = await door.run(prepared, running);
  if (form === 'events') return await sendEvents(reply, Symbol.asyncIterator in result ? result : once(result), stop, options, caller);
  // Only a subscription has more than one answer, and it is sent as events.
  const single = result as Exclude<typeof result, Answers>;
  const isRefused = single.data === undefined;
  return reply.code(isRefused && form === 'response' ? 400 : 200).type(mediaTypeOf(form)).send(JSON.stringify(single));
}

async function sendEvents(reply: FastifyReply, answers: Answers, stop: AbortController, { http, log, openStreams }: GraphqlHttpOptions, caller: Caller): Promise<FastifyReply> {
  const { eventStreamOf } = await import('./event-stream.ts');
  let isCutOff = false;
  // The server closing, and a credential that has lost its right, end a stream that has not come to its own end.
  const cut = new AbortController();
  cut.signal.addEventListener('abort', () => {
    isCutOff = true;
    stop.abort();
  });
  openStreams.add(cut);
  const recheck = setInterval(() => void caller.isStillValid().then((isValid) => isValid || cut.abort(), () => cut.abort()), http.credentialRecheckMs).unref();
  stop.signal.addEventListener('abort', () => {
    clearInterval(recheck);
    openStreams.delete(cut);
  });
  return reply.header('refold-epoch', (await log.head()).epoch).send(eventStreamOf(answers, { heartbeatMs: http.heartbeatMs, isCutOff: () => isCutOff }));
}

async function* once(result: Exclude<Awaited<ReturnType<Door['run']>>, Answers>): Answers {
  yield [answerOf(result)];
}
