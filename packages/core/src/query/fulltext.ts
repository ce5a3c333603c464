/**
 * What full text means: the letters of a payload and its metadata, found as literal text without regard to case. The text of
 * an event is a derived copy; the record itself is never searched and never changed.
 */
import { defaultLimits } from '../limits.ts';
import type { EventEnvelope, Json } from '../log/event.ts';
import type { SearchIndex } from './search.ts';

/** Characters of one event that are searchable; beyond that a payload is a file and belongs in a blob. */
const searchableCharactersMax = 65_536;
/** Characters of one value, so that a long log line does not crowd out the error beside it. */
const valueCharactersMax = 32_768;

/** Keys and values of `data` and `metadata`, one per line; NUL becomes U+FFFD, which every engine's text can hold. */
export function searchableText(event: Pick<EventEnvelope, 'type' | 'data' | 'metadata'>): string {
  const parts: string[] = [event.type];
  let left = searchableCharactersMax - event.type.length - 1;
  const open: Json[] = [event.metadata, event.data];
  const take = (text: string): void => {
    if (left <= 0) return;
    const part = text.slice(0, Math.min(left, valueCharactersMax));
    parts.push(part);
    left -= part.length + 1;
  };
  while (open.length > 0 && left > 0) {
    const value = open.pop()!;
    if (typeof value === 'string') take(value);
    else if (typeof value === 'number') take(String(value));
    else if (Array.isArray(value)) for (let index = value.length - 1; index >= 0; index--) open.push(value[index] as Json);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value as { readonly [key: string]: Json }).reverse()) open.push(part, key);
    }
  }
  return parts.join('\n').replaceAll('\0', '\ufffd').toWellFormed();
}

/** True when the text holds what was asked for. The one meaning of "found", for every index. */
export const containsText = (searchable: string, text: string): boolean => searchable.toLowerCase().includes(text.replaceAll('\0', '\ufffd').toLowerCase());

/** An index in memory: for tests, browsers, and logs small enough to read. */
export function createMemorySearch(): SearchIndex {
  const texts = new Map<number, string>();
  let cursor = 0;
  return {
    cursor: () => Promise.resolve(cursor),
    add(entries, next) {
      for (const { position, text } of entries) texts.set(position, text);
      cursor = next;
      return Promise.resolve();
    },
    search(text, { after, limit = defaultLimits.pageSizeDefault, direction = 'forward' } = {}) {
      const sign = direction === 'forward' ? 1 : -1;
      const found = [...texts]
        .filter(([position, searchable]) => (after === undefined || (position - after) * sign > 0) && containsText(searchable, text))
        .map(([position]) => position)
        .sort((a, b) => (a - b) * sign);
      return Promise.resolve(found.slice(0, limit));
    },
    reset() {
      texts.clear();
      cursor = 0;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
