/** A place of the grammar, a positional time and the flags for places, as the fields that operations take. */
import { LogError, normalInstant } from '@refold/core';
import { textOf, usage, wholeNumberOf } from './options.ts';
import type { Options } from './options.ts';

export interface PlaceInput {
  readonly place?: string;
  readonly at?: string;
  readonly recordedAt?: string;
  readonly revision?: number;
}

/** @throws LogError BAD_REQUEST `place` when two are given; BAD_TIMESTAMP (bad-input F3). */
export function placeInput({ place, time, options }: { readonly place: string | undefined; readonly time?: string | undefined; readonly options: Options }): PlaceInput {
  const at = textOf(options, 'at');
  const revision = wholeNumberOf(options, 'revision');
  const given = [place, time, at, revision].filter((value) => value !== undefined);
  if (given.length > 1) throw usage('A place is given twice.', 'place', 'Write STREAM@PLACE, or one of TIME, --at, --revision.');
  if (revision !== undefined) return { revision };
  const instant = time ?? at ?? (place !== undefined && normalInstant(place) !== null ? place : undefined);
  if (instant === undefined) return place === undefined ? {} : { place };
  const normal = instantArgument(instant);
  return textOf(options, 'clock') === 'known' ? { recordedAt: normal } : { at: normal };
}

/** RFC 3339 with an offset; a bare date is the end of that UTC day when it cuts. */
export function instantArgument(text: string): string {
  const normal = normalInstant(bareDate.test(text) ? `${text}T23:59:59.999Z` : text);
  if (normal === null) throw noInstant(text);
  return normal;
}

/** The flag's text as it was given; the operation reads it. @throws LogError BAD_TIMESTAMP with the accepted forms (bad-input F3). */
export function instantOption(options: Options, name: string): string | undefined {
  const text = textOf(options, name);
  if (text !== undefined && !bareDate.test(text) && normalInstant(text) === null) throw noInstant(text);
  return text;
}

/** When something happened, in the log's own spelling: a bare date is too vague for that. @throws LogError BAD_TIMESTAMP. */
export function exactInstant(text: string): string {
  const normal = normalInstant(text);
  if (normal === null) throw noInstant(text);
  return normal;
}

export const bareDate = /^\d{4}-\d{2}-\d{2}$/;

const noInstant = (text: string): LogError =>
  new LogError('BAD_TIMESTAMP', `"${text}" is no instant.`, {
    details: { reason: 'format', accepted: ['2025-12-22T10:00:00Z', '2025-12-22T11:00:00+01:00', '2025-12-22'] },
    hint: 'Write 2025-12-22T10:00:00Z, 2025-12-22T11:00:00+01:00, or 2025-12-22 for the whole day.',
  });
