/** What went wrong on the way or at the server, as the one error of the product. */
import { LogError, errorCodes } from '@refold/core';
import type { ErrorCode, ErrorDetails } from '@refold/core';

/** RFC 9457, with the members that this server adds. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly details?: ErrorDetails;
  readonly hint?: string;
  /** By which the server's own log names the request. */
  readonly requestId?: string;
}

/** How GraphQL says the same. */
export interface GraphqlFault {
  readonly message?: string;
  readonly extensions?: Omit<Problem, 'detail'>;
}

/** Whoever answers, the first that he says is wrong. */
export function problemIn(body: (Problem & { readonly errors?: readonly GraphqlFault[] }) | null): Problem {
  if (body?.errors?.[0] === undefined) return body ?? {};
  const { message, extensions } = body.errors[0];
  return { ...extensions, ...(message === undefined ? {} : { detail: message }) };
}

/** A refusal back into the error it was. @param from  Who answered, for people. */
export async function refusalOf(response: Response, from: string): Promise<LogError> {
  const problem = problemIn((await response.json().catch(() => ({}))) as Problem | null);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const asked = Number.isFinite(seconds) && problem.details?.['retryAfterSeconds'] === undefined ? { retryAfterSeconds: seconds } : {};
  // What stands before the server (a proxy) may have refused, and numbers its requests as well.
  const requestId = problem.requestId ?? response.headers.get('x-request-id') ?? undefined;
  return errorOf({ ...problem, ...(requestId === undefined ? {} : { requestId }), details: { ...problem.details, ...asked } }, from, response.status);
}

/** The error keeps the id under which the server has the request in its own log (`details.requestId`). */
export function errorOf({ code, detail, details: given = {}, hint, requestId }: Problem, from: string, status?: number): LogError {
  const details = requestId === undefined ? given : { ...given, requestId };
  if (errorCodes.includes(code as ErrorCode)) return new LogError(code as ErrorCode, detail ?? 'The server refused.', { details, ...(hint === undefined ? {} : { hint }) });
  return new LogError('LOG_UNAVAILABLE', `${from} does not answer as a Refold server does.`, { details: { ...details, reason: 'not_refold', ...(status === undefined ? {} : { status }) }, hint: 'Check the address.' });
}

/** A request that got no answer. @param isWrite  It may have been carried out all the same, unless it cannot have arrived. */
export function unansweredBy(from: string, cause: unknown, isWrite: boolean): LogError {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  if (isWrite && !hasNotArrived(cause))
    return new LogError('OUTCOME_UNKNOWN', `${from} did not answer; nobody knows whether it was done.`, { details: { reason: isLate ? 'timeout' : 'connection' }, hint: 'Send it again under the same commit id, or look whether it was done.', cause });
  if (isLate) return new LogError('QUERY_TIMEOUT', `${from} did not answer in time.`, { details: { reason: 'timeout' }, hint: 'Ask for less, or allow more time (timeoutMs, --timeout).', cause });
  return new LogError('LOG_UNAVAILABLE', `${from} does not answer.`, { details: { reason: 'unreachable' }, hint: 'Is refold serve running there?', cause });
}

/** Only Node says why a fetch failed; a browser leaves it open. */
const neverSent: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const hasNotArrived = (thrown: unknown): boolean => thrown instanceof Error && thrown.cause instanceof Error && 'code' in thrown.cause && neverSent.has(thrown.cause.code);
