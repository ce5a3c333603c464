/** Addresses of the app's pages: streams, places in them, lists. A place is written as everywhere (`type/id@revision`); ids are encoded per segment. */
import { formatPlace, parsePlace } from '@refold/core';
import type { StreamAddress } from '@refold/core';
import { formatSearch } from './search-parameters.ts';
import type { SearchParameters } from './search-parameters.ts';

export const streamTabs = ['story', 'events', 'timeline', 'state', 'debug', 'logs', 'members', 'audit'] as const;
export type StreamTab = (typeof streamTabs)[number];

export const streamHref = ({ streamType, streamId }: StreamAddress, tab: StreamTab = 'story', search: SearchParameters = {}): string =>
  `/streams/${encodeURIComponent(streamType)}/${encodeURIComponent(streamId)}/${tab}${formatSearch(search)}`;

/** Where a place is looked at: its stream, with the cursor there. */
export const placeHref = (address: StreamAddress, at: string | number, tab: StreamTab = 'debug'): string => streamHref(address, tab, { at: String(at) });

export const runsHref = (search: SearchParameters = {}): string => `/runs${formatSearch(search)}`;

/** `type/id@48213`, as it is typed and copied. */
export const addressOf = ({ streamType, streamId }: StreamAddress, at?: string): string => formatPlace({ streamType, streamId }, { kind: 'end' }).replace(/@end$/, at === undefined ? '' : `@${at}`);

export interface PlaceInUrl extends StreamAddress {
  /** What stands after the `@`; null when nothing does. */
  readonly at: string | null;
}

/**
 * Reads a place as it is typed, linked or redirected to (`/p/<place>`); beside the grammar of the core it knows `@first-bad`, which
 * only a server can resolve.
 *
 * @throws LogError BAD_STREAM_ADDRESS, BAD_TIMESTAMP.
 */
export function readPlace(text: string): PlaceInUrl {
  const at = text.indexOf('@');
  const suffix = at < 0 ? null : text.slice(at + 1);
  const { streamType, streamId } = parsePlace(suffix === firstBad ? text.slice(0, at) : text);
  return { streamType, streamId, at: suffix };
}

export const firstBad = 'first-bad';
