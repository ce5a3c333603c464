/** Types whose name, other names or description hold every word. Pure. */
import type { OutputOf } from '@refold/client';

type EventType = OutputOf<'listEventTypes'>['items'][number];

export function matchingTypes(types: readonly EventType[], words: string, streamType: string | null): readonly EventType[] {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return types.filter((type) => {
    if (streamType !== null && type.streamType !== streamType) return false;
    const text = [type.name, type.doc, ...Object.values(type.aliases)].join(' ').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
