/**
 * What is said on a GraphQL WebSocket (graphql-transport-ws): signing in with the first message, subscribing, and the ways to be
 * refused. Source: the unified model 3.4.3; TRUST.md sections 10.1 and 11.
 */
import { LogError } from '@refold/core';
import { unauthenticated } from '@refold/operations';
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { Context, Server } from 'graphql-ws';
import { anyone } from '../auth/caller.ts';
import type { Caller } from '../auth/caller.ts';
import type { Problem } from '../problem.ts';
import { textFrames } from '../text-frame.ts';
import type { Answer, Answers } from './answers.ts';
import type { Arrival } from './arrival.ts';
import type { Door } from './door.ts';
import type { Running } from './engine.ts';
import { faultOf } from './faults.ts';
import { counterOf } from './options.ts';
import type { GraphqlOptions } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { Prepared } from './prepare.ts';
import { readRequest } from './request.ts';

/** Why a connection ends, beside the codes that the protocol gives by itself: 4408 without a first word, 4409 for an id used twice. */
export const closeCodes = { goingAway: 1001, resyncRequired: 4008, badRequest: 4400, unauthenticated: 4401, forbidden: 4403, rateLimited: 4429 } as const;

/** One connection, as long as it is open. */
export interface Connection {
  readonly arrival: Arrival;
  caller: Caller;
  /** What was asked and is not answered to its end, by the id that the client gave it. */
  readonly underWay: Map<string, { readonly stop: AbortController; /** Position of the newest answer; null before the first. */ cursor: number | null }>;
  readonly problemOf: (thrown: unknown) => Problem;
  readonly close: (code: number, reason: string) => void;
  /** As the outbox takes it. */
  readonly write: Outbox['write'];
}

type Params = { readonly [name: string]: unknown };
type Ctx = Context<Params, Connection>;

/** What subscribing hands to the execution. */
interface Call {
  readonly prepared: Prepared;
  readonly running: Running;
  /** Says answers to it, in the frames of its connection. */
  readonly say: (answers: readonly Answer[]) => Promise<void>;
}

export function createProtocol(door: Door, options: GraphqlOptions): Server<Connection> {
  const { http, signIn } = options;

  /** A header or a cookie has signed in already; else the token of the first message does. */
  async function callerOf({ extra: { arrival }, connectionParams = {} }: Ctx): Promise<Caller> {
    const { request, caller, visit } = arrival;
    if (signIn === null) return anyone;
    if (caller.identity.principal !== undefined) return caller;
    const token = tokenIn(connectionParams);
    if (token === undefined) throw unauthenticated();
    const found = await signIn.callerWithToken(request, token);
    visit.admit(found);
    return found;
  }

  async function callFor({ extra, subscriptions }: Ctx, id: string, payload: unknown): Promise<Call | readonly unknown[]> {
    const { caller, problemOf } = extra;
    if (Object.keys(subscriptions).length > http.webSocketSubscriptionsMax) throw new LogError('RATE_LIMITED', 'Too many subscriptions are open on this connection.', { details: { reason: 'subscriptions', limit: http.webSocketSubscriptionsMax }, hint: 'End some, or open another connection.' });
    if (!(await caller.isStillValid())) throw unauthenticated();
    const count = counterOf(options, caller);
    const asked = readRequest(payload);
    const prepared = door.prepare(asked);
    if (!('document' in prepared)) return prepared;
    const { afterPosition, epoch, confirm } = asked;
    return { prepared, running: { operations: options.contextOf(caller), stop: new AbortController(), afterPosition, epoch, confirm, count, problemOf }, say: sayer(extra, id) };
  }

  // The protocol tells a subscription from the rest; here both are what was prepared.
  const run = async ({ contextValue }: ExecutionArgs): Promise<ExecutionResult | AsyncGenerator<never, undefined>> => {
    const { prepared, running, say } = contextValue as Call;
    const result = await door.run(prepared, running);
    return Symbol.asyncIterator in result ? said(result, say) : result;
  };

  return makeServer<Params, Connection>({
    connectionInitWaitTimeout: http.webSocketInitMs,
    execute: run as never,
    subscribe: run as never,
    async onConnect(ctx) {
      try {
        ctx.extra.caller = await callerOf(ctx);
        // Said again in extensions.epoch, beside the position after which a subscription goes on.
        return { epoch: (await options.log.head()).epoch };
      } catch (error) {
        closeOver(ctx, faultOf(error, ctx.extra.problemOf));
        return false;
      }
    },
    async onSubscribe(ctx, id, payload) {
      const { underWay, problemOf } = ctx.extra;
      try {
        const call = await callFor(ctx, id, payload);
        if (!('running' in call)) return call.map((error) => faultOf(error, problemOf));
        underWay.set(id, { stop: call.running.stop, cursor: call.running.afterPosition ?? null });
        return { schema: door.schema, document: call.prepared.document, operationName: call.prepared.operationName, contextValue: call };
      } catch (error) {
        const fault = faultOf(error, problemOf);
        closeOver(ctx, fault);
        return [fault];
      }
    },
    onOperation(ctx, _id, _payload, { contextValue }, result) {
      // Who may not subscribe is let go (bad-input H13); who may not ask one question may ask others.
      const { operation } = (contextValue as Call).prepared.operation;
      if (operation === 'subscription' && !(Symbol.asyncIterator in result)) closeOver(ctx, (result as ExecutionResult).errors?.[0]);
    },
    onComplete: ({ extra: { underWay } }, id) => void underWay.delete(id),
  });
}

/** Answers are the same for many, and what stands around them is the connection's own: they are put together as bytes. */
function sayer({ underWay, write }: Connection, id: string): Call['say'] {
  const before = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  return (answers) =>
    write(textFrames(before, answers.map(({ json }) => json), after), () => {
      const [asked, position] = [underWay.get(id), answers.at(-1)!.position];
      if (asked !== undefined && position !== undefined) asked.cursor = position;
    });
}
const after = Buffer.from('}');

/** What the protocol holds of a subscription: nothing passes through it, and it ends after the last answer was said. */
function said(answers: Answers, say: Call['say']): AsyncGenerator<never, undefined> {
  return {
    async next() {
      for (let piece = await answers.next(); piece.done !== true; piece = await answers.next()) await say(piece.value);
      return { done: true, value: undefined };
    },
    return: () => answers.return(undefined) as Promise<IteratorReturnResult<undefined>>,
    throw: (error) => answers.throw(error) as Promise<IteratorReturnResult<undefined>>,
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => answers[Symbol.asyncDispose](),
  };
}

/** Ends the connection over what its caller may not. Having too many subscriptions is no reason to lose those that are open. */
function closeOver({ extra: { close } }: Ctx, fault: GraphQLError | undefined): void {
  const { code, details } = (fault?.extensions ?? {}) as { readonly code?: string; readonly details?: { readonly reason?: string } };
  if (code === 'UNAUTHENTICATED') close(closeCodes.unauthenticated, code);
  if (code === 'FORBIDDEN') close(closeCodes.forbidden, code);
  if (code === 'RATE_LIMITED' && (details?.reason === 'sockets' || details?.reason === 'logins')) close(closeCodes.rateLimited, code);
}

/** `{ "token": "..." }`, or as the header has it. */
function tokenIn(params: Params): string | undefined {
  if (typeof params['token'] === 'string') return params['token'];
  const header = params['authorization'] ?? params['Authorization'];
  return typeof header === 'string' ? /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1] : undefined;
}
