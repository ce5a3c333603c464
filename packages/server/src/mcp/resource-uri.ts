/** Addresses of resources, read by hand: a parser of URLs would resolve `..` before anybody could refuse it. */
import { LogError, parseStreamAddress } from '@refold/core';
import type { StreamAddress } from '@refold/core';

export type ResourceAddress =
  | ({ readonly kind: 'streams' } & StreamAddress & Query)
  | ({ readonly kind: 'state' } & StreamAddress & Query)
  | ({ readonly kind: 'events'; readonly id: string } & Query)
  | ({ readonly kind: 'schemas'; readonly type: string } & Query)
  | ({ readonly kind: 'config' } & Query);

/** What is set here. */
export const configUri = 'refold://config';

interface Query {
  readonly at?: string;
  readonly cursor?: string;
}

const inPath = (text: string): string => text.split('/').map(encodeURIComponent).join('/');

export const streamUri = ({ streamType, streamId }: StreamAddress): string => `refold://streams/${inPath(streamType)}/${inPath(streamId)}`;
export const stateUri = ({ streamType, streamId }: StreamAddress, at: string): string => `refold://state/${inPath(streamType)}/${inPath(streamId)}?at=${encodeURIComponent(at)}`;

/** The same resource, further on. */
export function uriAt(uri: string, cursor: string): string {
  const [path = '', query = ''] = uri.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `${path}?${parameters.toString()}`;
}

/** @throws LogError BAD_STREAM_ADDRESS for whatever is no address of a resource (bad-input J11); BAD_REQUEST for a parameter that it does not take. */
export function parseResourceUri(uri: string): ResourceAddress {
  if (uri === configUri) return { kind: 'config' };
  const [, kind, path = '', query = ''] = /^refold:\/\/(streams|state|events|schemas)\/([^?#]+)(?:\?([^#]*))?$/.exec(uri) ?? [];
  const parameters = queryOf(query, kind === 'state' ? ['at', 'cursor'] : ['cursor']);
  switch (kind) {
    case 'streams':
    case 'state':
      return { kind, ...parseStreamAddress(decoded(path)), ...parameters };
    case 'events':
      return { kind, id: decoded(path), ...parameters };
    case 'schemas':
      return { kind, type: decoded(path), ...parameters };
    default:
      throw noAddress(uri);
  }
}

function queryOf(query: string, known: readonly string[]): Query {
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const unknown = Object.keys(parameters).find((name) => !known.includes(name));
  if (unknown === undefined) return parameters;
  throw new LogError('BAD_REQUEST', `This resource has no parameter "${unknown.slice(0, 64)}".`, { details: { reason: 'unknown_parameter' }, hint: `There is ${known.join(' and ')}.` });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new LogError('BAD_STREAM_ADDRESS', 'The address is not encoded as URIs are.', { details: { reason: 'escape' }, hint: 'Write % as %25.', cause: error });
  }
}

const noAddress = (uri: string): LogError =>
  new LogError('BAD_STREAM_ADDRESS', `${JSON.stringify(uri.slice(0, 64).toWellFormed())} is no address of a resource.`, { details: { reason: 'shape' }, hint: 'Write refold://streams/TYPE/ID, refold://state/TYPE/ID?at=PLACE, refold://events/ID, refold://schemas/TYPE or refold://config.' });
