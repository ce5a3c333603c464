/** An operation's input as a request: fields of the path are taken out of it; what is left goes to the query or, where there is one, into the body. */
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
  if (method !== 'GET' && method !== 'DELETE') return { path: filled, method, body: JSON.stringify(Object.fromEntries(rest)), headers: { 'content-type': 'application/json' } };
  const query = new URLSearchParams();
  for (const [field, value] of rest) for (const one of Array.isArray(value) ? value : [value]) query.append(field, String(one));
  return { path: query.size === 0 ? filled : `${filled}?${query.toString()}`, method, headers: {} };
}
