/** An operation's input as a request: fields of the path are taken out of it; what is left goes to the query or, where there is one, into the body. */
import { LogError } from '@refold/core';
import type { Route } from './contract/routes.ts';

export interface HttpRequest {
  /** Below the base path. */
  readonly path: string;
  readonly method: Route['method'];
  readonly body?: string;
  readonly headers: { readonly [name: string]: string };
}

type Input = { readonly [field: string]: unknown };

export function requestOf({ method, path }: Pick<Route, 'method' | 'path'>, input: Input = {}): HttpRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest.get(field);
    rest.delete(field);
    return encodeURIComponent(String(value));
  });
  if (method !== 'GET' && method !== 'DELETE') return { path: filled, method, body: jsonOf(Object.fromEntries(rest)), headers: { 'content-type': 'application/json' } };
  const query = new URLSearchParams();
  for (const [field, value] of rest) for (const one of Array.isArray(value) ? value : [value]) query.append(field, String(one));
  return { path: query.size === 0 ? filled : `${filled}?${query.toString()}`, method, headers: {} };
}

/**
 * A value as JSON. The server refuses more, and says where in the value; here is only what cannot be sent at all.
 *
 * @throws LogError BAD_JSON `depth`, `value` (it contains itself, or a bigint), where `JSON.stringify` dies without a code.
 */
export function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    if (cause instanceof RangeError) throw new LogError('BAD_JSON', 'The value is too deep to be written as JSON.', { details: { reason: 'depth' }, hint: 'Flatten the value, or move it to a blob.', cause });
    throw new LogError('BAD_JSON', 'The value contains itself, or a bigint.', { details: { reason: 'value' }, hint: 'Refer to it by an id; write a large number as a text.', cause });
  }
}
