/** A fault of HTTP's framing: BAD_REQUEST for the product, with the status and headers that HTTP has for it. */
import { LogError } from '@refold/core';
import type { LogErrorOptions } from '@refold/core';

export interface HttpFaultOptions extends LogErrorOptions {
  readonly status: 400 | 405 | 406 | 408 | 415 | 431;
  readonly headers?: { readonly [name: string]: string };
}

export class HttpFault extends LogError {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };

  constructor(reason: string, message: string, { status, headers, ...options }: HttpFaultOptions) {
    super('BAD_REQUEST', message, { ...options, details: { reason, ...options.details } });
    this.status = status;
    this.headers = headers ?? {};
  }
}

export const methodNotAllowed = (method: string, allowed: readonly string[]): HttpFault =>
  new HttpFault('method', `${method.slice(0, 32)} is not possible here.`, { status: 405, headers: { allow: allowed.join(', ') }, hint: `Use ${allowed.join(' or ')}.` });

export const notJson = (): HttpFault =>
  new HttpFault('content_type', 'The body is not declared as JSON in UTF-8.', { status: 415, headers: { accept: 'application/json' }, hint: 'Send Content-Type: application/json.' });
