/**
 * What a caller is told when something fails: RFC 9457 problem+json. What was thrown on purpose is said as it is; anything
 * else is a defect of ours and is masked, and only the request id leads to it.
 */
import { LogError, isLogError } from '@refold/core';
import type { ErrorCode, ErrorDetails } from '@refold/core';
import { httpStatuses } from './error-map.ts';
import { HttpFault, notJson } from './http-fault.ts';

export const problemMediaType = 'application/problem+json; charset=utf-8';

export interface Problem {
  /** `urn:refold:error:<code>`; explained in docs/reference/errors.md. */
  readonly type: string;
  /** The code in words; the same for every occurrence. */
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** What happened this time. */
  readonly detail: string;
  readonly details: ErrorDetails;
  readonly requestId: string;
  /** What to do next. */
  readonly hint?: string;
  readonly retryable: boolean;
}

/** One failure, ready to be answered. */
export interface Failure {
  readonly problem: Problem;
  readonly headers: { readonly [name: string]: string };
}

export function failureOf(thrown: unknown, requestId: string): Failure {
  const error = asLogError(thrown);
  const status = error instanceof HttpFault ? error.status : (httpStatuses[error.code] ?? 500);
  return {
    problem: {
      type: `urn:refold:error:${error.code}`,
      title: titleOf(error.code),
      status,
      code: error.code,
      detail: error.message,
      details: error.details,
      requestId,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      retryable: error.retryable,
    },
    headers: error instanceof HttpFault ? error.headers : headersOf(error),
  };
}

/** RFC 9110, 11.6.1 and 10.2.3: how to sign in, and when to come back. */
function headersOf({ code, details }: LogError): Failure['headers'] {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  return typeof details['retryAfterSeconds'] === 'number' ? { 'retry-after': String(details['retryAfterSeconds']) } : {};
}

function asLogError(thrown: unknown): LogError {
  if (isLogError(thrown, 'INTERNAL')) return internal();
  if (isLogError(thrown)) return thrown;
  // Fastify's own refusals (an address that cannot be decoded, a media type that is none) are the caller's, and carry a 4xx.
  const status = frameworkStatus(thrown);
  if (status === 415) return notJson();
  if (status >= 400 && status < 500) return new HttpFault('http', 'The request could not be read.', { status: 400, hint: 'Check the address, its encoding and the headers.' });
  return internal();
}

const frameworkStatus = (thrown: unknown): number =>
  thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('FST_ERR_') && 'statusCode' in thrown ? Number(thrown.statusCode) : 500;

const internal = (): LogError => new LogError('INTERNAL', 'Something went wrong that is not your fault.', { hint: "Report it with the requestId; the cause is in the server's log." });

const abbreviations: { readonly [word: string]: string } = { json: 'JSON', utf8: 'UTF-8' };

/** `BAD_UTF8` -> `Bad UTF-8`. */
function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().split('_').map((word) => abbreviations[word] ?? word).join(' ');
  return words[0]!.toUpperCase() + words.slice(1);
}
