/** Which limits callers come up against: one figure, by the limit's own name. What a request carries never becomes a label. */
import { labelOf } from '@refold/core';
import type { Meter } from '@refold/core';
import type { Problem } from '../problem.ts';

/** What `details.reason` calls the limits of TRUST.md section 11; a refusal that names none of them is `other`. */
export const limitNames: ReadonlySet<string> = new Set([
  'event', 'batch', 'body', 'blob', 'keys', 'key', 'depth', 'address', 'headers', 'body_timeout', 'sockets', 'limit', 'text', 'filter', 'size', 'cost',
  'aliases', 'directives', 'tokens', 'root_fields', 'subscriptions', 'messages', 'connections', 'RESYNC_REQUIRED', 'appends', 'events', 'queries', 'logins',
  'exports', 'replays', 'debug_sessions', 'schema', 'schemas', 'line',
]);

/** Codes of refusals that are limits whatever they are of, and reasons that are limits under a code that says more. */
const limitCodes: ReadonlySet<string> = new Set(['TOO_LARGE', 'RATE_LIMITED', 'QUERY_TIMEOUT']);
const otherwiseLimits: ReadonlySet<string> = new Set(['depth', 'headers', 'body_timeout', 'sockets', 'limit', 'text', 'size', 'cost']);

export function noteLimit(meter: Meter | undefined, { code, details }: Pick<Problem, 'code' | 'details'>): void {
  const reason = code === 'QUERY_TIMEOUT' ? 'query_time' : typeof details.reason === 'string' ? details.reason : undefined;
  if (!limitCodes.has(code) && (reason === undefined || !otherwiseLimits.has(reason))) return;
  meter?.add('limits_reached_total', { limit: labelOf(reason, (name) => name === 'query_time' || limitNames.has(name)) });
}
