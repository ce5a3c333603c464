/**
 * What a query means, as one pure function. Every driver answers queries in its own way (an index, a scan); this is the
 * meaning they are measured against, and what a scanning driver calls. Comparison is exact and case-sensitive (S16):
 * well-formed strings are equal exactly when their UTF-8 bytes are.
 */
import type { NewEvent, Query } from './driver.ts';

type QueryItem = Query['items'][number];

/** True when one of the items matches, or when there are none: an empty query matches everything (S9). */
export function matchesQuery(query: Query, event: Pick<NewEvent, 'type' | 'tags'>): boolean {
  return query.items.length === 0 || query.items.some((item) => matchesItem(item, event));
}

/** Any of the types and all of the tags; a part that is left out or empty asks for nothing. */
function matchesItem(item: QueryItem, event: Pick<NewEvent, 'type' | 'tags'>): boolean {
  const { types = [], tags = [] } = item;
  if (types.length > 0 && !types.includes(event.type)) return false;
  return tags.every((tag) => event.tags.includes(tag));
}
