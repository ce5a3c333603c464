/** The operations of a server, over HTTP: method, path and place of every field come from the operation's own binding. */
import { readFileSync } from 'node:fs';
import { LogError, errorCodes } from '@refold/core';
import type { ErrorCode, ErrorDetails } from '@refold/core';
import type { AnyOperation, HttpBinding } from '@refold/operations';
import type { Connection } from './connection.ts';
import { sseEvents } from './sse.ts';

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

export interface Remote extends Pick<Connection, 'call' | 'stream'> {
  /** What the server does for itself, beside its operations. @param path  Below the base path. */
  post<T>(path: string): Promise<T>;
}

export function createRemote({ url, env, signal, token, timeoutMs = 60_000 }: RemoteOptions): Remote {
  const base = baseOf(url);
  const headers = headersFrom(env, token);

  const request = (operation: AnyOperation, input: unknown, limit: AbortSignal): Promise<Response> => send(requestOf(bindingOf(operation), input as Input), limit);
  const limited = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);

  async function send({ path, ...rest }: ReturnType<typeof requestOf>, limit: AbortSignal): Promise<Response> {
    try {
      const response = await fetch(base + path, { ...rest, headers: { ...headers, ...rest.headers }, signal: limit });
      if (!response.ok) throw await refusal(response, base);
      return response;
    } catch (error) {
      if (error instanceof LogError || signal.aborted) throw error;
      throw unreachable(url, error);
    }
  }

  return {
    async call(operation, input) {
      const response = await request(operation, input, limited());
      // The server's answer is the operation's output; both come from the same definition.
      return (response.status === 204 ? null : await response.json()) as never;
    },
    post: async (path) => (await (await send({ path, method: 'POST', headers: {} }, limited())).json()) as never,
    async *stream(operation, input) {
      const response = await request(operation, input, signal);
      for await (const { name, data } of sseEvents(response.body)) {
        if (name === 'error') throw errorOf(JSON.parse(data) as Problem, url);
        yield JSON.parse(data) as never;
      }
    },
  };
}

type Input = { readonly [field: string]: unknown };

/** Path parameters are taken out of the input; what is left goes to the query or, where there is a body, into it. */
export function requestOf({ method, path }: HttpBinding, input: Input = {}): { readonly path: string; readonly method: string; readonly body?: string; readonly headers: Record<string, string> } {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest.get(field);
    rest.delete(field);
    return encodeURIComponent(String(value));
  });
  if (method !== 'GET' && method !== 'DELETE') return { path: filled, method, body: JSON.stringify(Object.fromEntries(rest)), headers: { 'content-type': 'application/json' } };
  const query = new URLSearchParams();
  for (const [field, value] of rest) for (const one of Array.isArray(value) ? value : [value]) query.append(field, String(one));
  return { path: query.size === 0 ? filled : `${filled}?${query.toString()}`, method, headers: {} };
}

function bindingOf({ name, http }: AnyOperation): HttpBinding {
  if (http === undefined) throw new LogError('BAD_REQUEST', `${name} is not offered over HTTP.`, { details: { reason: 'local_only' }, hint: 'Open the log itself with --store.' });
  return http;
}

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new LogError('BAD_REQUEST', `"${url}" is no address of a server.`, { details: { reason: 'server' }, hint: 'Write --server http://127.0.0.1:8012' });
  const trimmed = url.replace(/\/+$/, '');
  return new URL(url).pathname === '/' ? `${trimmed}/api/v1` : trimmed;
}

/** A server of this machine is the usual one, and coding answers for it only costs time. */
const accepted = { accept: 'application/json, text/event-stream', 'accept-encoding': 'identity' };

/** A token comes from a file or the environment, never from the command line. */
function headersFrom(env: RemoteOptions['env'], token: string | null): Record<string, string> {
  const file = env['REFOLD_TOKEN_FILE'];
  if (file === undefined || file === '') return { ...accepted, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  try {
    return { ...accepted, authorization: `Bearer ${readFileSync(file, 'utf8').trim()}` };
  } catch (error) {
    throw new LogError('BAD_CONFIG', 'The file that REFOLD_TOKEN_FILE names cannot be read.', { details: { reason: 'file' }, hint: 'Check the path and who may read it.', cause: error });
  }
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly details?: ErrorDetails;
  readonly hint?: string;
}

const refusal = async (response: Response, base: string): Promise<LogError> => errorOf((await response.json().catch(() => ({}))) as Problem, base, response.status);

/** RFC 9457 back into the error it was. */
function errorOf({ code, detail, details, hint }: Problem, url: string, status?: number): LogError {
  if (!errorCodes.includes(code as ErrorCode)) return new LogError('LOG_UNAVAILABLE', `${url} does not answer as a Refold server does.`, { details: { reason: 'not_refold', ...(status === undefined ? {} : { status }) }, hint: 'Check the address.' });
  return new LogError(code as ErrorCode, detail ?? 'The server refused.', { details: details ?? {}, ...(hint === undefined ? {} : { hint }) });
}

function unreachable(url: string, cause: unknown): LogError {
  if (cause instanceof Error && cause.name === 'TimeoutError') return new LogError('QUERY_TIMEOUT', `${url} did not answer in time.`, { details: { reason: 'timeout' }, hint: 'Ask for less, or allow more with --timeout.', cause });
  return new LogError('LOG_UNAVAILABLE', `${url} does not answer.`, { details: { reason: 'unreachable' }, hint: 'Is refold serve running there?', cause });
}
