/**
 * Everything a server can do, under the names it has everywhere: one method per operation, made from the contract. A call is
 * repeated when that has no further effect (retry.ts); a commit has its id from the first attempt on, so that it is stored once
 * however often it is sent.
 */
import { LogError, hexOf } from '@refold/core';
import { openConnection } from './connection.ts';
import { routes } from './contract/routes.ts';
import type { Operations } from './contract/operations.ts';
import type { Route } from './contract/routes.ts';
import { epochOf, follow } from './follow.ts';
import type { FollowOptions } from './follow.ts';
import { createHttp } from './http.ts';
import type { HttpOptions } from './http.ts';
import { defaultClientLimits } from './limits.ts';
import type { ClientLimits } from './limits.ts';
import { requestOf } from './request.ts';
import { withRetries } from './retry.ts';
import type { SentEvent } from './server-sent-events.ts';
import { createStreamSocket } from './stream-socket.ts';

export interface ClientOptions extends HttpOptions {
  /** Ends every call and every stream. */
  readonly signal?: AbortSignal;
  readonly limits?: Partial<ClientLimits>;
  /**
   * What is followed comes as one answer per stream (the default), or all of it over one socket: a browser has but six connections to
   * a server, for all its tabs. Where no socket can be opened each stream is an answer again.
   */
  readonly streams?: 'answers' | 'socket';
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retriesMax?: number | undefined;
}

export type StreamName = { [N in keyof Operations]: Operations[N] extends { readonly item: unknown } ? N : never }[keyof Operations];
export type CallName = Exclude<keyof Operations, StreamName>;
export type InputOf<N extends keyof Operations> = Operations[N]['input'];
export type OutputOf<N extends CallName> = Operations[N]['output'];
export type ItemOf<N extends StreamName> = Operations[N]['item'];

type Method<N extends keyof Operations> = N extends CallName
  ? (...args: Arguments<N, CallOptions>) => Promise<OutputOf<N>>
  : N extends StreamName
    ? (...args: Arguments<N, FollowOptions>) => AsyncGenerator<ItemOf<N>>
    : never;
/** What needs nothing can be called with nothing. */
type Arguments<N extends keyof Operations, O> = Record<never, never> extends InputOf<N> ? [input?: InputOf<N>, options?: O] : [input: InputOf<N>, options?: O];

export type Client = { readonly [N in keyof Operations]: Method<N> } & ClientParts;

