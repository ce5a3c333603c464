/** The operations of a server, over the client; a command asks once and says what came of it, so nothing is sent again here. */
import { readFileSync } from 'node:fs';
import { createClient } from '@refold/client';
import type { CallName, Client, StreamName } from '@refold/client';
import { LogError } from '@refold/core';
import type { Connection } from './connection.ts';

export interface RemoteOptions {
  /** Address of the server, with or without the base path of its API. */
  readonly url: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly signal: AbortSignal;
  /** What to show where the environment names no file with a token; null: nothing. */
  readonly token: string | null;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

export type Remote = Pick<Connection, 'call' | 'stream'> & Pick<Client, 'signInLink'>;

export function createRemote({ url, env, signal, token, timeoutMs }: RemoteOptions): Remote {
  const client = createClient({ url, signal, token: tokenFrom(env) ?? token, limits: { retriesMax: 0, ...(timeoutMs === undefined ? {} : { timeoutMs }) } });
  return {
    // The client has every operation under its own name, with the same input and output: both are made from one table.
    call: ({ name }, input) => client.call(name as CallName, input as never) as Promise<never>,
    stream: ({ name }, input) => client.stream(name as StreamName, input as never) as AsyncIterable<never>,
    signInLink: client.signInLink,
  };
}

/** A token comes from a file or the environment, never from the command line. */
function tokenFrom(env: RemoteOptions['env']): string | null {
  const file = env['REFOLD_TOKEN_FILE'];
  if (file === undefined || file === '') return null;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new LogError('BAD_CONFIG', 'The file that REFOLD_TOKEN_FILE names cannot be read.', { details: { reason: 'file' }, hint: 'Check the path and who may read it.', cause: error });
  }
}
