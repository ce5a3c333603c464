/** A query as `find_matches` takes it: one row per label, with the part and the item it belongs to. */
import type { Query } from '@refold/core';
import { labelKinds } from './batch.ts';
import { isKeepable } from './keepable.ts';

export type QueryLabels = readonly [kinds: string, names: readonly string[], parts: string, items: string];

/** null for a query that matches everything: there is no label to ask for. */
export function labelsOf({ items }: Query): QueryLabels | null {
  const kinds: number[] = [];
  const names: string[] = [];
  const parts: number[] = [];
  const itemOf: number[] = [];
  let part = 0;
  const addPart = (kind: keyof typeof labelKinds, alternatives: readonly string[], item: number): void => {
    part += 1;
    // A part of which nothing can be there matches nothing, as a part of names that nobody used.
    for (const name of alternatives.map((name) => (isKeepable(name) ? name : unused))) {
      kinds.push(labelKinds[kind]);
      names.push(name);
      parts.push(part);
      itemOf.push(item);
    }
  };
  for (const [item, { types = [], tags = [] }] of items.entries()) {
    if (types.length === 0 && tags.length === 0) return null;
    for (const tag of tags) addPart('tag', [tag], item);
    if (types.length > 0) addPart('type', types, item);
  }
  return items.length === 0 ? null : [literal(kinds), names, literal(parts), literal(itemOf)];
}

/** No type and no tag: it is longer than both may be. */
const unused = ' '.repeat(1_024);

const literal = (values: readonly number[]): string => `{${values.join(',')}}`;