export interface ClientParts {
  /** Address of the server, for people. */
  readonly url: string;
  /** The same as the method of that name. */
  call<N extends CallName>(name: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>;
  /**
   * The same as the method of that name: a stream over as many connections as it takes, each position once, in order. It ends when it is
   * complete, or with the signal; who leaves its loop while it waits for the next item waits for that.
   */
  follow<N extends StreamName>(name: N, input: InputOf<N>, options?: FollowOptions): AsyncGenerator<ItemOf<N>>;
  /** The same over one connection: what ends that ends it. */
  stream<N extends StreamName>(name: N, input: InputOf<N>, options?: Pick<CallOptions, 'signal'>): AsyncGenerator<ItemOf<N>>;
  /** A link that signs a browser in, once: for the owner of the server's machine. */
  signInLink(): Promise<string>;
}

export function createClient({ signal: always, limits: given, streams = 'answers', ...options }: ClientOptions): Client {
  const limits: ClientLimits = { ...defaultClientLimits, ...given };
  const http = createHttp(options);
  const socket = streams === 'socket' ? createStreamSocket(options, limits) : null;
  const stopOf = (signal: AbortSignal | undefined): AbortSignal | undefined => (signal === undefined || always === undefined ? (signal ?? always) : AbortSignal.any([signal, always]));

  async function send(route: Pick<Route, 'method' | 'path' | 'repeats'>, input: object, { signal, timeoutMs = limits.timeoutMs, retriesMax = limits.retriesMax }: CallOptions = {}): Promise<unknown> {
    const stop = stopOf(signal);
    const request = requestOf(route, input as { readonly [field: string]: unknown });
    const attempt = async (): Promise<unknown> => {
      const response = await http.send(request, { signal: stop, timeoutMs, isWrite: route.repeats !== 'always' });
      return response.status === 204 ? null : await response.json();
    };
    return await withRetries(attempt, route, { ...limits, retriesMax }, stop);
  }

  async function call(name: keyof Operations, input: object = {}, callOptions?: CallOptions): Promise<unknown> {
    const route = routeOf(name);
    if (route.repeats !== 'by commit id') return await send(route, input, callOptions);
    const { commitId = newCommitId() } = input as { readonly commitId?: string };
    return await send(route, { ...input, commitId }, callOptions).catch((error: unknown) => {
      throw isOpen(error) ? new LogError(error.code, error.message, { details: { ...error.details, commitId }, hint: 'Send it again under this commit id; it is stored once.', cause: error }) : error;
    });
  }

  const connect = (name: keyof Operations, input: object, headers: { readonly [name: string]: string }, signal: AbortSignal | undefined): Promise<AsyncGenerator<SentEvent>> =>
    openConnection(http, { ...requestOf(routeOf(name), input as { readonly [field: string]: unknown }), headers }, { signal, silenceMsMax: limits.silenceMsMax, form: routeOf(name).streams ?? 'events' });

  async function* stream(name: keyof Operations, input: object = {}, { signal }: Pick<CallOptions, 'signal'> = {}): AsyncGenerator<unknown> {
    for await (const { name: kind, data } of await connect(name, input, {}, stopOf(signal))) {
      if (kind === 'end') return;
      if (data !== '') yield JSON.parse(data) as unknown;
    }
  }

  const followStream = (name: keyof Operations, input: object = {}, { signal, onState, dialect }: FollowOptions = {}): AsyncGenerator<unknown> =>
    follow(
      {
        open: async (after, ending) =>
          (routeOf(name).streams === 'events' ? await socket?.open({ operation: name, input, afterPosition: after, dialect }, ending) : null) ?? (await connect(name, { ...input, dialect }, after === null ? {} : { 'last-event-id': String(after) }, ending)),
        epoch: (ending) => epochOf(call('systemInfo', {}, { signal: ending, retriesMax: 0, timeoutMs: limits.silenceMsMax }) as Promise<OutputOf<'systemInfo'>>),
        limits,
      },
      { signal: stopOf(signal), onState },
    );

  const methods = Object.entries(routes).map(([name, { streams }]) => {
    const operation = name as keyof Operations;
    return [name, streams !== undefined ? (input?: object, how?: FollowOptions) => followStream(operation, input, how) : (input?: object, how?: CallOptions) => call(operation, input, how)];
  });
  const parts = {
    url: http.url,
    call,
    stream,
    follow: followStream,
    signInLink: async () => new URL(((await send({ method: 'POST', path: '/sign-in-links' }, {})) as { readonly path: string }).path, http.url).href,
  };
  // Names and types are the contract's, which both are made from.
  return Object.assign(Object.fromEntries(methods), parts) as Client;
}

/** @throws LogError BAD_REQUEST `operation` for a caller without types. */
function routeOf(name: keyof Operations): Route {
  if (Object.hasOwn(routes, name)) return routes[name];
  throw new LogError('BAD_REQUEST', `${String(name).slice(0, 64)} is not offered over HTTP.`, { details: { reason: 'operation' }, hint: 'See /openapi.json for what there is.' });
}

/** Nothing but unlike any other. A page that was not served securely has no crypto.randomUUID. */
const newCommitId = (): string => hexOf(crypto.getRandomValues(new Uint8Array(16)));

const isOpen = (error: unknown): error is LogError => error instanceof LogError && error.retryable && error.code !== 'REVISION_CONFLICT';
