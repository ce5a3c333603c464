/** What a misspelt word was probably meant to be. */
import { nearest } from '@refold/core';

/** A line for `try:`; `otherwise` when nothing is near. */
export function suggestion(word: string, candidates: readonly string[], otherwise: string): string {
  const near = nearest(word, candidates, 2);
  return near.length === 0 ? otherwise : `did you mean ${near.join(' or ')}?`;
}
