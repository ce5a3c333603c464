/**
 * Names that producers choose and a log would refuse: a source URL as a stream id, a type with spaces. They are made legal in
 * one way only, and the name as it came stays in `metadata.source`.
 */
import { isLogError, parseStreamAddress } from '@refold/core';
import type { Identity } from './identity.ts';

export interface StreamName {
  readonly type: string;
  readonly id: string;
}

const idBytesMax = 400;

/** The stream itself when its address is legal; else a legal one that no other name leads to. */
export function legalStream(stream: StreamName, identity: Pick<Identity, 'idOf'>): StreamName {
  if (isLegal(stream)) return stream;
  const type = /^[a-z][a-z0-9_]{0,62}$/.test(stream.type) ? stream.type : 'custom';
  const plain = stream.id
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/\p{C}/gu, '')
    .split('/')
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .join('/');
  // The mark keeps two names apart that differ only in what was taken out.
  const mark = identity.idOf(`${stream.type}/${stream.id}`).slice(0, 8);
  return { type, id: `${cutToBytes(plain, idBytesMax).replace(/[/\s]+$/, '')}~${mark}` };
}

function isLegal({ type, id }: StreamName): boolean {
  try {
    parseStreamAddress(`${type}/${id}`);
    return true;
  } catch (error) {
    if (!isLogError(error)) throw error;
    return false;
  }
}

function cutToBytes(text: string, bytesMax: number): string {
  const cut = new Uint8Array(bytesMax);
  return text.slice(0, new TextEncoder().encodeInto(text, cut).read);
}

/** Event types are dotted names of letters, digits, `_` and `-`, at most 128; any other becomes a custom type. */
export function legalType(type: string): string {
  if (/^[A-Za-z0-9._-]{1,128}$/.test(type)) return type;
  const word = type.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '_').replaceAll(/^[._]+|[._]+$/g, '');
  return `custom.${word === '' ? 'event' : word}`.slice(0, 128);
}
