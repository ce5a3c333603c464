/**
 * What else an entity is called: its number in its producer's database (document 003). Streams go by code; the number is
 * told by the event that created it, and this tag finds that event.
 */
import { readId } from './read.ts';

export const otherNameTag = (streamType: string, id: string): string => `alias:${streamType}/${id}`;

/** For the definition of the event that creates it. @param value  As the payload has it. */
export function otherNameTags(streamType: string, value: unknown): readonly string[] {
  const id = readId(value);
  return id === null ? [] : [otherNameTag(streamType, id)];
}
