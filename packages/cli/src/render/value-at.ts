/** The part of an answer that a JSON pointer names (RFC 6901). */
import { LogError } from '@refold/core';
import type { Json } from '@refold/core';

/** @throws LogError BAD_REQUEST `path` for a pointer that is none; NOT_FOUND `path` when nothing stands there. */
export function valueAt(value: Json, pointer: string): Json {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) throw new LogError('BAD_REQUEST', `"${pointer}" is no JSON pointer.`, { details: { reason: 'path' }, hint: 'Write /key/key, for example /agentRuns/planner/status.' });
  let at: Json | undefined = value;
  for (const segment of pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, segment) ? (at as { readonly [key: string]: Json })[segment] : undefined;
    if (at === undefined) throw new LogError('NOT_FOUND', `Nothing stands at ${pointer}.`, { details: { reason: 'path', pointer }, hint: 'refold state STREAM shows what there is.' });
  }
  return at;
}
