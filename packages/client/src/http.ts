/** One request to the server: address, credential, time limit, and what went wrong as an error of the product. */
import { LogError } from '@refold/core';
import { refusalOf, unansweredBy } from './problem.ts';
import type { HttpRequest } from './request.ts';

export interface HttpOptions {
  /** Address of the server, with or without the base path of its API. */
  readonly url: string;
  /** A bearer token, or where to get the one that is valid now; without it a page of the server is known by its cookie. */
  readonly token?: string | (() => string | null | Promise<string | null>) | null;
  /** Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: none. */
  readonly timeoutMs?: number | undefined;
  /** What may have happened all the same when no answer comes. */
  readonly isWrite: boolean;
}

export interface Http {
  /** Address for people. */
  readonly url: string;
  /**
   * @throws LogError what the server refused with; LOG_UNAVAILABLE `unreachable`, `not_refold`; QUERY_TIMEOUT; OUTCOME_UNKNOWN for a write.
   *         The signal's reason when it was aborted.
   */
  send(request: HttpRequest, options: SendOptions): Promise<Response>;
}

/** @throws LogError BAD_REQUEST `server` when the address is none. */
export function createHttp({ url, token = null, fetch: fetchIt = fetch }: HttpOptions): Http {
  const base = baseOf(url);
  const tokenNow = async (): Promise<string | null> => (typeof token === 'function' ? await token() : token);

  return {
    url,
    async send({ path, ...request }, { signal, timeoutMs, isWrite }) {
      const limits = [...(signal === undefined ? [] : [signal]), ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])];
      const bearer = await tokenNow();
      try {
        const response = await fetchIt(base + path, {
          ...request,
          headers: { accept: 'application/json', ...request.headers, ...(bearer === null ? ownPage(base) : { authorization: `Bearer ${bearer}` }) },
          ...(limits.length === 0 ? {} : { signal: AbortSignal.any(limits) }),
        });
        if (!response.ok) throw await refusalOf(response, url);
        return response;
      } catch (error) {
        if (error instanceof LogError || signal?.aborted === true) throw error;
        throw unansweredBy(url, error, isWrite);
      }
    },
  };
}

/** A page of the server itself says so when it changes something (TRUST.md 10.1); to another origin the header would be foreign. */
const ownPage = (base: string): { readonly [name: string]: string } => ((globalThis as { readonly location?: Location }).location?.origin === new URL(base).origin ? { 'x-refold-csrf': '1' } : {});

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new LogError('BAD_REQUEST', `"${url}" is no address of a server.`, { details: { reason: 'server' }, hint: 'Write it like http://127.0.0.1:8012' });
  const trimmed = url.replace(/\/+$/, '');
  return new URL(url).pathname === '/' ? `${trimmed}/api/v1` : trimmed;
}
