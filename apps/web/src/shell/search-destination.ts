/** Where what was typed into the search box leads: to a place, a stream by its id alone, an issue, or to the events that hold the text. */
import { isLogError } from '@refold/core';
import { placeHref, readPlace, runsHref, streamHref } from '../places.ts';
import { refold } from '../refold.ts';

/** @returns null when nothing was typed. */
export async function destinationOf(typed: string): Promise<string | null> {
  const text = typed.trim();
  if (text === '') return null;
  const named = placeIn(text);
  if (named !== null) return named;
  try {
    return streamHref(await refold.resolveStream({ id: text }));
  } catch (error) {
    if (!isLogError(error)) throw error;
    return runsHref({ text });
  }
}

/** What is written as a place is one; nobody has to be asked. */
export function placeIn(text: string): string | null {
  if (!/^[a-z][a-z0-9_]*\/\S/.test(text)) return null;
  try {
    const { streamType, streamId, at } = readPlace(text);
    return at === null ? streamHref({ streamType, streamId }) : placeHref({ streamType, streamId }, at);
  } catch (error) {
    if (isLogError(error)) return null;
    throw error;
  }
}
