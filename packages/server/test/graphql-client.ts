/** GraphQL as its clients speak it, against a server that listens. */
import { createClient } from 'graphql-ws';
import type { Client, ClientOptions } from 'graphql-ws';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Answer, World } from './server-world.ts';

export interface Asked {
  readonly variables?: object;
  readonly operationName?: string;
  readonly extensions?: object;
}

/** As a client that knows GraphQL's media type, so that the status says what happened. */
export const ask = (world: World, query: string, { headers = {}, ...rest }: Asked & { readonly headers?: Record<string, string> } = {}): Promise<Answer> =>
  world.post('/graphql', { query, ...rest }, { accept: 'application/graphql-response+json', ...headers });

/** The data, or the errors as the test's failure. */
// oxlint-disable-next-line no-explicit-any -- tests look into answers of every shape.
export async function data(world: World, query: string, asked?: Asked): Promise<any> {
  const { body } = await ask(world, query, asked);
  if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

export const verdictOf = ({ status, body }: Answer): unknown[] => [status, body.errors?.[0].extensions.code, body.errors?.[0].extensions.details?.reason];

export function wsClient(url: string, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
  onTestFinished(() => void client.dispose());
  return client;
}
