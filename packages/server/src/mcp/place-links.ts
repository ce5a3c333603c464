/** Places that an answer speaks of, as links: an agent reads them again, and a person opens what the agent saw. */
import { formatPlace } from '@refold/core';
import type { StreamAddress } from '@refold/core';
import { stateUri } from './resource-uri.ts';

export interface PlaceLink {
  /** `type/id@revision` */
  readonly place: string;
  /** The resource with the state there. */
  readonly uri: string;
  /** What a person opens: an address of this server, or a command. */
  readonly open: string;
}

/** How a person opens a place. */
export type Opener = (address: StreamAddress, revision: number) => string;

const linksMax = 10;

/** What producers wrote must not pass for a place of ours. */
const foreign: ReadonlySet<string> = new Set(['data', 'metadata', 'ext', 'state', 'before', 'after', 'value', 'values', 'payload']);

/** @param stream  The one that was asked about, for parts that say a revision only. */
export function placeLinks(output: unknown, stream: StreamAddress | null, open: Opener): readonly PlaceLink[] {
  const links = new Map<string, PlaceLink>();
  const visit = (value: unknown, around: StreamAddress | null): void => {
    if (typeof value !== 'object' || value === null || links.size >= linksMax) return;
    const address = Array.isArray(value) ? around : (addressIn(value) ?? around);
    const revision = (value as { readonly revision?: unknown }).revision;
    if (address !== null && typeof revision === 'number' && revision > 0) {
      const place = formatPlace(address, { kind: 'revision', revision });
      links.set(place, { place, uri: stateUri(address, String(revision)), open: open(address, revision) });
    }
    for (const [key, part] of Object.entries(value)) if (!foreign.has(key)) visit(part, address);
  };
  visit(output, stream);
  return [...links.values()];
}

function addressIn(value: object): StreamAddress | null {
  const { streamType, streamId, stream } = value as { readonly streamType?: unknown; readonly streamId?: unknown; readonly stream?: unknown };
  if (typeof streamType === 'string' && typeof streamId === 'string') return { streamType, streamId };
  if (typeof stream !== 'string' || !stream.includes('/')) return null;
  return { streamType: stream.slice(0, stream.indexOf('/')), streamId: stream.slice(stream.indexOf('/') + 1) };
}
