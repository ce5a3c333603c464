/**
 * GraphQL as this server speaks it: questions and changes as one request each, subscriptions as Server-Sent Events over as many
 * connections as they take. A document is a text; what it answers is for its author to say.
 */
import { createClient } from '../create-client.ts';
import type { CallOptions, ClientOptions } from '../create-client.ts';
import { openConnection } from '../connection.ts';
import { epochOf, follow } from '../follow.ts';
import type { FollowOptions } from '../follow.ts';
import { createHttp } from '../http.ts';
import { defaultClientLimits } from '../limits.ts';
import { errorOf, problemIn } from '../problem.ts';
import type { GraphqlFault } from '../problem.ts';
import { jsonOf } from '../request.ts';
import type { HttpRequest } from '../request.ts';
import { withRetries } from '../retry.ts';

export interface Variables {
  readonly [name: string]: unknown;
}

export interface AskOptions extends CallOptions {
  /** Which operation of the document is meant, where it holds several. */
  readonly operationName?: string;
  /** What is confirmed beside the document (`mutation { replayEvents(mode: EXECUTE) }`). */
  readonly confirm?: string;
}

export interface SubscribeOptions extends Pick<FollowOptions, 'signal' | 'onState'> {
  readonly operationName?: string;
  /** Only what came after. */
  readonly afterPosition?: number;
}

export interface GraphQLClient {
  /** Address of the endpoint, for people. */
  readonly url: string;
  /** Data of the answer; sent again when the connection breaks. @throws LogError the first of its errors. */
  query<T>(document: string, variables?: Variables, options?: AskOptions): Promise<T>;
  /** The same for what changes something: sent again only when it was refused at the door. @throws also OUTCOME_UNKNOWN. */
  mutate<T>(document: string, variables?: Variables, options?: AskOptions): Promise<T>;
  /** Data of every answer, each position once, in order, until it is complete or the signal aborts. @throws LogError as `follow` does. */
  subscribe<T>(document: string, variables?: Variables, options?: SubscribeOptions): AsyncGenerator<T>;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphqlFault[];
}

/** @param options.url  Of the server, as for `createClient`. */
export function createGraphQLClient(options: ClientOptions): GraphQLClient {
  const { systemInfo } = createClient(options);
  const limits = { ...defaultClientLimits, ...options.limits };
  const http = createHttp({ ...options, url: options.url.replace(/(?:\/api\/v1)?\/*$/, '/graphql') });
  const stopOf = (signal: AbortSignal | undefined): AbortSignal => AbortSignal.any([signal, options.signal].filter((one) => one !== undefined));

  function dataOf(answer: Answer): unknown {
    if (answer.errors?.[0] !== undefined) throw errorOf(problemIn(answer), http.url);
    return answer.data;
  }

  async function ask(document: string, variables: Variables, { operationName, confirm, signal, timeoutMs = limits.timeoutMs, retriesMax = limits.retriesMax }: AskOptions, isWrite: boolean): Promise<unknown> {
    const stop = stopOf(signal);
    const request = requestOf({ query: document, variables, operationName, extensions: { confirm } }, answerType);
    const attempt = async (): Promise<unknown> => dataOf((await (await http.send(request, { signal: stop, timeoutMs, isWrite })).json()) as Answer);
    return await withRetries(attempt, isWrite ? {} : { repeats: 'always' }, { ...limits, retriesMax }, stop);
  }

  return {
    url: http.url,
    // What comes is what the document asks for, and only its author knows that.
    query: async <T>(document: string, variables: Variables = {}, how: AskOptions = {}) => (await ask(document, variables, how, false)) as T,
    mutate: async <T>(document: string, variables: Variables = {}, how: AskOptions = {}) => (await ask(document, variables, how, true)) as T,
    subscribe: <T>(document: string, variables: Variables = {}, { operationName, afterPosition, signal, onState }: SubscribeOptions = {}) => {
      const { headers, ...request } = requestOf({ query: document, variables, operationName, extensions: { afterPosition } }, `text/event-stream, ${answerType}`);
      return follow(
        {
          open: (after, ending) => openConnection(http, { ...request, headers: after === null ? headers : { ...headers, 'last-event-id': String(after) } }, { signal: ending, silenceMsMax: limits.silenceMsMax, form: 'events' }),
          read: (text) => dataOf(JSON.parse(text) as Answer),
          epoch: (ending) => epochOf(systemInfo({}, { signal: ending, retriesMax: 0, timeoutMs: limits.silenceMsMax })),
          limits,
        },
        { signal: stopOf(signal), onState },
      ) as AsyncGenerator<T>;
    },
  };
}

/** GraphQL's own media type: with it, a refusal has a status that says so. */
const answerType = 'application/graphql-response+json';

const requestOf = (body: object, accept: string): HttpRequest => ({ path: '', method: 'POST', body: jsonOf(body), headers: { accept, 'content-type': 'application/json' } });
