/** What to type next, where an error's own hint speaks to any door: here there are commands. */
import type { LogError } from '@refold/core';

const hints: { readonly [codeAndReason: string]: (details: LogError['details']) => string } = {
  'NOT_FOUND stream': () => 'refold runs lists the runs; refold stats counts every kind of stream',
  'NOT_FOUND revision': ({ stream, head }) => `refold state ${textOf(stream, 'STREAM')}@${textOf(head, 'end')}     refold history ${textOf(stream, 'STREAM')}`,
  'PRECONDITION_FAILED confirm': ({ target }) => `look at the plan without --execute, then --execute --confirm ${textOf(target, 'STREAM')}`,
  'NOT_FOUND replay': () => 'refold replay list',
  'NOT_FOUND event': () => 'refold query finds events and prints their places; refold show STREAM@12 takes a place',
  'NOT_FOUND type': () => 'refold types lists them',
  'QUERY_TIMEOUT ': ({ limit }) => `ask for less, or wait longer: --timeout ${Math.ceil((10 * (typeof limit === 'number' ? limit : 10_000)) / 1_000)}s`,
  'ACTOR_MISSING ': () => '--actor type:id (user:ana, agent:planner), or REFOLD_ACTOR',
  'REVISION_CONFLICT ': () => 'read again and retry, or --expected-revision any',
};

/** The hint for a terminal; null when there is none. */
export const hintFor = (error: LogError): string | null => hints[`${error.code} ${error.details.reason ?? ''}`]?.(error.details) ?? error.hint ?? null;

const textOf = (value: unknown, otherwise: string): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise);
