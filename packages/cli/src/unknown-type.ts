/** An event type that nobody declared finds nothing, which may be the truth, or a word that was misspelt. */
import type { Registry } from '@refold/core';
import type { Output } from './output.ts';

/** @param streamType  Where a bare verb is meant: `failed` of a task. */
export function hintUnknownType(output: Output, registry: Registry, name: string, streamType?: string): void {
  if (name.includes('*') || registry.canonicalName(name) !== null || (streamType !== undefined && registry.canonicalName(`${streamType}.${name}`) !== null)) return;
  const near = registry.nearest(name);
  output.hint(`no type is called ${output.safe(name)}${near.length === 0 ? '; refold types lists them' : `; did you mean ${near.join(' or ')}?`}`);
}
